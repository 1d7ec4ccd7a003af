#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-watch against a live trace: when it ends, what it prints in each format,
# and that what was not printed is there for the next reader.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

# One trace for all tests; each begins with nothing in it.
setUp() {
	[ -d $pin ] || load_trace auto
	tcpt-watch --drain >/dev/null
	: >"$dir/banner"
}

# watch OPTION...: succeeds, and ends by itself.
watch() {
	timeout 600 tcpt-watch "$@" 2>"$dir/err"
	assert_exit 0 $? "tcpt-watch $*: $(cat "$dir/err")"
}

# Hundredths of a second since boot
now() {
	sed 's/\.//; s/ .*//' /proc/uptime
}

# ---- tcpt-guess | tcpt-load ----

# loaded_by_pipe OPTION...: the trace that the pipe has loaded works.
loaded_by_pipe() {
	unload_trace
	if kernel-can perf_link_pin >/dev/null; then
		tcpt-guess | tcpt-load "$@" 2>"$dir/load"
		assert_exit 0 $? "tcpt-load $*: $(cat "$dir/load")"
	else
		: >"$dir/load"
		tcpt-guess | tcpt-load --hold "$@" 2>"$dir/load" &
		keeper=$!
		await says "$dir/load" held
	fi
	run_peer --cycles 30
	watch --format=tsv --drain >"$dir/ev"
	assert_exact "guess | load $*" "$dir/ev" "$dir/record"
}

test_pipe() {
	loaded_by_pipe
	loaded_by_pipe --offsets=-
}

# ---- when it ends ----

test_num_events() {
	run_peer --cycles 150
	: >"$dir/ev"
	for n in 1 7 400; do
		watch --format=tsv --num-events=$n >"$dir/part"
		assertEquals "lines with --num-events=$n" $n "$(wc -l <"$dir/part")"
		cat "$dir/part" >>"$dir/ev"
	done
	watch --format=tsv --drain >>"$dir/ev"
	assert_exact "four readers in a row" "$dir/ev" "$dir/record"
}

# What --type leaves out is taken, but not counted.
test_num_events_of_a_type() {
	run_peer --cycles 50
	watch --format=tsv --type=accept --num-events=5 >"$dir/ev"
	assertEquals "accept accept accept accept accept" "$(cut -f5 "$dir/ev" | tr '\n' ' ' | sed 's/ $//')"
	watch --format=tsv --type=accept --drain >>"$dir/ev"
	grep ^accept "$dir/record" >"$dir/wanted"
	assert_exact "accepts by two readers" "$dir/ev" "$dir/wanted"
}

# Nor is an event counted that the format has no line for.
test_num_events_of_a_format() {
	run_peer --cycles 5 --refused 5
	run_peer --cycles 5
	watch --format=tcptracer --num-events=40 >"$dir/ev"
	assertEquals "lines" 40 "$(wc -l <"$dir/ev")"
}

# only TYPES PATTERN
only() {
	run_peer --cycles 50
	watch --format=tsv --type="$1" --drain >"$dir/ev"
	assertEquals "other types than $1" 0 "$(cut -f5 "$dir/ev" | grep -c -v -E "^($2|lost)\$")"
	grep -E "^($2)" "$dir/record" >"$dir/wanted"
	assert_exact "--type=$1" "$dir/ev" "$dir/wanted"
	watch --format=tsv --drain >"$dir/ev"
	assertEquals "left after --type=$1" 0 "$(own "$dir/ev" | wc -l)"
}

test_types() {
	only connect connect
	only accept,close 'accept|close'
}

# took LEAST: no less, and not for ever.
took() {
	elapsed=$(($(now) - began))
	assertTrue "took $elapsed of $1 hundredths" "[ $elapsed -ge $1 ]"
	assertTrue "took $elapsed, not $1 hundredths" "[ $elapsed -lt $(($1 + 1000)) ]"
}

