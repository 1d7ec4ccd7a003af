#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# How connections end, what they carried, and connects that fail, in each
# attach mode: compared with the workload's own record.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

# type pid comm saddr sport daddr dport netns cookie bytes_sent bytes_received srtt_us retransmits
# reason errno
end_columns=5,7,10,12-16,22-28

# Where the kernel lets a program ask for them, all events have cookies.
cookies=
! kernel-can tp_btf >/dev/null || cookies=-c

closes='close-first server-first nothing-sent half-close half-close-closed shut-then-closed shut-after-fin
linger server-linger unread reset-after-fin disconnect user-timeout'
fails='fail-refused fail-refused-later fail-timed-out fail-closed fail-killed'
unheeded='rejected-unasked rejected-shut dropped-closed fail-closed'
rejects='rejected rejected-unasked rejected-shut rejected-waiting dropped-closed'

# Retransmits are looked for on request only.
oneTimeSetUp() {
	tcpt-guess --fields=all >"$dir/offsets" || fail "tcpt-guess --fields=all"
}

snmp() {
	awk -v name="$1" '$1 != "Tcp:" { next }
		!n { n = split($0, key); next }
		{ for (i = 2; i <= n; i++) if (key[i] == name) print $i }' /proc/net/snmp
}

# What is expected of connects that a task gives up, if not what is recorded.
given_up=

# Nobody can ask for the cookie of a socket that is closed: of a fail it is only seen to be there.
unasked() {
	awk -F'\t' -v OFS='\t' -v cookies="$cookies" '
		cookies && $1 == "fail" { $9 = $9 == "-" ? "none" : "-" }
		{ print }'
}

# An event that is late, because all hooks on the end were skipped, may lack the remote
# port and the bytes (tcpt-load(8)). Nothing else may be missing of it, nor of any other.
excuse_late() {
	awk -F'\t' -v n="$netns" '$19 == 1 && ($16 == n || n == "-")' "$dir/ev" |
		cut -f$end_columns | unasked >"$dir/late"
	awk -F'\t' -v OFS='\t' -v late="$dir/late" '
		BEGIN {
			while ((getline <late) > 0)
				gap[$1, $2, $5, $9] = ($7 == "-") " " ($10 == "-") " " ($11 == "-")
		}
		{
			if (split(gap[$1, $2, $5, $9], is, " ")) {
				if (is[1]) $7 = "-"
				if (is[2]) $10 = "-"
				if (is[3]) $11 = "-"
			}
			print
		}'
}

# trace_ends FAMILY CASE...
trace_ends() {
	family=$1
	shift
	start_reader "$dir/ev"
	ends $cookies "$family" "$dir/record" "$@" 2>"$dir/ends" || fail "ends $*: $(cat "$dir/ends")"
	stop_reader "$dir/ev"
	awk -F'\t' -v n="$netns" '$16 == n || n == "-"' "$dir/ev" | cut -f$end_columns |
		unasked | sort >"$dir/got"
	awk -F'\t' -v OFS='\t' -v given_up="$given_up" '
		given_up { $NF = given_up }
		{ print }' "$dir/record" | excuse_late | sort >"$dir/done"
	if ! cmp -s "$dir/done" "$dir/got"; then
		diff "$dir/done" "$dir/got"
		fail "$mode, IPv$family, $*: recorded (<) and traced (>) differ"
	fi
}

# each_case CASE...: in each family, one by one.
each_case() {
	for over in 4 6; do
		[ $over = 4 ] || [ "$families" != 4 ] || continue
		for case; do
			trace_ends $over "$case"
		done
		echo "  $mode, IPv$over: $# cases"
	done
}

closes() {
	load_trace "$mode"
	# shellcheck disable=SC2086 # words
	each_case $closes
	unload_trace
}

fails() {
	load_trace "$mode"
	# shellcheck disable=SC2086 # words
	each_case $fails
	trace_ends 4 fail-unreachable
	unload_trace
}

# By the mark of a socket, as tests/helpers/ends-rejected.c has them. What comes in over
# the loopback still has it.
firewall() {
	nft -f - <<END
table inet ends {
	chain output {
		type filter hook output priority 0
		meta mark 1 reject with icmpx type port-unreachable
		meta mark 2 reject with icmpx type no-route
		meta mark 3 reject with icmpx type host-unreachable
		meta mark 4 reject with icmpx type admin-prohibited
		meta nfproto ipv4 meta mark 5 reject with icmp type prot-unreachable
		meta nfproto ipv4 meta mark 6 reject with icmp type net-prohibited
		meta nfproto ipv4 meta mark 7 reject with icmp type host-prohibited
		meta nfproto ipv6 meta mark 5 reject with icmpv6 type policy-fail
		meta nfproto ipv6 meta mark 6 reject with icmpv6 type reject-route
		meta nfproto ipv6 meta mark 7 reject with icmpv6 type addr-unreachable
		meta l4proto tcp meta mark 11 reject with tcp reset
		meta mark 12 drop
	}
	chain input {
		type filter hook input priority 0
		meta mark 8 reject with icmpx type port-unreachable
		meta mark 9 reject with icmpx type host-unreachable
		meta mark 10 reject with icmpx type admin-prohibited
	}
}
END
}

