#!/bin/sh
# run.sh - the official Slack clients against rollcall-slack: they must not notice that it is a fake.
#
# Usage: tests/e2e/slack_clients/run.sh [rollcall-slack].  Everything is done over http and once more
# over https.  Packages go to a cache outside the tree; what cannot be had is skipped with its reason.
set -eu

program=${1:-build/release/rollcall-slack}
here=$(cd "$(dirname "$0")" && pwd)
cache=${ROLLCALL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rollcall}/slack-clients
work=$(mktemp -d)
slack=
node=no
python=no
failed=0
mkdir -p "$cache"

stop() {
	[ -z "$slack" ] || { kill "$slack" && wait "$slack" || failed=1; }
	slack=
}
trap 'stop; rm -rf "$work"' EXIT

skip() {
	echo "skipped - $1"
}

fetch_node() {
	command -v npm >/dev/null || { skip 'node: npm is not installed'; return; }
	(cd "$cache" && npm install --silent --no-audit --no-fund --prefix . \
	    @slack/socket-mode@3 @slack/web-api@8) >"$work/npm.log" 2>&1 ||
	    { skip "node: npm cannot fetch @slack/socket-mode: $(tail -n 1 "$work/npm.log")"; return; }
	node=yes
}

fetch_python() {
	command -v python3 >/dev/null || { skip 'python: python3 is not installed'; return; }
	python3 -m pip --version >/dev/null 2>&1 || { skip 'python: pip is not installed'; return; }
	python3 -m pip install --quiet --upgrade --target "$cache/python" 'slack_sdk>=3.47,<4' \
	    >"$work/pip.log" 2>&1 ||
	    { skip "python: pip cannot fetch slack_sdk: $(tail -n 1 "$work/pip.log")"; return; }
	python=yes
}

said() { # WORDS: what follows them in what the program said
	sed -n "s/^$1 *//p" "$work/said"
}

# start OPTIONS…: a fresh workspace
start() {
	"$program" "$@" >"$work/said" 2>"$work/slack.err" &
	slack=$!
	until grep -q '^app-level token' "$work/said"; do
		kill -0 "$slack" 2>/dev/null || { slack=; return 1; }
	done
}

# round NAME: both clients
round() {
	echo "# $1"
	page=$(said 'the page for people')
	bot=$(said 'bot token')
	app=$(said 'app-level token')
	[ $node = no ] || (cd "$cache" && NODE_EXTRA_CA_CERTS=$work/certificate \
	    node "$here/node_client.mjs" "$page" "$bot" "$app" 2>"$work/node.err") ||
	    { failed=1; cat "$work/node.err"; }
	[ $python = no ] || PYTHONPATH=$cache/python SSL_CERT_FILE=$work/certificate \
	    python3 "$here/python_client.py" "$page" "$bot" "$app" 2>"$work/python.err" ||
	    { failed=1; cat "$work/python.err"; }
	stop
}

fetch_node
fetch_python
: >"$work/certificate"
start || { cat "$work/slack.err"; exit 1; }
round http
if command -v openssl >/dev/null; then
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=rollcall-slack \
	    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key" -out "$work/certificate" \
	    2>/dev/null
	# slack_sdk 3.47 speaks TLS to port 443 only (socket_mode/builtin/internals.py).
	start --port 443 --tls "$work/certificate" "$work/key" || {
		[ $python = no ] || skip 'python over https: port 443 cannot be opened'
		python=no
		start --tls "$work/certificate" "$work/key" || { cat "$work/slack.err"; exit 1; }
	}
	round https
else
	skip 'https: openssl is not installed'
fi
exit "$failed"
