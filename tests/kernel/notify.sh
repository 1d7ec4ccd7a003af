#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What tcpt-load tells a service manager, and when.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint

told=$dir/told

# Whatever this kernel can hold, and what it can pin.
held=$(attach_modes | head -n 1)
pinned=
for mode in $(attach_modes); do
	[ -n "$pinned" ] || ! can_pin "$mode" || pinned=$mode
done

# start_keeper SOCKET: returns when it is ready, as it has told.
start_keeper() {
	offsets >/dev/null
	rm -f "$told"
	: >"$told"
	notified "$told" "$1" tcpt-load --offsets="$dir/offsets" --attach="$held" --hold 2>"$dir/load" &
	keeper=$!
	await says "$told" READY
}

# assert_kept SIGNAL: the keeper is at work, and ends by that signal.
assert_kept() {
	assertEquals "READY=1|STATUS=tracing by $held, pinned at $pin" "$(cat "$told")"
	assertTrue "nothing is pinned" "[ -d $pin/maps ]"
	tcpt-watch --drain >/dev/null
	assertEquals "reader" 0 $?
	kill -s "$1" "$keeper"
	wait "$keeper"
	assertEquals "SIG$1" 0 $?
	keeper=
	await says "$told" '^end$'
	assertEquals STOPPING=1 "$(sed -n 2p "$told")"
	assertEquals "datagrams" 3 "$(wc -l <"$told")"
	assertFalse "pins left" "[ -e $pin ]"
	assertEquals "messages: $(cat "$dir/load")" 1 "$(wc -l <"$dir/load")"
}

test_path() {
	start_keeper "$dir/socket"
	assert_kept TERM
}

test_abstract_name() {
	start_keeper "@tcpt-test-$$"
	assert_kept INT
}

# assert_warned_of SOCKET WHY: a warning each, and the trace all the same.
assert_warned_of() {
	keep env NOTIFY_SOCKET="$1" tcpt-load --offsets="$dir/offsets" --attach="$held" --hold
	trace_peer "NOTIFY_SOCKET=$1" --cycles 10 --families 4
	end_keeper
	assertEquals "$(cat "$dir/load")" 2 \
		"$(grep -c "^tcpt-load: warning: cannot notify .*NOTIFY_SOCKET=$1: $2\$" "$dir/load")"
	assertEquals "$(cat "$dir/load")" 3 "$(wc -l <"$dir/load")"
}

test_bad_sockets() {
	offsets >/dev/null
	assert_warned_of "$dir/nobody" 'No such file or directory'
	assert_warned_of "@tcpt-nobody-$$" 'Connection refused'
	assert_warned_of "$(printf '/%0200d' 0)" 'File name too long'
	for name in relative vsock:2:1 @ ''; do
		assert_warned_of "$name" 'neither an absolute path nor @NAME'
	done
}

# A line of what is told is a variable of its own.
odd_pin() {
	offsets >/dev/null
	odd=$(printf '%s\nMAINPID=1\n\033[2J' "$pin")
	notified "$told" "$dir/odd" tcpt-load --offsets="$dir/offsets" --attach="$pinned" --pin="$odd" 2>"$dir/load"
	assert_exit 0 $? "$(cat "$dir/load")"
	await says "$told" '^end$'
	assertEquals "READY=1|STATUS=tracing by $pinned, pinned at $pin\\x0aMAINPID=1\\x0a\\x1b[2J" \
		"$(sed '$d' "$told")"
	tcpt-unload --pin="$odd"
	assertEquals "unload" 0 $?
}

# A service of another type than a keeper's is ready when the trace is.
loaded_and_ended() {
	offsets >/dev/null
	notified "$told" "$dir/other" tcpt-load --offsets="$dir/offsets" --attach="$pinned" 2>"$dir/load"
	assertEquals 0 $?
	await says "$told" '^end$'
	assertEquals "READY=1|STATUS=tracing by $pinned, pinned at $pin" "$(sed '$d' "$told")"
	tcpt-unload
}

# What is not loaded is not ready.
test_failed_load() {
	echo nonsense >"$dir/bad"
	for hold in '' --hold; do
		# shellcheck disable=SC2086 # none or one
		notified "$told" "$dir/failed$hold" tcpt-load --offsets="$dir/bad" $hold 2>"$dir/load"
		assertEquals 1 $?
		await says "$told" '^end$'
		assertEquals end "$(cat "$told")"
	done
}

# Asked to end before it is ready: it ends all the same, and leaves nothing.
test_ended_early() {
	offsets >/dev/null
	mkfifo "$dir/fifo"
	notified "$told" "$dir/early" tcpt-load --offsets="$dir/fifo" --hold 2>"$dir/load" &
	keeper=$!
	exec 3>"$dir/fifo"
	cat "$dir/offsets" >&3
	exec 3>&-
	await [ -d "$pin-tcpt-new" -o -d "$pin" -o -s "$dir/load" ]
	end_keeper
	await says "$told" '^end$'
	assertEquals STOPPING=1 "$(tail -n 2 "$told" | head -n 1)"
	assertFalse "pins left" "[ -e $pin ]"
}

suite() {
	add_tests path abstract_name bad_sockets failed_load ended_early
	[ -n "$pinned" ] || return 0
	suite_addTest loaded_and_ended
	suite_addTest odd_pin
}

# shellcheck source=/dev/null
. shunit2