rejects() {
	load_trace "$mode"
	firewall || fail "nft"
	# shellcheck disable=SC2086 # words
	each_case $rejects
	[ "$mode" != tracepoint ] || given_up=-
	each_case rejected-fastopen
	given_up=
	nft delete table inet ends
	unload_trace
}

mptcp_rejects() {
	load_trace "$mode"
	firewall || fail "nft"
	each_case mptcp-rejected mptcp-waiting mptcp-closed
	nft delete table inet ends
	unload_trace
}

# Without what sees ICMP there is no error where a task gives up, rather than a wrong one.
unheeded() {
	sed -i.whole 's/^sock\.sk_err_soft=.*/sock.sk_err_soft=absent/' "$dir/offsets"
	TCPT_TEST_WITHOUT=ip_icmp_error,ipv6_icmp_error
	export TCPT_TEST_WITHOUT
	load_trace "$mode"
	unset TCPT_TEST_WITHOUT
	firewall || fail "nft"
	given_up=-
	# shellcheck disable=SC2086 # words
	each_case $unheeded
	given_up=
	trace_ends 4 rejected-waiting fail-refused
	nft delete table inet ends
	unload_trace
	mv "$dir/offsets.whole" "$dir/offsets"
}

is_under_way() {
	ss -Htn state syn-sent | grep -q .
}

# Both programs on the state change miss that a connect fails: its call has the error.
unseen() {
	[ "$mode" = tracepoint ] || return 0
	can_pin "$mode" || return 0
	load_trace "$mode"
	firewall || fail "nft"
	start_reader "$dir/ev"
	ends 4 "$dir/record" dropped-waiting 2>"$dir/ends" &
	dropped=$!
	await is_under_way
	remove_link tp_set_state
	remove_link rt_state_tp
	nft delete table inet ends
	wait $dropped || fail "ends: $(cat "$dir/ends")"
	stop_reader "$dir/ev"
	assertEquals "$mode" "fail	1	$(cut -f 15 "$dir/record")" \
		"$(awk -F'\t' -v n="$netns" '$16 == n || n == "-"' "$dir/ev" | cut -f 5,19,28)"
	unload_trace
}

# The kernel counts the same: attempts that failed, but not those given up, and resets
# and timeouts of established connections.
counters() {
	load_trace "$mode"
	failed=$(snmp AttemptFails)
	reset=$(snmp EstabResets)
	# shellcheck disable=SC2086 # words
	trace_ends 4 $closes $fails fail-unreachable
	assertEquals "AttemptFails" $(($(snmp AttemptFails) - failed)) \
		"$(awk '$1 == "fail" && $NF != "ECANCELED"' "$dir/got" | wc -l)"
	assertEquals "EstabResets" $(($(snmp EstabResets) - reset)) \
		"$(awk '$14 == "reset" || $14 == "timeout"' "$dir/got" | wc -l)"
	unload_trace
}

# The group is that of the process, by the inode of its directory.
cgroup() {
	load_trace "$mode"
	mkdir -p "$dir/cgroup"
	mount -t cgroup2 cgroup2 "$dir/cgroup" || fail "cannot mount cgroup2"
	group=$dir/cgroup/tcpt-$$
	mkdir "$group"
	start_reader "$dir/ev"
	# shellcheck disable=SC2016 # for that shell
	sh -c 'echo $$ >"$1/cgroup.procs" && exec ends 4 "$2" close-first fail-refused' sh \
		"$group" "$dir/record" || fail "ends in a group"
	stop_reader "$dir/ev"
	assert_cgroup "$group" \
		"$(awk -F'\t' -v n="$netns" '$16 == n || n == "-"' "$dir/ev" | cut -f 21 | sort -u)"
	rmdir "$group"
	umount "$dir/cgroup"
	unload_trace
}

# A machine made for tests has what rules take.
suite() {
	cases='closes fails counters cgroup'
	if [ -n "${TCPT_REQUIRE_KERNEL-}" ] || kernel-can nftables; then
		cases="$cases rejects unheeded"
		! kernel-can mptcp >/dev/null || cases="$cases mptcp_rejects"
		cases="$cases unseen"
	fi
	# shellcheck disable=SC2086 # a list
	add_for_modes $cases
}

# shellcheck source=/dev/null
. shunit2
