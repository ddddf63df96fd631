#!/usr/bin/env bash
# overhead.sh - what rollcall adds to a rollback: from Start to the verified end, beside the bare tools.
#
#   overhead.sh [--build DIR] [ROUNDS]
#
# On one real cluster, in turns: `kubectl rollout undo` and `rollout status`, then rollcall from Start to
# "Rolled back", which takes its last look, saves the present state, writes down why, and reads the template,
# every pod and the endpoints back; the same with `helm rollback --wait`.  Prints the medians; the goal is at
# most 0.5 s more.  Exit 0 also when it is missed: other work on the machine is in the figures.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=build/release
[[ ${1-} != --build ]] || { build=$2; shift 2; }
rounds=${1:-5}

status=0
"$here/lab.sh" build || status=$?
((status != 2)) || { echo 'overhead: skipped, the lab cannot be built here'; exit 0; }
((status == 0)) || exit 1
lab=$(mktemp -d "${TMPDIR:-/tmp}/rollcall-lab-XXXXXX")
ending() {
	"$here/lab.sh" down "$lab"
	rm -rf "$lab"
}
trap ending EXIT
"$here/lab.sh" up "$lab"
"$here/lab.sh" seed "$lab"
set -a
eval "$("$here/lab.sh" env "$lab")"
set +a
"$here/lab.sh" workload "$lab" deployment bare 1 2
"$here/lab.sh" workload "$lab" helm4 charted 1 2

cat >"$lab/rollcall.yaml" <<END
state: sqlite:$lab/state/rollcall.db
tools: {kubectl: $KUBECTL, helm: $HELM4}
clusters: {primary: {kubeconfig: $KUBECONFIG}}
environments: {production: {clusters: [primary]}}
targets:
  web: {driver: deployment, namespace: bare, environment: production}
  own: {driver: helm, name: chatops-platform, namespace: charted, environment: production}
roles: {admin: {users: ["local:$(id -un)"]}}
END
chmod 600 "$lab/rollcall.yaml"

now() { echo "${EPOCHREALTIME/./}"; }
took() { echo $((($(now) - $1) / 1000)); }	# ms since then
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# rolled TARGET REVISION: by rollcall; ms from its first line of the operation to its last word, by its log.
rolled() {
	"$build/rollcall" do "rollback $1 to $2" --start --config "$lab/rollcall.yaml" >"$lab/did" 2>&1 ||
		{ cat "$lab/did" >&2; return 1; }
	awk '/ R-[0-9]+: starts$/ { from = $1 } / R-[0-9]+: Rolled back/ { to = $1 }
		function ms(t) { split(t, p, ":"); return ((p[1] * 60 + p[2]) * 60 + p[3]) * 1000 }
		END { d = ms(to) - ms(from); print int(d < 0 ? d + 86400000 : d) }' "$lab/state/console.log"
}

# The newest revision but one: the other of two templates that take turns.
other_revision() {
	"$KUBECTL" get deployment web -n bare -o 'jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}' |
		awk '{ print $1 - 1 }'
}
other_release() { "$HELM4" history chatops-platform -n charted --max 1 -o yaml | awk '/revision:/ { print $NF - 1 }'; }

for ((i = 0; i < rounds; i++)); do
	began=$(now)
	"$KUBECTL" rollout undo -n bare deployment/web >/dev/null
	"$KUBECTL" rollout status -n bare deployment/web >/dev/null
	took "$began" >>"$lab/kubectl.bare"
	rolled web "$(other_revision)" >>"$lab/kubectl.rollcall"
	began=$(now)
	"$HELM4" rollback chatops-platform "$(other_release)" -n charted --wait >/dev/null
	took "$began" >>"$lab/helm.bare"
	rolled own "$(other_release)" >>"$lab/helm.rollcall"
done
for tool in kubectl helm; do
	awk -v tool=$tool -v bare="$(median <"$lab/$tool.bare")" -v ours="$(median <"$lab/$tool.rollcall")" 'BEGIN {
		printf "overhead: %-8s bare %5d ms, rollcall %5d ms from Start to verified: %+d ms, goal at most +500: %s\n",
		    tool, bare, ours, ours - bare, ours - bare <= 500 ? "reached" : "MISSED" }'
done
