#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Readers that come and go, are killed, or cannot write: nothing is lost, and
# nothing comes twice but what a killed reader had not yet acknowledged.
#
# TCPT_TEST_KILLS and TCPT_TEST_CYCLES make the test with kills longer.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

# Cycles a second: ten readers have their time. An emulated processor does less.
if [ -z "$emulated" ]; then
	kills=${TCPT_TEST_KILLS-10} cycles=${TCPT_TEST_CYCLES-6000} few=3000 rate=2500
else
	kills=${TCPT_TEST_KILLS-5} cycles=${TCPT_TEST_CYCLES-1500} few=600 rate=400
fi
[ "$cycles" -le 6000 ] || rate=0
checker=${0%/*}/restarts.awk
status=0

# load_empty [OPTION...]: nothing is read so far.
load_empty() {
	load_own auto "$@"
	: >"$dir/ev"
	starts=
}

# Where the next reader's lines begin in $dir/ev; an unfinished one is still the last reader's.
mark() {
	lines=$(wc -l <"$dir/ev")
	[ -z "$(tail -c 1 "$dir/ev" | tr -d '\n')" ] || lines=$((lines + 1))
	starts="$starts $((lines + 1))"
}

# read_on OPTION...: a reader in the background, as $reader.
read_on() {
	mark
	tcpt-watch --format=tsv "$@" >>"$dir/ev" 2>>"$dir/err" &
	reader=$!
}

# drain [OPTION...]: the status is in $status.
drain() {
	mark
	timeout 600 tcpt-watch --format=tsv --drain "$@" >>"$dir/ev" 2>"$dir/err"
	status=$?
}

# Up to so many milliseconds
nap() {
	sleep "$(od -An -N2 -tu2 /dev/urandom | awk -v most="$1" '{ printf "%.3f", $1 / 65536 * most / 1000 }')"
}

# check NAME WINDOW: what $dir/ev has is as it should be, and complete. Sets distinct, repeated, broken, lost.
check() {
	rm -f "$dir/once"
	awk -v starts="$starts" -v window="$2" -v out="$dir/once" -f "$checker" "$dir/ev" >"$dir/found"
	assertEquals "$1" "" "$(sed '$d' "$dir/found")"
	read -r distinct repeated broken lost <<-END
		$(tail -n 1 "$dir/found")
	END
	done=$(wc -l <"$dir/record")
	assertEquals "$1: $distinct received, $lost lost" "$done" $((distinct + lost))
	assertEquals "$1: counted" "$lost" "$(tcpt-stat --all | awk '$1 == "all" { print $3 }')"
	if [ "$lost" = 0 ]; then
		assert_exact "$1" "$dir/once" "$dir/record"
	else
		events "$dir/once" >"$dir/got"
		sort "$dir/record" >"$dir/done"
		assertEquals "$1: never happened" "" "$(diff "$dir/done" "$dir/got" | grep '^>' | head -n 3)"
	fi
}

# Until a reader is in the midst of it, then some time.
kill_later() {
	nap "$1"
	kill_reader
	killed=$((killed + 1))
}

# kill_readers MILLISECONDS: while there is a load, at most as many as were asked for.
kill_readers() {
	killed=0
	while [ $killed -lt "$kills" ] && peer_runs; do
		read_on
		kill_later "$1"
	done
}

test_kills() {
	load_empty
	start_peer --clients 4 --cycles "$cycles" --rate "$rate"
	kill_readers 200
	read_on
	wait_peer
	end_reader
	drain
	check "$killed readers killed" 65536
	echo "  $done done, $killed killed: $distinct received, $repeated came again, $broken broken lines, $lost lost"
	assertTrue "$killed killed" "[ $killed -ge $((kills / 2)) ]"
	assertEquals "lost" 0 "$lost"
	assertTrue "$broken broken" "[ $broken -le $killed ]"
	unload_trace
}

# In the midst of a batch: a pipe takes it in pieces, and much waits to be read.
test_kills_at_a_pipe() {
	load_empty
	start_peer --clients 4 --cycles $((2 * few))
	wait_peer
	mkfifo "$dir/fifo"
	most=12
	[ -z "$emulated" ] || most=500
	killed=0
	while [ $killed -lt "$kills" ]; do
		mark
		# Opened here: who is killed before it opens it leaves the other waiting.
		# shellcheck disable=SC2094 # not a file
		exec 3<>"$dir/fifo" 4<"$dir/fifo"
		cat <&4 3>&- >>"$dir/ev" &
		through=$!
		tcpt-watch --format=tsv >&3 3>&- 4<&- 2>>"$dir/err" &
		reader=$!
		exec 3>&- 4<&-
		kill_later $most
		wait "$through"
		# What comes through a pipe is not looked at by the next reader.
		[ -z "$(tail -c 1 "$dir/ev" | tr -d '\n')" ] || echo >>"$dir/ev"
	done
	rm "$dir/fifo"
	drain
	check "$killed readers killed at a pipe" 65536
	echo "  $done done, $killed killed: $distinct received, $repeated came again, $broken broken lines"
	unload_trace
}

# With losses, which a killed reader has printed or not.
test_kills_and_losses() {
	load_empty --ring-size=64
	start_peer --clients 4 --cycles $few --rate "$rate"
	kill_readers 100
	wait_peer
	drain
	check "$killed readers killed, tiny ring" 65536
	echo "  $done done, $killed killed: $distinct received, $repeated came again, $lost lost"
	assertTrue "lost: $lost" "[ $lost -gt 0 ]"
	unload_trace
}

# Readers that end by themselves, or by a signal that they catch: nothing comes twice.
test_clean_ends() {
	load_empty
	: >"$dir/err"
	start_peer --clients 4 --cycles $few --rate "$rate"
	ends=0
	while peer_runs; do
		case $((ends % 6)) in
		0) read_on --duration=0.07 ;;
		1) read_on --num-events=37 ;;
		2) read_on --idle-timeout=0.02 --duration=0.1 ;;
		*)
			: >"$dir/err"
			read_on --banner
			await says "$dir/err" ready
			nap 100
			case $((ends % 6)) in
			3) kill -TERM "$reader" ;;
			4) kill -INT "$reader" ;;
			5) kill -HUP "$reader" ;;
			esac
			;;
		esac
		ends=$((ends + 1))
		wait "$reader"
		assert_exit 0 $? "status of end $ends: $(cat "$dir/err")"
	done
	reader=
	wait_peer
	drain
	check "$ends readers that end" 0
	assertEquals "came again, broken" "0 0" "$repeated $broken"
	unload_trace
}

# As cron would: sometimes one job meets the other, and is told so.
test_cron() {
	load_empty
	start_peer --clients 4 --cycles $few --rate "$rate"
	jobs=0
	while peer_runs; do
		drain --fail-on-loss
		assertEquals "status: $(cat "$dir/err")" 0 $status
		jobs=$((jobs + 1))
		nap 50
	done
	wait_peer
	drain --fail-on-loss
	assertEquals "status of the last job" 0 $status
	check "$jobs jobs" 0
	assertEquals "came again, broken, lost" "0 0 0" "$repeated $broken $lost"
	drain
	assertEquals "nothing is left" "$done" "$(wc -l <"$dir/ev")"
	unload_trace
}

# ---- output that nobody reads ----

waiting() {
	tcpt-stat --format=json | sed 's/.*"ring_used_bytes":\([0-9]*\).*/\1/'
}

