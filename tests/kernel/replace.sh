#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-load --replace: other programs take the place of those of a trace while
# it goes on. TCPT_TEST_REPLACEMENTS says how often under load (6, in an emulated
# machine 3).

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/replace-lib.sh"
need root bpf netns raw_tp tracepoint

replacements=${TCPT_TEST_REPLACEMENTS:-${emulated:+3}}
replacements=${replacements:-6}

# ---- under load ----

# under_load MODE...: these in turn.
under_load() {
	load_trace "$1" --ring-size=16384
	start_reader "$dir/ev"
	rm -f "$dir/record" "$dir/enough"
	keep_busy &
	load=$!
	done=0
	while peer_runs && [ $done -lt "$replacements" ]; do
		done=$((done + 1))
		replace "$(nth $done "$@")" --ring-size="$(nth $done 16384 16384 8192 32768)"
	done
	: >"$dir/enough"
	wait_peer
	assertEquals "replacements under load" "$replacements" "$done"
	stop_reader "$dir/ev"
	assert_exact "$*, replaced $done times" "$dir/ev" "$dir/record"
	assert_continuous "$dir/ev" "$*"
	echo "  late: $(late "$dir/ev")"
}

test_under_load() {
	for same in $modes; do
		under_load "$same"
		tearDown
	done
	# shellcheck disable=SC2086 # a list
	[ "$(echo "$modes" | wc -w)" -lt 2 ] || under_load $modes
}

# Nobody reads: what the rings hold comes in order.
test_without_a_reader() {
	load_trace auto --ring-size=16384
	start_peer --cycles 1500 --rate 500 --clients 4
	for size in 8192 16384 32768; do
		replace "$mode" --ring-size=$size
	done
	wait_peer
	: >"$dir/ev"
	while tcpt-watch --format=tsv --drain >"$dir/part" && [ -s "$dir/part" ]; do
		cat "$dir/part" >>"$dir/ev"
	done
	assert_exact "rings replaced unread" "$dir/ev" "$dir/record"
	assert_continuous "$dir/ev" "rings replaced unread"
	assertEquals "rings left" ring "$(cd $pin/maps && echo ring*)"
}

# watched MODE...: each descriptor of a watched process is reported once.
watched() {
	load_trace "$1"
	mkfifo "$dir/gate"
	fds 2500 <"$dir/gate" >"$dir/record" &
	load=$!
	exec 9>"$dir/gate"
	tcpt-filter --watch="$load"
	echo >&9
	rm "$dir/gate"
	done=0
	while peer_runs; do
		done=$((done + 1))
		replace "$(nth $done "$@")" 9>&-
		[ $done -lt 2 ] || exec 9>&-
	done
	exec 9>&-
	wait "$load"
	assertEquals "fds" 0 $?
	load=
	tcpt-watch --format=tcptracer --type=fdinstall --drain |
		sed 's/.* fdinstall \([0-9]*\) \(.*\) \([0-9]*\)$/\1\t\2\t\3/' | sort >"$dir/got"
	cut -f 1-3 "$dir/record" | sort >"$dir/done"
	got=$(wc -l <"$dir/got")
	all=$(wc -l <"$dir/done")
	assertTrue "$*: $all descriptors" "[ $all -ge 2500 ]"
	assertEquals "$*: other descriptors" "" "$(grep -v -x -F -f "$dir/done" "$dir/got" | head -n 5)"
	assertTrue "$*: reported twice, $got of $all" "[ $got -le $all ]"
	# There is one hook, and kprobes do not fire where a task is in a bpf() call.
	assertTrue "$*: missed, $got of $all" "[ $got -ge $((all - 10)) ]"
	assertTrue "$*: replaced" "[ $done -ge 2 ]"
	echo "  $*: $got descriptors of $all, replaced $done times"
	tearDown
}

test_watched_process() {
	for same in $modes; do
		watched "$same"
	done
	# shellcheck disable=SC2086 # a list
	[ "$(echo "$modes" | wc -w)" -lt 2 ] || watched $modes
}

# ---- killed at any moment ----

killed() {
	load_trace "$1"
	start_reader "$dir/ev"
	start_peer --cycles 2400 --rate 300 --clients 4
	kills=0
	while peer_runs && [ $kills -lt 8 ]; do
		kills=$((kills + 1))
		tcpt-load --offsets="$dir/offsets" --attach="$1" --replace 2>"$dir/load" &
		victim=$!
		sleep 0.$((kills * 7 % 10))5 # so long that it is killed at any of its steps
		kill -9 $victim 2>/dev/null
		wait $victim 2>/dev/null
	done
	wait_peer
	stop_reader "$dir/ev"
	assert_exact "$1, replacing killed $kills times" "$dir/ev" "$dir/record"
	assert_continuous "$dir/ev" "$1, killed"
	tcpt-filter >/dev/null || fail "tcpt-filter"
	replace "$1"
	assertEquals "pins" "links maps progs" "$(find $pin -mindepth 1 -maxdepth 1 | sed 's,.*/,,' | sort | xargs)"
}

test_killed() {
	for which in $modes; do
		! can_pin "$which" || killed "$which"
		tearDown
	done
}

# shellcheck source=/dev/null
. shunit2
