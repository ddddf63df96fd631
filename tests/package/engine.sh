#!/bin/bash
# engine.sh - the image in a container engine, Debian's podman with runc, as README says.
#
#	tests/package/engine.sh IMAGE	a docker-archive, as image.sh leaves one
#
# Its storage is a folder that goes with it.  Nothing has a network, a capability, or a root that can be written.
set -euo pipefail
cd "$(dirname "$0")/../.."
image=$1 passed=0
good() { passed=$((passed + 1)); }
bad() { echo "engine: $*"; exit 1; }
for tool in podman runc; do
	command -v $tool >/dev/null || { echo "engine: not tried, there is no $tool"; exit 0; }
done
folder=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
engine() {
	podman --runtime runc --cgroup-manager cgroupfs --events-backend none --storage-driver vfs \
		--root "$folder/storage" --runroot "$folder/run" "$@"
}
cleanup() {
	engine rm -f -a -v -t 0 >/dev/null 2>&1 || true
	rm -rf "$folder"
	echo "engine: $passed passed"
}
trap cleanup EXIT
# at_most SECONDS COMMAND…: looked at again and again.
at_most() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}
# Limits below this machine's: raising them is not allowed everywhere.
limits=(--ulimit nofile=1024:1024 --ulimit nproc=1024:1024)
closed=("${limits[@]}" --network none --read-only --read-only-tmpfs=false --cap-drop all --security-opt no-new-privileges)
answers() { engine exec "$1" /usr/bin/rollcall do help | grep -F rollback; }
ended() { engine inspect -f '{{.State.Status}} {{.State.ExitCode}}' "$1"; }

engine load -q -i "$image" >"$folder/log" 2>&1 || { cat "$folder/log"; bad 'it cannot be loaded'; }
name=$(sed -nE 's|.*(rollcall:[0-9].*)|\1|p' "$folder/log")
engine run --rm "${closed[@]}" "$name" version >"$folder/log" 2>&1 || {
	grep -qE '^rollcall|rollcall: ' "$folder/log" && { cat "$folder/log"; bad 'it does not start'; }
	echo "engine: not tried, no container can be started here: $(tail -n 1 "$folder/log")"
	exit 0
}
good

# ---- the bot as process 1 -----------------------------------------------------------------------
engine run -d --name bot "${closed[@]}" "$name" >"$folder/log" 2>&1 || { cat "$folder/log"; bad 'the bot is not started'; }
at_most 60 answers bot || { engine logs bot; bad 'it does not answer'; }
good
process=$(engine inspect -f '{{.State.Pid}}' bot)
{ grep -q '^Uid:.65532' "/proc/$process/status" && grep -q '^CapBnd:.0*$' "/proc/$process/status" &&
	grep -q '^Seccomp:.2' "/proc/$process/status"; } || { cat "/proc/$process/status"; bad 'it is not confined'; }
good
began=$SECONDS
engine stop -t 60 bot >/dev/null
took=$((SECONDS - began))
[ "$(ended bot)" = 'exited 0' ] && [ $took -lt 30 ] || { engine logs bot; bad "SIGTERM: $(ended bot) after $took s"; }
good
engine start bot >/dev/null
at_most 60 answers bot || { engine logs bot; bad 'it does not start again on its state'; }
# With process 1 ends whoever waits in its container, also a pod's preStop: 137 is no failure there.
engine exec bot /usr/bin/rollcall drain --wait >"$folder/log" 2>&1 || [ $? = 137 ] || { cat "$folder/log"; bad 'drain'; }
at_most 60 eval '[ "$(ended bot)" = "exited 0" ]' || bad "drained: $(ended bot)"
good

# ---- the playground, as README starts it; process 1 there is the console ------------------------
: >"$folder/play"
{
	echo 'rollback chatops-gateway to 5'
	at_most 120 grep -qF 'Performed by' "$folder/play" || true
} | engine run --rm -i --name play "${limits[@]}" --network none --read-only --read-only-tmpfs=false --tmpfs /tmp "$name" playground \
	>"$folder/play" 2>&1 || true
grep -qF 'ROLLBACK NOTIFICATION' "$folder/play" || { cat "$folder/play"; bad 'no rollback of the playground'; }
good
echo "engine: $(podman --version), runc; SIGTERM ends it after $took s"
