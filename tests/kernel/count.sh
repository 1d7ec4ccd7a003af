#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-watch --count: each event of the workload is counted once, however the program ends.

# shunit2 calls the functions.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

# What the workload has recorded, counted by type, process and name.
expected() {
	awk -F'\t' '{ n[$1 "\t" $2 "\t" $3]++ } END { for (key in n) print n[key] "\t" key }' "$dir/record" | sort
}

# added_up FILE...: tables in tsv, as one.
added_up() {
	cat "$@" | awk -F'\t' 'NF && !/^#/ { key = $2 "\t" $3 "\t" $4; n[key] += $1 }
		END { for (key in n) print n[key] "\t" key }' | sort
}

# total FILE: events in a table in tsv, those without a row among them.
total() {
	awk -F'\t' '/^#lost/ { next } /^#/ { n += $2; next } { n += $1 } END { print n + 0 }' "$1"
}

# count [OPTION...]: by type, process and name, to $dir/table.
count() {
	timeout 600 tcpt-watch --format=tsv --count=type,pid,comm "$@" >"$dir/table" 2>"$dir/err"
	assert_exit 0 $? "tcpt-watch $*: $(cat "$dir/err")"
	assertNull "stderr of $*" "$(cat "$dir/err")"
}

# start_count OPTION...: in the background, as $reader.
start_count() {
	: >"$dir/banner"
	tcpt-watch --banner --count=type,pid,comm --format=tsv "$@" >"$dir/table" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
}

# end_count NAME SIGNAL: what the table has and what is left for the next one is all.
end_count() {
	kill -"$2" $reader
	wait $reader
	assert_exit 0 $? "$1: $(cat "$dir/banner")"
	cp "$dir/table" "$dir/first"
	count --drain
	assertEquals "$1" "$(expected)" "$(added_up "$dir/first" "$dir/table")"
}

setUp() {
	[ -d $pin ] || load_own auto
	tcpt-watch --drain >/dev/null
}

test_exact_in_each_mode() {
	unload_trace
	for mode in $(attach_modes); do
		load_own "$mode"
		run_peer --cycles 200 --clients 3 --servers 2 --refused 20
		count --drain
		assertEquals "$mode" "$(expected)" "$(added_up "$dir/table")"
		assertEquals "$mode, the most frequent first" "" "$(cut -f 1 "$dir/table" |
			awk 'NR > 1 && $1 > before { print NR } { before = $1 }')"
		count --drain
		assertNull "$mode: what was counted was taken" "$(cat "$dir/table")"
		unload_trace
	done
}

# The same in all formats, and the options that select and take nothing hold.
test_formats() {
	run_peer --cycles 50 --clients 2
	count --peek
	tcpt-watch --peek --count=type,pid,comm >"$dir/text"
	assertEquals "COUNT TYPE    PID" "$(head -n 1 "$dir/text" | sed 's/ *COMM$//; s/  *PID/    PID/')"
	assertEquals "text" "$(expected)" "$(sed 1d "$dir/text" | awk -v OFS='\t' '{ print $1, $2, $3, $4 }' | sort)"
	tcpt-watch --peek --count=type,pid,comm --no-heading >"$dir/rows"
	assertEquals "no heading" "$(sed "1d; s/^ *//" "$dir/text")" "$(sed "s/^ *//" "$dir/rows")"
	tcpt-watch --peek --count=type,pid,comm --format=json >"$dir/json"
	assertEquals "json" "$(expected)" "$(sed -n \
		's/^{"type":"\(.*\)","pid":\(.*\),"comm":"\(.*\)","count":\(.*\)}$/\4\t\1\t\2\t\3/p' "$dir/json" | sort)"
	count --drain --type=accept
	assertEquals "of one type" "$(expected | grep '	accept	')" "$(added_up "$dir/table")"
}

test_ends() {
	for signal in INT TERM; do
		start_count
		run_peer --cycles 300 --clients 2
		end_count "after SIG$signal" $signal
	done
	run_peer --cycles 100
	count --num-events=150
	assertEquals "--num-events" 150 "$(total "$dir/table")"
	cp "$dir/table" "$dir/first"
	count --duration=300ms
	assertEquals "--num-events, then --duration" "$(expected)" "$(added_up "$dir/first" "$dir/table")"
	run_peer --cycles 100
	count --idle-timeout=200ms
	assertEquals "--idle-timeout" "$(expected)" "$(added_up "$dir/table")"
}

# Tables while it goes on: all of them together have each event once.
test_interval() {
	start_count --interval=200ms
	run_peer --cycles 600 --rate 500
	assertTrue "tables: $(grep -c '^$' "$dir/table")" "[ $(grep -c '^$' "$dir/table") -ge 3 ]"
	end_count "all intervals" TERM
	run_peer --cycles 10
	tcpt-watch --count=type --format=json --interval=100ms --duration=1 >"$dir/json"
	assertEquals "in the first of them" "1" "$(sed 's/^{"interval":\([0-9]*\),"type":"[a-z]*","count":[0-9]*}$/\1/' "$dir/json" | sort -u)"
}

test_losses() {
	unload_trace
	load_own auto --ring-size=16K
	run_peer --cycles 100
	tcpt-watch --drain --count=type --format=tsv --fail-on-loss >"$dir/table"
	assertEquals "--fail-on-loss" 1 $?
	lost=$(sed -n 's/^#lost	\([0-9]*\)	ring$/\1/p' "$dir/table")
	assertTrue "lost: $lost" "[ '$lost' -gt 0 ]"
	assertEquals "counted and lost" 400 $(($(total "$dir/table") + lost))
	run_peer --cycles 100
	tcpt-watch --drain --count=type >"$dir/table"
	assertTrue "$(cat "$dir/table")" "says '$dir/table' '^-- [0-9]* events lost, the ring was full --\$'"
	unload_trace
}

is_drained() {
	[ "$(tcpt-stat --format=json | sed 's/.*"ring_used_bytes":\([0-9]*\).*/\1/')" = 0 ]
}

# start_full_pipe: counts, as $reader, into a pipe that has no room for all of the table. What
# reads the pipe, as $slow, begins once $dir/go is there.
start_full_pipe() {
	rm -f "$dir/go" "$dir/pipe"
	mkfifo "$dir/pipe"
	(await test -e "$dir/go" && cat) <"$dir/pipe" >"$dir/table" &
	slow=$!
	tcpt-watch --count=cpu,seq --format=tsv >"$dir/pipe" 2>"$dir/err" &
	reader=$!
	await is_drained
	kill -INT $reader
}

# There are more than the rows have room for, and whoever reads is late.
test_room_and_a_full_pipe() {
	run_peer --cycles 2600
	start_full_pipe
	touch "$dir/go"
	wait $reader
	assert_exit 0 $? "$(cat "$dir/err")"
	wait $slow
	assertEquals "rows" 10000 "$(grep -c '^1	' "$dir/table")"
	assertEquals "in all" 10400 "$(total "$dir/table")"
	assertEquals "other" "#other	400" "$(grep '^#' "$dir/table")"
}

# A second signal ends the wait, and a message says what that costs.
test_a_second_signal() {
	run_peer --cycles 2600
	start_full_pipe
	kill -TERM $reader
	wait $reader
	assertEquals 1 $?
	assertEquals "tcpt-watch: a second signal came before all of the table was written" "$(cat "$dir/err")"
	touch "$dir/go"
	wait $slow
	assertTrue "lines that are whole" "tail -n 1 '$dir/table' | grep -q '^1	[0-9]*	[0-9]*\$'"
}

# shellcheck source=/dev/null
. shunit2
