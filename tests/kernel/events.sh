#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Workloads against the trace, in each attach mode: the events are the
# multiset that the workload has recorded itself.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
most_modes="$most_modes cgroup"
need root bpf netns raw_tp

maps_empty() {
	map_is_empty conns && map_is_empty pending
}

# With several processes; the same with many more than there are processors.
workload() {
	load_trace "$mode"
	trace_peer "$mode, 2,000 cycles" --cycles 2000 --clients 3 --servers 3
	await maps_empty
	for run in 1 2 3; do
		trace_peer "$mode, 2,000 cycles, 32 clients, run $run" --cycles 2000 --clients 32 --servers 9
		echo "  late: $(late "$dir/ev")"
	done
	trace_peer "$mode, 600 cycles, 8 threads each" --cycles 600 --clients 4 --threads 8
	print_misses
	await maps_empty
	unload_trace
}

# Refused and v4-mapped connects have blinded tracers that key their maps by tuple.
refused() {
	load_trace "$mode"
	trace_peer "$mode, 1,200 refused connects" --refused 1200 --clients 3
	assertEquals "failed connects" 1200 "$(grep -c '^fail' "$dir/got")"
	assertEquals "of which refused" 1200 \
		"$(own "$dir/ev" | awk -F'\t' '$28 == "ECONNREFUSED"' | wc -l)"
	assertTrue "entries are left" "maps_empty"
	if [ $families != 4 ]; then
		trace_peer "$mode, 1,200 v4-mapped" --families m --cycles 1200
		await maps_empty
	fi
	trace_peer "$mode, 30 cycles after that" --cycles 30
	unload_trace
}

# blocked OPTION...: acceptors that have called accept before the trace is loaded.
blocked() {
	start_blocked "$@"
	load_trace "$mode"
	start_reader "$dir/ev"
	touch "$dir/go"
	wait_peer
	stop_reader "$dir/ev"
	assert_exact "$mode, 64 blocked acceptors $*" "$dir/ev" "$dir/record"
	unload_trace
}

blocked_before_load() {
	blocked --servers 64
	blocked --servers 1
}

# Together two readers have every event; one that was printed but not yet acknowledged may come twice.
killed_reader() {
	load_trace "$mode"
	start_reader "$dir/ev1"
	start_peer --cycles 4000 --clients 4
	await lines_reach "$dir/ev1" 1000
	kill_reader
	start_reader "$dir/ev2"
	wait_peer
	stop_reader "$dir/ev2"
	# A line that was cut off by the kill was not acknowledged.
	whole "$dir/ev1" | cat - "$dir/ev2" | sort -u >"$dir/ev"
	assert_exact "$mode, reader killed after $(wc -l <"$dir/ev1")" "$dir/ev" "$dir/record"
	assertTrue "the first reader had it all" "[ $(wc -l <"$dir/ev2") -gt 1000 ]"
	unload_trace
}

# A ring too small for the workload and nobody reading: what is lost is counted.
lost() {
	load_trace "$mode" --ring-size=4
	start_reader "$dir/ev"
	end_reader
	run_peer --cycles 300
	tcpt-watch --format=tsv --drain --fail-on-loss >"$dir/ev"
	assertEquals "status with --fail-on-loss" 1 $?
	got=$(events "$dir/ev" | wc -l)
	lost=$(awk -F'\t' '$5 == "lost" { n += $20 } END { print n + 0 }' "$dir/ev")
	assertTrue "some lost" "[ $lost -gt 0 ]"
	# Others on this host may have been counted too, but only natively.
	if [ -n "${TCPT_VM-}" ]; then
		assertEquals "$got received and $lost lost" 1200 $((got + lost))
	else
		assertTrue "$got received and $lost lost" "[ $((got + lost)) -ge 1200 ]"
	fi
	tcpt-watch --format=tsv --drain >"$dir/again"
	assertEquals "reported once" 0 "$(events "$dir/again" | wc -l)"
	echo "  $mode, tiny ring: $got received, $lost counted as lost"
	unload_trace
}

# without NAME LATE LINK...: the hooks are detached; the events are repaired all
# the same, LATE of them marked so; more where hooks are really missed.
without() {
	missing=$1
	expected=$2
	shift 2
	load_trace "$mode"
	for link; do
		remove_link "$link"
	done
	trace_peer "$mode, without $missing" --cycles 300 --clients 2
	got=$(late "$dir/ev")
	echo "  late: $got of about $expected"
	[ "$expected" = 0 ] || assertTrue "$mode, none late without $missing" "[ $got -gt 0 ]"
	await maps_empty
	unload_trace
}

# A close by a subflow of which the trace does not know who accepted it names nobody.
without_closer() {
	if is_blind; then
		awk 'BEGIN { FS = OFS = "\t" } $1 == "close" { $2 = $3 = "-" } { print }'
	else
		cat
	fi
}

# Subflows are not connections of their own. A kernel worker ends connections, some after
# the workload. In fentry mode only tracepoints see an MPTCP sock, and cgroup mode sees its
# subflows: then nothing may be doubled or wrong.
mptcp() {
	load_trace "$mode"
	start_reader "$dir/ev"
	run_peer --mptcp --cycles 60 --clients 2
	is_exact=$(case $mode in kprobe | tracepoint) echo 1 ;; esac)
	[ -z "$is_exact" ] || await maps_empty
	stop_reader "$dir/ev"
	if [ "$is_exact" ]; then
		assert_exact "$mode, MPTCP" "$dir/ev" "$dir/record"
	else
		events "$dir/ev" | without_closer | sort >"$dir/got"
		known <"$dir/record" | without_closer | sort | diff - "$dir/got" | grep '^[>+][^+]' >"$dir/extra"
		assertNull "doubled or wrong: $(head -n 4 "$dir/extra")" "$(cat "$dir/extra")"
		echo "  $mode, MPTCP: $(wc -l <"$dir/got") of 240 events"
	fi
	unload_trace
}

# How many of 1,200 events (300 connects, 300 accepts, 600 closes) come late.
missed_hooks() {
	can_pin "$mode" || return 0 # links that are not pinned cannot be taken away one by one
	if [ "$mode" = kprobe ]; then
		without "the kprobe on the state change" 0 kp_set_state
		without "both programs on the state change" 900 kp_set_state rt_state
		without "tcp_connect" 0 kp_connect
		without "the accept" 300 kp_graft
		without "the close" 600 kp_close
		without "accept and close" 900 kp_graft kp_close
	elif [ "$mode" = fentry ]; then
		without "the tracepoint of the state change" 0 tp_state_fe
		without "the raw tracepoint on the state change" 0 rt_state
		without "tcp_connect" 0 fe_connect
		without "the first program on the accept" 0 fe_graft
		without "the accept" 300 fe_graft fe_graft_again
		without "the first program on the close" 0 fe_close
		without "the close" 600 fe_close fe_close_again
		without "accept and close" 900 fe_graft fe_graft_again fe_close fe_close_again
	elif [ "$mode" = cgroup ]; then
		without "the destruction" 0 cg_destroy
		is_blind || without "the accept" 300 cg_graft
	else
		without "the raw tracepoint on the state change" 0 rt_state_tp
		without "the accept" 300 tp_accept tp_accept4
		without "the destruction" 0 tp_destroy rt_destroy_tp
	fi
}

# The tests of one mode are functions named after it.
suite() {
	add_for_modes workload refused blocked_before_load killed_reader lost missed_hooks
	! kernel-can mptcp >/dev/null || add_for_modes mptcp
}

# shellcheck source=/dev/null
. shunit2
