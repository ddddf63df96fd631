# bolt.py - what `floor.c` does, with Slack's own framework for Python.
#
# Usage: python3 bolt.py API_URL; the tokens come from the environment.

import os
import sys

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

client = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=sys.argv[1])
app = App(client=client)


@app.event("app_mention")
def answer(event, say):
    say(text="done", thread_ts=event["ts"])


SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], web_client=WebClient(base_url=sys.argv[1])).start()
