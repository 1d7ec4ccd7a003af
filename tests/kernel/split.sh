#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Programs that are split into steps, for kernels before 5.2. TCPT_TEST_WITHOUT=long_programs
# runs any other test with them.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/replace-lib.sh"
need root bpf netns raw_tp

split() {
	TCPT_TEST_WITHOUT=long_programs
	export TCPT_TEST_WITHOUT
	"$@"
	unset TCPT_TEST_WITHOUT
}

steps() {
	(cd $pin/progs && echo *_steps)
}

exact() {
	split load_own "$mode"
	assertTrue "$mode: $(steps)" "[ -e $pin/progs/$steps ]"
	trace_peer "$mode, split" --cycles 500 --clients 8 --servers 2
	unload_trace
}

# From programs that are split to others and back, while it goes on. An old kernel has no others.
replaced() {
	load_own "$mode" --store=slots
	whole=$(steps)
	start_reader "$dir/ev"
	rm -f "$dir/record" "$dir/enough"
	keep_busy &
	load=$!
	for _ in 1 2; do
		split replace "$mode" --store=slots
		assertTrue "$mode: split: $(steps)" "[ -e $pin/progs/$steps ]"
		split replace "$mode"
		assertTrue "$mode: split again: $(steps)" "[ -e $pin/progs/$steps ]"
		replace "$mode" --store=slots
		assertEquals "$mode: whole" "$whole" "$(steps)"
	done
	: >"$dir/enough"
	wait_peer
	stop_reader "$dir/ev"
	assert_exact "$mode, replaced" "$dir/ev" "$dir/record"
	assert_continuous "$dir/ev" replaced
	unload_trace
}

taps_are_refused() {
	offsets >/dev/null
	split assert_refusal 3 'no program of more than 4,096 instructions .*more than one tap' \
		tcpt-load --offsets="$dir/offsets" --attach="$mode" --taps=2
	assertFalse "pins" "[ -e $pin ]"
}

suite() {
	for mode in $(attach_modes); do
		case $mode in
		kprobe) steps=kp_steps ;;
		tracepoint) steps=tp_steps ;;
		*) continue ;;
		esac
		for test in exact replaced taps_are_refused; do
			eval "test_${test}_by_$mode() { mode=$mode steps=$steps; $test; }"
			suite_addTest "test_${test}_by_$mode"
		done
	done
}

# shellcheck source=/dev/null
. shunit2
