#!/bin/bash
# booted.sh - runs in a machine that just booted, as root, below a real systemd; "ok WHAT" for each thing.
#
# Twice: before a reboot, where the package is installed and its unit tried, and after it.
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
given=/given once=/var/lib/first-boot
ok() { echo "ok $*"; }
bad() {
	echo "not ok: $*"
	journalctl -b -u rollcall -n 40 --no-pager -o short-monotonic
	exit 1
}
# until SECONDS COMMAND…: looked at again and again, at most so long.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}
shows() { systemctl show -P "$1" rollcall; }
says() { grep -qF "$2" "$1" || { cat "$1"; bad "not said: $2"; }; }
logged() { journalctl -b -u rollcall --no-pager | grep -qF "$1"; }	# since the boot
times() { journalctl -b -u rollcall --no-pager | grep -cF "$1" || true; }
another_runs() { # PROCESS: it was replaced, and the new one says that it is ready
	[ "$(shows ActiveState)" = active ] && [ "$(shows MainPID)" != "$1" ] && [ "$(shows MainPID)" != 0 ]
}
act() { # JSON: what a person does in the fake Slack
	curl -s -H 'Content-Type: application/json' -d "$1" http://127.0.0.1:8300/page/act | grep -q '"ok":true' || bad "Slack: $1"
}
stands() { curl -s 'http://127.0.0.1:8300/page.json?as=U0ALICE&in=C0INCIDENTS' | grep -qF "$1"; }

# ---- installing ----------------------------------------------------------------------------------
installs() {
	apt-get -qq -y install "$given/rollcall.deb" >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; bad 'apt'; }
	[ "$(systemctl is-enabled rollcall || true)" = disabled ] && [ "$(shows ActiveState)" = inactive ] || bad 'it starts by itself'
	ok 'installed, it waits to be configured'
	systemctl start rollcall || bad 'it does not start with the configuration that it brought'
	[ "$(shows ActiveState)" = active ] || bad 'not active'
	systemctl stop rollcall || bad 'stop'
	ok 'it starts with the configuration that it brought'
}

# A fake Slack, a simulated cluster where the account may write, and people.
configures() {
	systemd-run -q --unit=slack -p DynamicUser=yes -p Type=exec rollcall-slack --port 8300 --unlimited
	until_true 30 journalctl -u slack --grep 'app-level token' || bad 'the fake Slack does not start'
	token() { journalctl -u slack -o cat --no-pager | sed -n "s/^$1 token *//p" | head -n 1; }
	(umask 077; token bot >/etc/rollcall/credentials/slack-bot-token; token app-level >/etc/rollcall/credentials/slack-app-token)
	install -d -o rollcall -g rollcall /var/lib/rollcall/world
	setpriv --reuid rollcall --regid rollcall --clear-groups rollcall-cluster init /var/lib/rollcall/world
	cat >/etc/rollcall/rollcall.yaml <<-'END'
		state: sqlite:/var/lib/rollcall/rollcall.db
		listen: {socket: /run/rollcall/rollcall.sock}
		slack:
		  app_token: "file:${CREDENTIALS_DIRECTORY}/slack-app-token"
		  bot_token: "file:${CREDENTIALS_DIRECTORY}/slack-bot-token"
		  api_url: http://127.0.0.1:8300/api/
		channels: {incidents: {name: "#incidents"}}
		tools: {kubectl: /var/lib/rollcall/world/kubectl, helm: /var/lib/rollcall/world/helm}
		clusters: {primary: {}}
		targets:
		  chatops-gateway: {driver: deployment, namespace: chatops, notify: {channels: [incidents]}}
		roles:
		  admin: {users: ["local:root"]}
		  sre: {users: ["local:ann", U0ALICE]}
	END
	useradd -m -G rollcall ann
	useradd -m stranger
	rollcall check >/tmp/log 2>&1 || { cat /tmp/log; bad 'check'; }
}

