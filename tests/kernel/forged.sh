#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Members of the trace's group can write how far it has been read. Whatever they
# write, no event is printed that has not happened, and what the reader passes
# over is counted.

# shunit2 calls the functions; "word" options.
# shellcheck disable=SC2317,SC2086
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint ringbuf

group=4242
ring=$pin/maps/ring

# The forger is a member, where the kernel knows such readers.
member=
options=
if kernel-can plain_maps >/dev/null; then
	member="setpriv --reuid=1000 --regid=1000 --groups=$group --bounding-set=-all --inh-caps=-all --ambient-caps=-all --"
	options=--group=$group
fi

# Ten connections on the first processor, then ten on the last, for what is counted by each.
twenty() {
	processors=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
	rm -f "$dir/record"
	for processor in "${processors%%[-,]*}" "${processors##*[-,]}"; do
		taskset -c "$processor" peer --families 4 --cycles 10 --record "$dir/part" 2>"$dir/peer.err" ||
			fail "peer: $(cat "$dir/peer.err")"
		cat "$dir/part" >>"$dir/record"
	done
}

drain() {
	timeout 600 tcpt-watch --format=tsv --drain >"$dir/ev" 2>"$dir/err"
	assert_exit 0 $? "status: $(cat "$dir/err")"
}

position() {
	$member forger position $ring "$@"
}

newest() {
	position | cut -d ' ' -f 2
}

# complains NAME TEXT...: one line, with all of the texts.
complains() {
	name=$1
	assertEquals "$name: $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
	shift
	for text; do
		grep -q "$text" "$dir/err" || fail "$name: no '$text' in: $(cat "$dir/err")"
	done
}

# all_well: after that, each event is reported, and nothing else.
all_well() {
	run_peer --families 4 --cycles 20
	drain
	assertEquals "$1: messages afterwards" "" "$(cat "$dir/err")"
	assert_exact "$1: afterwards" "$dir/ev" "$dir/record"
}

# skipped NAME POSITION TEXT: none of 80 events, one line with the text, and the number.
skipped() {
	run_peer --families 4 --cycles 20
	position "$2"
	drain
	complains "$1" "has been moved: it was $3; reading goes on behind the newest event" "write $ring"
	assertEquals "$1: events" "" "$(grep -v lost "$dir/ev")"
	assertEquals "$1: passed over" 80 "$(lost_at position)"
	all_well "$1"
}

# The kernel makes the way to a new address later, in a worker.
is_reachable() {
	ip -6 route get "$1" >/dev/null 2>&1
}

test_forged_record() {
	kernel-can ipv6 >/dev/null || return 0
	ip -6 addr add 8800:501::3905:0:0:0/128 dev lo nodad
	await is_reachable 8800:501::3905:0:0:0
	for form in json text tsv tcptracer; do
		forger connect 8800:501::3905:0:0:0 || fail "forger"
		at=$($member forger find $ring)
		assertNotNull "the forged record is in the ring" "$at"
		position "$at"
		timeout 600 tcpt-watch --format=$form --drain >"$dir/ev" 2>"$dir/err"
		assertEquals "status" 0 $?
		complains "$form" 'in the middle of an event'
		assertEquals "$form" "" "$(grep -v 'lost\|passed over\|^TIME\|"type":"trace"' "$dir/ev")"
	done
	all_well "forged"
}

test_positions() {
	skipped "in an event" $(($(newest) + 64)) 'in the middle of an event'
	skipped "not aligned" $(($(newest) + 3)) 'in the middle of an event'
	skipped "ahead" $(($(newest) + 1000000)) 'ahead of the newest event'
	skipped "far ahead" 18446744073709551608 'in the middle of an event'
}

# Where a reader could have left it: it can have taken them.
test_passed_over() {
	run_peer --families 4 --cycles 20
	position "$(newest)"
	drain
	assertEquals "events" "" "$(grep -v lost "$dir/ev")"
	assertEquals "passed over" 80 "$(lost_at position)"
	assertEquals "messages" "" "$(cat "$dir/err")"
	all_well "passed over"
}

test_moved_back() {
	before=$(newest)
	run_peer --families 4 --cycles 20
	drain
	assert_exact "before" "$dir/ev" "$dir/record"
	position "$before"
	drain
	assert_exact "true events, once more" "$dir/ev" "$dir/record"
	assertTrue "$(cat "$dir/err")" "[ -s '$dir/err' ]"
	assertEquals "$(cat "$dir/err")" "" "$(grep -v 'events of cpu .* have come again' "$dir/err")"
	all_well "moved back"
}