# The reader can write no more: what waits for it is something, and stays.
is_stuck() {
	before=$(waiting)
	sleep 0.2
	[ "$before" != 0 ] && [ "$(waiting)" = "$before" ]
}

# The first reader is ended by a signal while its output is full; what it has
# written is read, and the rest by the next one: whole lines, each once.
ended_while_blocked() {
	load_empty
	start_peer --clients 4 --cycles 1000
	wait_peer
	mark
	rm -f "$dir/ended"
	(tcpt-watch --format=tsv 2>"$dir/err" & echo $! >"$dir/pid"; wait $!; echo $? >"$dir/ended") | {
		await is_stuck
		# In the middle of a line, and of a batch; head would read more than it prints.
		dd bs=20000 count=1 iflag=fullblock >>"$dir/ev" 2>/dev/null
		await is_stuck
		kill "-$1" "$(cat "$dir/pid")"
		await test -s "$dir/ended"
		cat >>"$dir/ev"
	}
	assertEquals "status: $(cat "$dir/err")" 0 "$(cat "$dir/ended")"
	assertNull "SIG$1: an unfinished line" "$(tail -c 1 "$dir/ev" | tr -d '\n')"
	assertTrue "SIG$1: something was written" "[ -s '$dir/ev' ]"
	drain
	check "SIG$1 while blocked" 0
	assertEquals "SIG$1: came again, broken, lost" "0 0 0" "$repeated $broken $lost"
	unload_trace
}

