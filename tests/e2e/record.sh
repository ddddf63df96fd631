#!/usr/bin/env bash
# record.sh - what real kubectl and helm answer, written down for the fakes to repeat.
#
#   record.sh DIR OUT    DIR: a cluster that lab.sh has started and seeded, used up afterwards
#
# What it wrote last is in tests/fakes/answers; one cluster gave all of it, so names, hashes and
# uids fit together.
#
# Each answer is OUT/NAME.answer: "exit N", "command ARGUMENTS...", then a line "stdout" and what
# came there, a line "stderr" and what came there.  All is as the tools wrote it, save the server's
# port, which is 6443 always.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# == 2 ]] || { sed -n '4p' "$here/record.sh" >&2; exit 2; }
dir=$(cd "$1" && pwd -P)
mkdir -p "$2"
out=$(cd "$2" && pwd -P)
eval "$("$here/lab.sh" env "$dir")"
export LC_ALL=C NO_COLOR=1 TZ=UTC HELM_QPS=500 HELM_BURST_LIMIT=1000
cd "$dir"

# ---- running and writing down -----------------------------------------------------------------

as=admin		# whose kubeconfig: a name of a file in DIR
helm=helm4		# which helm

become() {
	local file
	case $1 in kubectl) file=$KUBECTL ;; helm3) file=$HELM3 ;; helm4) file=$HELM4 ;; esac
	HOME=$dir/home KUBECONFIG=$dir/$as.yaml exec "$file" "${@:2}"
}
tool() { (become "$@"); }
quietly() { tool "$@" >>"$dir/record.log" 2>&1 </dev/null; }

# A stream's last line ends with a newline in all answers that were ever seen; more would be lost.
section() {
	echo "$1"
	sed -E 's/127\.0\.0\.1:[0-9]+/127.0.0.1:6443/g' "$dir/$1"
	[[ ! -s $dir/$1 || -z $(tail -c 1 "$dir/$1") ]] ||
		{ echo "$name: $1 ends without a newline" >&2; exit 1; }
}

# answer NAME TOOL ARGUMENTS...
answer() {
	local name=$1 status=0
	shift
	tool "$@" >"$dir/stdout" 2>"$dir/stderr" </dev/null || status=$?
	written "$name" "$status" "$@"
}

written() {
	local name=$1 status=$2 command=${3%[34]}
	shift 3
	{ echo "exit $status"; echo "command $command $*"; section stdout; section stderr; } \
		>"$out/$name.answer"
}

# later NAME SIGNAL STATUS HELM ARGUMENTS...: the answer of a helm that a signal ends, as soon as its
# release has that status.
later() {
	local name=$1 signal=$2 awaited=$3 status=0 child
	shift 3
	become "$@" >"$dir/stdout" 2>"$dir/stderr" </dev/null &
	child=$!
	until [[ -n $(tool kubectl get secrets -n chatops-platform -l "owner=helm,status=$awaited" \
		-o name) ]]; do sleep 0.05; done
	sleep 0.3
	kill "-$signal" $child
	wait $child 2>/dev/null || status=$?
	written "$name" "$status" "$@"
}

pid() { awk -v name="$1" '$2 == name { print $1 }' "$dir/pids"; }
k() { answer "kubectl-$1" kubectl "${@:2}"; }
h() { answer "$helm-$1" "$helm" "${@:2}" -n chatops-platform; }

# ---- what is asked about, and kubectl ---------------------------------------------------------

gateway=deployment/chatops-gateway
release=chatops-platform
c='-n chatops'
m='-n monitoring'

