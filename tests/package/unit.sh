#!/bin/bash
# unit.sh - the systemd unit: no word that systemd does not know, nothing exposed without need.
#
#	tests/package/unit.sh UNIT [ROLLCALL]	the unit's programs are looked for at ROLLCALL's place
#
# The sandbox itself needs a running systemd; here only what systemd-analyze reads.
set -euo pipefail
unit=$1 program=$(realpath "${2:-build/release/rollcall}")
most=15		# exposure × 10 (threats HA1)

command -v systemd-analyze >/dev/null || { echo 'unit: not looked at, there is no systemd-analyze'; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed "s|^\(Exec[A-Za-z]*\)=[^ ]*/rollcall |\1=$program |" "$unit" >"$folder/rollcall.service"

said=$(systemd-analyze verify --man=no "$folder/rollcall.service" 2>&1 | grep -F rollcall || true)
[ -z "$said" ] || { echo "unit: $said"; exit 1; }

exposure=$(systemd-analyze security --offline=true --no-pager "$folder/rollcall.service" 2>/dev/null |
	sed -nE 's/.*exposure level.*: ([0-9]+)\.([0-9]).*/\1\2/p')
if [ -z "$exposure" ] || [ "$exposure" -gt $most ]; then
	echo "unit: exposure ${exposure:-unknown} is more than $most (tenths)"
	exit 1
fi

# What every word above is for.
expect() {
	grep -qxF "$1" "$unit" || { echo "unit: $1 is missing"; exit 1; }
}
expect KillMode=process
expect TimeoutStopSec=15min
expect Type=notify
grep -q '^ExecStop=.*/rollcall drain --wait' "$unit" || { echo 'unit: ExecStop does not drain'; exit 1; }
grep -q '^ExecReload=.*/rollcall reload' "$unit" || { echo 'unit: ExecReload does not reload'; exit 1; }
[ "$(grep -cE '^Exec' "$unit")" = 3 ] || { echo 'unit: something is started, reloaded or stopped twice'; exit 1; }
! grep -qiE '^(Environment=.*(TOKEN|xox)|PrivateUsers=yes)' "$unit" || { echo 'unit: a token, or PrivateUsers'; exit 1; }
echo "unit: exposure $((exposure / 10)).$((exposure % 10)): 3 passed"
