#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What is particular to cgroup mode: it needs no offsets, it leaves others' programs alone,
# and its entries are no other mode's. The workloads are those of events.sh and workloads.sh.

. "${0%/*}/trace-lib.sh"
need root bpf netns cgroup raw_tp

mode=cgroup

# The record of a workload, as a trace without offsets knows it.
without_offsets() {
	netns_known=-
	! kernel-can netns_cookie >/dev/null || netns_known=$netns
	awk -v netns="$netns_known" 'BEGIN { FS = OFS = "\t" }
		{ $8 = netns } $1 == "accept" { $2 = $3 = "-" } { print }' "$1" | sort
}

# Natively others have connections too: only those of the workload's threads and ports.
of_workload() {
	cut -f4-7 "$dir/record" | sort -u >"$dir/ends"
	awk -F'\t' 'NR == FNR { ends[$0]; next }
		($12 FS $13 FS $14 FS $15) in ends' "$dir/ends" "$dir/ev" | cut -f$record_columns | sort
}

test_without_offsets() {
	tcpt-load --offsets=none --attach=cgroup 2>"$dir/load" || fail "$(cat "$dir/load")"
	start_reader "$dir/ev"
	run_peer --cycles 200 --clients 8 --refused 10
	stop_reader "$dir/ev"
	without_offsets "$dir/record" >"$dir/done"
	of_workload >"$dir/got"
	assertEquals "events" "" "$(diff "$dir/done" "$dir/got" | head -10)"
	assertEquals "late" 0 "$(awk -F'\t' '$19 == 1' "$dir/ev" | wc -l)"
	echo "  without offsets: $(wc -l <"$dir/got") events, exact but for the task of accepts"
	tcpt-stat >"$dir/stat"
	assertTrue "$(cat "$dir/stat")" "says $dir/stat '^offsets  none'"
	tcpt-unload || fail "tcpt-unload failed"
}

# events_by_cookie READER...: the types and namespaces of connections in two of them.
events_by_cookie() {
	run_peer --cycles 2 --families 4
	# shellcheck disable=SC2016 # for the inner shell
	unshare --net sh -c 'ip link set lo up && stat -L -c %i /proc/self/ns/net >"$0/other" &&
		peer --cycles 2 --families 4 --record "$0/part" && exec "$@"' "$dir" "$@" >"$dir/json" 2>"$dir/err" ||
		fail "$(cat "$dir/err")"
	sed -n 's/.*"type":"\(accept\|connect\|close\)".*"netns":\([0-9]*\),"netns_cookie":\([0-9]*\),.*/\2 \3/p' \
		"$dir/json" | sort | uniq -c | awk '{ print $2, $1, $3 }' >"$dir/spaces"
}

# A namespace is known by its cookie. The reader finds the inode, if it may enter it.
test_namespaces_by_cookie() {
	kernel-can netns_cookie >/dev/null || return 0
	tcpt-load --offsets=none --attach=cgroup 2>"$dir/load" || fail "$(cat "$dir/load")"
	events_by_cookie tcpt-watch --format=json --drain
	for inode in "$netns" "$(cat "$dir/other")"; do
		assertEquals "events of $inode: $(cat "$dir/spaces")" 1 "$(grep -c "^$inode 8 " "$dir/spaces")"
	done
	assertEquals "cookies: $(cat "$dir/spaces")" 2 "$(cut -d ' ' -f 3 "$dir/spaces" | sort -u | wc -l)"
	events_by_cookie deny setns tcpt-watch --format=json --drain
	assertEquals "of its own: $(cat "$dir/spaces")" "$(cat "$dir/other") 8" "$(cut -d ' ' -f 1,2 "$dir/spaces")"
	assertEquals "by cookie alone" 8 "$(grep -c '"dport":[0-9]*,"netns_cookie":' "$dir/json")"
	tcpt-unload || fail "tcpt-unload failed"
}

# With offsets the programs know both.
test_namespaces_by_offsets() {
	kernel-can netns_cookie >/dev/null || return 0
	load_trace cgroup
	events_by_cookie deny setns tcpt-watch --format=json --drain
	assertEquals "$(cat "$dir/spaces")" "2" "$(grep -c ' 8 [1-9]' "$dir/spaces")"
	unload_trace
}