# What a reader leaves that is killed before it acknowledges the ring: the next one
# reads it again, and ends before all is read. Nobody is accused.
test_counted_twice() {
	before=$(newest)
	twenty
	drain
	position "$before"
	timeout 600 tcpt-watch --format=tsv --num-events=40 >"$dir/first" 2>"$dir/err"
	assertEquals "messages of the first" "" "$(cat "$dir/err")"
	drain
	# A processor of which the first has read nothing is like one whose reader was killed once.
	sed -i '/events of cpu .* have come again/d' "$dir/err"
	complains "counted twice" "a reader was killed while it noted" "may write $pin/maps/cursor"
	cat "$dir/first" >>"$dir/ev"
	assert_exact "in two parts" "$dir/ev" "$dir/record"
	all_well "counted twice"
}

# All of it by one that ends when it has so many: it has said so, and noted it.
test_said_once() {
	before=$(newest)
	run_peer --families 4 --cycles 20
	drain
	position "$before"
	timeout 600 tcpt-watch --format=tsv --num-events=80 >"$dir/ev" 2>"$dir/err"
	assertTrue "$(cat "$dir/err")" "[ -s '$dir/err' ]"
	assertEquals "$(cat "$dir/err")" "" "$(grep -v 'events of cpu .* have come again' "$dir/err")"
	all_well "said once"
}

# Also by one who has a copy of the counters, and has read what came behind it.
test_member_drains() {
	[ -n "$member" ] || return 0
	twenty
	position "$(newest)"
	run_peer --families 4 --cycles 5
	$member timeout 600 tcpt-watch --format=tsv --drain --fail-on-loss >"$dir/ev" 2>"$dir/err"
	assert_exit 1 $? "status: $(cat "$dir/err")"
	assertEquals "passed over" 80 "$(lost_at position)"
	grep -v lost "$dir/ev" >"$dir/reported"
	assert_exact "behind it" "$dir/reported" "$dir/record"
	all_well "a member drains"
}

# As in containers, or with nohz_full.
test_without_membarrier() {
	TCPT_TEST_WITHOUT=membarrier
	export TCPT_TEST_WITHOUT
	test_passed_over
	test_moved_back
	unset TCPT_TEST_WITHOUT
}

# While somebody reads, over and over
test_moved_while_read() {
	start_reader "$dir/ev"
	start_peer --cycles 2000 --families 4
	while peer_runs; do
		position $(($(newest) + 40))
		position $(($(newest) - 72))
	done
	wait_peer
	end_reader
	timeout 600 tcpt-watch --format=tsv --drain >>"$dir/ev" 2>/dev/null
	grep -v lost "$dir/ev" >"$dir/reported"
	events "$dir/reported" >"$dir/got"
	sort "$dir/record" >"$dir/done"
	assertEquals "never happened" "" "$(diff "$dir/done" "$dir/got" | grep '^>' | head -n 3)"
	grep -q 'has been moved' "$dir/banner" || fail "nothing said: $(cat "$dir/banner")"
	reported=$(wc -l <"$dir/reported")
	assertEquals "reported and lost" 8000 $((reported + $(lost_at ring) + $(lost_at position)))
	all_well "moved while read"
}

test_forged_cursor() {
	run_peer --families 4 --cycles 20
	cpus=$(bpftool -j map show pinned $pin/maps/cursor | sed 's/.*"max_entries":\([0-9]*\).*/\1/')
	for cpu in $(seq 0 $((cpus - 1))); do
		$member bpftool map update pinned $pin/maps/cursor key "$cpu" 0 0 0 value \
			0 0 0 0 0 0 0 128 255 255 255 255 255 255 255 255 0 0 0 0 0 0 0 1 7 7 7 7 7 7 7 7 \
			9 9 9 9 9 9 9 9 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1 1 1 1 1 1 2>"$dir/update" ||
			fail "bpftool: $(cat "$dir/update")"
	done
	drain
	complains "cursor" "it says that more events were read than have happened" "write $pin/maps/cursor"
	assert_exact "with a forged cursor" "$dir/ev" "$dir/record"
	all_well "forged cursor"
}

setUp() {
	[ -d $pin ] || load_own auto $options
	tcpt-watch --drain >/dev/null 2>&1
}

# shellcheck source=/dev/null
. shunit2
