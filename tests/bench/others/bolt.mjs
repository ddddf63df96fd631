// bolt.mjs - what `floor.c` does, with Slack's own framework for JavaScript.
//
// Usage: node bolt.mjs API_URL, in the folder of its packages; the tokens come from the environment.

import { createRequire } from 'node:module';
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
app.event('app_mention', ({ event, say }) => say({ text: 'done', thread_ts: event.ts }));
await app.start();
