// node_client.mjs - the official JavaScript clients against rollcall-slack.
//
// Usage: node node_client.mjs URL_OF_THE_PAGE BOT_TOKEN APP_TOKEN, with NODE_PATH's packages in the
// folder from where it is run.  People act through the page's own door (page/act).

import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/');
const { WebClient, LogLevel } = require('@slack/web-api');
const { SocketModeClient } = require('@slack/socket-mode');

const [page, botToken, appToken] = process.argv.slice(2);
const slackApiUrl = page + 'api/';
const web = new WebClient(botToken, { slackApiUrl, logLevel: LogLevel.ERROR });
const socket = new SocketModeClient({ appToken, clientOptions: { slackApiUrl }, logLevel: LogLevel.ERROR });

let count = 0;
function ok(what, fact) {
  console.log(`${fact ? 'ok' : 'not ok'} ${++count} - node: ${what}`);
  if (!fact) process.exitCode = 1;
}
async function act(what) {
  const answer = await (await fetch(page + 'page/act', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ as: 'U0ANN', channel: 'C0INCIDENTS', ...what }) })).json();
  if (!answer.ok) throw new Error(answer.error);
}
const seen = async (as = 'U0ANN', where = 'C0INCIDENTS') => (await fetch(`${page}page.json?as=${as}&in=${where}&since=-1`)).json();
async function until(fact) {
  for (const end = Date.now() + 10000; Date.now() < end;) if (await fact()) return true;
  return false;
}
const words = message => message.blocks.map(b => (b.spans || []).map(s => s.text).join('')).join('\n');

// One promise for the next event that fits; a limit that means a hang.
function next(name, fits = () => true) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`no ${name} within 10 s`)), 10000);
    const listen = event => { if (fits(event)) { clearTimeout(limit); socket.off(name, listen); resolve(event); } };
    socket.on(name, listen);
  });
}

const card = (text, ...buttons) => [
  { type: 'header', text: { type: 'plain_text', text } },
  { type: 'actions', block_id: 'row', elements: buttons.map(b => ({ type: 'button', action_id: b, value: 'v:' + b, text: { type: 'plain_text', text: b } })) },
];
const view = { type: 'modal', callback_id: 'why', title: { type: 'plain_text', text: 'Why' }, submit: { type: 'plain_text', text: 'Send' },
  blocks: [{ type: 'input', block_id: 'r', label: { type: 'plain_text', text: 'Reason' }, element: { type: 'plain_text_input', action_id: 't' } }] };

