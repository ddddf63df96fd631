"""python_client.py - the official Python client against rollcall-slack.

Usage: python3 python_client.py URL_OF_THE_PAGE BOT_TOKEN APP_TOKEN, with slack_sdk on PYTHONPATH.
People act through the page's own door (page/act).
"""
import json
import queue
import sys
import urllib.request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse

page, bot_token, app_token = sys.argv[1:4]
web = WebClient(token=bot_token, base_url=page + "api/")
web.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
arrived = queue.Queue()
count = 0
failed = False


def ok(what, fact):
    global count, failed
    count += 1
    failed = failed or not fact
    print("%s %d - python: %s" % ("ok" if fact else "not ok", count, what), flush=True)


def act(**what):
    body = dict({"as": "U0ANN", "channel": "C0RELEASES"}, **what)
    request = urllib.request.Request(page + "page/act", json.dumps(body).encode(),
                                     {"content-type": "application/json"})
    answer = json.load(urllib.request.urlopen(request, timeout=10))
    if not answer["ok"]:
        raise RuntimeError(answer["error"])


def seen(who="U0ANN", thread=""):
    address = "%spage.json?as=%s&in=C0RELEASES&thread=%s&since=-1" % (page, who, thread)
    return json.load(urllib.request.urlopen(address, timeout=10))


def words(message):
    return "\n".join("".join(s["text"] for s in b.get("spans", [])) for b in message["blocks"])


def listen(client, request):
    arrived.put((client, request))


def next_request(kind, payload=None, fits=lambda p: True):
    """The next request of this kind, acknowledged with this payload; others are acknowledged too."""
    while True:
        client, request = arrived.get(timeout=10)
        right = request.type == kind and fits(request.payload)
        client.send_socket_mode_response(SocketModeResponse(
            envelope_id=request.envelope_id, payload=payload if right else None))
        if right:
            return request


def settled(fact):
    """An acknowledgement is on its way when it was sent; a limit that means a hang."""
    for _ in range(500):
        if fact():
            return True
    return False


socket = SocketModeClient(app_token=app_token, web_client=WebClient(base_url=page + "api/"))
socket.socket_mode_request_listeners.append(listen)
socket.connect()
ok("the socket connects", socket.is_connected())
ok("auth.test names the bot", web.auth_test()["bot_id"] == "B0ROLLCALL")

act(do="say", text="/rollback #releases to 5")
request = next_request("slash_commands", {"text": "Looking"})
ok("a slash command arrives", request.payload["text"] == "<#C0RELEASES|releases> to 5")
ok("its acknowledgement is shown", settled(lambda: words(seen()["messages"][-1]) == "Looking"))

act(do="say", text="@rollcall help")
request = next_request("events_api", fits=lambda p: p["event"]["type"] == "app_mention")
ok("a mention arrives", request.payload["event"]["text"] == "<@U0ROLLCALL> help")

blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*R-2*"}},
          {"type": "actions", "elements": [{"type": "button", "action_id": "go", "value": "R-2",
                                            "text": {"type": "plain_text", "text": "Go"}}]}]
posted = web.chat_postMessage(channel="C0RELEASES", text="R-2", blocks=blocks)
ok("chat.postMessage posts", words(seen()["messages"][-1]).startswith("R-2"))
act(do="press", ts=posted["ts"], label="Go")
request = next_request("interactive")
ok("a press arrives", request.payload["actions"][0]["value"] == "R-2")
web.chat_update(channel=posted["channel"], ts=posted["ts"], text="R-2 done", blocks=[])
ok("chat.update takes the buttons away", words(seen()["messages"][-1]) == "R-2 done")

web.views_open(trigger_id=request.payload["trigger_id"], view={
    "type": "modal", "title": {"type": "plain_text", "text": "Why"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [{"type": "input", "block_id": "r", "label": {"type": "plain_text", "text": "Reason"},
                "element": {"type": "plain_text_input", "action_id": "t"}}]})
act(do="submit", values=["Reason", "5xx"])
request = next_request("interactive", {"response_action": "clear"})
ok("a dialog is sent", request.payload["view"]["state"]["values"]["r"]["t"]["value"] == "5xx")
ok("and closed by clear", settled(lambda: seen()["view"] is None))

try:
    web.chat_postMessage(channel="C0RELEASES")
    ok("no_text is an error", False)
except SlackApiError as error:
    ok("no_text is an error", error.response["error"] == "no_text")
act(do="fault", method="users.info", kind="ratelimited", retry_after=1)
ok("a 429 is waited out", web.users_info(user="U0ANN")["user"]["name"] == "ann")
ok("replies are read", len(web.conversations_replies(channel="C0RELEASES", ts=posted["ts"])["messages"]) == 1)
ok("a group has members", web.usergroups_users_list(usergroup="S0ONCALL")["users"] == ["U0BOB"])
web.files_upload_v2(channel="C0RELEASES", filename="R-2.log", content="12345", title="Log",
                    thread_ts=posted["ts"])
ok("a file goes into the thread",
   seen(thread=posted["ts"])["messages"][-1]["file"] == {"title": "Log", "length": 5})

act(do="trouble", kind="refresh")
ok("the client comes back after refresh_requested", settled(lambda: seen()["links"] == 2))
act(do="say", text="/again")
ok("and gets what comes next", next_request("slash_commands").payload["command"] == "/again")
socket.close()
sys.exit(failed)
