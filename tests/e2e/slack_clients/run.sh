#!/bin/sh
# run.sh - the official Slack clients against rollcall-slack: they must not notice that it is a fake.
#
# Usage: tests/e2e/slack_clients/run.sh [rollcall-slack].  Packages go to a cache outside the tree;
# what cannot be had is skipped with its reason.
set -eu

program=${1:-build/release/rollcall-slack}
here=$(cd "$(dirname "$0")" && pwd)
cache=${ROLLCALL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rollcall}/slack-clients
said=$(mktemp)
mkdir -p "$cache"

"$program" >"$said" &
slack=$!
trap 'kill "$slack" 2>/dev/null; rm -f "$said"' EXIT
until grep -q '^app-level token' "$said"; do
	kill -0 "$slack" || { echo "not ok - $program does not start"; exit 1; }
done
page=$(sed -n 's/^the page for people *//p' "$said")
bot=$(sed -n 's/^bot token *//p' "$said")
app=$(sed -n 's/^app-level token *//p' "$said")

failed=0
skip() {
	echo "skipped - $1"
}

with_node() {
	command -v npm >/dev/null || { skip 'node: npm is not installed'; return; }
	(cd "$cache" && npm install --silent --no-audit --no-fund --prefix . \
	    @slack/socket-mode@3 @slack/web-api@8) >"$cache/npm.log" 2>&1 ||
	    { skip "node: npm cannot fetch @slack/socket-mode ($(tail -n 1 "$cache/npm.log"))"; return; }
	(cd "$cache" && node "$here/node_client.mjs" "$page" "$bot" "$app") || failed=1
}

with_python() {
	command -v python3 >/dev/null || { skip 'python: python3 is not installed'; return; }
	python3 -m pip --version >/dev/null 2>&1 || { skip 'python: pip is not installed'; return; }
	python3 -m pip install --quiet --upgrade --target "$cache/python" 'slack_sdk>=3.47,<4' \
	    >"$cache/pip.log" 2>&1 ||
	    { skip "python: pip cannot fetch slack_sdk ($(tail -n 1 "$cache/pip.log"))"; return; }
	PYTHONPATH=$cache/python python3 "$here/python_client.py" "$page" "$bot" "$app" || failed=1
}

with_node
with_python
exit "$failed"
