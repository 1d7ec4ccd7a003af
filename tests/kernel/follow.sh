#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-watch --follow: one reader of one trace after the other. And messages among
# events in JSON.

# shunit2 calls the functions.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint

mode=$(attach_modes | head -n 1)

# One file for events and messages.
start_follower() {
	: >"$dir/all"
	tcpt-watch --follow --format=json --banner >>"$dir/all" 2>&1 &
	reader=$!
}

# times N TEXT: that often it has said so.
said() {
	[ "$(grep -c "$2" "$dir/all")" -ge "$1" ]
}

is_at_work() {
	kill -0 "$reader" 2>/dev/null
}

# cycles N: recorded, and all of them printed by then.
cycles() {
	run_more --cycles "$1"
	await all_are_told
}

own_events() {
	grep "\"netns\":${netns}[,}]" "$dir/all" | grep -v '"type":"existing"'
}

all_are_told() {
	[ "$(own_events | wc -l)" -ge "$(wc -l <"$dir/record")" ]
}

# What was reported, in the form of the record.
reported() {
	own_events | sed 's/.*"type":"\([a-z]*\)".*"pid":\([0-9]*\),.*"comm":"\([^"]*\)".*"saddr":"\([^"]*\)","sport":\([0-9]*\),"daddr":"\([^"]*\)","dport":\([0-9]*\),"netns":\([0-9]*\).*/\1\t\2\t\3\t\4\t\5\t\6\t\7\t\8/' |
		sort
}

# Exactly the events of the workload, and no line that is not JSON.
check_followed() {
	end_reader
	reported >"$dir/got"
	sort "$dir/record" >"$dir/done"
	assertEquals "" "$(diff "$dir/done" "$dir/got" | head -5)"
	assertNull "not JSON: $(grep -v '^{.*}$' "$dir/all")" "$(grep -v '^{.*}$' "$dir/all")"
	! command -v jq >/dev/null || jq -es 'all(.[]; has("type"))' "$dir/all" >/dev/null ||
		fail "jq does not take it"
	rm -f "$dir/record"
}

message() {
	echo "\"type\":\"message\",\"program\":\"tcpt-watch\",\"text\":\"$1"
}

test_one_trace_after_the_other() {
	start_follower
	await said 1 "$(message 'waiting for a trace')"
	for n in 1 2 3; do
		load_trace "$mode"
		await said $n "$(message ready)"
		cycles 20
		unload_trace
		await said $n "$(message 'the trace has ended')"
		assertTrue "the reader is gone" is_at_work
	done
	assertEquals "said once" 1 "$(grep -c 'waiting for a trace' "$dir/all")"
	assertEquals "said once" 1 "$(grep -c 'no trace is loaded' "$dir/all")"
	check_followed
}

# Its pins are still there, so that what they hold can be read, once.
test_killed_keeper() {
	offsets >/dev/null
	start_follower
	for n in 1 2; do
		keep tcpt-load --offsets="$dir/offsets" --attach="$mode" --hold
		await said $n "$(message ready)"
		cycles 10
		kill -9 "$keeper"
		wait "$keeper" 2>/dev/null
		keeper=
		await said $n "$(message 'the trace has ended')"
		assertTrue "the reader is gone" is_at_work
		tcpt-unload
	done
	assertEquals "said once each" 2 "$(grep -c 'the trace has ended' "$dir/all")"
	check_followed
}

test_limits_hold_while_it_waits() {
	for option in --duration=0.3 --idle-timeout=0.3; do
		timeout 600 tcpt-watch --follow $option >"$dir/out" 2>"$dir/err"
		assertEquals "$option" 0 $?
		assertEquals "$option" "waiting for a trace at $pin" "$(sed -n '$s/^tcpt-watch: //p' "$dir/err")"
	done
}

# ended WHY PIN
ended() {
	timeout 600 tcpt-watch --follow --pin="$2" >"$dir/out" 2>"$dir/err"
	assert_exit 1 $? "$2: $(cat "$dir/err")"
	assertTrue "$2: $(cat "$dir/err")" "grep -q '$1' '$dir/err'"
	assertEquals "$2: $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
}

# waits PIN [COMMAND...]
waits() {
	place=$1
	shift
	"$@" timeout 600 tcpt-watch --follow --duration=0.3 --pin="$place" >"$dir/out" 2>"$dir/err"
	assert_exit 0 $? "$place: $(cat "$dir/err")"
	assertEquals "$place" "waiting for a trace at $place" "$(sed -n '$s/^tcpt-watch: //p' "$dir/err")"
}

# A trace may come where its directory, or the bpffs, is still to be made, and
# nowhere else.
test_where_no_trace_can_come() {
	ended "none can be: $dir is not in a bpffs" "$dir/x"
	ended "none can be: $dir is not in a bpffs" "$dir/none/x"
	ended "none can be: / is not in a bpffs" /nonexistent/x
	ended "none can be: bpffs allows no dots" /sys/fs/bpf/a.b
	ended "none can be: bpffs allows no dots" /sys/fs/bpf/a.b/c
	ended "is no trace" /sys/fs/bpf
	waits /sys/fs/bpf/later/x
	waits $pin unshare --mount --propagation private sh -c '
		while umount /sys/fs/bpf 2>/dev/null; do :; done
		exec "$@"' sh
}

# What is lacking is not waited for.
test_failures_stay_failures() {
	load_trace "$mode"
	start_reader "$dir/ev"
	timeout 600 tcpt-watch --follow >"$dir/out" 2>"$dir/err"
	assert_exit 1 $? "$(cat "$dir/err")"
	assertTrue "$(cat "$dir/err")" "grep -q 'pid $reader' '$dir/err'"
	end_reader
	unload_trace
}

tearDown() {
	[ -z "$reader" ] || kill "$reader" 2>/dev/null
	reader=
}

# shellcheck source=/dev/null
. shunit2