async function main() {
  const connected = next('connected');
  await socket.start();
  await connected;
  ok('the socket says hello', (await seen()).links === 1);

  const test = await web.auth.test();
  ok('auth.test names the bot', test.user_id === 'U0ROLLCALL' && test.team_id === 'T0TEAM' && test.response_metadata.scopes.includes('chat:write'));

  let waiting = next('slash_commands');
  await act({ do: 'say', text: '/rollback @bob <x>' });
  let event = await waiting;
  ok('a slash command arrives escaped', event.body.command === '/rollback' && event.body.text === '<@U0BOB> &lt;x&gt;');
  await event.ack({ text: 'Looking at it …' });
  ok('the acknowledgement answers one person', await until(async () => words((await seen()).messages.at(-1) || { blocks: [] }) === 'Looking at it …') && (await seen('U0BOB')).messages.length === 0);
  await fetch(event.body.response_url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ response_type: 'in_channel', text: 'for all' }) });
  ok('a response_url answers everybody', words((await seen('U0BOB')).messages.at(-1)) === 'for all');

  waiting = next('app_mention');
  await act({ do: 'say', text: '@rollcall help' });
  event = await waiting;
  await event.ack();
  ok('a mention arrives as app_mention', event.event.text === '<@U0ROLLCALL> help');

  const posted = await web.chat.postMessage({ channel: 'C0INCIDENTS', text: 'R-1 plan', blocks: card('R-1 plan', 'Approve', 'Reject'), metadata: { event_type: 'card', event_payload: { id: 'R-1' } } });
  ok('chat.postMessage gives channel and ts', posted.channel === 'C0INCIDENTS' && /^\d+\.\d{6}$/.test(posted.ts));

  waiting = next('interactive');
  await act({ do: 'press', as: 'U0BOB', ts: posted.ts, label: 'Approve' });
  event = await waiting;
  await event.ack();
  ok('a press arrives with its action', event.body.type === 'block_actions' && event.body.user.id === 'U0BOB' && event.body.actions[0].value === 'v:Approve' && event.body.message.ts === posted.ts);
  await web.chat.update({ channel: posted.channel, ts: posted.ts, text: 'R-1 running', blocks: card('R-1 running', 'Stop') });
  ok('chat.update redraws the card', words((await seen()).messages.at(-1)).startsWith('R-1 running'));
  await web.views.open({ trigger_id: event.body.trigger_id, view });
  ok('views.open shows a dialog', (await seen('U0BOB')).view.title === 'Why');

  waiting = next('interactive');
  await act({ do: 'submit', as: 'U0BOB', values: ['Reason', 'short'] });
  event = await waiting;
  await event.ack({ response_action: 'errors', errors: { r: 'Say more' } });
  ok('a submission is refused with an error at its field', event.body.view.state.values.r.t.value === 'short' && await until(async () => (await seen('U0BOB')).view.blocks[0].wrong === 'Say more'));
  waiting = next('interactive');
  await act({ do: 'submit', as: 'U0BOB', values: ['Reason', 'the error ratio'] });
  event = await waiting;
  await event.ack();
  ok('an empty acknowledgement closes the dialog', await until(async () => (await seen('U0BOB')).view === null));

  const history = await web.conversations.history({ channel: 'C0INCIDENTS', include_all_metadata: true });
  ok('history gives metadata back', history.messages.some(m => m.ts === posted.ts && m.metadata?.event_payload.id === 'R-1'));
  let people = 0;
  for await (const part of web.paginate('users.list', { limit: 5 })) people += part.members.length;
  ok('lists come in pages', people === 13);
  ok('users.info tells a guest', (await web.users.info({ user: 'U0GUEST' })).user.is_restricted === true);

  const failure = await web.chat.postMessage({ channel: 'C0INCIDENTS', text: 'x', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] }).catch(e => e);
  ok('invalid_blocks names the place', failure.data?.error === 'invalid_blocks' && failure.data.response_metadata.messages[0].includes('json-pointer:/blocks/0/text/text'));
  ok('an unknown channel is an error', (await web.chat.postMessage({ channel: 'C0NOPE', text: 'x' }).catch(e => e)).data?.error === 'channel_not_found');

  await act({ do: 'fault', method: 'users.info', kind: 'ratelimited', retry_after: 1 });
  ok('a 429 is waited out by its Retry-After', (await web.users.info({ user: 'U0ANN' })).ok);
  await act({ do: 'fault', method: 'auth.test', kind: 'status' });
  ok('a 500 is tried again', (await web.auth.test()).ok);

  await web.files.uploadV2({ channel_id: 'C0INCIDENTS', thread_ts: posted.ts, filename: 'R-1.log', content: 'line one\nline two\n', initial_comment: 'the log' });
  const thread = await (await fetch(`${page}page.json?as=U0ANN&in=C0INCIDENTS&thread=${posted.ts}&since=-1`)).json();
  ok('a file goes into the thread', thread.messages.at(-1).file?.length === 18);

  for (const kind of ['warning', 'drop']) {
    const again = next('connected');
    await act({ do: 'trouble', kind });
    await again;
    waiting = next('slash_commands');
    await act({ do: 'say', text: '/again' });
    event = await waiting;
    await event.ack();
    ok(`the client comes back after "${kind}"`, event.body.command === '/again');
  }
  await socket.disconnect();
}

main().then(() => process.exit(), error => { console.log('not ok - node: ' + error.stack); process.exit(1); });