test_ended_while_blocked() {
	for signal in TERM INT HUP; do
		ended_while_blocked $signal
	done
}

# ---- output that fails ----

# fill_up COMMAND...: each job writes to a file that has no room for all; then it is moved away.
fill_up() {
	jobs=0
	status=1
	while [ $status != 0 ] && [ $jobs -lt 50 ]; do
		mark
		"$@" sh -c "exec tcpt-watch --format=tsv --drain >>'$dir/small/ev'" 2>"$dir/err"
		status=$?
		if [ $status != 0 ]; then
			assertEquals "status" 1 $status
			assertTrue "$(cat "$dir/err")" "says '$dir/err' 'cannot write to stdout: [NF].*; what was not written stays'"
		fi
		assertNull "job $jobs: an unfinished line" "$(tail -c 1 "$dir/small/ev" | tr -d '\n')"
		cat "$dir/small/ev" >>"$dir/ev"
		rm "$dir/small/ev"
		jobs=$((jobs + 1))
	done
	assertTrue "$jobs jobs" "[ $jobs -gt 2 ]"
	check "$1: $jobs jobs" 0
	assertEquals "came again, broken, lost" "0 0 0" "$repeated $broken $lost"
}

test_full_disk() {
	load_empty
	start_peer --clients 4 --cycles 1000
	wait_peer
	mkdir "$dir/small"
	mount -t tmpfs -o size=200k tmpfs "$dir/small" || fail "cannot mount a tmpfs"
	fill_up env
	umount "$dir/small"
	rmdir "$dir/small"
	unload_trace
}

limited() {
	(
		ulimit -f 300
		"$@"
	)
}

test_file_size_limit() {
	load_empty
	start_peer --clients 4 --cycles 1000
	wait_peer
	mkdir "$dir/small"
	fill_up limited
	rmdir "$dir/small"
	unload_trace
}

# Half a line of a reader that was killed does not spoil the next line.
test_unfinished_line() {
	load_empty
	start_peer --clients 4 --cycles 10
	wait_peer
	printf 'half' >"$dir/ev"
	drain --num-events=20
	printf 'again' >>"$dir/ev"
	# Not appended to, but at the end
	(
		cat
		exec tcpt-watch --format=tsv --drain
	) <"$dir/ev" >"$dir/whole"
	assertEquals "half 20 again" "$(sed -n 1p "$dir/whole") $(sed '1d; /^again/,$d' "$dir/whole" | wc -l) $(sed -n 22p "$dir/whole")"
	assertEquals "lines" 42 "$(wc -l <"$dir/whole")"
	cp "$dir/whole" "$dir/ev"
	check "unfinished lines" 0
	assertEquals "broken" 2 "$broken"
	unload_trace
}

# Nothing is there to be read where only the end is: it is left alone.
test_whole_line() {
	load_empty
	start_peer --clients 4 --cycles 1
	wait_peer
	echo first >"$dir/ev"
	drain
	assertEquals "first 5" "$(head -n 1 "$dir/ev") $(wc -l <"$dir/ev")"
	unload_trace
}

# shellcheck source=/dev/null
. shunit2
