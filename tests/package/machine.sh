#!/bin/bash
# machine.sh - a machine of its own with a running systemd: the Debian package and its unit.
#
#	tests/package/machine.sh [--keep] PACKAGE
#
# QEMU starts Debian's kernel on a root of debootstrap's, by KVM where that starts a kernel, else emulated.  Inside,
# booted.sh installs the package and tries its unit; a line of its is a line here, as it comes.  What is asked of a cluster goes to a real one (tests/e2e/lab.sh) on this machine, where
# that one is built, else to the simulated one.  --keep leaves the folder with the console's log.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/package/root.sh
keep=
[ "${1-}" != --keep ] || { keep=yes; shift; }
deb=$1
limit=${MACHINE_LIMIT:-1800}		# seconds; nothing comes so far but a machine that hangs
passed=0

why=$(root_why_not)
[ "$(uname -m)" = x86_64 ] || why='its kernel is for x86_64'
for tool in qemu-system-x86_64 mke2fs; do
	[ -n "$why" ] || command -v $tool >/dev/null || why="there is no $tool"
done
[ -z "$why" ] || { echo "machine: not started, $why"; exit 0; }
folder=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
lab=
cleanup() {
	[ -z "$lab" ] || tests/e2e/lab.sh down "$lab" >/dev/null
	if [ -n "$keep" ]; then echo "machine: $folder/console has what its kernel and systemd said"; else rm -rf "$folder"; fi
	echo "machine: $passed passed"
}
trap cleanup EXIT
bad() { echo "machine: $*"; exit 1; }

# ---- its disk: made once for a list of packages -------------------------------------------------
# What the package needs is there before, so that the machine itself needs no network.
needs=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed -E 's/^ *([^ |]+).*/\1/')
packages="linux-image-cloud-amd64 initramfs-tools systemd-sysv dbus iproute2 curl procps $needs"

disk_make() {
	local root=$folder/root
	root_make "$root"
	root_apt "$root" $packages >"$folder/apt.log" 2>&1 || { tail -n 20 "$folder/apt.log"; return 1; }
	rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/resolv.conf"
	echo rollcall-machine >"$root/etc/hostname"
	printf '127.0.0.1 localhost\n127.0.1.1 rollcall-machine\n' >"$root/etc/hosts"
	printf '[Match]\nName=eth0\n[Network]\nDHCP=ipv4\n' >"$root/etc/systemd/network/eth0.network"
	cat >"$root/etc/systemd/system/machine-check.service" <<-'END'
		[Unit]
		Description=what the host gave us to try
		After=dbus.service network-online.target
		Wants=network-online.target
		[Service]
		ExecStartPre=mount --mkdir -o ro /dev/vdb /given
		ExecStart=bash -c 'bash /given/booted.sh || systemctl poweroff'
		KillMode=process
		StandardOutput=tty
		StandardError=tty
		TTYPath=/dev/ttyS1
		[Install]
		WantedBy=multi-user.target
	END
	root_run "$root" systemctl -q enable machine-check systemd-networkd systemd-networkd-wait-online
	root_run "$root" systemctl -q mask apt-daily.timer apt-daily-upgrade.timer e2scrub_reap.service getty@tty1.service
	mkdir "$folder/disk"
	cp "$root"/boot/vmlinuz-* "$folder/disk/kernel"
	cp "$root"/boot/initrd.img-* "$folder/disk/initrd"
	truncate -s 4G "$folder/disk/root"
	mke2fs -q -F -t ext4 -d "$root" "$folder/disk/root"
	rm -rf "$root" "$cache"/machine-*
	mv "$folder/disk" "$disk"
}
disk=$cache/machine-$({ echo "$packages"; declare -f disk_make; } | sha256sum | cut -c1-12)
[ -e "$disk" ] || disk_make || bad 'no disk for it'

# ---- what it is given ---------------------------------------------------------------------------
given=$folder/given
mkdir "$given"
cp "$deb" "$given/rollcall.deb"
cp tests/package/booted.sh "$given"
built=$(ls -td "${ROLLCALL_CACHE:-$HOME/.cache/rollcall}"/lab-*/ 2>/dev/null | head -n 1)
if [ -n "$built" ] && [ -x "$built/kubelab" ]; then
	lab=$folder/lab
	mkdir "$lab"
	{
		tests/e2e/lab.sh up "$lab" && tests/e2e/lab.sh workload "$lab" deployment slow 1-slow 2-slow &&
			tests/e2e/lab.sh workload "$lab" helm4 release 1 2
	} >"$folder/lab.log" 2>&1 ||
		{ tail -n 5 "$folder/lab.log"; bad 'no cluster for it'; }
	cp "$lab/admin.yaml" "$built/kubectl" "$given"
	cp "$built/helm4" "$given/helm"
else
	echo 'machine: no real cluster here, make e2e builds one'
fi
truncate -s $(($(du -sm "$given" | cut -f1) + 64))M "$folder/disk-given"
mke2fs -q -F -t ext4 -d "$given" "$folder/disk-given"

# ---- KVM may be there and start nothing: does a kernel say a word? ------------------------------
machine=(qemu-system-x86_64 -m 2048 -smp 2 -cpu max -display none -monitor none -nodefaults -kernel "$disk/kernel")
how=emulated accelerate=tcg,thread=multi
if [ -w /dev/kvm ]; then
	"${machine[@]}" -accel kvm -serial "file:$folder/probe" -append 'console=ttyS0 panic=-1' </dev/null >/dev/null 2>&1 &
	probe=$!
	if timeout 10 tail --pid=$probe -n +1 -F "$folder/probe" 2>/dev/null | grep -q -m 1 'Linux version'; then
		how='by KVM' accelerate=kvm
	fi
	kill $probe 2>/dev/null || true
	wait $probe 2>/dev/null || true
fi

# ---- the machine --------------------------------------------------------------------------------
started=$SECONDS
timeout "$limit" "${machine[@]}" -accel $accelerate \
	-initrd "$disk/initrd" -append 'root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 panic=-1' \
	-drive "file=$disk/root,format=raw,if=virtio,snapshot=on" \
	-drive "file=$folder/disk-given,format=raw,if=virtio,readonly=on" \
	-nic user,model=virtio-net-pci -serial "file:$folder/console" -serial stdio </dev/null 2>"$folder/qemu" |
	stdbuf -oL tr -d '\r' | tee "$folder/log"
passed=$(grep -c '^ok ' "$folder/log" || true)
grep -qx 'all of it' "$folder/log" || { keep=yes; tail -n 5 "$folder/qemu" "$folder/console"; bad 'it did not come to its end'; }
echo "machine: $how, $((SECONDS - started)) s"
