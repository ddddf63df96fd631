#!/bin/sh
# fetch.sh FOLDER - the other bots' libraries, at the versions that were compared, into FOLDER.
#
# What cannot be had is skipped with its reason; `bench others` measures what is there.
set -u

into=$1
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$into/bolt-js" "$into/bolt-python" "$into/slack-go"

skip() {
	echo "skipped - $1"
}

if command -v npm >/dev/null; then
	(cd "$into/bolt-js" && npm install --silent --no-audit --no-fund --prefix . @slack/bolt@5.1.0) \
	    >"$into/npm.log" 2>&1 && cp "$here/bolt.mjs" "$into/bolt-js/" ||
	    skip "Bolt for JavaScript: $(tail -n 1 "$into/npm.log")"
else
	skip 'Bolt for JavaScript: npm is not installed'
fi

if python3 -m pip --version >/dev/null 2>&1; then
	python3 -m pip install --quiet --upgrade --target "$into/bolt-python" slack_bolt==1.30.0 \
	    >"$into/pip.log" 2>&1 && cp "$here/bolt.py" "$into/bolt-python/" ||
	    skip "Bolt for Python: $(tail -n 1 "$into/pip.log")"
else
	skip 'Bolt for Python: pip is not installed'
fi

if command -v go >/dev/null; then
	cp "$here/main.go" "$into/slack-go/"
	(cd "$into/slack-go" && { [ -f go.mod ] || go mod init compared; } &&
	    go get github.com/slack-go/slack@v0.35.0 && go build -o slack-go .) >"$into/go.log" 2>&1 ||
	    skip "slack-go: $(tail -n 1 "$into/go.log")"
else
	skip 'slack-go: Go is not installed'
fi
