#!/bin/bash
# installed.sh - runs inside a fresh Debian on which the package was installed; "ok WHAT" for each thing.
set -euo pipefail
ok() { echo "ok $*"; }
bad() { echo "not ok: $*"; exit 1; }
as() { # USER COMMAND…, with nothing of this shell
	local user=$1
	shift
	env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@"
}
says() { # FILE TEXT
	grep -qF "$2" "$1" || { cat "$1"; bad "not said: $2"; }
}

! ldd /usr/bin/rollcall* | grep 'not found' || bad 'a library is missing'
ok 'all libraries are there'
getent passwd rollcall | grep -q ':/var/lib/rollcall:/usr/sbin/nologin$' || bad "account: $(getent passwd rollcall)"
ok 'its account cannot log in'
[ "$(stat -c '%a %U %G' /etc/rollcall/rollcall.yaml)" = '640 root rollcall' ] || bad 'mode of the configuration'
[ "$(stat -c '%a %U %G' /etc/rollcall/credentials)" = '700 root root' ] || bad 'mode of the credentials'
ok 'its configuration is for its group, its credentials for root'
systemd-analyze verify --man=no /lib/systemd/system/rollcall.service 2>&1 | grep -F rollcall && bad 'the unit'
ok 'systemd reads its unit'
[ ! -e /etc/systemd/system/multi-user.target.wants/rollcall.service ] || bad 'it was enabled'
ok 'nothing starts before it is configured'

rollcall version
as rollcall rollcall check
ok 'its account finds its configuration good'

# As the unit would: folders, account, program.
install -d -m 750 -o rollcall -g rollcall /run/rollcall
install -d -m 700 -o rollcall -g rollcall /var/lib/rollcall
as rollcall /usr/bin/rollcall run --config /etc/rollcall/rollcall.yaml 2>/tmp/bot.log &
bot=$!
for _ in $(seq 100); do [ -S /run/rollcall/rollcall.sock ] && break; sleep 0.1; done
rollcall do help >/tmp/help.log 2>&1 || { cat /tmp/help.log /tmp/bot.log; bad 'do help'; }
says /tmp/help.log 'rollback'
ok 'root asks it for help without an option'
rollcall reload --socket /run/rollcall/rollcall.sock || { cat /tmp/bot.log; bad 'reload'; }
ok 'root has it read its configuration again, as the unit does'
as nobody rollcall do help >/tmp/nobody.log 2>&1 && bad 'nobody reaches its socket'
ok 'who is not of its group does not reach its socket'
[ "$(stat -c %a /var/lib/rollcall/rollcall.db)" = 600 ] || bad 'mode of the state'
ok 'its state is its own'
rollcall drain --wait
wait "$bot" || { cat /tmp/bot.log; bad 'drained, it ends with a failure'; }
ok 'drain ends it'
rollcall audit verify || bad 'the record'
[ -z "$(find /var/lib/rollcall ! -user rollcall)" ] || bad 'root left files in its state'
ok 'root verifies its record'

rollcall doctor >/tmp/doctor.log 2>&1 && bad 'doctor finds nothing missing on a machine without any tool'
says /tmp/doctor.log 'ok             state: /var/lib/rollcall'
says /tmp/doctor.log 'missing        kubectl: '
[ -z "$(find /var/lib/rollcall ! -user rollcall)" ] || bad 'the doctor left files in its state'
ok 'the doctor looks as the account, and misses kubectl'

# A whole rollback by anybody: nothing of the playground needs the account.
: >/tmp/play.log
{
	echo 'rollback chatops-gateway to 5'
	for _ in $(seq 300); do
		grep -qF 'Performed by' /tmp/play.log && break
		sleep 0.2
	done
} | as nobody rollcall playground >/tmp/play.log 2>&1 || true
says /tmp/play.log 'ROLLBACK NOTIFICATION'
ok 'a rollback of the playground'
