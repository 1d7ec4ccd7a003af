#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A reader without work sleeps, and still prints a lone event soon. One with much work goes
# before others.

# shunit2 calls the functions.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint

lone=30
pause=60 # ms; the reader sleeps after 20

# start_printer TAP: prints into the pipe.
start_printer() {
	rm -f "$dir/fifo"
	mkfifo "$dir/fifo"
	tcpt-watch --format=tsv --tap="$1" >"$dir/fifo" 2>"$dir/err" &
	reader=$!
}

switches_of() {
	sed -n 's/^voluntary_ctxt_switches:[[:space:]]*//p' "/proc/$1/status"
}

# It prints each lone event soon. One that nothing wakes looks every 100 ms, and every 500
# after a while.
lone_events() {
	start_printer "$1"
	lone $lone $pause <"$dir/fifo" >"$dir/took" || fail "lone failed: $(cat "$dir/err")"
	sort -n "$dir/took" >"$dir/sorted"
	middle=$(sed -n $((lone / 2))p "$dir/sorted")
	assertTrue "tap $1: the median is $middle ns" "[ $middle -lt 20000000 ]"
	echo "  $mode, tap $1: $(wc -l <"$dir/took") lone connects are printed within $((middle / 1000)) us (median), $(($(tail -n 1 "$dir/sorted") / 1000)) us (most)"
	wait "$reader" # it has nobody to print for
	reader=
}

# Seconds in which nothing happens, after two in which it has noticed that. A ring of slots
# wakes nobody: there it looks every 10 ms.
sleeps() {
	tcpt-watch --format=tsv >"$dir/ev" 2>"$dir/err" &
	reader=$!
	await test -e "/proc/$reader/status"
	sleep 2
	before=$(switches_of "$reader")
	sleep 4
	woken=$(($(switches_of "$reader") - before))
	assertTrue "woken $woken times in 4 s" "[ $woken -le 12 ]"
	echo "  $mode: an idle reader is woken $woken times in 4 s"
	kill "$reader"
	wait "$reader"
	assert_exit 0 $? "reader: $(cat "$dir/err")"
	reader=
}

# priority_of COMMAND...: the nice value of a reader that is started so.
priority_of() {
	rm -f "$dir/ev"
	"$@" tcpt-watch >"$dir/ev" 2>"$dir/err" &
	reader=$!
	await test -s "$dir/ev" 2>/dev/null # the heading
	sed 's/.*) //' "/proc/$reader/stat" | cut -d ' ' -f 17
	kill "$reader"
	wait "$reader" 2>/dev/null
	reader=
}

priorities() {
	load_own "$mode"
	here=$(nice)
	[ "$here" != 0 ] || here=-10
	assertEquals "as it is started" "$here" "$(priority_of env)"
	assertEquals "with another nice value" $(($(nice) + 5)) "$(priority_of nice -n 5)"
	tcpt-unload
}

idle() {
	load_own "$mode" --taps=2
	[ "$(tcpt-stat --format=json | sed 's/.*"store":"\([a-z]*\)".*/\1/')" = slots ] || sleeps
	lone_events 1
	lone_events 2
	assertEquals "late" 0 "$(tcpt-stat --format=json | sed 's/.*"late":\([0-9]*\).*/\1/')"
	tcpt-unload
}

suite() {
	add_for_modes idle priorities
}

# shellcheck source=/dev/null
. shunit2
