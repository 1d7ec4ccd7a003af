#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The guess in awkward places. Wherever it is, it finds the offsets that the
# kernel's BTF has, or says in one line why it does not, and is gone in time.

# What is called through a name is not unreachable; words; for an inner shell.
# shellcheck disable=SC2317,SC2086,SC2016

. "${0%/*}/lib.sh"
. "${0%/*}/guess-lib.sh"
need root bpf netns btf raw_tp

test_one_namespace() {
	for caps in "$may_not" "$bpf_only"; do
		new_host
		guess_with $on $caps
		assert_right "$caps"
		assert_warned "$caps"
		assertEquals "$caps: sockets left" 0 "$(sockets)"
	done
}

test_denied_netns() {
	new_host
	guess_with $on deny netns
	assert_right "seccomp"
	assert_warned "seccomp"
}

test_denied_calls() {
	guess_with deny unshare
	assert_refused "unshare" 3 'unshare(CLONE_FILES)'
	guess_with deny bpf
	assert_refused "bpf" 3 'not permitted to load BPF programs'
	guess_with setpriv --bounding-set -net_admin --
	assert_refused "lo" 3 'CAP_NET_ADMIN'
}

# ---- a container ----

# The program and its libraries, nothing else.
make_root() {
	root=$dir/root
	mkdir -p "$root/proc"
	LD_TRACE_LOADED_OBJECTS=1 "$guess" |
		sed -n 's/.*=> \(\/[^ ]*\) (.*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' >"$dir/libraries"
	while read -r library; do
		mkdir -p "$root${library%/*}"
		cp -L "$library" "$root$library"
	done <"$dir/libraries"
	cp "$guess" "$root/guess"
}

# in_container CAPS PROC [OPTION...]: no /sys, no tracefs, no bpffs, no /tmp, no /dev.
in_container() {
	caps=$1
	mount_proc=$2
	shift 2
	timeout -k 5 $limit unshare --mount --net --pid --uts --ipc --fork --kill-child sh -c '
		ip link set lo up
		$1 "$2/proc" || exit
		exec $3 chroot "$2" /guess $4' sh "$mount_proc" "$root" "$caps" "$*" >"$dir/out" 2>"$dir/err"
	status=$?
}

test_container() {
	make_root
	in_container "$may" 'mount -t proc proc'
	assert_right "container"
	assertEquals "messages" "" "$(cat "$dir/err")"
	in_container "$may_not" 'mount -t proc proc'
	assert_right "container, one namespace"
	assert_warned "container, one namespace"
}

test_container_without_proc() {
	make_root
	in_container "$may" true
	assert_right "no /proc"
	in_container "$may_not" true
	assert_right "no /proc, one namespace"
	in_container 'setpriv --bounding-set -sys_admin,-net_admin --' true
	assert_refused "no /proc, no way to see the inode" 3 'mount /proc'
}

# libbpf finds kprobes in /sys.
container_via_kprobe() {
	make_root
	in_container "$may" 'mount -t proc proc' --via=kprobe
	[ $status = 3 ] || assert_right "container via kprobe"
	[ $status = 0 ] || assert_refused "container via kprobe" 3 'kprobe'
}

# ---- firewalls ----

# After rules that drop what goes over loopback.
check_dropped() {
	guess_with $on $may
	assert_right "$1, with namespaces"
	guess_with $on $may_not
	assert_refused "$1, without" 1 'firewall rule'
	assert_warned "$1, without"
	assertTrue "$1: sockets left" has_no_sockets
	timeout -k 5 $limit $on $may_not \
		sh -c 'exec "$0" <&- >&- 2>&-' "$guess"
	assertEquals "$1, without, and without descriptors" 1 $?
}

test_loopback_dropped() {
	new_host
	on_host deny loopback true || fail "deny"
	check_dropped "lo drops"
}

nft_drops() {
	for hook in input output; do
		new_host
		rules "add table inet t"
		rules "add chain inet t c { type filter hook $hook priority 0; policy drop; }"
		check_dropped "$hook drops"
	done
}