looking() {
	k version version -o json
	k get-deployment get $gateway $c -o json
	k get-deployments get deployments $c -o json
	k get-replicasets get replicasets -l app=chatops-gateway $c -o json
	k get-pods get pods -l app=chatops-gateway $c -o json
	k get-pods-table get pods $c
	k get-statefulset get statefulset/thanos-receive $m -o json
	k get-daemonset get daemonset/node-agent $m -o json
	k get-controllerrevisions get controllerrevisions -l app=thanos-receive $m -o json
	k get-service get service/chatops-gateway $c -o json
	k get-endpointslices get endpointslices -l kubernetes.io/service-name=chatops-gateway $c -o json
	k get-configmap get configmap/chatops-gateway $c -o json
	k get-events get events $c --field-selector involvedObject.name=chatops-gateway -o json
	k get-nodes-name get nodes -o name
	k get-namespace-missing get deployments -n nowhere -o json
	k get-missing get deployment/nope $c -o json
	k get-unknown-type get frob/x $c
	k get-by-label-none get pods -l app=nope $c -o json
	k logs logs $gateway $c --tail=5
	k logs-previous-missing logs $gateway $c --previous --container nope

	k history rollout history $gateway $c
	k history-revision rollout history $gateway $c --revision=5
	k history-revision-unknown rollout history $gateway $c --revision=9
	k history-json rollout history $gateway $c -o json
	k history-missing rollout history deployment/nope $c
	k history-none rollout history deployment/chatops-waiting $c
	k history-statefulset rollout history statefulset/thanos-receive $m
	k history-statefulset-json rollout history statefulset/thanos-receive $m -o json
	k history-statefulset-revision-unknown rollout history statefulset/thanos-receive $m --revision=9
	k history-daemonset rollout history daemonset/node-agent $m

	k status rollout status $gateway $c
	k status-no-watch rollout status $gateway $c --watch=false
	k status-revision rollout status $gateway $c --revision=7
	k status-revision-other rollout status $gateway $c --revision=6
	k status-missing rollout status deployment/nope $c
	k status-statefulset rollout status statefulset/thanos-receive $m
	k status-daemonset rollout status daemonset/node-agent $m
	k status-on-delete rollout status daemonset/by-hand $m

	k can-i auth can-i patch deployments.apps $c
	k can-i-quiet auth can-i patch deployments.apps $c -q
}

viewing() {
	as=viewer
	k viewer-can-i auth can-i patch deployments.apps/chatops-gateway $c
	k viewer-can-i-get auth can-i get deployments.apps $c
	k viewer-can-i-quiet auth can-i patch deployments.apps $c -q
	k viewer-undo rollout undo $gateway $c --to-revision=5
	k viewer-undo-dry-run-server rollout undo $gateway $c --to-revision=5 --dry-run=server
	k viewer-annotate annotate $gateway $c kubernetes.io/change-cause=x
	k viewer-restart rollout restart $gateway $c
	k viewer-scale scale $gateway $c --replicas=2
	k viewer-delete-pods delete pods -l app=chatops-gateway $c
	as=admin
}

# Nobody there, a wrong token, and a server that took the connection and says nothing.
unreachable() {
	for as in nobody stranger; do
		k $as-get get $gateway $c -o json
		k $as-history rollout history $gateway $c
		k $as-undo rollout undo $gateway $c --to-revision=5
		k $as-status rollout status $gateway $c --timeout=2s
		k $as-can-i auth can-i patch deployments.apps $c
	done
	as=admin
	kill -STOP "$(pid apiserver)"
	k hanging-get get $gateway $c -o json --request-timeout=1s
	k hanging-undo rollout undo $gateway $c --to-revision=5 --request-timeout=1s
	answer helm3-hanging-history helm3 history $release -n chatops-platform	# 10 s each:
	answer helm4-hanging-history helm4 history $release -n chatops-platform	# no flag bounds it
	kill -CONT "$(pid apiserver)"
}

# Undo, and the moment until the controller sees it, which is a few hundredths of a second as a rule.
undo_unobserved() {
	kill -STOP "$(pid controllers)"
	k undo rollout undo $gateway $c --to-revision=5
	k get-deployment-unobserved get $gateway $c -o json
	k status-unobserved rollout status $gateway $c --timeout=1s
	k status-unobserved-revision rollout status $gateway $c --revision=8
	k status-unobserved-revision-before rollout status $gateway $c --revision=7 --timeout=1s
	kill -CONT "$(pid controllers)"
	k status-after-undo rollout status $gateway $c --revision=8
}

