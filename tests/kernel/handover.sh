#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-load --replace where something is in the way: other keepers of the links,
# what is refused, programs that are killed or told to end.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/replace-lib.sh"
need root bpf netns raw_tp tracepoint

# ---- who keeps the links ----

test_held_by_another() {
	offsets >/dev/null
	keep tcpt-load --offsets="$dir/offsets" --hold
	first=$keeper
	keep tcpt-load --offsets="$dir/offsets" --hold --replace
	wait $first
	assertEquals "the first keeper's status" 0 $?
	assertTrue "the second keeps it" "kill -0 $keeper"
	assert_traces "held by the second"
	start_reader "$dir/ev"
	unload_trace
	wait "$reader"
	assertEquals "a reader of what its keeper removed" 0 $?
	reader=
}

# One that keeps nothing takes over from a keeper, and a keeper from it.
test_held_and_pinned() {
	can_pin "$(echo "$modes" | head -n 1)" || return 0
	offsets >/dev/null
	keep tcpt-load --offsets="$dir/offsets" --hold
	first=$keeper
	start_reader "$dir/ev"
	replace "$(echo "$modes" | head -n 1)"
	wait $first
	assertEquals "the first keeper's status" 0 $?
	sleep 0.1
	assertTrue "the reader goes on: $(cat "$dir/banner")" "kill -0 $reader"
	stop_reader "$dir/ev"
	assert_traces "pinned after held"
	keep tcpt-load --offsets="$dir/offsets" --hold --replace
	assert_traces "held after pinned"
	unload_trace
	assertFalse "pins left" "[ -e $pin ]"
}

# The first keeper is told to end at any moment of the replacement: the trace stays.
test_keeper_ended_meanwhile() {
	offsets >/dev/null
	for moment in 1 3 5 7 9; do
		keep tcpt-load --offsets="$dir/offsets" --hold
		first=$keeper
		tcpt-load --offsets="$dir/offsets" --hold --replace 2>"$dir/second" &
		keepers=$!
		sleep 0.$moment
		kill $first
		wait $first
		await says "$dir/second" held
		assert_traces "first keeper ended after 0.$moment s"
		tearDown
	done
}

has_new() {
	[ -e $pin/links-new ]
}

# killed_after SECONDS: one that was to keep the links is killed when it has pinned what is new.
killed_after() {
	load_trace "$(echo "$modes" | head -n 1)"
	links >"$dir/links"
	start_reader "$dir/ev"
	start_peer --cycles 600 --rate 300 --clients 2
	tcpt-load --offsets="$dir/offsets" --attach="$mode" --hold --replace 2>"$dir/second" &
	second=$!
	await has_new
	sleep "$1"
	kill -9 $second
	wait $second 2>/dev/null
	wait_peer
	# A reader looks once a second whether there is something to mend.
	await has_no_new
	stop_reader "$dir/ev"
}

# The old ones go on, unless the new ones had their place already.
test_new_keeper_killed() {
	can_pin "$(echo "$modes" | head -n 1)" || return 0
	went_back=0
	for moment in 0 0.05 0.1; do
		killed_after $moment
		if [ -s "$dir/second" ] || [ "$(cat "$dir/links")" != "$(links)" ]; then
			echo "  too late by $moment s"
			tearDown
			continue
		fi
		went_back=$((went_back + 1))
		events "$dir/ev" >"$dir/got"
		sort "$dir/record" >"$dir/done"
		# Until the reader looks, what happens is lost.
		assertEquals "killed after $moment s: doubled" "" \
			"$(diff "$dir/done" "$dir/got" | grep '^>' | head -n 3)"
		assert_traces "killed after $moment s, afterwards"
		tearDown
	done
	assertTrue "the old ones went on" "[ $went_back -gt 0 ]"
}

has_no_new() {
	! has_new
}

# As programs leave them that are detached while threads are in shutdown() or dup2().
leave_calls() {
	bpftool map update pinned $pin/maps/shutdowns key 1 0 0 0 1 0 0 0 value 1
	bpftool map update pinned $pin/maps/fd_calls key 1 0 0 0 value 1
}

calls_left() {
	for map in shutdowns fd_calls; do
		bpftool -j map dump pinned $pin/maps/$map
	done | grep -o '"key"' | wc -l
}

is_by_tracepoints() {
	[ -e $pin/progs/tp_shutdown ]
}

# calls_after OLD NEW SECONDS [OPTION...]: the load of NEW is killed so long after it has
# pinned what is new; another program ends the replacement. True if OLD or NEW, whichever
# has not the tracepoints, goes on.
calls_after() {
	load_trace "$1"
	leave_calls
	moment=$3
	new=$2
	shift 3
	tcpt-load --offsets="$dir/offsets" --attach="$new" --replace "$@" 2>"$dir/second" &
	second=$!
	await has_new
	sleep "$moment"
	kill -9 $second
	wait $second 2>/dev/null
	tcpt-filter >/dev/null
	assertFalse "the replacement has ended" has_new
	! is_by_tracepoints || return
	assertEquals "calls left: $new after $moment s" 0 "$(calls_left)"
	return 0
}

