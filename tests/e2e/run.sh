#!/usr/bin/env bash
# run.sh - the talks of this folder with the release build, real kubectl and helm and a real cluster.
#
#   run.sh [--build DIR] [--runner PROGRAM] [--lab DIR] [FLAG…] [FILE.talk…]
#
# One cluster for all (--lab: one that runs already and is seeded), ended afterwards.  Exit 0 and one
# sentence when this machine lacks what the lab is built with.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=build/release runner=build/test/talk lab= flags=()
while [[ ${1-} == --* ]]; do
	case $1 in
	--build) build=$2; shift 2 ;;
	--runner) runner=$2; shift 2 ;;
	--lab) lab=$2; shift 2 ;;
	*) flags+=("$1"); shift ;;
	esac
done
[[ $# -gt 0 ]] || set -- "$here"/*.talk

status=0
"$here/lab.sh" build || status=$?
if [[ $status == 2 ]]; then
	echo "0 passed, 0 failed, $# skipped: the lab cannot be built here"
	exit 0
fi
((status == 0)) || exit 1

if [[ -z $lab ]]; then
	lab=$(mktemp -d "${TMPDIR:-/tmp}/rollcall-lab-XXXXXX")
	trap '"$here/lab.sh" down "$lab"; rm -rf "$lab"' EXIT
	"$here/lab.sh" up "$lab"
	"$here/lab.sh" seed "$lab"
fi
set -a
eval "$("$here/lab.sh" env "$lab")"
set +a
# They wait more than they work; those that stop a server say that they run alone.
"$runner" --real --jobs $((2 * $(nproc))) --build "$build" --source "$here/../.." ${flags[@]+"${flags[@]}"} "$@"