undoing() {
	k undo-unknown rollout undo $gateway $c --to-revision=9
	k undo-same rollout undo $gateway $c --to-revision=7
	k undo-missing rollout undo deployment/nope $c
	k undo-dry-run-server rollout undo $gateway $c --to-revision=5 --dry-run=server
	k undo-dry-run-client rollout undo $gateway $c --to-revision=5 --dry-run=client
	k undo-none-before rollout undo deployment/chatops-engine $c
	undo_unobserved
	k get-deployment-after-undo get $gateway $c -o json
	k get-replicasets-after-undo get replicasets -l app=chatops-gateway $c -o json
	k history-after-undo rollout history $gateway $c
	k undo-gone rollout undo $gateway $c --to-revision=5
	k annotate annotate $gateway $c 'kubernetes.io/change-cause=R-142 by @ann: 5xx after the deploy'
	quietly kubectl rollout status $gateway $c
	k history-after-annotate rollout history $gateway $c
	k undo-previous rollout undo $gateway $c
	quietly kubectl rollout status $gateway $c

	k pause rollout pause $gateway $c
	k pause-again rollout pause $gateway $c
	k undo-paused rollout undo $gateway $c --to-revision=6
	k undo-paused-dry-run-client rollout undo $gateway $c --to-revision=6 --dry-run=client
	k undo-paused-dry-run-server rollout undo $gateway $c --to-revision=6 --dry-run=server
	k restart-paused rollout restart $gateway $c
	k resume rollout resume $gateway $c
	k resume-again rollout resume $gateway $c
	# Twice in one second by the clock is refused: start early in a second.
	until [[ $EPOCHREALTIME == *.[012]* ]]; do :; done
	k restart rollout restart $gateway $c
	k restart-again rollout restart $gateway $c
	quietly kubectl rollout status $gateway $c

	k scale scale $gateway $c --replicas=4 --current-replicas=3
	k scale-other scale $gateway $c --replicas=4 --current-replicas=3
	k set-image set image $gateway $c gateway=registry.example.com/chatops/gateway:v1.2.3
	k set-image-container-unknown set image $gateway $c nope=registry.example.com/x:1
	k set-env set env $gateway $c LOG_LEVEL=warn
}

progressing() {
	k status-progressing rollout status deployment/chatops-slow $c
	quietly kubectl set image deployment/chatops-slow $c slow=registry.example.com/slow:2
	k get-deployment-progressing get deployment/chatops-slow $c -o json
	k status-no-watch-progressing rollout status deployment/chatops-slow $c --watch=false
	k status-timeout rollout status deployment/chatops-slow $c --timeout=1s
	quietly kubectl rollout status deployment/chatops-slow $c
	quietly kubectl set image deployment/chatops-slow $c slow=registry.example.com/slow:3
	k undo-progressing rollout undo deployment/chatops-slow $c --to-revision=1
	k status-deadline rollout status deployment/chatops-stuck $c
	k get-deployment-stuck get deployment/chatops-stuck $c -o json
	k get-pods-crashing get pods -l app=chatops-stuck $c -o json
	k get-pods-no-pull get pods -l app=chatops-no-image $c -o json

	(sleep 0.5; quietly kubectl delete deployment/chatops-slow $c) &
	k status-deleted rollout status deployment/chatops-slow $c
	wait $!
}

