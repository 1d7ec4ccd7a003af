#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-trace: what it reports of a command is what the command has done, its summary adds
# that up, and nothing is left behind, whatever ends it. TCPT_TEST_ENDS is the number of
# such ends.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp cgroup

mode=auto

# Where the hierarchy of version 2 is; natively this mount namespace is the test's own.
hierarchy() {
	awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts
}

if [ -z "$(hierarchy)" ]; then
	mkdir "$own/cgroup"
	mount -t cgroup2 cgroup2 "$own/cgroup" || exit 99
fi

# ---- a command ----

# trace_command [OPTION...]: a workload as the command, and another one beside it.
trace_command() {
	run_peer --cycles 50
	mv "$dir/record" "$dir/others"
	start_peer --cycles 200 --rate 100 --refused 4
	mv "$dir/record" "$dir/beside" 2>/dev/null
	tcpt-trace "$@" -- peer --families $families --cycles 300 --clients 4 --refused 8 \
		--record "$dir/command" --deadline 600 2>"$dir/err"
	assert_exit 0 $? "tcpt-trace: $(cat "$dir/err")"
	wait_peer
}

test_events_of_a_command() {
	trace_command --format=tsv --output="$dir/ev"
	assert_exact "of the command alone" "$dir/ev" "$dir/command"
}

# summed RECORD: a line of the summary for each connection that it tells of.
summed() {
	awk -v exe="$(command -v peer)" 'BEGIN { FS = OFS = "\t" }
		{ $3 = exe }
		$1 == "connect" { print $3, "client", $6, $7, "ok" }
		$1 == "accept" { print $3, "server", $6, $5, "ok" }
		$1 == "fail" { print $3, "client", $6, $7, "ECONNREFUSED" }' "$1" |
		LC_ALL=C sort | uniq -c | awk '{ n = $1; sub(/^ *[0-9]+ /, ""); print $0 "\t" n }' | LC_ALL=C sort
}

test_summary() {
	trace_command --summary --format=tsv --output="$dir/summary"
	assertEquals "heading" "#exe role address port outcome count sent received" \
		"$(head -n 1 "$dir/summary" | tr '\t' ' ')"
	tail -n +2 "$dir/summary" | cut -f 1-6 | LC_ALL=C sort >"$dir/got"
	summed "$dir/command" >"$dir/done"
	assertEquals "lines" "" "$(diff "$dir/done" "$dir/got" | head -10)"
	assertTrue "no lines" "[ -s '$dir/got' ]"
	echo "  summary: $(wc -l <"$dir/got") lines of $(wc -l <"$dir/command") events, exact"
}

test_environment_of_the_command() {
	echo words | tcpt-trace -f json -o "$dir/ev" -- sh -c \
		'cat; pwd; stat -L -c %i /proc/self/ns/mnt; cat /proc/self/cgroup' >"$dir/out" 2>"$dir/err"
	assert_exit 0 $? "$(cat "$dir/err")"
	assertEquals "stdin, folder and mounts" "words
$PWD
$(stat -L -c %i /proc/self/ns/mnt)" "$(head -n 3 "$dir/out")"
	assertTrue "$(cat "$dir/out")" "grep -q '^0::.*tcpt-trace-[0-9]*-[0-9]*$' '$dir/out'"
}

test_status_of_the_command() {
	assert_refusal 5 'sh ended with status 7' tcpt-trace --no-heading -- sh -c 'exit 7'
	assert_refusal 5 'was ended by the signal' tcpt-trace --no-heading -- sh -c 'kill -9 $$'
	assert_refusal 5 'cannot execute /nonexistent' tcpt-trace --no-heading -- /nonexistent
	tcpt-trace --duration=0.5 --no-heading -- sleep 60 >"$dir/out" 2>"$dir/err"
	assert_exit 5 $? "$(cat "$dir/err")"
	assertTrue "$(cat "$dir/err")" "grep -q 'goes on, and is traced no longer' '$dir/err'"
}

# ---- a summary that is expected ----

traced_as_expected() {
	tcpt-trace --expect="$dir/expected" -- \
		peer --families 4 --cycles 5 --record "$dir/command" >"$dir/out" 2>"$dir/err"
}

# Ports are new in each run, so they are any here.
any_port() {
	awk 'BEGIN { FS = OFS = "\t" } { $4 = "*"; print $1, $2, $3, $4, $5 }' | sort -u
}

test_expected() {
	tcpt-trace --summary -f tsv -- peer --families 4 --cycles 5 --record "$dir/command" \
		2>"$dir/err" | grep -v '^#' | any_port >"$dir/known"
	assertTrue "$(cat "$dir/known" "$dir/err")" "[ $(wc -l <"$dir/known") -ge 2 ]"

	cp "$dir/known" "$dir/expected"
	sed -i 's/127[^\t]*/*/' "$dir/expected"
	traced_as_expected
	assert_exit 0 $? "$(cat "$dir/out" "$dir/err")"
	assertNull "$(cat "$dir/out")" "$(cat "$dir/out")"

	grep client "$dir/expected" >"$dir/less"
	mv "$dir/less" "$dir/expected"
	echo "other client 192.0.2.1 443 ok" >>"$dir/expected"
	traced_as_expected
	assert_exit 1 $? "$(cat "$dir/out" "$dir/err")"
	assertTrue "$(cat "$dir/out")" "grep -q '^+ .*server' '$dir/out'"
	assertFalse "$(cat "$dir/out")" "grep -q '^+ .*client' '$dir/out'"
	assertTrue "$(cat "$dir/out")" "grep -q '^- other.client' '$dir/out'"
	assertTrue "$(cat "$dir/err")" "grep -q 'not in' '$dir/err'"
}