test_loopback_down() {
	new_host
	on_host ip link set lo down
	guess_with $on $may
	assert_right "lo is down, with namespaces"
	guess_with $on $may_not
	assert_refused "lo is down, without" 1 'check that lo is up'
}

# The addresses are chosen at random from all of 127/8; what the message says
# to do makes them work.
test_loopback_is_one_address() {
	new_host
	on_host ip address del 127.0.0.1/8 dev lo
	on_host ip address add 127.0.0.1/32 dev lo
	guess_with $on $may
	assert_right "127.0.0.1/32, with namespaces"
	guess_with $on $may_not
	assert_refused "127.0.0.1/32, without" 1 'not all of 127.0.0.0/8 is on lo; run: ip addr add 127.0.0.1/8 dev lo, or permit'
	on_host sh -c 'echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind'
	guess_with $on $may_not
	assert_refused "127.0.0.1/32, any address bound" 1 'all of 127.0.0.0/8 is on it (ip addr add 127.0.0.1/8 dev lo)'
	on_host ip addr add 127.0.0.1/8 dev lo
	guess_with $on $may_not
	assert_right "127.0.0.1/8 too, without"
}

# ---- IPv6 off ----

test_ipv6_off() {
	new_host
	set_sysctl ipv6/conf/ALL/disable_ipv6 1
	for caps in "$may" "$may_not" "$bpf_only"; do
		guess_with $on $caps
		assert_right "off, $caps"
	done
	on_host sh -c 'echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind'
	guess_with $on $may_not
	assert_right "off, ip_nonlocal_bind"
}

# New namespaces begin with the sysctls of the machine's first: only where that is ours.
ipv6_off_everywhere() {
	for name in all default lo; do echo 1 >/proc/sys/net/ipv6/conf/$name/disable_ipv6; done
	for inherit in 0 1 2; do
		echo $inherit >/proc/sys/net/core/devconf_inherit_init_net
		for caps in "$may" "$may_not"; do
			guess_with $caps
			assert_right "devconf_inherit_init_net=$inherit, $caps"
		done
	done
	echo 0 >/proc/sys/net/core/devconf_inherit_init_net
	for name in all default lo; do echo 0 >/proc/sys/net/ipv6/conf/$name/disable_ipv6; done
}

# ---- little of everything ----

test_few_descriptors() {
	for descriptors in 8 16 32 70 127; do
		for caps in "$may" "$may_not"; do
			guess_with prlimit --nofile=$descriptors:$descriptors $caps
			assert_refused "$descriptors descriptors, $caps" 1 'escriptors are too few\|Too many open files'
		done
	done
	guess_with prlimit --nofile=128:128
	assert_right "128 descriptors"
}

test_closed_descriptors() {
	for how in '<&-' '2>&-' '<&- 2>&-'; do
		guess_with sh -c 'exec "$0" '"$how"
		assert_right "$how"
	done
	guess_with sh -c 'exec "$0" >&-'
	assert_refused ">&-" 1 'cannot write to stdout'
	guess_with sh -c 'exec "$0" <&- >&- 2>&-'
	assertEquals "all closed" 1 $status
	guess_with sh -c 'exec "$0" >/dev/full'
	assert_refused ">/dev/full" 1 'cannot write to stdout'
}

test_no_place_to_write() {
	guess_with unshare --mount sh -c 'mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp &&
		cd /tmp && ! touch here 2>/dev/null && exec "$0"'
	assert_right "read-only"
}


tearDown() {
	kill_load_and_host
}

oneTimeSetUp() {
	use_guess
}

suite() {
	add_tests one_namespace denied_netns denied_calls container container_without_proc \
		loopback_dropped loopback_down loopback_is_one_address ipv6_off few_descriptors closed_descriptors \
		no_place_to_write
	! kernel-can kprobe || suite_addTest container_via_kprobe
	! kernel-can nftables || suite_addTest nft_drops
	[ -z "${TCPT_VM-}" ] || suite_addTest ipv6_off_everywhere
}

# shellcheck source=/dev/null
. shunit2