# A stateful set waits for its broken pod even after the template went back.
stateful() {
	local receive=statefulset/thanos-receive
	k undo-statefulset-unknown rollout undo $receive $m --to-revision=9
	k undo-statefulset-same rollout undo $receive $m --to-revision=2
	k undo-statefulset rollout undo $receive $m --to-revision=1
	k status-statefulset-after-undo rollout status $receive $m
	k history-statefulset-after-undo rollout history $receive $m
	k undo-statefulset-none-before rollout undo daemonset/by-hand $m
	quietly kubectl set image $receive $m receive=quay.io/thanos/thanos:crash
	k status-statefulset-broken rollout status $receive $m --timeout=1s
	quietly kubectl rollout undo $receive $m
	k status-statefulset-stuck rollout status $receive $m --timeout=1s
	k get-statefulset-stuck get $receive $m -o json
	k get-pods-statefulset-stuck get pods -l app=thanos-receive $m -o json
	# Waiting for it can hang for ever: kubectl 1.35 takes the pod's successor for the pod itself.
	k delete-pod delete pod/thanos-receive-2 $m --wait=false
	while [[ $(tool kubectl get pods $m -l app=thanos-receive -o name | wc -l) != 3 ]]; do :; done
	k status-statefulset-healed rollout status $receive $m
	k undo-daemonset rollout undo daemonset/node-agent $m
	k status-daemonset-after-undo rollout status daemonset/node-agent $m
}

# ---- helm -------------------------------------------------------------------------------------

tarball=home/chatops-platform

helm_looking() {
	answer "$helm-version" $helm version --template '{{.Version}}{{"\n"}}'
	h list list -o json
	answer "$helm-list-all" $helm list --all-namespaces -o json
	answer "$helm-list-none" $helm list -n chatops -o json
	h history history $release -o json
	h history-table history $release
	h history-max history $release -o json --max 3
	h history-missing history nope -o json
	h status status $release -o json
	h status-revision status $release --revision 6 -o json
	h status-revision-unknown status $release --revision 99 -o json
	h status-missing status nope -o json
	h get-values get values $release -o json
	h get-values-none get values $release --revision 1 -o json
	h get-values-all get values $release -o json --all
	h get-metadata get metadata $release -o json
	h get-metadata-revision get metadata $release --revision 5 -o json
	h get-manifest get manifest $release
	h get-manifest-revision get manifest $release --revision 5
	h get-manifest-revision-unknown get manifest $release --revision 99
	answer "$helm-release-secret" kubectl get secret sh.helm.release.v1.$release.v5 \
		-n chatops-platform -o json
	as=viewer
	h viewer-list list -o json
	h viewer-rollback rollback $release 5
	for as in nobody stranger; do
		h $as-history history $release -o json
		h $as-rollback rollback $release 5
	done
	as=admin
}

helm_rolling_back() {
	h rollback-unknown rollback $release 99
	h rollback-missing rollback nope 1
	h rollback-not-a-number rollback $release abc
	h rollback-negative rollback $release -- -1
	h rollback-json rollback $release 5 -o json
	h rollback-atomic rollback $release 5 --atomic
	h rollback-description rollback $release 5 --description why
	h rollback-dry-run rollback $release 5 --dry-run
	h rollback-dry-run-server rollback $release 5 --dry-run=server
	h rollback rollback $release 5
	h history-after-rollback history $release -o json
	h rollback-wait rollback $release 4 --wait --timeout 60s
	h rollback-same rollback $release 9
	h rollback-fails rollback $release 6 --wait --timeout 1s
	h history-after-failure history $release -o json
	h metadata-failed get metadata $release -o json
	h list-failed list -o json
	h rollback-gone rollback $release 1
	h rollback-previous rollback $release

	# A field that somebody else owns by now: only server-side apply minds.
	quietly kubectl set image deployment/chatops-gateway -n chatops-platform \
		gateway=registry.example.com/chatops/gateway:v9
	h rollback-conflict rollback $release 5
	h history-after-conflict history $release -o json
	h rollback-conflict-forced rollback $release 5 --force-conflicts
}

# Too few requests a second (20 at once stand for a release with many old replica sets, the default
# is 100), and helm 4 writes down "failed" although all was ready long ago.
helm4_throttled() {
	(unset HELM_QPS; h rollback-throttled rollback $release 9 --wait --timeout 3s --burst-limit 20)
	h history-after-throttling history $release -o json
	k get-deployment-after-throttling get deployment/chatops-gateway -n chatops-platform \
		-o jsonpath='{.status.readyReplicas}/{.spec.replicas}{"\n"}'
}

