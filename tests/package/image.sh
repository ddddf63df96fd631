#!/bin/bash
# image.sh - the container image: built by the Dockerfile, started as its configuration says.
#
# Debian's buildah builds it without daemon or containers (chroot isolation, plain copies as storage), from a
# base of debootstrap's in place of docker.io's.  kubectl and helm are those of the e2e tests, given by file://
# in place of their publishers' sites, so the same check of sums runs.  It is started in mounts of its own,
# the root read-only, as the image's account.  What could not be tried is said at the end.
# At the end engine.sh runs it in podman.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/package/root.sh
passed=0
good() { passed=$((passed + 1)); }
bad() { echo "image: $*"; exit 1; }
trap 'echo "image: $passed passed"' EXIT

why=$(root_why_not)
[ -n "$why" ] || command -v buildah >/dev/null || why='there is no buildah'
[ -z "$why" ] || { echo "image: not built, $why"; exit 0; }
folder=$(mktemp -d)
cleanup() {
	"${builder[@]}" umount --all >/dev/null 2>&1 || true
	rm -rf "$folder"
	echo "image: $passed passed"
}
builder=(buildah --storage-driver vfs --root "$folder/storage" --runroot "$folder/run")
export BUILDAH_ISOLATION=chroot
trap cleanup EXIT

# ---- a base, and publishers --------------------------------------------------------------------
root_prepare || bad 'no fresh Debian'
base=$("${builder[@]}" from scratch)
"${builder[@]}" add -q "$base" "$minbase" / >/dev/null
"${builder[@]}" commit -q "$base" docker.io/library/debian:bookworm-slim >/dev/null
"${builder[@]}" rm "$base" >/dev/null

site=$folder/site architecture=$(dpkg --print-architecture)
kubectl=v1.0.0 helm=v1.0.0
mkdir -p "$site/$kubectl/bin/linux/$architecture" "$folder/linux-$architecture"
lab=$(ls -td "${ROLLCALL_CACHE:-$HOME/.cache/rollcall}"/lab-*/ 2>/dev/null | head -n 1)
real=
if [ -n "$lab" ] && [ -x "$lab/kubectl" ] && [ -x "$lab/helm4" ]; then
	real=yes
	cp "$lab/kubectl" "$site/$kubectl/bin/linux/$architecture/kubectl"
	cp "$lab/helm4" "$folder/linux-$architecture/helm"
else	# the simulated tools stand in: what matters here is that they are fetched, checked and found
	cp build/release/rollcall-cluster "$site/$kubectl/bin/linux/$architecture/kubectl"
	cp build/release/rollcall-cluster "$folder/linux-$architecture/helm"
fi
(cd "$site/$kubectl/bin/linux/$architecture" && sha256sum kubectl | cut -d' ' -f1 | tr -d '\n' >kubectl.sha256)
tar -C "$folder" -czf "$site/helm-$helm-linux-$architecture.tar.gz" "linux-$architecture/helm"
(cd "$site" && sha256sum "helm-$helm-linux-$architecture.tar.gz" >"helm-$helm-linux-$architecture.tar.gz.sha256sum")

build() { # TAG [ARGUMENT…]
	local tag=$1
	shift
	flock "$cache/apt.lock" "${builder[@]}" build --pull-never -q -t "$tag" --volume "$site:/site:ro" \
		--volume "$cache/apt-archives:/var/cache/apt/archives" --volume "$cache/apt-lists:/var/lib/apt/lists" \
		--build-arg "TARGETARCH=$architecture" --build-arg "KUBECTL_VERSION=$kubectl" \
		--build-arg "HELM_VERSION=$helm" --build-arg KUBECTL_FROM=file:///site \
		--build-arg HELM_FROM=file:///site "$@" . >"$folder/build.log" 2>&1
}

