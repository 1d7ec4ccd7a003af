#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Kernels as small virtual machines have them: nothing but cgroup mode, and no offsets. Where
# the kernel has tracing programs, the library takes them for missing.

. "${0%/*}/existing-lib.sh"
need root bpf netns cgroup tcp_diag

mode=cgroup
TCPT_TEST_WITHOUT=tracing${TCPT_TEST_WITHOUT:+,$TCPT_TEST_WITHOUT}
export TCPT_TEST_WITHOUT

tearDown() {
	[ -z "$reader" ] || kill_reader
	[ ! -d $pin ] || tcpt-unload
}

load_blind() {
	tcpt-load --offsets=none "$@" 2>"$dir/load" || fail "$(cat "$dir/load")"
	assertTrue "$(cat "$dir/load")" "says $dir/load 'tracing by cgroup'"
}

# The record of a workload, as such a trace knows it.
blind() {
	awk 'BEGIN { FS = OFS = "\t" } { $8 = "-" } $1 == "accept" { $2 = $3 = "-" } { print }' "$1" | sort
}

# Natively others have connections too: only those of the workload's threads and ports.
of_workload() {
	cut -f4-7 "$dir/record" | sort -u >"$dir/ends"
	awk -F'\t' 'BEGIN { OFS = FS }
		NR == FNR { ends[$0]; next }
		($12 FS $13 FS $14 FS $15) in ends { $16 = "-"; print }' "$dir/ends" "$1" |
		cut -f$record_columns | sort
}

# assert_blind NAME EVENTS: exact, but for the task of accepts.
assert_blind() {
	blind "$dir/record" >"$dir/done"
	of_workload "$2" >"$dir/got"
	diff "$dir/done" "$dir/got" >"$dir/differ" || fail "$1: $(head -n 5 "$dir/differ")"
	assertEquals "$1: late" 0 "$(awk -F'\t' '$19 == 1' "$2" | wc -l)"
	echo "  $1: $(wc -l <"$dir/got") events, exact"
}

test_workload() {
	load_blind
	start_reader "$dir/ev"
	run_peer --cycles 400 --clients 8 --servers 4 --refused 10
	stop_reader "$dir/ev"
	assert_blind workload "$dir/ev"
}

test_killed_readers() {
	load_blind
	start_peer --cycles 600 --clients 4 --rate 200
	read_by_killed 0.2
	assertTrue "killed: $killed" "[ $killed -ge 2 ]"
	assert_blind "readers killed $killed times" "$dir/ev"
}

test_taps() {
	load_blind --taps=2
	run_peer --cycles 100 --clients 4
	for tap in 1 2; do
		tcpt-watch --format=tsv --drain --tap=$tap >"$dir/ev"
		assert_blind "tap $tap" "$dir/ev"
	done
}

test_replaced() {
	load_blind
	start_reader "$dir/ev"
	start_peer --cycles 1000 --clients 4 --rate 200
	replaced=0
	while peer_runs && [ $replaced -lt 3 ]; do
		tcpt-load --offsets=none --attach=cgroup --replace 2>"$dir/load" || fail "$(cat "$dir/load")"
		replaced=$((replaced + 1))
	done
	wait_peer
	stop_reader "$dir/ev"
	assertEquals "replaced" 3 "$replaced"
	assert_blind "replaced $replaced times" "$dir/ev"
}

test_filtered() {
	load_blind --filter=uid=12345
	run_peer --cycles 20
	tcpt-watch --format=tsv --drain >"$dir/ev"
	assertEquals "another's" "" "$(of_workload "$dir/ev")"
	tcpt-filter --clear --add=type=close --add=family=4
	run_peer --cycles 50
	tcpt-watch --format=tsv --drain >"$dir/ev"
	grep '^close' "$dir/record" | grep -v : >"$dir/only"
	mv "$dir/only" "$dir/record"
	assert_blind "filtered" "$dir/ev"
	assert_refusal 3 'a filter by netns needs offsets' tcpt-filter --add=netns=1
	assert_refusal 3 'no hook for new descriptors' tcpt-filter --watch=1
}

# Connections that were there before are reported, and their closes.
test_existing() {
	start_holder holder --count 20
	load_blind
	read_events
	reported existing >"$dir/existing"
	end_holder
	read_events
	reported close >"$dir/closed"
	held >"$dir/wanted"
	assertTrue "$(cat "$dir/held")" "[ $(wc -l <"$dir/wanted") -ge 40 ]"
	assertEquals "not reported" "" "$(only "$dir/wanted" "$dir/existing")"
	assertEquals "not closed" "" "$(only "$dir/wanted" "$dir/closed")"
	echo "  existing: $(wc -l <"$dir/wanted") connections"
}

# What can be known of the kernel is said in one line, with a way out that works.
test_guess_refused() {
	! kernel-can tracepoint >/dev/null && ! kernel-can raw_tp >/dev/null || return 0
	assert_refusal 3 'tcpt-load --offsets=none --attach=cgroup' tcpt-guess
	eval "$(sed 's/.*\(tcpt-load .*\)/\1/' "$dir/err")" 2>"$dir/load" || fail "$(cat "$dir/load")"
	tcpt-load --probe >"$dir/out"
	assert_exit 0 $? "$(cat "$dir/out")"
	assertTrue "$(cat "$dir/out")" "says $dir/out '^auto: cgroup'"
	assertEquals "denied" "" "$(grep denied "$dir/out")"
}

# shellcheck source=/dev/null
. shunit2
