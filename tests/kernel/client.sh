#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The library as programs of others use it: with structs of options of other
# versions, and waiting for events in ways in which tcpt-watch does not.

# shunit2 calls the functions.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

load_first() {
	load_own "$(attach_modes | head -n 1)" --no-existing "$@"
}

# A connection of one client: connect, accept and two closes.
connect_once() {
	run_peer --families 4 --cycles 1
}

start_client() {
	: >"$dir/client"
	client "$@" >"$dir/client" 2>"$dir/client-err" &
	reader=$!
	await says "$dir/client" ready
}

# Ends by itself.
wait_client() {
	wait "$reader"
	assert_exit 0 $? "client: $(cat "$dir/client-err")"
	reader=
}

test_older_options() {
	mode=$(attach_modes | head -n 1)
	can_pin "$mode" || return 0 # hold came later than that
	assertEquals "$mode" "$(client load-older "$pin" "$(offsets)")"
	assertContains "$(tcpt-stat)" "$mode"
	tcpt-unload
}

test_newer_options() {
	can_pin "$(attach_modes | head -n 1)" || return 0
	assertEquals "the options have members that this version of libtcpt does not know" \
		"$(client load-newer "$pin" "$(offsets)" 1 2>&1 | head -n 1)"
	assertFalse "something is pinned" "[ -e '$pin' ]"
	client load-newer "$pin" "$(offsets)" 0 >"$dir/out" 2>&1 || fail "$(cat "$dir/out")"
	tcpt-unload
}

test_waits_until_time_is_over() {
	load_first
	assertEquals "ready nothing for so long" "$(client wait "$pin" 300 -1 | xargs)"
	assertEquals "ready nothing for so long" "$(client wait "$pin" 0 -1 | xargs)"
	unload_trace
}

test_waits_for_events() {
	load_first
	start_client wait "$pin" -1 4
	connect_once
	wait_client
	assertEquals "accept close close connect" "$(sed 1d "$dir/client" | sort | xargs)"
	unload_trace
}

# Those of the next ring too, once the old one is read.
test_waits_beyond_a_replaced_ring() {
	load_first
	start_client wait "$pin" -1 8
	connect_once
	load_first --replace --ring-size=64
	connect_once
	wait_client
	assertEquals 8 "$(sed 1d "$dir/client" | wc -l)"
	unload_trace
}

test_signals() {
	load_first
	assertEquals "blocked: 0, caught 0
not asleep: 0, caught 0
asleep: interrupted, caught 1" "$(client signals "$pin")"
	unload_trace
}

# Neither at once, nor for ever.
test_waits_where_the_trace_has_ended() {
	load_first
	start_client wait "$pin" 1000 -1
	unload_trace
	wait_client
	assertEquals "nothing for so long" "$(sed 1d "$dir/client")"
}

# shellcheck source=/dev/null
. shunit2