test_duration() {
	began=$(now)
	watch --format=tsv --duration=500ms >"$dir/ev"
	took 49
	start_peer --cycles 300 --rate 200
	began=$(now)
	watch --format=tsv --duration=0.5 >"$dir/ev"
	took 49
	wait_peer
	watch --format=tsv --drain >>"$dir/ev"
	assert_exact "--duration, and a second reader" "$dir/ev" "$dir/record"
}

# too_few LINES OPTION...: ends before the events that --num-events asks for, and says so.
too_few() {
	lines=$1
	shift
	timeout 600 tcpt-watch --format=tsv --type=connect "$@" >"$dir/ev" 2>"$dir/err"
	assert_exit 4 $? "tcpt-watch $*: $(cat "$dir/err")"
	assertEquals "lines, $*" "$lines" "$(wc -l <"$dir/ev")"
}

test_too_few_events() {
	too_few 0 --num-events=1 --duration=0.1
	too_few 0 --num-events=1 --idle-timeout=0.1
	too_few 0 --num-events=1 --drain
	run_peer --cycles 3 --families 4
	too_few 3 --num-events=4 --drain
	run_peer --cycles 3 --families 4
	watch --format=tsv --type=connect --num-events=3 --duration=60 >"$dir/ev"
	assertEquals "lines of enough" 3 "$(wc -l <"$dir/ev")"
	tcpt-watch --drain >/dev/null
	tcpt-watch --num-events=1 --banner >"$dir/ev" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
	kill -TERM $reader
	wait $reader
	assert_exit 4 $? "by a signal"
	tcpt-watch --follow --pin=$pin-none --num-events=1 --duration=0.1 2>"$dir/err"
	assert_exit 4 $? "no trace: $(cat "$dir/err")"
}

# Nothing comes to an end while something comes.
test_idle_timeout() {
	began=$(now)
	start_peer --cycles 20 --rate 20
	watch --format=tsv --idle-timeout=0.6 >"$dir/ev"
	took 59
	wait_peer
	assertTrue "it has waited for events" "[ -n '$(own "$dir/ev" | head -n 1)' ]"
	watch --format=tsv --drain >>"$dir/ev"
	assert_exact "--idle-timeout, and a second reader" "$dir/ev" "$dir/record"
}

test_drain() {
	run_peer --cycles 300
	watch --format=tsv --drain >"$dir/ev"
	assert_exact "--drain" "$dir/ev" "$dir/record"
}

test_drain_during_a_workload() {
	start_peer --cycles 2000 --clients 4
	readers=0
	: >"$dir/ev"
	while peer_runs; do
		watch --format=tsv --drain >>"$dir/ev"
		readers=$((readers + 1))
	done
	wait_peer
	assertTrue "$readers readers" "[ $readers -gt 0 ]"
	watch --format=tsv --drain >>"$dir/ev"
	assert_exact "$readers readers with --drain" "$dir/ev" "$dir/record"
}

# Each signal ends a reader in the middle; nothing is lost or reported twice.
test_signals() {
	start_peer --cycles 4000 --clients 4 --rate 1000
	: >"$dir/ev"
	for signal in TERM INT HUP; do
		start_reader "$dir/part"
		await lines_reach "$dir/part" 100
		kill -s $signal "$reader"
		wait "$reader"
		assertEquals "status after SIG$signal" 0 $?
		cat "$dir/part" >>"$dir/ev"
	done
	reader=
	wait_peer
	watch --format=tsv --drain >>"$dir/ev"
	assert_exact "readers ended by signals" "$dir/ev" "$dir/record"
}

# ---- output that fails ----

test_full_device() {
	run_peer --cycles 50
	for format in text json tsv tcptracer; do
		tcpt-watch --format=$format --drain >/dev/full 2>"$dir/err"
		assertEquals "status with $format" 1 $?
		assertEquals "lines of: $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
		assertTrue "says $(cat "$dir/err")" "says '$dir/err' 'cannot write to stdout: No space'"
	done
	watch --format=tsv --drain >"$dir/ev"
	assert_exact "after /dev/full" "$dir/ev" "$dir/record"
}

# SIGPIPE, or an error where that is ignored
assert_broken() {
	assertTrue "status $1 is of a closed pipe" "[ $1 = 141 ] || [ $1 = 1 ]"
}