# There are no such entries in a mode whose programs do not delete them.
test_calls_under_way() {
	other=$(echo "$modes" | grep -v -e tracepoint -e cgroup | head -n 1)
	{ [ "$other" ] && can_pin "$other" && can_pin tracepoint; } || return 0
	calls_after "$other" tracepoint 0 --hold || fail "went on to tracepoints, by a keeper that is gone"
	tearDown
	went_on=
	for moment in 0 0.05 0.1 0.15 0.2 0.3; do
		! calls_after tracepoint "$other" $moment || went_on=yes
		tearDown
	done
	assertEquals "went on to $other" yes "$went_on"
}

# Behind an unload it waits for the lock, and then there is nothing to replace.
test_unloaded_meanwhile() {
	load_trace auto
	mkdir -m 700 $pin-tcpt-lock
	mkfifo "$dir/hold"
	flock $pin-tcpt-lock cat <"$dir/hold" &
	holder=$!
	exec 9>"$dir/hold"
	await is_locked $pin-tcpt-lock
	tcpt-load --offsets="$dir/offsets" --replace --hold 2>"$dir/second" 9>&- &
	keepers=$!
	sleep 0.2
	mv $pin /sys/fs/bpf/tcpt-tcpt-old
	exec 9>&-
	wait $holder
	await says "$dir/second" held
	assertEquals "errors" 1 "$(wc -l <"$dir/second")"
	keeper=
	assert_traces "loaded where one was unloaded"
	tearDown
	assertFalse "pins left" "ls -d /sys/fs/bpf/tcpt*"
}

# ---- what is refused leaves the old trace as it is ----

# refused STATUS PATTERN OPTION...
refused() {
	links >"$dir/links"
	pins >"$dir/pins"
	before=$(programs)
	assert_refusal "$@"
	assertEquals "pins" "$(cat "$dir/pins")" "$(pins)"
	assertEquals "programs and links" "$(cat "$dir/links")" "$(links)"
	assert_settled "refused" "$before"
}

test_failed_replacement() {
	load_trace auto
	start_reader "$dir/ev"
	start_peer --cycles 600 --rate 300 --clients 2
	sed 's/^sock_common.skc_num=.*/sock_common.skc_num=12/' "$dir/offsets" >"$dir/bad"
	refused 1 overlap tcpt-load --replace --offsets="$dir/bad"
	refused 3 'run as root' setpriv --bounding-set=-all --inh-caps=-all \
		tcpt-load --replace --offsets="$dir/offsets"
	refused 1 'has 1 taps' tcpt-load --replace --offsets="$dir/offsets" --taps=2
	kernel-can kprobe >/dev/null ||
		refused 3 'no kprobe' tcpt-load --replace --offsets="$dir/offsets" --attach=kprobe
	wait_peer
	stop_reader "$dir/ev"
	assert_exact "after failed replacements" "$dir/ev" "$dir/record"
}

# What is given takes the place of what is set, of the same sort; the rest stays.
test_filters_are_replaced() {
	load_trace auto --filter=sport=1,2 --filter=uid=0 --watch=$$
	tcpt-load --replace --offsets="$dir/offsets" --filter=sport=2,3 2>"$dir/err" || fail "$(cat "$dir/err")"
	assertEquals "sport=2,3 watch=$$" "$(tcpt-filter | xargs)"
	tcpt-load --replace --offsets="$dir/offsets" --watch=1 2>"$dir/err" || fail "$(cat "$dir/err")"
	assertEquals "sport=2,3 watch=1" "$(tcpt-filter | xargs)"
	tcpt-load --replace --offsets="$dir/offsets" 2>"$dir/err" || fail "$(cat "$dir/err")"
	assertEquals "sport=2,3 watch=1" "$(tcpt-filter | xargs)"
	unload_trace
}

# set_layout NUMBER: in the pinned description, whose second word it is.
set_layout() {
	value=$(bpftool -j map lookup pinned $pin/maps/meta key 0 0 0 0 | grep -o '"value":\[[^]]*' |
		grep -o '0x[0-9a-f]*')
	# shellcheck disable=SC2046,SC2086 # bytes
	bpftool map update pinned $pin/maps/meta key 0 0 0 0 \
		value $(echo $value | cut -d ' ' -f 1-4) "$1" 0 0 0 $(echo $value | cut -d ' ' -f 9-)
}

test_another_layout() {
	load_trace auto
	for layout in 2 99; do
		set_layout $layout
		for command in "tcpt-load --replace --offsets=$dir/offsets" tcpt-watch tcpt-filter; do
			# shellcheck disable=SC2086 # words
			refused 1 "loaded by tcpt 0.1.0, with layout $layout; this is tcpt 0.1.0, with layout [0-9]*; run tcpt-unload" $command
		done
	done
}

test_nothing_to_replace() {
	offsets >/dev/null
	keep tcpt-load --offsets="$dir/offsets" --hold --replace
	unload_trace
	assertFalse "pins left" "[ -e $pin ]"
}

test_filters_stay() {
	load_trace auto --filter=type=close --watch=1
	replace "$mode"
	assertEquals "type=close watch=1" "$(tcpt-filter | xargs)"
}

# shellcheck source=/dev/null
. shunit2
