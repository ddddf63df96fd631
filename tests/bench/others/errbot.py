# errbot.py - what `floor.c` does, with Errbot and its backend for Slack.
#
# Usage: python3 bot.py API_URL [TOOL CHILDREN], in the folder of its packages; the tokens come from the environment.

import logging
import os
import sys
from types import SimpleNamespace

import slack_sdk.web

from children import run_children



class Client(slack_sdk.web.WebClient):
    def __init__(self, *args, **named):
        super().__init__(*args, base_url=sys.argv[1], **named)


slack_sdk.web.WebClient = Client    # the backend knows no other address than Slack's

from errbot import botcmd
from errbot.bootstrap import setup_bot
from errbot.logs import root_logger


class Answers:
    name = "answers"

    @botcmd
    def answer(self, msg, args):
        run_children()
        return "done"


os.makedirs("data", exist_ok=True)
bot = setup_bot("SlackV3", root_logger, SimpleNamespace(
    BOT_IDENTITY={"token": os.environ["SLACK_BOT_TOKEN"], "app_token": os.environ["SLACK_APP_TOKEN"]},
    BOT_ADMINS=(),
    BOT_ALT_PREFIXES=("@rollcall",),
    DIVERT_TO_THREAD=("answer",),
    BOT_DATA_DIR="data",
    BOT_EXTRA_PLUGIN_DIR=None,
    BOT_LOG_LEVEL=logging.ERROR,
    STORAGE="Memory",
    # All but the one that asks errbot.io for a newer version.
    CORE_PLUGINS=("ACLs", "Backup", "ChatRoom", "CommandNotFoundFilter", "Flows", "Health", "Help",
                  "Plugins", "TextCmds", "Utils", "Webserver"),
))
bot.inject_commands_from(Answers())
bot.serve_forever()
