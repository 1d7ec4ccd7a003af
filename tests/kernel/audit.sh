#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-audit: a stream balances with the kernel's counters, and does not if one event is taken
# out of it. TCPT_TEST_SECONDS is how long real programs are audited.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
. "${0%/*}/nginx-lib.sh"
need root bpf netns raw_tp
command -v jq >/dev/null || {
	echo "needs jq"
	exit 77
}

programs_of_load=

tearDown() {
	# shellcheck disable=SC2086 # a list
	[ -z "$programs_of_load" ] || kill $programs_of_load 2>/dev/null
	# shellcheck disable=SC2086 # a list
	wait $programs_of_load 2>/dev/null
	programs_of_load=
	[ -z "$load" ] || kill "$load" 2>/dev/null
	load=
}

# start_audit FILTER: it reads a trace through a command, until end_audit.
start_audit() {
	rm -f "$dir/audit.fifo"
	mkfifo "$dir/audit.fifo"
	: >"$dir/audit.err"
	tcpt-trace --attach="$mode" --format=json --filter="netns=$netns" 2>"$dir/trace.err" >"$dir/audit.fifo" &
	traced=$!
	"$@" <"$dir/audit.fifo" | tcpt-audit --banner --format=json >"$dir/audit" 2>"$dir/audit.err" &
	audited=$!
	await says "$dir/audit.err" ready
}

# end_audit STATUS: the last readings come when all is quiet.
end_audit() {
	sleep 1
	kill "$traced"
	wait "$traced"
	wait "$audited"
	assert_exit "$1" $? "$mode: $(cat "$dir/audit" "$dir/audit.err" "$dir/trace.err")"
}

# of FILTER: of the result.
of() {
	jq -r "$1" "$dir/audit"
}

# The kernel counts a connection that two processors make at once twice, and drops one. An
# emulated machine does so now and then.
is_counted_twice() {
	[ -n "$emulated" ] && jq -e '.ActiveOpens.balanced and .numbers.missing == 0 and .lost == 0
		and (.PassiveOpens | .kernel > .stream and .kernel - .stream <= 2)' "$dir/audit" >/dev/null
}

# end_balanced: or as good as that.
end_balanced() {
	sleep 1
	kill "$traced"
	wait "$traced"
	wait "$audited"
	status=$?
	! is_counted_twice || status=0
	assert_exit 0 $status "$mode: $(cat "$dir/audit" "$dir/audit.err" "$dir/trace.err")"
}

balanced() {
	start_audit cat
	run_peer --cycles 2000 --clients 4 --refused 50
	end_balanced
	connects=$(grep -c '^connect' "$dir/record")
	! is_counted_twice || return 0
	assertEquals "$mode: $(cat "$dir/audit")" "$((connects + 50)) $((connects + 50))" \
		"$(of '.ActiveOpens | "\(.kernel) \(.stream)"')"
	assertEquals "$mode: $(cat "$dir/audit")" "$connects $connects" \
		"$(of '.PassiveOpens | "\(.kernel) \(.stream)"')"
	echo "  $mode: balanced at $(of .ActiveOpens.kernel) active and $(of .PassiveOpens.kernel) passive opens"
}

# mawk would wait for more than there is.
interactive=
! awk -W version 2>&1 </dev/null | grep -q '^mawk' || interactive='-W interactive'

# without TYPE: the stream, line by line, but for the twentieth event of this type.
without() {
	# shellcheck disable=SC2086 # two words, or none
	awk $interactive -v type="\"type\":\"$1\"" 'index($0, type) && ++n == 20 { next } { print; fflush() }'
}

take_one_out() {
	start_audit without "$1"
	run_peer --cycles 100
	end_audit 1
	assertEquals "$mode, without a $1: $(cat "$dir/audit")" 1 "$(of .numbers.missing)"
}

# assert_differences ACTIVE PASSIVE: of the kernel's counters.
assert_differences() {
	assertEquals "$mode: $(cat "$dir/audit")" "$1 $2" \
		"$(of '"\(.ActiveOpens | .kernel - .stream) \(.PassiveOpens | .kernel - .stream)"')"
	for counter in ActiveOpens PassiveOpens; do
		assertEquals "$mode: $(cat "$dir/audit")" "$(of ".$counter | .kernel == .stream")" "$(of ".$counter.balanced")"
	done
}

one_is_missing() {
	take_one_out connect
	assert_differences 1 0
	take_one_out accept
	assert_differences 0 1
	take_one_out close
	assert_differences 0 0
}

# A connection that waits to be accepted is counted by the kernel before the trace is there.
older_than_the_trace() {
	rm -f "$dir/go"
	start waiting live --count 3 --go-file "$dir/go"
	programs_of_load=$started
	start_audit cat
	run_peer --cycles 20
	touch "$dir/go"
	await_end "$programs_of_load" waiting
	programs_of_load=
	end_audit 0
	assertEquals "$mode: $(cat "$dir/audit")" "1 1" \
		"$(of '.PassiveOpens | "\(.older) \(.stream - .kernel)"')"
	assertEquals "$mode: $(cat "$dir/audit")" 0 "$(of .ActiveOpens.older)"
}

redis_answers() {
	redis-cli -p 8794 ping >/dev/null 2>&1
}

nginx_answers() {
	curl -s -f -o /dev/null http://127.0.0.1:8795/
}

start_programs() {
	write_nginx 8795
	seq 500 >"$dir/nginx/html/index.html"
	redis-server --bind 127.0.0.1 --port 8794 --save '' >"$dir/redis" 2>&1 &
	programs_of_load=$!
	begin_nginx
	programs_of_load="$programs_of_load $started"
	await redis_answers
	await nginx_answers
}

# Of the same stream, another audit does not get one event.
two_streams() {
	mkfifo "$dir/less.fifo"
	without connect <"$dir/less.fifo" |
		tcpt-audit --format=json >"$dir/less" 2>"$dir/less.err" &
	tee "$dir/less.fifo"
	wait
}

# Connections are made at each reading too: these are at the edges.
programs_are_balanced() {
	for program in redis-server redis-benchmark nginx curl; do
		command -v $program >/dev/null || return 0
	done
	start_programs
	rm -f "$dir/less.fifo"
	start_audit two_streams
	timeout "${TCPT_TEST_SECONDS:-5}" sh -c 'while :; do
		redis-benchmark -q -p 8794 -n 2000 -c 20 -k 0 -t set,get >/dev/null 2>&1
		curl -s -o /dev/null "http://127.0.0.1:8795/?[1-20]"
		curl -s -o /dev/null http://127.0.0.1:8796/
	done'
	end_balanced
	assertTrue "$mode: $(cat "$dir/audit")" "[ $(of .ActiveOpens.kernel) -gt 100 ]"
	echo "  $mode: nginx, redis-benchmark and curl: $(of .ActiveOpens.kernel) active opens and $(of .numbers.events) events in $(of .seconds) s, balanced"
	all=$(of '.numbers.events')
	cp "$dir/less" "$dir/audit"
	assertEquals "$mode: $(cat "$dir/less" "$dir/less.err")" "false 1 $((all - 1))" \
		"$(of '"\(.balanced) \(.numbers.missing) \(.numbers.events)"')"
}

suite() {
	add_for_modes balanced one_is_missing older_than_the_trace programs_are_balanced
}

# shellcheck source=/dev/null
. shunit2