# The reader stands still while the command does more than the ring can hold.
test_no_verdict_after_a_loss() {
	printf '* * * * *\n' >"$dir/expected"
	rm -f "$dir/go"
	start traced tcpt-trace --banner --expect="$dir/expected" --ring-size=4K -- \
		sh -c "until [ -e '$dir/go' ]; do sleep 0.05; done
			peer --cycles 300 --families 4 --record '$dir/command' && kill -CONT \$PPID"
	kill -STOP "$started"
	touch "$dir/go"
	wait "$started"
	assert_exit 4 $? "$(cat "$dir/traced.err")"
	assertTrue "$(cat "$dir/traced.err")" "grep -q 'so that there is no verdict' '$dir/traced.err'"
}

# ---- what is left ----

# The processes of the program in this network namespace.
tracers() {
	for process in /proc/[0-9]*; do
		[ "$(cat "$process/comm" 2>/dev/null)" != tcpt-trace ] ||
			[ "$(stat -L -c %i "$process/ns/net" 2>/dev/null)" != "$netns" ] || echo "${process#/proc/}"
	done
}

groups() {
	find "$(hierarchy)" -maxdepth 4 -type d -name 'tcpt-trace-*' 2>/dev/null
}

nothing_is_left() {
	[ -z "$(tracers)" ] && [ -z "$(groups)" ] && [ "$(programs)" -le "$programs_before" ]
}

# What stays there and does a little.
busy() {
	echo "echo \$\$ >'$dir/pid'; while :; do nc -z 127.0.0.1 9 2>/dev/null; sleep 0.1; done"
}

kill_command() {
	[ ! -s "$dir/pid" ] || kill -9 "$(cat "$dir/pid")" 2>/dev/null
	rm -f "$dir/pid"
}

# await_moment N: until it has begun, or some hundredths of a second.
await_moment() {
	if [ $(($1 % 3)) = 0 ]; then
		await test -s "$dir/pid"
	else
		sleep "0.$(($1 * 17 % 90 + 10))"
	fi
}

# end_by SIGNAL N [-- COMMAND]: of the program alone.
end_by() {
	ending=$1
	moment=$2
	shift 2
	tcpt-trace "$@" >/dev/null 2>"$dir/err" &
	started=$!
	[ $# != 0 ] || sleep 0.5
	[ $# = 0 ] || await_moment "$moment"
	kill "-$ending" $started
	kill_command
	{ wait $started; } 2>/dev/null
}

# Each way to end. What has its own session plays a shell that is killed with its jobs.
end_0() { tcpt-trace -- true >"$dir/out" 2>&1 || fail "$(cat "$dir/out")"; }
end_1() { end_by TERM "$1" -- sh -c "$(busy)"; }
end_2() { # before it is ready a shell's background job ignores SIGINT
	start traced tcpt-trace --banner --no-heading
	kill -INT "$started"
	await_end "$started" traced
}
end_3() { end_by KILL "$1" -- sh -c "$(busy)"; }
end_4() { end_by KILL "$1"; }
end_5() {
	# shellcheck disable=SC2016 # $0 is the inner shell's
	setsid sh -c 'tcpt-trace -- sh -c "$0"; :' "$(busy)" >/dev/null 2>&1 &
	started=$!
	await_moment "$1"
	kill -KILL -$started
	{ wait $started; } 2>/dev/null
	kill_command
}
end_6() {
	tcpt-trace -f json -- sh -c 'peer --cycles 100 --families 4 >/dev/null 2>&1' 2>/dev/null | head -n 1 >/dev/null
}
end_7() { tcpt-trace -f json -- peer --cycles 5 --families 4 --record "$dir/command" >/dev/full 2>"$dir/err"; }
# Those whom the command leaves behind go on elsewhere.
end_8() {
	tcpt-trace -- sh -c "sleep 60 >/dev/null 2>&1 & echo \$! >'$dir/pid'" >"$dir/out" 2>&1 ||
		fail "$(cat "$dir/out")"
	assertTrue "the one left behind was killed" "kill -0 $(cat "$dir/pid")"
	kill_command
}
# Its guardian too; the next one tidies up.
end_9() {
	tcpt-trace -- sh -c "$(busy)" >/dev/null 2>&1 &
	started=$!
	await test -s "$dir/pid"
	# shellcheck disable=SC2046 # a list
	kill -KILL $(tracers)
	{ wait $started; } 2>/dev/null
	kill_command
	sleep 0.2
	end_0
}

test_nothing_is_left_behind() {
	programs_before=$(programs)
	pins_before=$(ls /sys/fs/bpf)
	await nothing_is_left
	n=0
	while [ $n -lt "${TCPT_TEST_ENDS:-20}" ]; do
		end_$((n % 10)) $n
		await nothing_is_left || fail "after end $((n % 10)): $(tracers) $(groups) $(programs)"
		n=$((n + 1))
	done
	assertEquals "pins" "$pins_before" "$(ls /sys/fs/bpf)"
	echo "  $n ends in 10 ways, nothing is left"
}

# shellcheck source=/dev/null
. shunit2