# Nobody reads the pipe any more: nothing can be printed.
test_closed_pipe() {
	run_peer --cycles 50
	mkfifo "$dir/fifo"
	# shellcheck disable=SC2094 # not a file
	exec 3<>"$dir/fifo" 4>"$dir/fifo" 3<&-
	timeout 600 tcpt-watch --format=tsv >&4 2>"$dir/err"
	assert_broken $?
	exec 4>&-
	rm "$dir/fifo"
	watch --format=tsv --drain >"$dir/ev"
	assert_exact "after a closed pipe" "$dir/ev" "$dir/record"
}

# The pipe and a buffer may have been written; the rest, far more, is there.
test_head() {
	run_peer --cycles 1500
	first=$({ timeout 600 tcpt-watch --format=tsv; echo $? >"$dir/status"; } | head -n 1)
	assert_broken "$(cat "$dir/status")"
	assertEquals "columns of '$first'" 32 "$(echo "$first" | awk -F'\t' '{ print NF }')"
	watch --format=tsv --drain >"$dir/ev"
	events "$dir/ev" >"$dir/got"
	sort "$dir/record" >"$dir/done"
	assertEquals "never happened" "" "$(diff "$dir/done" "$dir/got" | grep '^>' | head -n 3)"
	assertTrue "$(wc -l <"$dir/got") of 6000 are left" "[ $(wc -l <"$dir/got") -ge 3500 ]"
}

# Killed while writing to a pipe: what is in the pipe and what is left is all.
test_killed_writer() {
	mkfifo "$dir/fifo"
	cat "$dir/fifo" >"$dir/part" &
	through=$!
	start_peer --cycles 3000 --clients 4
	start_reader "$dir/fifo"
	await lines_reach "$dir/part" 1000
	kill_reader
	wait "$through"
	wait_peer
	rm "$dir/fifo"
	watch --format=tsv --drain >"$dir/rest"
	# A line that was cut off by the kill was not acknowledged.
	whole "$dir/part" | cat - "$dir/rest" | sort -u >"$dir/ev"
	assert_exact "killed while it wrote to a pipe" "$dir/ev" "$dir/record"
}

# ---- formats ----

# assert_same NAME FILE: lines in the form of the record, of any namespace.
assert_same() {
	awk -F'\t' -v n="$netns" '$8 == n || n == "-"' "$2" | sort >"$dir/got"
	sort "$dir/record" >"$dir/done"
	assertEquals "$1" "" "$(diff "$dir/done" "$dir/got" | head -n 6)"
	assertEquals "events in $1" "$(wc -l <"$dir/record")" "$(wc -l <"$dir/got")"
}

# What json lines of the workload look like, as an extended regular expression.
n='[1-9][0-9]*'
json_head="\"ts\":$n,\"time\":\"20[0-9-]{8}T[0-9:]{8}\.[0-9]{6}Z\",\"cpu\":(0|$n),\"seq\":$n,\"id\":$n"
json_task="\"pid\":$n,\"tid\":$n,\"uid\":0,\"comm\":\"peer-(client|server)\"(,\"cgroup\":$n)?"
json_ends="\"family\":(4|6),\"saddr\":\"[0-9.:]+\",\"sport\":$n,\"daddr\":\"[0-9.:]+\",\"dport\":$n(,\"netns\":$n)?(,\"cookie\":$n)?"
json_figures="(,\"bytes_sent\":(0|$n))?(,\"bytes_received\":(0|$n))?(,\"srtt_us\":$n)?(,\"retransmits\":(0|$n))?"
json_open="\\{$json_head,\"type\":\"(connect|accept)\",\"role\":\"(client|server)\",$json_task,$json_ends(,\"(latency|queue)_us\":(0|$n))?(,\"late\":true)?\\}"
json_close="\\{$json_head,\"type\":\"close\",\"role\":\"(client|server)\",$json_task,$json_ends,\"duration_ns\":$n$json_figures(,\"reason\":\"(local|peer|reset)\")?,\"opener_pid\":$n(,\"late\":true)?\\}"

