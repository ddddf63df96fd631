#!/bin/sh
# fetch.sh FOLDER - the other bots' libraries, at the versions that were compared, into FOLDER.
#
# What cannot be had is skipped with its reason; `bench others` measures what is there.
set -u

into=$1
here=$(cd "$(dirname "$0")" && pwd)

skip() {
	echo "skipped - $1"
}

# with_npm NAME FOLDER PROGRAM PACKAGE…
with_npm() {
	name=$1 at=$into/$2 program=$3
	shift 3
	command -v npm >/dev/null || { skip "$name: npm is not installed"; return; }
	mkdir -p "$at"
	(cd "$at" && npm install --silent --no-audit --no-fund --prefix . "$@") >"$at.log" 2>&1 &&
	    cp "$here/$program" "$here/children.mjs" "$at/" ||
	    skip "$name: $(tail -n 1 "$at.log")"
}

# with_pip NAME FOLDER SOURCE PROGRAM PACKAGE…
with_pip() {
	name=$1 at=$into/$2 source=$3 program=$4
	shift 4
	python3 -m pip --version >/dev/null 2>&1 || { skip "$name: pip is not installed"; return; }
	mkdir -p "$at"
	python3 -m pip install --quiet --upgrade --target "$at" "$@" >"$at.log" 2>&1 &&
	    cp "$here/$source" "$at/$program" && cp "$here/children.py" "$at/" ||
	    skip "$name: $(tail -n 1 "$at.log")"
}

mkdir -p "$into/slack-go"
with_npm 'Bolt for JavaScript' bolt-js bolt.mjs @slack/bolt@5.1.0
with_npm Hubot hubot hubot.mjs hubot@14.1.0 @hubot-friends/hubot-slack@3.8.0
with_pip 'Bolt for Python' bolt-python bolt.py bolt.py slack_bolt==1.30.0
# A program called errbot.py would hide the package of that name.
with_pip Errbot errbot errbot.py bot.py errbot==6.2.1 errbot-backend-slackv3==0.3.2

if command -v go >/dev/null; then
	cp "$here/main.go" "$into/slack-go/"
	(cd "$into/slack-go" && { [ -f go.mod ] || go mod init compared; } &&
	    go get github.com/slack-go/slack@v0.35.0 && go build -o slack-go .) >"$into/slack-go.log" 2>&1 ||
	    skip "slack-go: $(tail -n 1 "$into/slack-go.log")"
else
	skip 'slack-go: Go is not installed'
fi
