#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-audit: a stream balances with the kernel's counters, and does not if one event is taken
# out of it. TCPT_TEST_SECONDS is how long real programs are audited.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
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

balanced() {
	start_audit cat
	run_peer --cycles 2000 --clients 4 --refused 50
	end_audit 0
	connects=$(grep -c '^connect' "$dir/record")
	assertEquals "$mode: $(cat "$dir/audit")" "$((connects + 50)) $((connects + 50))" \
		"$(of '.ActiveOpens | "\(.kernel) \(.stream)"')"
	assertEquals "$mode: $(cat "$dir/audit")" "$connects $connects" \
		"$(of '.PassiveOpens | "\(.kernel) \(.stream)"')"
	echo "  $mode: balanced at $(of .ActiveOpens.kernel) active and $(of .PassiveOpens.kernel) passive opens"
}

# without TYPE: the stream, line by line, but for the twentieth event of this type.
without() {
	sed -u "/\"type\":\"$1\"/{
		x
		s/\$/x/
		/^x\{20\}\$/{
			x
			d
		}
		x
	}"
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

redis_answers() {
	redis-cli -p 8794 ping >/dev/null 2>&1
}

# Connections are made at each reading too: these are at the edges.
programs_are_balanced() {
	command -v redis-server >/dev/null && command -v redis-benchmark >/dev/null || return 0
	redis-server --bind 127.0.0.1 --port 8794 --save '' >"$dir/redis" 2>&1 &
	programs_of_load=$!
	await redis_answers
	start_audit cat
	timeout "${TCPT_TEST_SECONDS:-5}" sh -c 'while :; do
		redis-benchmark -q -p 8794 -n 2000 -c 20 -k 0 -t set,get >/dev/null 2>&1
		! command -v curl >/dev/null || curl -s -o /dev/null http://127.0.0.1:8794/
	done'
	end_audit 0
	assertTrue "$mode: $(cat "$dir/audit")" "[ $(of .ActiveOpens.kernel) -gt 100 ]"
	echo "  $mode: redis-benchmark and curl: $(of .ActiveOpens.kernel) active opens in $(of .seconds) s, balanced"
}

suite() {
	add_for_modes balanced one_is_missing programs_are_balanced
}

# shellcheck source=/dev/null
. shunit2
