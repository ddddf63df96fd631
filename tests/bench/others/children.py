# children.py - the floor's children in Python: all but the last side by side.

import subprocess
import sys

TOOL, COUNT = (sys.argv[2], int(sys.argv[3])) if len(sys.argv) > 3 else ("", 0)
WORDS = ["get", "-n", "chatops", "-o=json", "--", "deployment/chatops-gateway"]


def start():
    return subprocess.Popen([TOOL, *WORDS], stdout=subprocess.PIPE)


def run_children():
    for child in [start() for _ in range(COUNT - 1)]:
        child.communicate()
    if COUNT > 0:
        start().communicate()
