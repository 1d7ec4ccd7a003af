#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Rings of slots, also those for kernels before 5.12, and those that cannot be mapped. What is promised of rings holds
# for them: TCPT_TEST_WITHOUT=ringbuf runs any other test over them.

# The tests of a mode are called by name; $member is a command.
# shellcheck disable=SC2317,SC2086,SC2046
. "${0%/*}/replace-lib.sh"
need root bpf netns raw_tp

group=4242
cursor=$pin/maps/cursor

drain() {
	timeout 600 tcpt-watch --format=tsv --drain >"$dir/ev" 2>"$dir/err"
	assert_exit 0 $? "status: $(cat "$dir/err")"
}

# assert_causes NAME FILE: no connection is closed before it is connected or accepted.
assert_causes() {
	assertEquals "$1: closed before it was open" "" "$(own "$2" | awk -F'\t' '
		$5 == "connect" || $5 == "accept" { open[$4] = 1 }
		$5 == "close" && !open[$4]' | head -n 3)"
}

assert_store() {
	assertEquals "$1 as JSON" "\"store\":\"$1\"" "$(tcpt-stat --format=json | grep -o '"store":"[a-z]*"')"
	assertEquals "$1 for Prometheus" 1 "$(tcpt-stat --format=prometheus | grep -c "^tcpt_trace_info.*store=\"$1\"")"
}

# load_slots LACK [OPTION...]: without what the kernel is said to lack.
load_slots() {
	TCPT_TEST_WITHOUT=$1
	export TCPT_TEST_WITHOUT
	shift
	load_own "$mode" "$@"
	unset TCPT_TEST_WITHOUT
}

# Programs of fentry can be preempted wherever the kernel lacks no atomics.
lacks_not_for_fentry() {
	case $lack,$mode in *atomics*,fentry) return 1 ;; esac
}

exact() {
	for lack in nothing ringbuf,mmap ringbuf,atomics ringbuf,atomics,mmap; do
		lacks_not_for_fentry || continue
		load_slots $lack --store="$([ $lack = nothing ] && echo slots || echo auto)"
		assert_store slots
		trace_peer "$mode, slots, lacking $lack" --cycles 500 --clients 8 --servers 2
		assert_causes "$mode, lacking $lack" "$dir/ev"
		unload_trace
	done
}

# Nobody reads, and then somebody does. A segment has room for 16 at the least.
tiny() {
	for lack in nothing atomics atomics,mmap; do
		lacks_not_for_fentry || continue
		load_slots $lack --store=slots --ring-size=4
		run_peer --cycles 100
		drain
		got=$(events "$dir/ev" | wc -l)
		lost=$(lost_at ring)
		assertEquals "$mode, lacking $lack: $got received and $lost lost" 400 $((got + lost))
		assertTrue "$mode, lacking $lack: $got received" "[ $got -ge 16 ] && [ $lost -gt 0 ]"
		assertEquals "$mode, lacking $lack: counted" "$lost" "$(tcpt-stat --format=json | sed 's/.*"sum":{[^}]*"lost":\([0-9]*\).*/\1/')"
		run_peer --cycles 2
		drain
		assert_exact "$mode, lacking $lack, afterwards" "$dir/ev" "$dir/record"
		unload_trace
	done
}

taps() {
	load_slots mmap --store=slots --taps=2
	run_peer --cycles 200 --clients 4
	for tap in 1 2; do
		timeout 600 tcpt-watch --format=tsv --drain --tap=$tap >"$dir/ev"
		assert_exact "$mode, slots, tap $tap" "$dir/ev" "$dir/record"
	done
	unload_trace
}

suite() {
	add_for_modes exact tiny
	# Programs for more than one tap are longer than kernels before 5.2 allow.
	! kernel-can long_programs >/dev/null || add_for_modes taps
	add_tests killed_readers forged
	! kernel-can ringbuf >/dev/null || add_tests replaced
}

# What a killed reader has printed and not acknowledged comes again, and nothing else does.
test_killed_readers() {
	mode=auto
	for lack in nothing mmap; do
		load_slots $lack --store=slots
		kill_readers
		unload_trace
	done
}

kill_readers() {
	start_peer --cycles 1000 --clients 4 --rate 1500
	read_by_killed 0
	whole "$dir/ev" | awk -F'\t' '!seen[$2, $3]++' >"$dir/once"
	assert_exact "lacking $lack, $killed readers killed" "$dir/once" "$dir/record"
	assertTrue "lacking $lack, $killed killed" "[ $killed -gt 2 ]"
}

