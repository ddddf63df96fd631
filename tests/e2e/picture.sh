#!/usr/bin/env bash
# picture.sh - config/pictures/card.png drawn anew: the main job on a lab's cluster, photographed by Chromium.
#
#   picture.sh [run.sh's options]		needs chromium and pngquant, and what the lab needs
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for tool in chromium pngquant; do
	command -v $tool >/dev/null || { echo "picture: install $tool" >&2; exit 2; }
done
mkdir -p "$here/../../config/pictures"
ROLLCALL_PICTURES=$(cd "$here/../../config/pictures" && pwd -P)
export ROLLCALL_PICTURES
"$here/run.sh" "$@" "$here/picture/card.talk"
pngquant --force --ext .png 128 "$ROLLCALL_PICTURES/card.png"
[[ $(stat -c %s "$ROLLCALL_PICTURES/card.png") -le 204800 ]] || { echo 'picture: more than 200 KiB' >&2; exit 1; }