# ---- a download that is not what its publisher says --------------------------------------------
if command -v curl >/dev/null; then
	url=file://$site/$kubectl/bin/linux/$architecture/kubectl fetch=$PWD/config/container/fetch
	mkdir "$folder/fetched"
	for wrong in "$(printf '0%.0s' $(seq 64))" '<html>not found</html>' ''; do
		printf '%s' "$wrong" >"$site/$kubectl/bin/linux/$architecture/kubectl.wrong"
		(cd "$folder/fetched" && "$fetch" kubectl "$url" .wrong) >"$folder/log" 2>&1 &&
			bad "kubectl was taken although its sum is “$wrong”"
		grep -q '^fetch: ' "$folder/log" || { cat "$folder/log"; bad 'it fails of something else'; }
		[ ! -e "$folder/fetched/kubectl" ] || bad 'what has the wrong sum was kept'
	done
	(cd "$folder/fetched" && "$fetch" kubectl http://127.0.0.1:1/kubectl .sha256) 2>/dev/null && bad 'plain http'
	good
fi

# ---- the image ---------------------------------------------------------------------------------
build rollcall || { tail -n 30 "$folder/build.log"; bad 'it cannot be built'; }
good
"${builder[@]}" inspect --type image rollcall >"$folder/inspect"
for said in '"User": "65532:65532"' '"/usr/bin/rollcall"' '"/var/lib/rollcall": {}' "\"rollcall.kubectl\": \"$kubectl\""; do
	grep -qF "$said" "$folder/inspect" || bad "its configuration lacks $said"
done
good
container=$("${builder[@]}" from --pull-never rollcall)
image=$("${builder[@]}" mount "$container")
[ ! -e "$image/usr/bin/sh" ] && [ ! -e "$image/bin/bash" ] && [ ! -e "$image/usr/bin/dpkg" ] || bad 'there is a shell in it'
good
[ -z "$(find "$image" -xdev \( -perm /6000 -o ! -type l -perm -o+w \) ! -path "$image/tmp")" ] ||
	bad 'something in it is setuid or writable for everybody'
good
own=$(du -sm --exclude=kubectl --exclude=helm "$image" | cut -f1) all=$(du -sm "$image" | cut -f1)
[ "$own" -lt 80 ] || bad "$own MB without kubectl and helm"
good

# ---- started, as its configuration says --------------------------------------------------------
mkdir -p "$image/proc" "$image/dev"
mkdir -m 2775 "$folder/state"		# as a pod's volume with an fsGroup is
mkdir -m 2770 "$folder/run-rollcall"
chown 65532:65532 "$folder/state" "$folder/run-rollcall"

# image_run PROGRAM ARGUMENT…: read-only root, its volumes, its account, no privilege to be had.
image_run() {
	unshare -m -p -f --kill-child sh -c '
		image=$1 folder=$2; shift 2
		mount --bind "$image" "$image" && cd "$image"
		mount -t proc proc "$image/proc"
		mount --rbind /dev "$image/dev"
		mount --bind "$folder/state" "$image/var/lib/rollcall"
		mount --bind "$folder/run-rollcall" "$image/run/rollcall"
		mount -t tmpfs -o mode=1777 tmp "$image/tmp"
		mount -o remount,ro,bind "$image"
		exec env -i PATH=/usr/local/bin:/usr/bin:/usr/sbin setpriv --no-new-privs \
			chroot --userspec=65532:65532 --groups= "$image" "$@"' - "$image" "$folder" "$@"
}
image_run /usr/bin/rollcall version >"$folder/log" 2>&1 || { cat "$folder/log"; bad 'it does not start'; }
grep '^rollcall [0-9]' "$folder/log" >/dev/null || bad 'no version'
good
if [ -n "$real" ]; then
	image_run /usr/local/bin/kubectl version --client >"$folder/log" 2>&1 || { cat "$folder/log"; bad 'kubectl'; }
	HOME=/tmp image_run /usr/local/bin/helm version --short >"$folder/log" 2>&1 || { cat "$folder/log"; bad 'helm'; }
	good
fi

# The bot, as ENTRYPOINT and CMD are; help and the end by a second process in the same volumes.
image_run /usr/bin/rollcall run --config /etc/rollcall/rollcall.yaml 2>"$folder/bot.log" &
bot=$!
for _ in $(seq 100); do [ -S "$folder/run-rollcall/rollcall.sock" ] && break; sleep 0.1; done
image_run /usr/bin/rollcall do help >"$folder/log" 2>&1 || { cat "$folder/log" "$folder/bot.log"; bad 'it does not answer'; }
grep -F rollback "$folder/log" >/dev/null || bad 'its help has no rollback'
good
image_run /usr/bin/rollcall drain --wait >"$folder/log" 2>&1 || { cat "$folder/log" "$folder/bot.log"; bad 'it does not drain'; }
wait "$bot" || { cat "$folder/bot.log"; bad 'drained, it ends with a failure'; }
good

# A whole rollback on the simulated cluster.
: >"$folder/play.log"
{
	echo 'rollback chatops-gateway to 5'
	for _ in $(seq 300); do
		grep -qF 'Performed by' "$folder/play.log" && break
		sleep 0.2
	done
} | image_run /usr/bin/rollcall playground >"$folder/play.log" 2>&1 || true
grep -F 'ROLLBACK NOTIFICATION' "$folder/play.log" >/dev/null || { cat "$folder/play.log"; bad 'no rollback of the playground'; }
good

# ---- in a container engine ----------------------------------------------------------------------
version=$(build/release/rollcall version | sed -nE '1s/^rollcall ([^ ]*).*/\1/p')
"${builder[@]}" push -q rollcall "docker-archive:$folder/image.tar:rollcall:$version"
tests/package/engine.sh "$folder/image.tar" >"$folder/log" 2>&1 || { cat "$folder/log"; bad 'in an engine it does not work'; }
passed=$((passed + $(sed -n 's/^engine: \([0-9]*\) passed$/\1/p' "$folder/log")))
grep -v ' passed$' "$folder/log"
echo "image: $own MB and $((all - own)) MB of kubectl and helm"
echo "image: not tried: docker.io's own base, dl.k8s.io and get.helm.sh${real:+ (kubectl and helm are built from source)}"
