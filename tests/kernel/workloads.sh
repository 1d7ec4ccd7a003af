#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Awkward workloads against the trace, in each attach mode: the events are the
# multiset that each workload has recorded itself, or, where the manual says
# that a mode cannot know something, exactly what it says. Prints a table:
#   workload MODE NAME exact|documented|absent|FAIL

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
most_modes="$most_modes cgroup"
need root bpf netns raw_tp

compare=${0%/*}/workloads.awk
traces=
readers=
keepers=

# The traces here are several at a time: trace N is pinned at $pin-N.
load_numbered() {
	offsets >/dev/null
	traces="$traces $1"
	set -- "$1" --offsets="$dir/offsets" --attach="$2" --pin="$pin-$1"
	number=$1
	shift
	if kernel-can perf_link_pin >/dev/null; then
		tcpt-load "$@" 2>"$dir/load" || fail "tcpt-load $*: $(cat "$dir/load")"
		return
	fi
	: >"$dir/load"
	tcpt-load "$@" --hold 2>"$dir/load" &
	keepers="$keepers $!"
	await says "$dir/load" held
}

# Where links cannot be pinned they are held here, so that those of kprobes are never missing.
is_blind_held() {
	[ "$1" = cgroup ] && ! kernel-can kprobe >/dev/null
}

read_numbered() {
	: >"$dir/banner"
	tcpt-watch --pin="$pin-$1" --format=tsv --banner >"$dir/events-$1" 2>"$dir/banner" &
	readers="$readers $!"
	await says "$dir/banner" ready
}

stop_readers() {
	for reading in $readers; do
		kill "$reading" && wait "$reading"
	done 2>/dev/null
	readers=
}

unload_all() {
	for keeping in $keepers; do
		kill "$keeping" && wait "$keeping"
	done 2>/dev/null
	if [ -z "$keepers" ]; then
		for number in $traces; do
			tcpt-unload --pin="$pin-$number" || fail "tcpt-unload failed"
		done
	fi
	keepers=
	traces=
}

# Nothing of a workload is left in the trace's maps.
all_forgotten() {
	for map in conns pending; do
		bpftool -j map dump pinned "$pin-$1/maps/$map" >"$dir/dump" || return
		! grep -q '"comm":"odd' "$dir/dump" || return
	done
}

# run_workloads MODE...: trace 1 in the first mode and so on, all at a time.
run_workloads() {
	count=0
	for mode; do
		count=$((count + 1))
		load_numbered $count "$mode"
		read_numbered $count
	done
	rm -rf "$dir/record"
	mkdir "$dir/record"
	odd --dir "$dir/record" >"$dir/odd" 2>&1
	status=$?
	assertNotEquals "odd was misused: $(cat "$dir/odd")" 2 $status
	for number in $traces; do
		await all_forgotten "$number" || grep -o '"comm":"odd[^}]*' "$dir/dump"
	done
	stop_readers
	for number in $traces; do
		tcpt-watch --pin="$pin-$number" --format=tsv --drain >>"$dir/events-$number"
	done
	unload_all
}

# judge MODE NAME EVENTS: prints the line of the table.
judge() {
	if [ -s "$dir/record/$2" ]; then
		awk -v mode="$1" -v bytes="$bytes" -v blind="$blind" -f "$compare" "$dir/record/$2" "$3" >"$dir/judged"
		verdict=$(tail -n 1 "$dir/judged")
	elif grep -q "^$2 absent " "$dir/odd"; then
		verdict=absent
	else
		grep "^$2 " "$dir/odd" >"$dir/judged"
		verdict=FAIL
	fi
	echo "workload $1 $2 $verdict$(sed -n "s/^$2 absent \(.*\)/ (\1)/p" "$dir/odd")"
	[ "$verdict" = FAIL ] || return 0
	head -n 12 "$dir/judged"
	fail "$1, $2: the record (<) and the events (>) differ"
}

judge_all() {
	for name in $(odd --list); do
		judge "$1" "$name" "$2"
	done
}

exact() {
	run_workloads "$1"
	blind=0
	! is_blind_held "$1" || blind=1
	bytes=1
	! grep -q 'bytes_acked=absent\|bytes_received=absent' "$dir/offsets" || bytes=0
	judge_all "$1" "$dir/events-1" >"$dir/table"
	cat "$dir/table"
	assertTrue "exact workloads" "[ $(grep -c ' exact$' "$dir/table") -gt 30 ]"
	echo "  $1: $(awk -F'\t' '$19 == 1' "$dir/events-1" | wc -l) of $(wc -l <"$dir/events-1") events late"
}

# What two modes are to agree in, event for event: all columns but those that say when and how
# it was traced; id and cookie are told apart by the tuple. Cgroup mode knows the retransmits
# without their offset. What one of the modes has reported late
# carries the name that the thread had by then.
common() {
	awk -F'\t' -v known="$1" -v own_figures="$own_figures" '
		FILENAME == ARGV[1] { for (i = 3; i <= NF; i++) own[$i] = 1; next }
		{ what = $5 FS $12 FS $13 FS $14 FS $15 FS $16 }
		FILENAME == ARGV[2] { late[what]; next }
		!($16 in own) { next }
		what in late { $10 = "*" }
		{ $26 = own_figures ? "*" : $26 }
		known { print $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $18, $21, $22, $23, $24, $26, $27, $28 }
		!known { print $5, $6, $11, $12, $13, $14, $15, $16 }' "$2" "$dir/late" "$3" | sort
}

# agree NAME MODE MODE EVENTS EVENTS: where a mode cannot know all of it, in what happened to whom.
agree() {
	grep -q '^# may-miss \(-\|cgroup\)' "$dir/record/$1" || return 0
	known=1
	! grep -q "	\\(late\\|other\\)$" "$dir/record/$1" || known=0
	sed -n '1s/ /\t/gp' "$dir/record/$1" >"$dir/own"
	awk -F'\t' '$19 == 1' "$4" "$5" >"$dir/late"
	common $known "$dir/own" "$4" >"$dir/first"
	common $known "$dir/own" "$5" >"$dir/second"
	if ! cmp -s "$dir/first" "$dir/second"; then
		diff "$dir/first" "$dir/second" | head -n 10
		fail "$2 (<) and $3 (>) do not agree on $1"
	fi
	agreed=$((agreed + $(wc -l <"$dir/first")))
}

# Cgroup mode does not know of all that others know: only what every mode knows is compared.
is_for_all() {
	! grep -v '^#' "$1" | grep -qv "	\*	-\$"
}

# All modes trace the same run. With one mode only, two traces of it.
modes_agree() {
	# shellcheck disable=SC2046,SC2086 # words
	set -- $(attach_modes)
	[ $# -gt 1 ] || set -- "$1" "$1"
	run_workloads "$@"
	others=0
	for other; do
		others=$((others + 1))
		[ $others -gt 1 ] || continue
		agreed=0
		! is_blind_held "$other" || continue
		own_figures=$([ "$other" != cgroup ] || echo 1)
		for record in "$dir"/record/*; do
			[ "$other" != cgroup ] || is_for_all "$record" || continue
			agree "${record##*/}" "$1" "$other" "$dir/events-1" "$dir/events-$others"
		done
		echo "  $1 and $other agree on $agreed events"
		assertTrue "hardly any events" "[ $agreed -gt 300 ]"
	done
}

suite() {
	for mode in $(attach_modes); do
		eval "test_$mode() { exact $mode; }"
		suite_addTest "test_$mode"
	done
	suite_addTest modes_agree
}

oneTimeTearDown() {
	stop_readers
	unload_all
	clean_up
}

# shellcheck source=/dev/null
. shunit2
