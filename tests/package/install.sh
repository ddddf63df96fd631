#!/bin/bash
# install.sh - `make install DESTDIR=` gives a tree that works from where it stands.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tree=$folder/tree
passed=0
good() { passed=$((passed + 1)); }
bad() { echo "install: $*"; exit 1; }

MAKEFLAGS= make -s PACKAGES=there install DESTDIR="$tree" PREFIX=/opt/rollcall SYSCONFDIR=/etc >"$folder/log" 2>&1 ||
	{ cat "$folder/log"; bad 'make install failed'; }
bin=$tree/opt/rollcall/bin share=$tree/opt/rollcall/share

# ---- every file, and no other -----------------------------------------------------------------
(cd "$tree" && find . -type f -printf '%m %P\n' | sort -k2) >"$folder/files"
sort -k2 >"$folder/wanted" <<'END'
640 etc/rollcall/rollcall.yaml
755 opt/rollcall/bin/rollcall
755 opt/rollcall/bin/rollcall-cluster
755 opt/rollcall/bin/rollcall-slack
644 opt/rollcall/lib/systemd/system/rollcall.service
644 opt/rollcall/lib/sysusers.d/rollcall.conf
755 opt/rollcall/libexec/rollcall/rollcall-exec
644 opt/rollcall/share/bash-completion/completions/rollcall
644 opt/rollcall/share/doc/rollcall/examples/rollcall.yaml
644 opt/rollcall/share/doc/rollcall/examples/slack-manifest.yaml
644 opt/rollcall/share/fish/vendor_completions.d/rollcall.fish
644 opt/rollcall/share/man/man1/rollcall.1
644 opt/rollcall/share/rollcall/templates/rollback-notification.txt
644 opt/rollcall/share/zsh/site-functions/_rollcall
END
diff "$folder/wanted" "$folder/files" || bad 'other files than these were installed'
good
[ "$(stat -c %a "$tree/etc/rollcall/credentials")" = 700 ] || bad 'credentials are open to others'
good
grep -q '^ExecStart=/opt/rollcall/bin/rollcall run' "$tree/opt/rollcall/lib/systemd/system/rollcall.service" ||
	bad 'the unit starts another program'
good

# A second installation keeps what was configured.
echo '# mine' >>"$tree/etc/rollcall/rollcall.yaml"
MAKEFLAGS= make -s PACKAGES=there install DESTDIR="$tree" PREFIX=/opt/rollcall >"$folder/log" 2>&1
grep -qx '# mine' "$tree/etc/rollcall/rollcall.yaml" || bad 'the configuration was overwritten'
good

# ---- it works from there, with nothing of the checkout ----------------------------------------
cd "$folder"
run() { env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 TMPDIR="$folder" "$bin/rollcall" "$@"; }
run version | grep '^rollcall [0-9]' >/dev/null || bad 'no version'
good
run check --config "$tree/etc/rollcall/rollcall.yaml" >log 2>&1 || { cat log; bad 'the configuration is not good'; }
good
diff <(run manifest) "$share/doc/rollcall/examples/slack-manifest.yaml" || bad 'another manifest'
good
# A whole rollback: rollcall-exec and the simulated tools are found where they were installed.
{
	printf 'rollout history chatops-gateway\nrollback chatops-gateway to 5\n'
	for _ in $(seq 300); do
		grep -qF 'Performed by' log && break
		sleep 0.2
	done
} | run playground >log 2>&1 || true
for wanted in 'v1.2.4-crash' 'nothing changed yet' 'ROLLBACK NOTIFICATION' 'Rolled back to: v1.2.3'; do
	grep -qF "$wanted" log || { cat log; bad "the playground does not say: $wanted"; }
done
good

# ---- what it dies of, and what others see of it (SE1, SE2, SE5) -------------------------------------
mkdir quiet
as=()
if [ "$(id -u)" = 0 ]; then
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	chown 65534:65534 quiet
	chmod 711 . "$tree" "$tree"/opt
