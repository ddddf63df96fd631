#!/bin/bash
# deb.sh - the Debian package: read by lintian, installed on a fresh Debian, used there, replaced, purged.
#
#	tests/package/deb.sh [PACKAGE]		what cannot be tried here is said, and is no failure
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/package/root.sh
deb=${1:-$(MAKEFLAGS= make -s PACKAGES=there deb)}
passed=0
good() { passed=$((passed + 1)); }
bad() { echo "deb: $*"; exit 1; }
trap 'echo "deb: $passed passed"' EXIT

if command -v lintian >/dev/null; then
	said=$(lintian --allow-root --fail-on none "$deb" 2>/dev/null | grep '^[EW]:' || true)
	[ -z "$said" ] || bad "lintian: $said"
	good
else
	echo 'deb: lintian is not there'
fi

why=$(root_why_not)
[ -z "$why" ] || { echo "deb: not installed anywhere, $why"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"; echo "deb: $passed passed"' EXIT
root=$folder/root
root_make "$root" || bad 'no fresh Debian'
cp "$deb" "$root/rollcall.deb"
cp tests/package/installed.sh "$root/installed.sh"
root_apt "$root" /rollcall.deb >"$folder/apt.log" 2>&1 || { tail -n 20 "$folder/apt.log"; bad 'apt does not install it'; }
good
root_run "$root" bash /installed.sh >"$folder/log" 2>&1 || { tail -n 40 "$folder/log"; bad 'installed, it does not work'; }
passed=$((passed + $(grep -c '^ok' "$folder/log")))

# Once more: what was configured stays.
echo '# mine' >>"$root/etc/rollcall/rollcall.yaml"
root_run "$root" dpkg -i /rollcall.deb >"$folder/log" 2>&1 || { cat "$folder/log"; bad 'it does not replace itself'; }
grep -qx '# mine' "$root/etc/rollcall/rollcall.yaml" || bad 'the configuration was overwritten'
good

# Purged: its state and its being enabled are gone, secrets that it did not bring are not.
root_run "$root" systemctl -q enable rollcall
touch "$root/etc/rollcall/credentials/slack-bot-token"
root_run "$root" dpkg --purge rollcall >"$folder/log" 2>&1 || { cat "$folder/log"; bad 'it cannot be purged'; }
for gone in usr/bin/rollcall var/lib/rollcall etc/rollcall/rollcall.yaml \
	etc/systemd/system/multi-user.target.wants/rollcall.service; do
	[ ! -e "$root/$gone" ] && [ ! -L "$root/$gone" ] || bad "$gone is left behind"
done
[ -e "$root/etc/rollcall/credentials/slack-bot-token" ] || bad 'a credential was deleted'
good
