#!/usr/bin/env bash
# flags.sh - which flags every verb of kubectl and helm has, from its own --help: tests/unit/data/flags.
#
#   flags.sh FOLDER >tests/unit/data/flags	FOLDER has kubectl, helm3 and helm4, as lab.sh's cache has
#
# A line for each verb: "kubectl rollout undo: -f/--filename= --recursive …"; = takes a value.  The first line of
# a tool, without a verb, has the flags that all of its verbs take.  Facts only, none of the sentences.
set -euo pipefail
export LC_ALL=C.UTF-8 HOME=/nonexistent HELM_NO_PLUGINS=1

lab=${1:?a folder with kubectl, helm3 and helm4}

# kubectl writes "-f, --filename=[]:", helm "-o, --output format   prints …".
kubectl_flags() {
	sed -nE 's/^    ((-[A-Za-z]), )?(--[a-z][a-z0-9-]*)=(.*):$/\2 \3 \4/p' |
		awk '{ short = NF == 3 || $1 ~ /^-[A-Za-z]$/ ? $1 "/" : ""; name = short == "" ? $1 : $2
			value = $NF; print short name (value == "true" || value == "false" ? "" : "=") }'
}
helm_flags() { # the section that is named
	awk -v section="$1:" '/^[A-Z][A-Za-z ]*:$/ { inside = $0 == section; next } inside' |
		sed -nE 's/^ +((-[A-Za-z]), )?(--[a-z][a-z0-9-]*)( [^ ]+)?( {2,}.*)?$/\2|\3|\4/p' |
		awk -F '|' '{ print ($1 != "" ? $1 "/" : "") $2 ($3 != "" ? "=" : "") }'
}
verbs() {
	awk '/Commands.*:$/ { inside = 1; next } /^[^ ]/ { inside = 0 }
		inside && /^  [a-z]/ { print $1 }' | grep -vxE 'help|completion|plugin|alpha' || true
}
line() { # NAME, flags from standard input
	printf '%s:' "$1"
	sort -u | awk '{ printf " %s", $0 }'
	echo
}

# walk TOOL PROGRAM VERB…
walk() {
	local tool=$1 program=$2 text verb
	shift 2
	text=$("$program" "$@" --help 2>&1)
	if [[ $tool == kubectl ]]; then
		[[ $# == 0 ]] || line "$tool $*" < <(kubectl_flags <<<"$text")
	elif [[ $# == 0 ]]; then
		line "$tool" < <(helm_flags Flags <<<"$text")
	else
		line "$tool $*" < <(helm_flags Flags <<<"$text")
	fi
	for verb in $(verbs <<<"$text"); do
		walk "$tool" "$program" "$@" "$verb"
	done
}

echo "# flags.sh: kubectl $("$lab/kubectl" version --client | sed -nE 's/^Client Version: //p'), helm $(
	"$lab/helm3" version --template '{{.Version}}') and $("$lab/helm4" version --template '{{.Version}}')"
line kubectl < <("$lab/kubectl" options | kubectl_flags)
walk kubectl "$lab/kubectl"
walk helm3 "$lab/helm3"
walk helm4 "$lab/helm4"