json_columns='s/.*"type":"([^"]*)".*"pid":([0-9]*),.*"comm":"([^"]*)".*"saddr":"([^"]*)","sport":([0-9]*),"daddr":"([^"]*)","dport":([0-9]*)(,"netns":([0-9]*))?.*/\1\t\2\t\3\t\4\t\5\t\6\t\7\t\9/; s/\t$/\t-/'

test_json() {
	run_peer --cycles 200 --clients 2
	watch --format=json --drain >"$dir/json"
	sed -E "$json_columns" "$dir/json" >"$dir/columns"
	assert_same json "$dir/columns"
	if [ "$netns" = - ]; then
		sed 1d "$dir/json" >"$dir/own" # the record of the trace
	else
		grep "\"netns\":${netns}[,}]" "$dir/json" >"$dir/own"
	fi
	assertEquals "strange lines" "" "$(grep -v -x -E "$json_open|$json_close" "$dir/own" | head -n 3)"
	command -v jq >/dev/null || return 0
	jq -r 'select(.type != "lost" and .type != "trace") |
		[.type, .pid, .comm, .saddr, .sport, .daddr, .dport, .netns // "-"] | @tsv' \
		"$dir/json" >"$dir/columns" || fail "jq failed"
	assert_same "json, by jq" "$dir/columns"
	assertEquals "objects" "$(wc -l <"$dir/json")" "$(jq -c . "$dir/json" | wc -l)"
}

text_columns='1d; s/^20[0-9-]{8}T[0-9:]{8}\.[0-9]{6}[+-][0-9:]{5} +(connect|accept|close) +([0-9]+) +([^ ]+) +([^ ]+):([0-9]+) +([^ ]+):([0-9]+) +([0-9]+)( .*)?$/\1\t\2\t\3\t\4\t\5\t\6\t\7\t\8/; s/[][]//g; s/\t0$/\t-/'

test_text() {
	run_peer --cycles 200 --clients 2
	watch --drain >"$dir/text"
	assertTrue "heading" "head -n 1 '$dir/text' | grep -q '^TIME *TYPE *PID *COMM *LOCAL *REMOTE *NETNS *NOTE$'"
	sed -E "$text_columns" "$dir/text" >"$dir/columns"
	assert_same text "$dir/columns"
}

tcptracer_columns='s/^[0-9]+ cpu#[0-9]+ (connect|accept|close) ([0-9]+) ([^ ]+) ([^ ]+):([0-9]+) ([^ ]+):([0-9]+) ([0-9]+)$/\1\t\2\t\3\t\4\t\5\t\6\t\7\t\8/; s/\t0$/\t-/'

test_tcptracer() {
	run_peer --cycles 200 --clients 2
	watch --format=tcptracer --drain >"$dir/lines"
	sed -E "$tcptracer_columns" "$dir/lines" >"$dir/columns"
	assert_same tcptracer "$dir/columns"
}

# A program whose name could break lines and columns: its comm is its file's name.
test_strange_comm() {
	strange=$(printf '%s/a\tb\nc"d\\e' "$dir")
	ln -s "$(command -v bash)" "$strange"
	start_peer --families 4 --cycles 4 --close-first client --go-file "$dir/go"
	port=$(listening_ports)
	while read -r format comm; do
		"$strange" -c "exec 3<>/dev/tcp/127.0.0.1/$port && printf x >&3 && head -c 1 <&3" >/dev/null
		assertEquals "connecting by bash" 0 $?
		watch --format="$format" --type=connect --drain >"$dir/lines"
		assertEquals "comm in $format: $(cat "$dir/lines")" 1 \
			"$(grep -F "$comm" "$dir/lines" | grep -c "[:\"[:space:]]$port\\>")"
	done <<-END
		text  a\\x09b\\x0ac"d\\\\e
		json "comm":"a\\u0009b\\u000ac\\"d\\\\e",
		tsv	a\\x09b\\x0ac"d\\\\e	4
		tcptracer a\\x09b\\x0ac"d\\\\e
	END
	kill_load_and_host
	rm "$strange"
}

# shellcheck source=/dev/null
. shunit2
