// hubot.mjs - what `floor.c` does, with Hubot and its adapter for Slack.
//
// Usage: node hubot.mjs API_URL [TOOL CHILDREN], in the folder of its packages; the tokens come from the environment.

import { createRequire } from 'node:module';
import { loadBot } from 'hubot';
import { runChildren } from './children.mjs';
import { SlackBot } from '@hubot-friends/hubot-slack/src/Bot.mjs';
const { WebClient } = createRequire(import.meta.url)('@slack/web-api');

const { SLACK_APP_TOKEN: appToken, SLACK_BOT_TOKEN: botToken } = process.env;
const clientOptions = { slackApiUrl: process.argv[2] };
const robot = loadBot('Slack', false, 'rollcall');
robot.logger.level = 'error';
// The adapter's own client knows no other address than Slack's; the rest of its options are kept.
const web = new WebClient(botToken, { ...clientOptions, maxRequestConcurrency: 1, logLevel: 'error' });
robot.adapter = new SlackBot(robot, {
  appToken, botToken, web, socketModeOptions: { clientOptions, logLevel: 'error' },
});
robot.respond(/answer/, async (res) => {
  await runChildren();
  await res.send({ text: 'done', thread_ts: res.message.id });
});
await robot.run();
