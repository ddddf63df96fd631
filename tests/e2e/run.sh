#!/usr/bin/env bash
# run.sh - the talks of this folder with the release build, real kubectl and helm and a real cluster.
#
#   run.sh [--build DIR] [--runner PROGRAM] [--lab DIR] [FLAG…] [FILE.talk…]
#
# One cluster, and a second one for the talks that stop a server (--lab: one that runs already and
# is seeded, for all), ended afterwards.  Exit 0 and one sentence when this machine lacks what the lab is
# built with.
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

# What is begun is ended, whatever happens.
labs=() other=
end() {
	[[ -z $other ]] || kill "$other" 2>/dev/null || true
	for lab in ${labs[@]+"${labs[@]}"}; do
		"$here/lab.sh" down "$lab"
		rm -rf "$lab"
	done
}
trap end EXIT

folder() {			# VARIABLE: a cluster's, not yet begun
	local dir
	dir=$(mktemp -d "${TMPDIR:-/tmp}/rollcall-lab-XXXXXX")
	labs+=("$dir")
	printf -v "$1" %s "$dir"
}

begin() {			# LAB
	"$here/lab.sh" up "$1"
	"$here/lab.sh" seed "$1"
}

play() {			# LAB JOBS TALK…: does not come back
	set -a
	eval "$("$here/lab.sh" env "$1")"
	set +a
	exec "$runner" --real --jobs "$2" --build "$build" --source "$here/../.." ${flags[@]+"${flags[@]}"} "${@:3}"
}

# Talks wait more than they work.
jobs=$((2 * $(nproc)))
mapfile -t alone < <(grep -lx alone "$@" || true)
mapfile -t together < <(grep -Lx alone "$@" || true)

if [[ -n $lab ]] || ((${#alone[@]} == 0 || ${#together[@]} == 0)); then
	if [[ -z $lab ]]; then
		folder lab
		begin "$lab"
	fi
	(play "$lab" "$jobs" "$@")
	exit
fi

# Those that stop a server run one after the other, on a cluster of their own, beside the rest; of what is
# seeded they need nothing.
folder lab
folder theirs
{
	"$here/lab.sh" up "$theirs"
	play "$theirs" 1 "${alone[@]}"
} >"$theirs/talks.out" 2>&1 &
other=$!
begin "$lab"
play "$lab" "$jobs" "${together[@]}" | tee "$lab/talks.out" || status=1
wait "$other" || status=1
other=
cat "$theirs/talks.out"
awk '/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 }
	END { printf "%d passed, %d failed\n", passed, failed }' "$lab/talks.out" "$theirs/talks.out"
exit "$status"
