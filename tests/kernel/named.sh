#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What kernels before 4.17 have: kprobes with names, in tracefs, and no raw tracepoints. The
# names have to be gone afterwards. TCPT_TEST_WITHOUT=pmu,raw_tp,test_run runs any other test
# so. Here all is missing that Linux 4.9 lacks, and at last what 4.4 lacks besides.

# The tests are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns kprobe

TCPT_TEST_WITHOUT=pmu,raw_tp,test_run,rdonly,getrandom,long_programs,mmap,cgroup_links,lru,getinfo,first_key,so_cookie,nstype
export TCPT_TEST_WITHOUT

names() {
	cat /sys/kernel/tracing/kprobe_events /sys/kernel/debug/tracing/kprobe_events 2>/dev/null |
		grep -o ':[^/]*tcp[^ ]*' | sort -u
}

assert_no_names() {
	assertEquals "$1: names" "" "$(names)"
}

test_guess() {
	for _ in 1 2 3; do
		tcpt-guess --via=kprobe >"$dir/guessed" 2>"$dir/err"
		assert_exit 0 $? "$(cat "$dir/err")"
		assert_no_names "a guess"
	done
	offsets >/dev/null
	assertEquals "the same" "" "$(diff "$dir/guessed" "$dir/offsets")"
}

# Each begins by removing what those before have left.
test_killed_guesses() {
	left=0
	for _ in 1 2 3 4 5 6 7 8; do
		tcpt-guess --via=kprobe >"$dir/guessed" 2>"$dir/err" &
		guess=$!
		await has_name "$guess"
		kill -9 $guess
		wait $guess 2>/dev/null
		left=$((left + $(names | wc -l)))
	done
	echo "  8 killed guesses have left $left names"
	assertTrue "left: $left" "[ $left -gt 0 ]"
	tcpt-guess --via=kprobe >"$dir/guessed" || fail "tcpt-guess failed"
	assert_no_names "after killed guesses"
}

has_name() {
	names | grep -q "_$1_" || ! kill -0 "$1" 2>/dev/null
}

test_exact() {
	load_own kprobe
	assertTrue "names: $(names)" "[ $(names | wc -l) -ge 4 ]"
	trace_peer "kprobe, named" --cycles 500 --clients 8 --servers 2
	unload_trace
	assert_no_names "after a trace"
}

test_without_facts() {
	without=$TCPT_TEST_WITHOUT
	TCPT_TEST_WITHOUT=$without,fdinfo
	test_exact
	TCPT_TEST_WITHOUT=$without
}

# shellcheck source=/dev/null
. shunit2