# Others do not depend on what this kernel has beside these hooks.
test_auto_without_offsets() {
	tcpt-load --offsets=none 2>"$dir/load" || fail "$(cat "$dir/load")"
	assertTrue "$(cat "$dir/load")" "says $dir/load 'tracing by cgroup'"
	assert_refusal 3 'a filter by netns needs offsets' tcpt-filter --add=netns=4026531840
	tcpt-unload || fail "tcpt-unload failed"
}

test_refusals() {
	assert_refusal 3 'kprobe mode needs offsets' tcpt-load --offsets=none --attach=kprobe
	assert_refusal 3 'a filter by netns needs offsets' \
		tcpt-load --offsets=none --filter=netns=4026531840
	tcpt-load --offsets=none --force 2>"$dir/err"
	assert_exit 2 $? "--force: $(cat "$dir/err")"
	assertTrue "$(cat "$dir/err")" "says $dir/err 'not for --offsets=none'"
	assertFalse "a pin is left" "[ -e $pin ]"
}

# Without a hook for new descriptors nothing can be watched, and that is said.
test_watch_refused() {
	for filters in --watch=$$ "--filter=uid=0 --watch=$$"; do
		# shellcheck disable=SC2086 # words
		assert_refusal 3 'no hook for new descriptors' env TCPT_TEST_WITHOUT=fd_install,__fd_install \
			tcpt-load --offsets="$(offsets)" --attach=cgroup $filters
		assertFalse "a pin is left" "[ -e $pin ]"
	done
	TCPT_TEST_WITHOUT=fd_install,__fd_install tcpt-load --offsets="$(offsets)" --attach=cgroup \
		2>"$dir/load" || fail "$(cat "$dir/load")"
	assert_refusal 3 'no hook for new descriptors' tcpt-filter --add=uid=0 --watch=$$
	assertEquals "what is set" "" "$(tcpt-filter)"
	tcpt-unload || fail "tcpt-unload failed"
}

# A container has a part of the hierarchy for its root.
test_in_a_cgroup_namespace() {
	mkdir "$dir/cgroup"
	mount -t cgroup2 none "$dir/cgroup" || return
	mkdir "$dir/cgroup/tcpt-test-$$"
	# shellcheck disable=SC2016 # for the inner shell
	assert_refusal 3 'this is a cgroup namespace' sh -c 'echo $$ >"$0/cgroup.procs" &&
		exec unshare --cgroup --mount tcpt-load --offsets=none --attach=cgroup' \
		"$dir/cgroup/tcpt-test-$$"
	rmdir "$dir/cgroup/tcpt-test-$$"
	umount "$dir/cgroup"
	rmdir "$dir/cgroup"
}

# Programs of others change what a connect is sent to, and what the trace wants to see.
test_programs_of_others() {
	load_trace cgroup
	mkdir "$dir/cgroup"
	mount -t cgroup2 none "$dir/cgroup" || fail "cannot mount the hierarchy"
	start_reader "$dir/ev"
	others "$dir/cgroup" 7 >"$dir/record" 2>"$dir/err"
	assert_exit 0 $? "others: $(cat "$dir/err")"
	umount "$dir/cgroup"
	rmdir "$dir/cgroup"
	stop_reader "$dir/ev"
	sed -i '/^$/d' "$dir/record"
	assert_exact "others' programs" "$dir/ev" "$dir/record"
	unload_trace
}

test_replacing() {
	load_trace cgroup
	assert_refusal 3 'is traced by cgroup, and .* cannot take its connections over' \
		tcpt-load --offsets="$dir/offsets" --replace --attach=tracepoint --hold
	tcpt-load --offsets="$dir/offsets" --replace 2>"$dir/load" || fail "$(cat "$dir/load")"
	assertTrue "$(cat "$dir/load")" "says $dir/load 'tracing by cgroup'"
	trace_peer "cgroup, replaced" --cycles 100 --clients 4
	unload_trace
}

# The connections of a guess are left out, also those that it accepts.
test_guess_left_out() {
	load_trace cgroup
	start_reader "$dir/ev"
	tcpt-guess >"$dir/again" || fail "tcpt-guess failed"
	stop_reader "$dir/ev"
	assertEquals "connections of a guess" "" "$(awk -F'\t' '$5 != "lost" && $10 !~ /^peer/ && $12 ~ /^127\.[1-9]/' "$dir/ev" | head -n 3)"
	unload_trace
}

# shellcheck source=/dev/null
. shunit2
