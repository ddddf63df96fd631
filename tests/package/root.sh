# root.sh - sourced: a fresh Debian 12 in a folder, and programs run in it.
#
# debootstrap's root (minbase) and what apt fetched are kept in ~/.cache/rollcall; the first time takes a
# minute and needs a Debian mirror (DEBIAN_MIRROR).  It needs root: for chroot and mount.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/rollcall
minbase=$cache/bookworm-minbase.tar
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

# root_why_not: why it cannot be tried here; nothing when it can.
root_why_not() {
	[ "$(id -u)" = 0 ] || { echo 'it needs root'; return; }
	command -v debootstrap >/dev/null || { echo 'there is no debootstrap'; return; }
	unshare -m -p -f true 2>/dev/null || echo 'this machine allows no mounts'
}

root_prepare() {
	mkdir -p "$cache/apt-archives" "$cache/apt-lists"
	[ -e "$minbase" ] && return
	local folder
	folder=$(mktemp -d)
	debootstrap --variant=minbase bookworm "$folder/root" "$mirror" >"$cache/debootstrap.log" 2>&1 ||
		{ tail -n 5 "$cache/debootstrap.log"; rm -rf "$folder"; return 1; }
	tar -C "$folder/root" --exclude=./var/cache/apt/archives/*.deb -cf "$folder/tar" .
	mv "$folder/tar" "$minbase"
	rm -rf "$folder"
}

# root_make FOLDER
root_make() {
	root_prepare || return 1
	mkdir -p "$1"
	tar -C "$1" -xf "$minbase"
	cp -L /etc/resolv.conf "$1/etc/resolv.conf"
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod 755 "$1/usr/sbin/policy-rc.d"
}

# root_run FOLDER COMMAND…: in its own processes and mounts, which end with it.
root_run() {
	local folder=$1
	shift
	unshare -m -p -f --kill-child sh -c '
		root=$1 cache=$2; shift 2
		mount --bind "$root" "$root"
		mount -t proc proc "$root/proc"
		mount --bind /dev "$root/dev"
		mkdir -p "$root/var/lib/apt/lists" "$root/var/cache/apt/archives"
		mount --bind "$cache/apt-archives" "$root/var/cache/apt/archives"
		mount --bind "$cache/apt-lists" "$root/var/lib/apt/lists"
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
			DEBIAN_FRONTEND=noninteractive HOME=/root "$@"' - "$folder" "$cache" "$@"
}

# root_apt FOLDER PACKAGE…: one at a time, since all checkouts share what apt fetched.
root_apt() {
	local folder=$1
	shift
	(
		flock 9
		root_run "$folder" sh -c 'apt-get -qq update && apt-get -qq -y install --no-install-recommends "$@"' - "$@"
	) 9>"$cache/apt.lock"
}
