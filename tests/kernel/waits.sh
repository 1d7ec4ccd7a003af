#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The latency of connects, the time of fails and that in the queue of accepts, against the
# clock of a program that makes them take their time.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

# TYPE PORT WAIT LATE of events, by the client's port.
waited_for() {
	awk -F'\t' '
		$5 == "connect" || $5 == "fail" { print $5 "\t" $13 "\t" $30 "\t" $19 }
		$5 == "accept" { print $5 "\t" $15 "\t" $30 "\t" $19 }' "$dir/ev"
}

# compare NAME: each time of the record has its event, which is between the two; of those
# that have one port in common the first has the first. A late event has none, and those of
# the type $unknown need not have one.
compare() {
	waited_for | awk -F'\t' -v name="$1" -v unknown="$unknown" '
		{ key = $1 " " $2 " " ++n[FILENAME, $1, $2] }
		NR == FNR { least[key] = $3; most[key] = $4; next }
		!(key in least) { print name ": nobody did it:", $0; next }
		$4 && $3 != "-" { print name ": known though it is late:", $0 }
		!$4 && ($3 == "-" ? $1 != unknown : $3 < least[key] || $3 > most[key]) {
			print name ": not between", least[key], "and", most[key] ":", $0 }
		{ late += $4; delete least[key] }
		END {
			for (key in least) print name ": missing:", key
			print late + 0 >late_file
		}' late_file="$dir/late" "$dir/record" - >"$dir/wrong"
	assertEquals "$(head -n 3 "$dir/wrong")" 0 "$(wc -l <"$dir/wrong")"
	echo "  $mode, $1: $(wc -l <"$dir/record") times, each right, but for $(cat "$dir/late") late events"
}

# measured NAME OPTION...: what waits does with these options.
measured() {
	name=$1
	shift
	load_own "$mode"
	waits "$@" >"$dir/record" || fail "waits failed"
	tcpt-watch --format=tsv --drain >"$dir/ev"
	! is_blind || leave_accepts_out
	compare "$name"
	tcpt-unload
}

leave_accepts_out() {
	assertEquals "accepts with a time" 0 "$(waited_for | grep accept | grep -c -v "accept${tab}[0-9]*${tab}-")"
	for file in record ev; do
		grep -v "accept$tab" "$dir/$file" >"$dir/other"
		mv "$dir/other" "$dir/$file"
	done
}

# What is accepted before it is established has no time in the queue. Without
# a hook on tcp_connect() the SYN is taken for sent by connect().
fast_open() {
	[ "$netns" != - ] && echo 519 2>/dev/null >/proc/sys/net/ipv4/tcp_fastopen || return 0
	unknown=accept
	if [ "$mode" = tracepoint ]; then
		measured "Fast Open" --fast-open --since-connect
	else
		measured "Fast Open" --fast-open
	fi
}

waited() {
	unknown=
	measured "IPv4" --family 4
	[ "$families" = 4 ] || measured "IPv6" --family 6
	[ "$families" = 4 ] || measured "mapped" --family mapped
}

suite() {
	add_for_modes waited fast_open
}

# shellcheck source=/dev/null
. shunit2
