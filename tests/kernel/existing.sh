#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Connections that were open before the trace: reported once, joined to their close,
# and not lost or doubled by what happens while the trace is loaded.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/existing-lib.sh"
need root bpf netns raw_tp

# check_told NAME CLOSER COMM: existing and close of each end, once, with the same id.
check_told() {
	reported existing >"$dir/existing"
	reported close >"$dir/close"
	held >"$dir/expected"
	assert_same "$1, existing" "$dir/expected" "$dir/existing"
	assert_same "$1, close" "$dir/expected" "$dir/close"
	grep '"type":"existing"' "$dir/json" | value id >"$dir/ids"
	grep '"type":"close"' "$dir/json" | value id >"$dir/closed"
	assert_same "$1, ids" "$dir/ids" "$dir/closed"
	assertEquals "$1, ids are unique" "$(wc -l <"$dir/ids")" "$(sort -u "$dir/ids" | wc -l)"
	assertEquals "$1, opener" "$(cut -f2 "$dir/held" | sort -u)" \
		"$(grep '"type":"close"' "$dir/json" | value opener_pid | sort -u)"
	assertEquals "$1, holder" "$(cut -f2 "$dir/held" | sort -u) holder" \
		"$(grep '"type":"existing"' "$dir/json" | value pid | sort -u) $(
			grep '"type":"existing"' "$dir/json" | value comm | sort -u)"
	assertEquals "$1, closer" "$(cut -f3,4 "$dir/held" | sort -u)" \
		"$(grep '"type":"close"' "$dir/json" | value pid | sort -u)$tab$(
			grep '"type":"close"' "$dir/json" | value comm | sort -u)"
	assertEquals "$1, duration" 0 "$(grep -c duration_ns "$dir/json")"
	assertEquals "$1, late" 0 "$(grep -c '"late":true' "$dir/json")"
	echo "  $mode, $1: $(wc -l <"$dir/ids") connections, each reported twice"
}

held_before() {
	for how in '' --shared '--families 6'; do
		[ "$how" != '--families 6' ] || [ $families != 4 ] || continue
		# shellcheck disable=SC2086 # words
		start_holder holder --count 40 $how
		load_trace "$mode"
		end_holder
		read_events
		only_netns "$netns"
		check_told "held ${how#--}"
		assertFalse "an entry is left" "map_has existing $netns"
		assertFalse "a connection is left" "map_has conns $netns"
		unload_trace
	done
}

# Before Linux 5.10 user space cannot run the program that reports them.
held_without_test_run() {
	without=${TCPT_TEST_WITHOUT-}
	start_holder holder --count 40
	export TCPT_TEST_WITHOUT="$without,test_run"
	load_trace "$mode"
	export TCPT_TEST_WITHOUT="$without"
	end_holder
	read_events
	only_netns "$netns"
	check_told "held, without test runs"
	unload_trace
}

# The end that is reset is over before its task closes it.
reset_before_close() {
	start_holder holder --count 40 --reset
	load_trace "$mode"
	end_holder
	read_events
	only_netns "$netns"
	check_told reset
	unload_trace
}

# Of a process whose first thread has ended the other ones have the descriptors;
# any thread can have descriptors of its own. An heir is not the opener.
held_by_thread() {
	for how in --first-ends '--first-ends --shared' --own-files; do
		# shellcheck disable=SC2086 # words
		start_holder holder --count 20 $how
		load_trace "$mode"
		end_holder
		read_events
		only_netns "$netns"
		check_told "held, ${how#--}"
		unload_trace
	done
}

# check_other_netns NAME: what start_holder has started holds connections of another one.
check_other_netns() {
	other=$(sed -n 's/.*ready //p' "$dir/held.err")
	assertNotEquals "$mode, $1" "$netns" "$other"
	load_trace "$mode"
	end_holder
	read_events
	assertEquals "of this namespace" 0 "$(grep -c "\"netns\":${netns}[,}]" "$dir/json")"
	only_netns "$other"
	check_told "in a namespace that $1"
	unload_trace
}

other_netns() {
	start_holder unshare --net sh -c 'ip link set lo up && exec "$@"' sh holder --count 20
	check_other_netns "a process is in"
	start_holder holder --count 20 --own-netns
	check_other_netns "a thread is in"
}

# Nobody is in them: what they have is a name, here or elsewhere, or descriptors.
left_netns() {
	name="$dir/name d"
	: >"$name"
	unshare --net="$name" ip link set lo up
	start_holder holder --count 20 --netns "$name"
	check_other_netns "has a name"
	start_holder unshare --mount --propagation private \
		holder --count 20 --netns "$name"
	umount "$name"
	check_other_netns "has a name elsewhere"

	unshare --net="$name" ip link set lo up
	start_holder holder --count 20 --netns "$name" --keep-netns
	umount -l "$name"
	check_other_netns "had a name"

	unshare --net="$name" ip link set lo up
	# shellcheck disable=SC2016 # expanded there
	start_holder nsenter --net="$name" sh -c 'exec 5</proc/self/ns/net && exec nsenter --net="$@"' sh \
		/proc/$$/ns/net holder --count 20 --netns /proc/self/fd/5
	umount "$name"
	check_other_netns "a descriptor is of"
}

# load_in OPTION...: in a pid namespace of its own.
load_in() {
	offsets >/dev/null
	unshare --fork --pid "$@" tcpt-load --offsets="$dir/offsets" --attach="$mode" 2>"$dir/load" ||
		fail "tcpt-load: $(cat "$dir/load")"
}