# ---- started ------------------------------------------------------------------------------------
starts() {
	local process file exposure
	systemctl enable -q --now rollcall || bad 'it does not start'
	[ "$(shows ActiveState)-$(shows SubState)" = active-running ] || bad 'not active'
	process=$(shows MainPID)
	ok "READY after $(( ($(shows ActiveEnterTimestampMonotonic) - $(shows InactiveExitTimestampMonotonic)) / 1000 )) ms"
	until_true 60 logged 'slack: connected to Slack' || bad "status: $(shows StatusText)"
	ok "status: $(shows StatusText)"
	file=/proc/$process/status
	grep -q "^Uid:.$(id -u rollcall)" $file && grep -q '^NoNewPrivs:.1' $file && grep -q '^Seccomp:.2' $file &&
		grep -q '^CapBnd:.0000000000000000' $file && grep -q '^CapEff:.0000000000000000' $file || { cat $file; bad 'not confined'; }
	nsenter -t "$process" -m sh -c '! touch /etc/x && ! touch /usr/x && ! touch /root/x && ! ls /home/ann && [ ! -e /dev/sda ] && [ ! -e /dev/vda ]' 2>/dev/null ||
		bad 'its view of the files is open'
	ok 'it runs as its account, without capabilities, filtered, below a read-only root'
	[ "$(stat -c '%a %U' /var/lib/rollcall)" = '700 rollcall' ] && [ "$(stat -c '%a %U %G' /run/rollcall)" = '750 rollcall rollcall' ] &&
		[ "$(stat -c %a /var/lib/rollcall/rollcall.db)" = 600 ] || { stat -c '%a %U %G %n' /var/lib/rollcall /run/rollcall /var/lib/rollcall/*; bad 'modes'; }
	[ -z "$(find /var/lib/rollcall ! -user rollcall)" ] || bad 'its state has files of others'
	ok 'its state and its socket are its own'
	file=/run/credentials/rollcall.service
	runuser -u ann -- cat $file/slack-bot-token >/dev/null 2>&1 && bad 'its credentials are open'
	[ "$(cat $file/slack-bot-token)" = "$(cat /etc/rollcall/credentials/slack-bot-token)" ] || bad 'LoadCredential'
	ok 'the tokens come by LoadCredential and are closed to others'
	systemd-analyze verify --man=no rollcall.service 2>&1 | grep -F rollcall && bad 'verify'
	exposure=$(systemd-analyze security --no-pager rollcall.service | sed -n 's/.*exposure level for .*: //p')
	[ -n "$exposure" ] || bad 'systemd-analyze says nothing'
	ok "systemd-analyze security: $exposure"
}

# ---- people -------------------------------------------------------------------------------------
people() {
	runuser -u ann -- rollcall do 'rollcall whoami' >/tmp/log 2>&1 || { cat /tmp/log; bad 'ann'; }
	says /tmp/log 'local:ann'
	printf 'rollcall whoami\nquit\n' | runuser -u ann -- rollcall console >/tmp/log 2>&1 || { cat /tmp/log; bad 'console'; }
	says /tmp/log 'local:ann'
	ok 'who is of its group is known at the socket by name'
	runuser -u ann -- rollcall drain >/tmp/log 2>&1 && bad 'ann drains it'
	runuser -u stranger -- rollcall do 'rollcall whoami' >/tmp/log 2>&1 && bad 'a stranger reaches it'
	ok 'who is not does not reach it'
	act '{"do":"say","as":"U0ALICE","channel":"#incidents","text":"/rollcall help"}'
	ok 'Slack is heard'
}

# ---- told ---------------------------------------------------------------------------------------
reloads() {
	local process
	process=$(shows MainPID)
	sed -i 's/^  admin: .*/  admin: {users: ["local:root", "local:ann"]}/' /etc/rollcall/rollcall.yaml
	systemctl reload rollcall || bad 'reload'
	[ "$(times 'was read again')" = 1 ] || bad 'it was not read once'
	[ "$(shows MainPID)" = "$process" ] || bad 'a reload restarts it'
	ok 'a reload, by the same process'
	sed -i 's/^targets:/targest:/' /etc/rollcall/rollcall.yaml
	systemctl reload rollcall 2>/dev/null && bad 'a wrong file is taken'
	[ "$(shows MainPID)-$(shows ActiveState)" = "$process-active" ] || bad 'a wrong file ends it'
	sed -i 's/^targest:/targets:/' /etc/rollcall/rollcall.yaml
	ok 'a wrong file is refused, and it goes on'
	systemctl kill -s HUP --kill-whom=main rollcall
}

restarts() {
	local process began
	process=$(shows MainPID) began=$SECONDS
	systemctl restart rollcall || bad 'restart'
	another_runs "$process" || bad 'it was not replaced'
	ok "a restart, $((SECONDS - began)) s"
	process=$(shows MainPID) began=$SECONDS
	kill -9 "$process"
	until_true 60 another_runs "$process" || bad 'killed, it stays away'
	ok "killed, it stands again after $((SECONDS - began)) s"
}

# Its step was written down before it began: it is killed there, and the next one goes on.
killed_in_the_middle() {
	local process
	process=$(shows MainPID)
	rollcall do 'rollback chatops-gateway to 5' --start >/tmp/do 2>&1 &
	until_true 120 grep -q 'Put revision 5 back' /tmp/do || { cat /tmp/do; bad 'no rollback'; }
	kill -9 "$process"
	until_true 60 another_runs "$process" || bad 'killed in the middle, it stays away'
	wait || true
	until_true 120 stands 'ROLLBACK NOTIFICATION' || { cat /tmp/do; rollcall do 'ops show R-1'; bad 'it does not go on'; }
	/var/lib/rollcall/world/kubectl rollout history deployment/chatops-gateway -n chatops >/tmp/log 2>&1 || true
	grep -q '^8 ' /tmp/log && ! grep -q '^9 ' /tmp/log || { cat /tmp/log; bad 'not taken back exactly once'; }
	ok 'killed in the middle of a rollback, it ends it, once, and Slack is told'
}

hangs() {
	local process began
	process=$(shows MainPID) began=$SECONDS
	kill -STOP "$process"
	until_true 90 another_runs "$process" || bad 'the watchdog does not bite'
	logged 'Watchdog timeout' || bad 'not the watchdog'
	logged 'died of signal 6' || bad 'no last words'
	ok "hung, it is killed by the watchdog and stands again after $((SECONDS - began)) s"
}

# ---- the real tools in its sandbox, a real cluster -------------------------------------------------
real_cluster() {
	local port
	port=$(sed -nE 's|.*server: https://127.0.0.1:([0-9]+).*|\1|p' $given/admin.yaml)
	systemd-run -q --unit=api --socket-property=ListenStream="127.0.0.1:$port" /lib/systemd/systemd-socket-proxyd "10.0.2.2:$port"
	install -m 755 $given/kubectl $given/helm /usr/local/bin
	install -m 640 -g rollcall $given/admin.yaml /etc/rollcall/primary.kubeconfig
	sed -i '/^tools:/d; s|primary: {}|primary: {kubeconfig: /etc/rollcall/primary.kubeconfig}|
		/^targets:/a\  slow: {driver: deployment, name: web, namespace: slow, notify: {channels: [incidents]}}
		/^targets:/a\  release: {driver: helm, name: chatops-platform, namespace: release, notify: {channels: [incidents]}}' /etc/rollcall/rollcall.yaml
	systemctl restart rollcall || bad 'restart'
	# Emulated, helm needs most of the time that a look may take: it may be asked again.
	until_true 180 eval 'rollcall do "rollout history release" >/tmp/log 2>&1 && grep -q v1.2.1 /tmp/log' || { cat /tmp/log; bad 'helm'; }
	ok 'real helm reads the history of a release'
	rollcall do 'rollback slow to 1' --start >/tmp/log 2>&1 || { cat /tmp/log; bad 'kubectl'; }
	says /tmp/log 'ROLLED BACK'
	ok 'real kubectl takes a deployment back'
}

purges() {
	local left
	apt-get -qq -y purge rollcall >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; bad 'purge'; }
	pgrep -x rollcall >/dev/null && bad 'it still runs'
	left=$(find / -xdev -name '*rollcall*' ! -path /etc/rollcall ! -path '/tmp/*' ! -path '/var/tmp/*')
	[ -z "$left" ] || bad "left behind: $left"
	[ "$(systemctl show -P LoadState rollcall)" = not-found ] || bad 'systemd knows it still'
	ok 'purged while it runs, it leaves only the credentials, and its account'
}

if [ ! -e $once ]; then
	touch $once
	echo "systemd $(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p'), kernel $(uname -r), after $(cut -d. -f1 /proc/uptime) s"
	installs
	configures
	starts
	people
	reloads
	restarts
	killed_in_the_middle
	hangs
	[ ! -e $given/admin.yaml ] || real_cluster
	systemctl reboot
else
	until_true 60 eval '[ "$(shows ActiveState)" = active ]' || bad 'enabled, it does not start with the machine'
	rollcall audit verify >/tmp/log 2>&1 || { cat /tmp/log; bad 'the record'; }
	ok 'it starts with the machine, and its record is whole'
	purges
	echo 'all of it'
	systemctl poweroff
fi
