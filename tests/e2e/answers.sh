#!/usr/bin/env bash
# answers.sh - do kubectl and helm still answer what tests/fakes/answers says they do?
#
#   answers.sh [DIR]	DIR: answers that record.sh has written; without it, a cluster is recorded now
#
# Both sides go through normal.sed; of JSON the order of lines does not count, of texts that it still
# waits counts once, and not at all where it ended meanwhile: that is the cluster's pace.  Prints the
# differences; exit 1 if there are any, 0 with a sentence where the lab cannot be built.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kept=$here/../fakes/answers
work=$(mktemp -d "${TMPDIR:-/tmp}/rollcall-answers-XXXXXX")
ending() {
	[[ ! -d $work/lab ]] || "$here/lab.sh" down "$work/lab"
	rm -rf "$work"
}
trap ending EXIT

record() {
	local status=0
	"$here/lab.sh" build || status=$?
	((status != 2)) || { echo 'answers: skipped, the lab cannot be built here'; exit 0; }
	((status == 0)) || exit 1
	mkdir "$work/lab"
	"$here/lab.sh" up "$work/lab"
	"$here/lab.sh" seed "$work/lab"
	"$here/record.sh" "$work/lab" "$work/fresh"
}

# normal FROM TO
normal() {
	local file name
	mkdir "$2"
	for file in "$1"/*.answer; do
		name=${file##*/}
		sed -E -f "$here/normal.sed" "$file" >"$2/$name"
		if grep -qx '[[{]' "$2/$name"; then
			{ head -n 2 "$2/$name"; tail -n +3 "$2/$name" | sed 's/,$//' | sort -u; } >"$2/new"
		else
			awk -v ended="$(grep -cE 'successfully rolled out|roll(ing|ed)? ?(update|out) complete' "$2/$name")" \
			    '!/^Waiting for/ || (!ended && !said[$0]++)' "$2/$name" >"$2/new"
		fi
		mv "$2/new" "$2/$name"
	done
}

fresh=${1-}
[[ -n $fresh ]] || { record; fresh=$work/fresh; }
normal "$kept" "$work/a"
normal "$fresh" "$work/b"
if (cd "$work" && diff -r -U 0 a b); then
	echo "answers: $(ls "$work/b" | wc -l) answers, all as recorded"
else
	exit 1
fi
