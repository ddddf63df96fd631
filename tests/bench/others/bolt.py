# bolt.py - what `floor.c` does, with Slack's own framework for Python.
#
# Usage: python3 bolt.py API_URL [TOOL CHILDREN]; the tokens come from the environment.

import os
import sys

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from children import run_children

client = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=sys.argv[1])
app = App(client=client)


@app.event("app_mention")
def answer(event, say):
    run_children()
    say(text="done", thread_ts=event["ts"])


SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], web_client=WebClient(base_url=sys.argv[1])).start()
