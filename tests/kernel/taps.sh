#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Several taps: each has a ring and a reader of its own, and every event.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

tearDown() {
	[ ! -d $pin ] || unload_trace
}

# read_tap N FILE: in the background
read_tap() {
	: >"$dir/banner"
	tcpt-watch --format=tsv --banner --tap="$1" >"$2" 2>"$dir/banner" &
	readers="$readers $!"
	await says "$dir/banner" ready
}

# Ends the readers once they have taken all that is in their rings.
stop_taps() {
	# shellcheck disable=SC2086 # a list
	kill $readers
	# shellcheck disable=SC2086
	wait $readers
	readers=
}

drain() {
	tcpt-watch --format=tsv --drain --tap="$1" >>"$2"
}

numbers() {
	own "$1" | cut -f 2,3,4 | sort
}

# Two readers at once, and two that were late: all have every event, by the same number.
every_event() {
	load_trace "$mode" --taps=4
	read_tap 1 "$dir/ev1"
	read_tap 2 "$dir/ev2"
	run_peer --cycles 600 --clients 4 --servers 3
	stop_taps
	: >"$dir/ev3"
	: >"$dir/ev4"
	for tap in 1 2 3 4; do
		drain $tap "$dir/ev$tap"
		assert_exact "$mode, tap $tap of 4" "$dir/ev$tap" "$dir/record"
		numbers "$dir/ev$tap" >"$dir/numbers$tap"
		assertTrue "numbers at tap $tap" "cmp '$dir/numbers1' '$dir/numbers$tap'"
	done
}

# reported FILE: events received and events reported as lost in the ring
reported() {
	awk -F'\t' '$5 == "lost" { n += $20; next } { n++ } END { print n + 0 }' "$1"
}

# independent READ FULL: one tap is read while the ring of the other is full. Each burst has
# room in the first one, however late its reader gets a processor.
independent() {
	load_trace "$mode" --taps=2 --ring-size=64 --filter=netns=/proc/self/ns/net
	read_tap "$1" "$dir/ev$1"
	rm -f "$dir/record"
	for _ in 1 2 3 4 5 6 7 8; do
		run_more --cycles 50 --clients 2
		await lines_reach "$dir/ev$1" "$(wc -l <"$dir/record")" || break
	done
	stop_taps
	drain "$1" "$dir/ev$1"
	assert_exact "$mode, tap $1 while that of tap $2 was full" "$dir/ev$1" "$dir/record"
	assertEquals "lost at tap $1" "" "$(cut -f 5 "$dir/ev$1" | grep lost)"
	lost=$(tcpt-stat --format=json --tap="$2" | grep -o '"lost":[0-9]*' | head -n 1)
	: >"$dir/ev$2"
	drain "$2" "$dir/ev$2"
	assertTrue "none lost at tap $2: $lost" "grep -q '	lost	' '$dir/ev$2'"
	assertEquals "received and lost at tap $2" "$(wc -l <"$dir/record")" "$(reported "$dir/ev$2")"
	unload_trace
}

others_ring_is_full() {
	independent 1 2
	independent 2 1
}

replaced() {
	load_trace "$mode" --taps=2
	read_tap 1 "$dir/ev1"
	start_peer --cycles 900 --rate 300
	if can_pin "$mode"; then
		for size in 4096 16384; do
			tcpt-load --offsets="$dir/offsets" --attach="$mode" --replace --ring-size=$size 2>"$dir/err" ||
				fail "--replace: $(cat "$dir/err")"
		done
		tcpt-load --offsets="$dir/offsets" --replace --taps=3 2>"$dir/err"
		assertEquals "other taps" 1 $?
		assertTrue "says '$(cat "$dir/err")'" "grep -q 'has 2 taps' '$dir/err'"
	fi
	wait_peer
	stop_taps
	: >"$dir/ev2"
	for tap in 1 2; do
		drain $tap "$dir/ev$tap"
		drain $tap "$dir/ev$tap"
		drain $tap "$dir/ev$tap"
		assert_exact "$mode, tap $tap, replaced" "$dir/ev$tap" "$dir/record"
	done
}

test_refused() {
	load_trace auto --taps=2
	tcpt-watch --tap=3 2>"$dir/err"
	assertEquals 1 $?
	assertTrue "says '$(cat "$dir/err")'" "grep -q 'has no tap 3, but 2' '$dir/err'"
	for tap in 1 2; do
		read_tap $tap /dev/null
		tcpt-watch --tap=$tap 2>"$dir/err"
		assertEquals 1 $?
		assertEquals "tcpt-watch: $pin is being read by tcpt-watch (pid ${readers##* }); stop it first, or read another of its 2 taps, as with --tap=$((3 - tap))" \
			"$(cat "$dir/err")"
	done
	stop_taps
	tcpt-load --taps=5 2>"$dir/err" </dev/null
	assertEquals 2 $?
	unload_trace
	load_trace auto
	read_tap 1 /dev/null
	tcpt-watch 2>"$dir/err"
	assertEquals 1 $?
	assertEquals "tcpt-watch: $pin is being read by tcpt-watch (pid ${readers##* }); stop it first; two can read a trace that was loaded with --taps=2" \
		"$(cat "$dir/err")"
	stop_taps
}

suite() {
	readers=
	add_for_modes every_event others_ring_is_full replaced
	suite_addTest test_refused
}

# shellcheck source=/dev/null
. shunit2
