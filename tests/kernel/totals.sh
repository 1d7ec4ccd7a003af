#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What tcpt-stat counts of each type, and of bytes, is what the workload has done: in each
# attach mode, also where the ring was full.

# shunit2 calls the functions.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

types="connect accept close fail"

# number KEY: of the sum.
number() {
	sed -n 's/.*"sum":{\([^}]*\)}.*/,\1/; s/.*,"'"$1"'":\([0-9]*\).*/\1/p' "$dir/json"
}

# labelled METRIC LABEL: the samples with that label added up.
labelled() {
	grep "^$1{.*$2[,}]" "$dir/prom" | awk '{ sum += $NF } END { printf "%.0f", sum }'
}

# recorded TYPE: how many of them the workload has done.
recorded() {
	grep -c "^$1	" "$dir/record"
}

# The line for people that follows from the record.
types_of_record() {
	for type in $types; do echo "$(recorded "$type") $type"; done | grep -v '^0 ' | paste -s -d , | sed 's/,/, /g'
}

# assert_totals NAME BYTES: by type what the record has, and the bytes that were received.
assert_totals() {
	tcpt-stat --format=json >"$dir/json" || fail "tcpt-stat"
	tcpt-stat --format=prometheus >"$dir/prom" || fail "tcpt-stat"
	assertEquals "$1: types on the screen" "$(types_of_record)" "$(tcpt-stat | sed -n 's/^types    //p')"
	for type in $types; do
		assertEquals "$1: $type" "$(recorded "$type") $(recorded "$type")" \
			"$(number "$type") $(labelled tcpt_events_total "type=\"$type\"")"
	done
	assertEquals "$1: all" "$(number events)" "$(wc -l <"$dir/record")"
	assertEquals "$1: received" "$2 $2" \
		"$(number bytes_received) $(labelled tcpt_network_io_bytes_total 'network_io_direction="receive"')"
	assertEquals "$1: sent" "$(number bytes_sent)" \
		"$(labelled tcpt_network_io_bytes_total 'network_io_direction="transmit"')"
}

sent_by_events() {
	tcpt-watch --format=json --drain | grep -o '"bytes_sent":[0-9]*' | awk -F: '{ sum += $2 } END { print sum }'
}

totals_in_mode() {
	load_own "$1"
	run_peer --cycles 50 --clients 2 --refused 5 --payload 1000
	assert_totals "$1" 100000
	assertEquals "$1: sent, by the events" "$(number bytes_sent)" "$(sent_by_events)"
	unload_trace
	load_own "$1" --ring-size=4K
	run_peer --cycles 50 --refused 20 --payload 1000
	assert_totals "$1, tiny ring" 100000
	assertTrue "$1: $(number lost) are lost" "[ $(number lost) -gt 100 ]"
	unload_trace
}

test_totals() {
	for mode in $(attach_modes); do
		totals_in_mode "$mode"
	done
}

# shellcheck source=/dev/null
. shunit2