fi
cat >quiet.yaml <<END
state: sqlite:$folder/quiet/rollcall.db
listen: {socket: $folder/quiet/sock}
clusters: {default: {}}
targets: {web: {driver: deployment, namespace: web}}
prometheus: {url: "http://127.0.0.1:1", bearer: "\${THE_TOKEN}"}
END
chmod 644 quiet.yaml && chmod 700 quiet
env -i PATH=/usr/bin:/bin THE_TOKEN=xoxb-111111111111-sesame "${as[@]}" "$bin/rollcall" run --config quiet.yaml 2>words &
process=$!
grep -q -m 1 'runs, process' < <(timeout 10 tail --pid=$process -n +1 -f words) || bad 'it did not say that it runs'
tr '\0' '\n' </proc/$process/environ >environ 2>/dev/null || true
! grep -q sesame environ || bad 'its environment shows a token'
[ "$(stat -c %u /proc/$process/environ)" = 0 ] || bad 'whoever runs as it may read its memory'
good
[ "$(awk '/^VmLck:/ { print $2 }' /proc/$process/status)" -gt 0 ] || bad 'its secrets can be swapped out'
good
grep -q '^Max core file size *0 *0 ' /proc/$process/limits || bad 'it may leave a core'
good
kill -SEGV $process
status=0
{ wait $process || status=$?; } 2>/dev/null
[ $status = 139 ] || bad "after a SIGSEGV its status is $status"
sed -n '/ died of signal /,$p' words >last
{ head -n 1 last | grep -qE '^rollcall [0-9.]+ build [0-9a-f]{40} died of signal 11$' &&
	[ "$(wc -l <last)" -ge 3 ] && ! sed 1d last | grep -qvE '^(at 0x[0-9a-f]+ base|from) 0x[0-9a-f]+$'; } ||
	{ cat words; bad 'its last words are others'; }
! grep -q sesame words || bad 'its log shows a token'
good

# ---- man and the shells -----------------------------------------------------------------------
if command -v man >/dev/null; then
	said=$(man --warnings -E UTF-8 -l -Tutf8 -Z "$share/man/man1/rollcall.1" 2>&1 >/dev/null)
	[ -z "$said" ] || bad "man: $said"
	good
fi
sed 's/\\-/-/g; s/\\f[BRI]//g' "$share/man/man1/rollcall.1" >manual
for word in drain playground 'rollback TARGET' /etc/rollcall/rollcall.yaml; do
	grep -qF "$word" manual || bad "the manual lacks $word"
done
good

complete() { # words of a command line; the last one is completed
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rollcall
		printf "%s\n" "${COMPREPLY[@]}"' - "$share/bash-completion/completions/rollcall" "$@" | sort | tr '\n' ' '
}
offers() { # WANTED, words
	local wanted=$1 got
	shift
	got=$(complete "$@")
	[ "$got" = "$wanted " ] || bad "completion of “$*”: “$got”, not “$wanted”"
	good
}
offers 'drain' rollcall dr
offers 'rollback rollout' rollcall do ro
offers 'verify' rollcall audit ''
offers 'bash' rollcall completion b
offers '--wait' rollcall drain --w
offers "$folder/log" rollcall check --config "$folder/lo"
if command -v zsh >/dev/null; then
	zsh -n "$share/zsh/site-functions/_rollcall" || bad 'zsh does not read its completion'
	good
fi
if command -v fish >/dev/null; then
	fish -c "source $share/fish/vendor_completions.d/rollcall.fish; complete -C 'rollcall dr'" |
		grep '^drain' >/dev/null || bad 'fish does not complete drain'
	good
fi
run completion tcsh >log 2>&1 && bad 'completion for an unknown shell'
grep -q 'bash, zsh or fish' log || bad 'no word on which shells there are'
good

echo "install: $passed passed, 0 failed"
