#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the programs of bpf/ report, in all runs of the model with at most DEPTH
# deviations from the straight way (default 2). CONTRIBUTING.md says more.

# shunit2 calls the functions.
# shellcheck disable=SC2317

model=${abs_builddir:-.}/tests/model/model
depth=${DEPTH:-2}

command -v shunit2 >/dev/null || { echo "SKIP: shunit2 is not installed"; exit 77; }
[ -x "$model" ] || { echo "FAIL: $model is not built"; exit 1; }

# All modes at once.
test_every_run_is_right() {
	for mode in $("$model" --list-modes); do
		{ "$model" --budget="$depth" --mode="$mode" >"$SHUNIT_TMPDIR/$mode" 2>&1 || echo "$mode" >>"$SHUNIT_TMPDIR/failed"; } &
	done
	wait
	for mode in $("$model" --list-modes); do
		cat "$SHUNIT_TMPDIR/$mode"
	done
	assertEquals "modes of which something above is wrong" "" "$(cat "$SHUNIT_TMPDIR/failed" 2>/dev/null)"
}

# The same over rings of slots. One deviation less, to save time.
test_every_run_over_slots_is_right() {
	out=$("$model-slots" --budget=$((depth - 1)))
	assertEquals "$out" 0 $?
	echo "$out"
}

# The model compiles what the kernel gets: no line of the programs depends on anything but
# what the objects for the kernel are built with.
test_programs_do_not_know_the_model() {
	asked=$(sed -nE '/^ *# *(if|elif)/{/^#ifndef TCPT_[A-Z_]+_H$/!p}' "${abs_srcdir:-.}"/bpf/*.[ch] |
		grep -oE '[A-Za-z_][A-Za-z_0-9]*' | grep -vxE 'if|ifdef|ifndef|elif|defined' | LC_ALL=C sort -u | tr '\n' ' ')
	assertEquals "what bpf/ is conditional on" "TCPT_ATOMICS TCPT_SLOTS TCPT_SPLIT __TARGET_ARCH_x86 " "$asked"
}

test_replays() {
	out=$("$model" --mode=kprobe --scenario=connect --network=0 --budget=0 --replay=0)
	assertEquals "$out" 0 $?
	assertContains "$out" "kp_set_state: reports connect of 1001 -> 80"
	assertContains "$out" "nothing is wrong"
}

# shellcheck disable=SC1091
. shunit2
