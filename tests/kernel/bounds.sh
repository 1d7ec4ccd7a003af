#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the guess does to others: it sends nothing but over loopback, finds the
# same among many connections, and leaves nothing, also when it is killed.

# What is called through a name is not unreachable; words; for an inner shell.
# shellcheck disable=SC2317,SC2086,SC2016

. "${0%/*}/workload-lib.sh"
. "${0%/*}/guess-lib.sh"
need root bpf netns btf raw_tp

# ---- nothing leaves the loopback ----

# Default routes through a veth that sends nothing by itself.
add_outside() {
	on_host ip link add out0 type veth peer name out1
	for name in out0 out1; do
		on_host sh -c "cd /proc/sys/net/ipv6/conf/$name &&
			echo 1 >addr_gen_mode && echo 0 >accept_ra && echo 0 >router_solicitations"
		on_host ip link set $name arp off multicast off up
	done
	on_host ip addr add 192.0.2.1/24 dev out0
	on_host ip route add default via 192.0.2.2
	on_host ip -6 addr add 2001:db8::1/64 dev out0 nodad
	on_host ip -6 route add default via 2001:db8::2
}

# Packets sent by all interfaces but lo.
sent() {
	on_host sed -n '3,$p' /proc/net/dev | awk '$1 != "lo:" { n += $11 } END { print n + 0 }'
}

nothing_leaves() {
	for caps in "$may" "$may_not" "$bpf_only"; do
		before=$(sent)
		guess_with $on $caps
		assertEquals "$1, $caps: exit status" 0 $status
		assertEquals "$1, $caps: sent" "$before" "$(sent)"
	done
}

nothing_leaves_loopback() {
	new_host
	add_outside
	nothing_leaves "veth"
	# The counter counts.
	before=$(sent)
	on_host bash -c 'echo x >/dev/udp/192.0.2.2/9; echo x >/dev/udp/2001:db8::2/9'
	assertEquals "sent on purpose" $((before + 2)) "$(sent)"
	on_host sh -c 'cd /proc/sys/net; echo 1 >ipv4/ip_nonlocal_bind; echo 1 >ipv6/ip_nonlocal_bind'
	nothing_leaves "nonlocal bind"
	on_host ip link set lo down
	before=$(sent)
	guess_with $on $may_not
	assertEquals "lo is down: sent" "$before" "$(sent)"
}

# Rules as of a port forwarder that takes all of loopback.
nothing_leaves_by_rules() {
	new_host
	add_outside
	set_sysctl ipv4/conf/ALL/route_localnet 1
	rules 'add table ip t'
	rules 'add chain ip t o { type nat hook output priority -100; }'
	rules 'add chain ip t p { type nat hook postrouting priority 100; }'
	rules 'add rule ip t o ip daddr 127.0.0.0/8 tcp dport >= 1024 dnat to 192.0.2.2'
	rules 'add rule ip t p oifname out0 masquerade'
	before=$(sent)
	# The rules do what they are there for.
	$on timeout $limit bash -c 'echo x >/dev/tcp/127.0.0.1/5555' 2>/dev/null &
	load=$!
	await has_sent_since "$before"
	{ kill $load && wait $load; } 2>/dev/null
	load=
	await is_quiet
	before=$(sent)
	guess_with $on $may_not
	assert_refused "rewritten" 1 'firewall rule'
	guess_with $on $may
	assert_right "rewritten, with namespaces"
	assertEquals "sent" "$before" "$(sent)"
}

has_sent_since() {
	[ "$(sent)" -gt "$1" ]
}

is_quiet() {
	quiet=$(sent)
	sleep 0.5
	[ "$(sent)" = "$quiet" ]
}

# ---- many others ----

active_opens() {
	awk '$1 == "Tcp:" && n++ { print $6 }' /proc/net/snmp
}

# Many more than there are processors; an emulated one has enough with a dozen.
tasks='--clients 8 --servers 4 --threads 4'
[ -z "$emulated" ] || tasks='--clients 4 --servers 2 --threads 2'

# The load shares the guess's namespace where that may not make its own.
test_many_tasks() {
	start_peer --cycles 1000000 $tasks
	for caps in "$may" "$may_not" "$may" "$may_not"; do
		before=$(active_opens)
		guess_with $caps
		assert_right "$caps"
		after=$(active_opens)
		assertTrue "foreign connections meanwhile: $((after - before))" "[ $((after - before)) -gt 100 ]"
		echo "  $((after - before)) connections of others meanwhile"
	done
	kill "$load"
	wait "$load" || :
	load=
}

# ---- killed ----

# Those that the kernel has memory for, as far as it says.
namespaces() {
	awk '$1 == "net_namespace" { print $2 }' /proc/slabinfo
}

few_namespaces() {
	[ "$(namespaces)" -le "$1" ]
}

hundredths() {
	awk '{ print int($1 * 100) }' /proc/uptime
}

# Killed at all stages of what it does. How long it takes is measured again whenever it was
# faster than before: what was beside it may have ended.
test_killed() {
	new_host
	before=$(guess_programs)
	had=$(namespaces)
	start=$(hundredths)
	guess_with $on $may
	took=$(($(hundredths) - start + 1))
	for signal in INT TERM KILL; do
		killed=0
		for part in 2 3 4 5 6 7 8 9 10 11 12; do
			for caps in "$may" "$may_not"; do
				start=$(hundredths)
				# In braces: what the shell says of it, too.
				{
					timeout -s $signal "$(awk "BEGIN { print $took * $part / 1200 }")" \
						$on $caps "$guess" >/dev/null
				} 2>/dev/null
				case $? in
				124 | 137) killed=$((killed + 1)) ;;
				*)
					now=$(($(hundredths) - start + 1))
					[ "$now" -gt "$took" ] || took=$now
					;;
				esac
			done
		done
		assertTrue "SIG$signal: $killed killed" "[ $killed -gt 0 ]"
		assertTrue "SIG$signal: $(sockets) sockets" "await has_no_sockets"
	done
	assertTrue "programs" "await no_more_guess_programs '$before'"
	# 33 guesses had made one or two each.
	[ -z "$had" ] || assertTrue "namespaces: $had, then $(namespaces)" "await few_namespaces $((had + 16))"
}

# While it waits for a connection that does not come.
test_killed_waiting() {
	new_host
	on_host deny loopback true
	before=$(guess_programs)
	# A shell's background job ignores SIGINT, timeout's child does not.
	for signal in INT:130 TERM:143 KILL:137; do
		by="timeout $limit"
		[ $signal != KILL:137 ] || by=
		$on $may_not $by "$guess" 2>/dev/null &
		load=$!
		await has_sockets
		kill -${signal%:*} $load
		{ wait $load; } 2>/dev/null
		assertEquals "$signal: exit status" ${signal#*:} $?
		load=
		assertTrue "$signal: sockets" "await has_no_sockets"
	done
	assertTrue "programs" "await no_more_guess_programs '$before'"
}

has_sockets() {
	! has_no_sockets
}

tearDown() {
	kill_load_and_host
}

oneTimeSetUp() {
	use_guess
}

suite() {
	add_tests many_tasks killed killed_waiting
	! kernel-can veth || suite_addTest nothing_leaves_loopback
	! kernel-can veth nftables || suite_addTest nothing_leaves_by_rules
}

# shellcheck source=/dev/null
. shunit2
