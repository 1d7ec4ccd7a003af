#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-watch --output: a file that is appended to, and opened again on SIGHUP.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp
command -v strace >/dev/null || {
	echo "needs strace"
	exit 77
}

log=$dir/log

setUp() {
	[ -d $pin ] || load_own auto
	tcpt-watch --drain >/dev/null
	rm -rf "$log" "$log".*
}

# write [OPTION...]: what is there by now goes to the file.
write() {
	timeout 600 tcpt-watch --format=tsv --drain --output="$log" "$@" >"$dir/out" 2>"$dir/err"
	assert_exit 0 $? "$(cat "$dir/err")"
	assertEquals "stdout and messages" "" "$(cat "$dir/out" "$dir/err")"
}

# start_writer [OPTION...]: as $reader, which says that it is ready.
start_writer() {
	: >"$dir/banner"
	tcpt-watch --banner --output="$log" "$@" >"$dir/out" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
}

# As logrotate does it without copying; the reader is told, and has seen that when the
# new file is there.
rotate() {
	mv "$log" "$log.$1"
	kill -HUP "$reader"
	await test -e "$log"
}

tearDown() {
	[ -z "$reader" ] || kill "$reader" 2>/dev/null
	reader=
}

test_it_is_appended_to() {
	echo first >"$log"
	chmod 600 "$log"
	run_peer --cycles 20
	write --num-events=30
	write
	assertEquals first "$(head -n 1 "$log")"
	assertEquals "mode" 600 "$(stat -c %a "$log")"
	sed 1d "$log" >"$dir/ev"
	assert_exact "two readers and a file" "$dir/ev" "$dir/record"
}

# Without a record of its own nobody but the owner and the group see who connects where.
test_mode_of_a_new_file() {
	write
	assertEquals 640 "$(stat -c %a "$log")"
	rm "$log"
	(umask 077 && write)
	assertEquals 600 "$(stat -c %a "$log")"
}

test_half_line() {
	run_peer --cycles 5
	printf half >"$log"
	write
	assertEquals half "$(head -n 1 "$log")"
	sed 1d "$log" >"$dir/ev"
	assert_exact "behind half a line" "$dir/ev" "$dir/record"
}

# With the file it has made a program that rotates knows of it, maybe before the trace is open.
test_hangup_at_the_beginning() {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		rm -f "$log"
		tcpt-watch --format=json --output="$log" --idle-timeout=500ms >"$dir/out" 2>"$dir/err" &
		reader=$!
		until [ -e "$log" ]; do :; done
		kill -HUP $reader
		wait $reader
		assert_exit 0 $? "SIGHUP $i: $(cat "$dir/err")"
	done
	reader=
}

# Each event is in one of the files, and each file begins with the heading. A reader that
# nohup has started is told too.
test_hangup() {
	start_peer --clients 4 --cycles 1500 --rate 1000
	for ignored in '' HUP; do
		[ -z "$ignored" ] || trap '' HUP
		start_writer --format=tsv
		trap - HUP
		for i in 1 2 3; do
			await test -s "$log"
			rotate "$i$ignored"
		done
		assertTrue "it reads on" "kill -0 $reader"
		end_reader
	done
	wait_peer
	write
	assertEquals "files" 7 "$(printf '%s\n' "$log" "$log".* | wc -l)"
	cat "$log" "$log".* >"$dir/ev"
	assert_exact "SIGHUP" "$dir/ev" "$dir/record"
}

has_heading() {
	[ "$(grep -c '^TIME .* NOTE$' "$1")" = 1 ] && head -n 1 "$1" | grep -q ^TIME
}

test_heading() {
	start_writer
	await has_heading "$log"
	run_peer --cycles 5
	rotate 1
	await has_heading "$log"
	end_reader
	assertTrue "$(head -n 2 "$log.1")" "has_heading '$log.1'"
	start_writer --summary
	rotate 2
	await test -s "$log"
	end_reader
	assertEquals "headings" 1 "$(grep -c '^TIME .* REASON$' "$log")"
}

# Also where no trace is there to be read.
test_hangup_while_it_waits() {
	unload_trace
	tcpt-watch --follow --format=json --output="$log" >"$dir/out" 2>>"$log" &
	reader=$!
	await says "$log" 'waiting for a trace'
	rotate 1
	load_own auto
	run_peer --cycles 5
	await lines_reach "$log" $(($(wc -l <"$dir/record") + 1)) # and what the trace is
	end_reader
	assertNull "not JSON: $(grep -v '^{.*}$' "$log" "$log.1")" "$(grep -v '^{.*}$' "$log" "$log.1")"
	assertEquals "events" "$(wc -l <"$dir/record")" "$(grep -c '"sport"' "$log")"
	assertEquals "events before" 0 "$(grep -c '"sport"' "$log.1")"
}

# The reader ends, because what it cannot write is kept in the trace and nowhere else.
test_file_that_cannot_be_opened_again() {
	start_writer --format=tsv
	run_peer --cycles 5
	await lines_reach "$log" 20
	mv "$log" "$log.1"
	mkdir "$log"
	kill -HUP "$reader"
	wait "$reader"
	assert_exit 1 $? "$(cat "$dir/banner")"
	reader=
	assertEquals "tcpt-watch: cannot open $log: Is a directory; the events stay in the trace" \
		"$(sed 1d "$dir/banner")"
	rmdir "$log"
	run_more --cycles 5
	write
	cat "$log" "$log.1" >"$dir/ev"
	assert_exact "a directory in its place" "$dir/ev" "$dir/record"
}

test_file_that_is_full() {
	run_peer --cycles 50
	(
		ulimit -f 8
		exec tcpt-watch --format=tsv --drain --output="$log" 2>"$dir/err"
	)
	assert_exit 1 $? "$(cat "$dir/err")"
	assertEquals "tcpt-watch: cannot write to $log: File too large; what was not written stays in the trace" \
		"$(cat "$dir/err")"
	write
	assert_exact "a file that was full" "$log" "$dir/record"
}

# The reader is never idle here. A signal that comes in the second batch ends it
# behind the third.
test_signal_while_there_are_events() {
	run_peer --cycles 600
	strace -qq -o /dev/null -e trace=write -e inject=write:signal=TERM:when=2 \
		tcpt-watch --format=tsv --output="$log" 2>"$dir/err"
	assert_exit 0 $? "$(cat "$dir/err")"
	assertTrue "it wrote $(wc -c <"$log") bytes" "[ $(wc -c <"$log") -le $((3 * 65536)) ]"
	write
	assert_exact "a signal between batches" "$log" "$dir/record"
}

# shellcheck source=/dev/null
. shunit2
