#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Connects that were under way when the trace was loaded: their end is reported once,
# with the process that holds the socket, and with the error that it gets.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/existing-lib.sh"
need root bpf netns raw_tp tcp_diag

# The outcomes of connects, as underway records them.
outcomes() {
	columns 'connect\|fail' "type pid comm saddr sport daddr dport cookie errno"
}

# check_under_way NAME: what was held is reported so, once.
check_under_way() {
	outcomes >"$dir/outcomes"
	cut -f2- "$dir/held" >"$dir/expected"
	[ "$mode" != cgroup ] || forget_errors "$dir/outcomes" "$dir/expected"
	check_outcomes "$1"
}

# In cgroup mode the failure of such a connect is reported when its socket is closed: late,
# and without the error that its task has taken by then.
forget_errors() {
	for errors; do
		sed 's/	E[A-Z]*$/	-/' "$errors" >"$dir/forgotten"
		cp "$dir/forgotten" "$errors"
	done
}

check_outcomes() {
	assert_same "$1" "$dir/expected" "$dir/outcomes"
	assertEquals "$1, roles" "$(wc -l <"$dir/expected")" \
		"$(grep '"type":"\(connect\|fail\)"' "$dir/json" | grep -c '"role":"client"')"
	[ "$mode" = cgroup ] || assertEquals "$1, late" 0 "$(grep -c '"late":true' "$dir/json")"
	assertFalse "$1, an entry is left" "map_has existing $netns"
	assertFalse "$1, a connect is left" "map_has pending $netns"
	echo "  $mode, connects under way, then $1: $(wc -l <"$dir/outcomes"), exact"
}

# A connect that is under way at the load is reported when it comes to its end.
under_way() {
	for outcome in refused accepted closed killed timeout 'closed --families 6'; do
		[ "${outcome#*6}" = "$outcome" ] || [ $families != 4 ] || continue
		# shellcheck disable=SC2086 # words
		start_holder underway --outcome $outcome
		load_trace "$mode"
		end_holder
		read_events
		only_netns "$netns"
		check_under_way "$outcome"
		unload_trace
	done
}

# Of a trace whose filters hide it, nothing is reported.
under_way_hidden() {
	start_holder underway --outcome closed
	load_trace "$mode" --filter=pid=$$
	end_holder
	read_events
	assertEquals "reported" "" "$(outcomes)"
	unload_trace
}

# They are ended one by one while the trace is loaded: from some moment on all of
# them are reported, none twice, and with their process once the trace is loaded.
under_way_churn() {
	offsets >/dev/null
	rm -f "$dir/now"
	start during underway --outcome closed --count 800 --pause 4000 --go-file "$dir/now"
	closing=$started
	start_holder underway --outcome closed --count 40
	touch "$dir/now"
	load_trace "$mode"
	end_holder
	await_end "$closing" during
	read_events
	only_netns "$netns"
	outcomes >"$dir/outcomes"
	cut -f4-8 "$dir/outcomes" | sort >"$dir/ended"
	assertEquals "reported twice" "" "$(uniq -d "$dir/ended")"
	cut -f2- "$dir/held" >"$dir/expected"
	assertEquals "not reported whole" "" "$(only "$dir/expected" "$dir/outcomes")"
	check_tail
	assertFalse "an entry is left" "map_has existing $netns"
	echo "  $mode, connects under way during the load: $(wc -l <"$dir/outcomes") of $(cat "$dir/held" "$dir/during" | wc -l) reported, $(grep -c "^fail$tab-" "$dir/outcomes") without a process"
	unload_trace
}

# What is reported of those that were ended in order begins somewhere and has no hole.
check_tail() {
	sort -n "$dir/during" | cut -f5-9 | awk -v file="$dir/ended" '
		BEGIN { while ((getline line <file) > 0) is[line] }
		$0 in is { reported = 1; next }
		reported { print "not reported:", $0 }' >"$dir/holes"
	assertEquals "$(head -n 3 "$dir/holes")" 0 "$(wc -l <"$dir/holes")"
}

# Connects that were under way at the load, and others of the trace's own, go on
# under other programs.
under_way_replaced() {
	can_pin "$mode" || return 0
	start_holder underway --outcome refused
	load_trace "$mode"
	start held2 underway --outcome refused --go-file "$dir/go"
	second=$started
	tcpt-load --replace --offsets="$dir/offsets" --attach="$mode" 2>"$dir/load" ||
		fail "tcpt-load --replace: $(cat "$dir/load")"
	end_holder
	await_end "$second" held2
	cat "$dir/held2" >>"$dir/held"
	read_events
	only_netns "$netns"
	# The second one's filler is established while the trace is loaded.
	grep -v '"type":"connect"' "$dir/json" >"$dir/json.own"
	mv "$dir/json.own" "$dir/json"
	# Before Linux 5.12 nobody has asked for the cookies of the second one's.
	outcomes | cut -f1-7,9 >"$dir/outcomes"
	cut -f2-8,10 "$dir/held" >"$dir/expected"
	[ "$mode" != cgroup ] || forget_errors "$dir/outcomes" "$dir/expected"
	check_outcomes "refused after a replacement"
	unload_trace
}

suite() {
	add_for_modes under_way under_way_hidden under_way_churn under_way_replaced
}

# shellcheck source=/dev/null
. shunit2