# From one kind to the other and back, and to another size, while it goes on.
test_replaced() {
	load_own auto --ring-size=16384
	assert_store ring
	start_reader "$dir/ev"
	rm -f "$dir/record" "$dir/enough"
	keep_busy &
	load=$!
	for ring in slots:16384 slots:32768 ring:16384 slots:16384; do
		replace auto --store="${ring%:*}" --ring-size="${ring#*:}"
		assert_store "${ring%:*}"
	done
	: >"$dir/enough"
	wait_peer
	stop_reader "$dir/ev"
	assert_exact "replaced" "$dir/ev" "$dir/record"
	assert_continuous "$dir/ev" replaced
	assertEquals "rings left" ring "$(cd $pin/maps && echo ring*)"
	replace auto
	assert_store slots
	tcpt-load --offsets="$dir/offsets" --replace --store=ring 2>"$dir/err" || fail "$(cat "$dir/err")"
	assert_store ring
	TCPT_TEST_WITHOUT=ringbuf assert_refusal 3 'this kernel has no BPF ring buffer.*--store=slots' \
		tcpt-load --offsets="$dir/offsets" --replace --store=ring
}

# ---- what others can write ----

# bytes CPU: the entry of the map cursor, as hexadecimal bytes.
bytes() {
	bpftool -j map lookup pinned $cursor key "$1" 0 0 0 |
		sed 's/.*"value":\[\([^]]*\)\].*/\1/; s/[",]/ /g; s/0x//g'
}

# move_position HEX...: that of each processor, as eight bytes.
move_position() {
	for cpu in $(seq 0 $(($(nproc --all) - 1))); do
		$member bpftool map update pinned $cursor key "$cpu" 0 0 0 value hex \
			$(bytes "$cpu" | awk -v to="$*" '{ for (i = 1; i <= 40; i++) printf "%s ", $i; print to; for (i = 49; i <= 64; i++) print $i }') ||
			fail "bpftool"
	done
}

# passed_over NAME TEXT HEX...: none of 80 events comes, and their number does.
passed_over() {
	name=$1
	text=$2
	shift 2
	run_peer --families 4 --cycles 20
	move_position "$@"
	drain
	assertEquals "$name: events" "" "$(grep -v lost "$dir/ev")"
	assertEquals "$name: passed over" 80 "$(lost_at position)"
	assertEquals "$name: $(cat "$dir/err")" "$text" "$(grep -o 'it was [a-z ]*' "$dir/err")"
	run_peer --families 4 --cycles 20
	drain
	assert_exact "$name: afterwards" "$dir/ev" "$dir/record"
	assertEquals "$name: messages afterwards" "" "$(cat "$dir/err")"
}

# Members of the group, where the kernel knows such readers, can move the position, and
# cannot write an event.
test_forged() {
	member=
	options=
	if kernel-can plain_maps >/dev/null; then
		member="setpriv --reuid=1000 --regid=1000 --groups=$group --bounding-set=-all --inh-caps=-all --ambient-caps=-all --"
		options=--group=$group
	fi
	load_own auto --store=slots $options
	passed_over ahead "it was ahead of the newest event" 0 0 1 0 0 0 0 0
	passed_over "far ahead" "it was ahead of the newest event" 0 0 0 0 0 0 0 80
	run_peer --families 4 --cycles 20
	drain
	assert_exact "before it is moved back" "$dir/ev" "$dir/record"
	head -c 0 </dev/null >"$dir/err"
	move_position 0 0 0 0 0 0 0 0
	drain
	grep -q 'events of cpu .* have come again' "$dir/err" || fail "moved back: $(cat "$dir/err")"
	for who in "$member" ''; do
		$who bpftool map update pinned $pin/maps/ring key 1 0 0 0 value hex \
			$(for _ in $(seq 192); do echo 0; done) 2>"$dir/err" && fail "'$who' writes an event"
		grep -q 'not permitted' "$dir/err" || fail "'$who': $(cat "$dir/err")"
	done
	run_peer --cycles 20
	$member timeout 600 tcpt-watch --format=tsv --drain >"$dir/ev" || fail "a member reads"
	assert_exact "a member reads" "$dir/ev" "$dir/record"
}

# shellcheck source=/dev/null
. shunit2