# The ids of processes are those of the initial pid namespace, or not known.
other_pids() {
	can_pin "$mode" || return 0
	start_holder holder --count 20
	load_in
	end_holder
	read_events
	only_netns "$netns"
	# Whose /proc it is shows its first process, if that may be looked at.
	if [ "$(readlink /proc/1/ns/pid)" = "pid:[$((0xeffffffc))]" ]; then
		check_told "with the host's /proc"
	else
		check_unknown
	fi
	unload_trace
	start_holder holder --count 20
	load_in --mount-proc
	end_holder
	read_events
	only_netns "$netns"
	check_unknown
	unload_trace
}

# All are reported, and nobody knows who holds them.
check_unknown() {
	reported existing >"$dir/existing"
	held >"$dir/expected"
	assert_same "another /proc" "$dir/expected" "$dir/existing"
	assertEquals "another /proc" "-$tab-" "$(columns existing "pid comm" | sort -u)"
	assertEquals "another /proc" - "$(columns close opener_pid | sort -u)"
}

none_wanted() {
	start_holder holder --count 10
	load_trace "$mode" --no-existing
	end_holder
	read_events
	only_netns "$netns"
	assertEquals existing 0 "$(grep -c '"type":"existing"' "$dir/json")"
	assertEquals closes 20 "$(grep -c '"type":"close"' "$dir/json")"
	assertEquals roles 0 "$(grep -c '"role"' "$dir/json")"
	unload_trace
}

# Some are closed while the trace is loaded, others afterwards, and others come
# and go: nothing is doubled, what is announced is closed, and what is closed
# after the load was announced.
churn() {
	offsets >/dev/null
	rm -f "$dir/now"
	start during holder --count 400 --pause 8000 --go-file "$dir/now"
	closing=$started
	start_holder holder --count 40
	start_peer --cycles 300 --rate 40 --clients 2
	touch "$dir/now"
	load_trace "$mode"
	end_holder
	await_end "$closing" during
	wait_peer
	read_events
	only_netns "$netns"
	check_churn
	unload_trace
}

check_churn() {
	grep '"type":"existing"' "$dir/json" | value id | sort >"$dir/ids"
	grep '"type":"close"' "$dir/json" | value id | sort >"$dir/closed"
	grep '"type":"\(connect\|accept\)"' "$dir/json" | value id | sort >"$dir/opened"
	assertEquals "announced twice" "" "$(uniq -d "$dir/ids")"
	assertEquals "closed twice" "" "$(uniq -d "$dir/closed")"
	assertEquals "not closed" "" "$(only "$dir/ids" "$dir/closed")"
	assertEquals "announced and opened" "" "$(both "$dir/ids" "$dir/opened")"
	reported existing | sort >"$dir/existing"
	reported close | sort >"$dir/close"
	held >"$dir/expected"
	assertEquals "one end announced twice" "" "$(uniq -d "$dir/existing")"
	assertEquals "not announced" "" "$(only "$dir/expected" "$dir/existing")"
	assertEquals "no close" "" "$(only "$dir/expected" "$dir/close")"
	ends close | uniq -d >"$dir/doubled"
	cut -f6-9 "$dir/held" "$dir/during" >"$dir/own"
	assertEquals "closes doubled" "" "$(both "$dir/doubled" "$dir/own")"
	assertFalse "an entry is left" "map_has existing $netns"
	echo "  $mode, churn: $(wc -l <"$dir/ids") announced, $(ends close | grep -cxFf "$dir/own") of $(wc -l <"$dir/own") closes seen"
}

# ends TYPE: both ends of these events, sorted.
ends() {
	reported "$1" | cut -f2-5 | sort
}

# Where the kernel has no socket diagnosis, that is said, and the trace goes on.
without_diagnosis() {
	start_holder holder --count 10
	load_trace "$mode"
	assertTrue "$(cat "$dir/load")" "says $dir/load 'cannot take stock'"
	end_holder
	read_events
	only_netns "$netns"
	assertEquals closes 20 "$(grep -c '"type":"close"' "$dir/json")"
	unload_trace
}

# takes_stock: as the programs in the kernel take it.
takes_stock() {
	bpftool -j map dump pinned $pin/maps/control >"$dir/control"
	[ $(($(grep -o '"value":\[[^]]*' "$dir/control" | head -n 1 | sed 's/.*\[//' | tr -d '"' | cut -d, -f8) & 0x80)) != 0 ]
}

# The next one that replaces the trace ends what a killed one began.
killed_taking_stock() {
	can_pin "$mode" && command -v strace >/dev/null || return 0
	offsets >/dev/null
	start_holder holder --count 10
	strace -f -qq -o /dev/null -e trace=membarrier -e inject=membarrier:signal=KILL \
		tcpt-load --offsets="$dir/offsets" --attach="$mode" 2>"$dir/load"
	assertEquals "killed" 137 $?
	assertTrue "$mode: it takes stock" takes_stock
	tcpt-load --offsets="$dir/offsets" --attach="$mode" --replace 2>"$dir/load" || fail "$(cat "$dir/load")"
	assertFalse "$mode: it still takes stock" takes_stock
	end_holder
	unload_trace
}

suite() {
	tests="held_before held_without_test_run held_by_thread reset_before_close other_netns left_netns other_pids none_wanted churn killed_taking_stock"
	kernel-can tcp_diag >/dev/null || tests="none_wanted without_diagnosis"
	# shellcheck disable=SC2086 # a list
	add_for_modes $tests
}

# shellcheck source=/dev/null
. shunit2
