// bolt.mjs - what `floor.c` does, with Slack's own framework for JavaScript.
//
// Usage: node bolt.mjs API_URL [TOOL CHILDREN], in the folder of its packages; the tokens come from the environment.

import { createRequire } from 'node:module';
import { runChildren } from './children.mjs';
const require = createRequire(process.cwd() + '/');
const { App, LogLevel } = require('@slack/bolt');

const clientOptions = { slackApiUrl: process.argv[2] };
const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions,
  installerOptions: { clientOptions },
  logLevel: LogLevel.ERROR,
});
app.event('app_mention', async ({ event, say }) => {
  await runChildren();
  await say({ text: 'done', thread_ts: event.ts });
});
await app.start();