# Killed on the way: the record stays pending, upgrades are refused, rollbacks are not.
helm_pending() {
	later "$helm-upgrade-killed" KILL pending-upgrade $helm upgrade $release "$tarball-1.2.4.tgz" --wait \
		--set fate=-crash -n chatops-platform
	h metadata-pending get metadata $release -o json
	h history-pending history $release -o json
	h list-pending list -o json
	h upgrade-pending upgrade $release "$tarball-1.2.3.tgz"
	h rollback-pending rollback $release "$(revision -1)"
	quietly $helm upgrade $release "$tarball-1.2.4.tgz" --set fate=-crash -n chatops-platform
	later "$helm-rollback-terminated" TERM pending-rollback $helm rollback $release "$(revision 0)" --wait \
		-n chatops-platform
	h history-after-termination history $release -o json
}

# The hooks of the revision gone back to run, and a failing one leaves the record pending.
helm_hook() {
	quietly $helm upgrade $release "$tarball-1.2.3.tgz" -n chatops-platform \
		--set hook=registry.example.com/check:crash
	quietly $helm upgrade $release "$tarball-1.2.4.tgz" --reset-values -n chatops-platform
	h get-hooks get hooks $release --revision "$(revision -1)"
	h rollback-hook-fails rollback $release --timeout 20s
	h metadata-hook-failed get metadata $release -o json
	h rollback-no-hooks rollback $release "$(revision -2)" --no-hooks
}

# revision N: the number of the release's last revision plus N.
revision() {
	echo $(($(tool $helm get metadata $release -n chatops-platform -o json |
		grep -oE '"revision": ?[0-9]+' | grep -oE '[0-9]+') + $1))
}

# ---- in order ---------------------------------------------------------------------------------

extra_objects() {
	tool kubectl apply -f - >>"$dir/record.log" <<-'END'
		apiVersion: apps/v1
		kind: Deployment
		metadata: {name: chatops-stuck, namespace: chatops}
		spec:
		  progressDeadlineSeconds: 2
		  selector: {matchLabels: {app: chatops-stuck}}
		  template:
		    metadata: {labels: {app: chatops-stuck}}
		    spec: {containers: [{name: stuck, image: 'registry.example.com/crash:1'}]}
		---
		apiVersion: apps/v1
		kind: Deployment
		metadata: {name: chatops-no-image, namespace: chatops}
		spec:
		  selector: {matchLabels: {app: chatops-no-image}}
		  template:
		    metadata: {labels: {app: chatops-no-image}}
		    spec: {containers: [{name: gateway, image: 'registry.example.com/nopull:1'}]}
		---
		apiVersion: apps/v1
		kind: Deployment
		metadata: {name: chatops-waiting, namespace: chatops}
		spec:
		  paused: true
		  selector: {matchLabels: {app: chatops-waiting}}
		  template:
		    metadata: {labels: {app: chatops-waiting}}
		    spec: {containers: [{name: waiting, image: 'registry.example.com/waiting:1'}]}
		---
		apiVersion: apps/v1
		kind: DaemonSet
		metadata: {name: by-hand, namespace: monitoring}
		spec:
		  updateStrategy: {type: OnDelete}
		  selector: {matchLabels: {app: by-hand}}
		  template:
		    metadata: {labels: {app: by-hand}}
		    spec: {containers: [{name: agent, image: 'registry.example.com/by-hand:1'}]}
	END
	sed 's/token: .*}/token: wrong}/' "$dir/admin.yaml" >"$dir/stranger.yaml"
	sed "s/127.0.0.1:[0-9]*/127.0.0.1:1/" "$dir/admin.yaml" >"$dir/nobody.yaml"
	quietly kubectl rollout status daemonset/node-agent $m
}

extra_objects
looking
viewing
unreachable
undoing
quietly kubectl create deployment chatops-slow $c --image=registry.example.com/slow:1 --replicas=3
progressing
stateful
for helm in helm4 helm3; do
	"$here/lab.sh" release "$dir" $helm
	helm_looking
	helm_rolling_back
	helm_pending
	"$here/lab.sh" release "$dir" $helm
	helm_hook
	[[ $helm != helm4 ]] || helm4_throttled
done
