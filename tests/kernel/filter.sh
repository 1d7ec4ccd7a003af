#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Filters in the kernel: the events are the filtered record, and nothing else
# changes.

# The tests of a mode are called by name.
# shellcheck disable=SC2317,SC2016
. "${0%/*}/filter-lib.sh"
need root bpf netns raw_tp

by_type() {
	load_trace "$mode" --filter=type=close
	trace_filtered "type=close" '$1 == "close"' --cycles 300 --clients 2
	assertEquals "without duration" 0 "$(awk -F'\t' -v n="$netns" '$16 == n && $17 == "-"' "$dir/ev" | wc -l)"
	tcpt-filter --remove=type=close --add=type=connect,accept
	trace_filtered "type=connect,accept" '$1 != "close"' --cycles 300
	unload_trace
}

by_family() {
	[ $families != 4 ] || return 0
	load_trace "$mode" --filter=family=6
	trace_filtered family=6 '$4 ~ /:/' --cycles 300 --clients 2
	tcpt-filter --clear --add=family=4
	trace_filtered family=4 '$4 !~ /:/' --cycles 300 --clients 2
	tcpt-filter --add=family=6
	trace_filtered family=4,6 1 --cycles 300 --clients 2
	unload_trace
}

by_netns() {
	load_trace "$mode" --filter="netns=/proc/$$/ns/net"
	assertEquals "netns=$netns" "$(tcpt-filter)"
	trace_filtered netns 1 --cycles 300
	tcpt-filter --clear --add=netns=1
	trace_filtered netns=1 0 --cycles 300
	assertEquals "lines" 0 "$(wc -l <"$dir/ev")"
	unload_trace
}

by_uid() {
	load_trace "$mode" --filter=uid=0
	trace_filtered uid=0 1 --cycles 100
	tcpt-filter --clear --add=uid=4242
	trace_filtered uid=4242 0 --cycles 100
	tcpt-filter --clear --add=uid=root
	trace_filtered uid=root 1 --cycles 100
	unload_trace
}

# The name of a namespace is a file, as ip netns makes it.
by_name() {
	kernel-can netns >/dev/null || return 0
	mkdir -p /run/netns
	mount -t tmpfs tmpfs /run/netns || fail "cannot mount at /run/netns"
	: >/run/netns/blue
	mount --bind "/proc/$$/ns/net" /run/netns/blue || fail "cannot name the namespace"
	load_trace "$mode" --filter=netns=blue
	assertEquals "netns=$netns" "$(tcpt-filter)"
	trace_filtered "netns=blue" 1 --cycles 100
	unload_trace
	umount /run/netns/blue
	umount /run/netns
}

# A process outside of the group, then one inside.
by_cgroup() {
	mkdir -p "$dir/cgroup"
	mount -t cgroup2 cgroup2 "$dir/cgroup" || fail "cannot mount cgroup2"
	group=$dir/cgroup/tcpt-$$
	mkdir "$group"
	load_trace "$mode" --filter="cgroup=$group"
	tcpt-filter --add="cgroup=$group/cgroup.procs" 2>"$dir/err"
	assert_exit 2 $? "a file of a cgroup"
	assertTrue "$(cat "$dir/err")" "says '$dir/err' 'not a directory of the cgroup v2 hierarchy'"
	assert_cgroup "$group" "$(tcpt-filter | sed -n 's/^cgroup=//p')"
	trace_filtered "cgroup of others" 0 --cycles 100
	start_reader "$dir/ev"
	rm -f "$dir/record"
	sh -c 'echo $$ >"$1/cgroup.procs" && exec peer --families "$2" --record "$3" --cycles 300' sh \
		"$group" "$families" "$dir/record" 2>"$dir/peer.err" || fail "peer: $(cat "$dir/peer.err")"
	stop_reader "$dir/ev"
	select_record 1
	assert_filtered cgroup
	id=$(tcpt-filter)
	tcpt-filter --clear --add="cgroup=${group#"$dir/cgroup"}" || fail "the path below the root"
	assertEquals "$mode, its path below the root" "$id" "$(tcpt-filter)"
	unload_trace
	rmdir "$group"
	umount "$dir/cgroup"
}

# The comm of the workload's processes tells which side they are.
by_pid() {
	load_trace "$mode"
	start_peer --cycles 400 --clients 2 --servers 2 --go-file "$dir/go"
	some=$(cat /proc/[0-9]*/stat 2>/dev/null | awk -v parent=$load '$4 == parent { print $1; exit }')
	assertNotNull "no process of the workload" "$some"
	tcpt-filter --add=pid="$some"
	start_reader "$dir/ev"
	touch "$dir/go"
	wait_peer
	stop_reader "$dir/ev"
	select_record "\$2 == $some"
	assertTrue "none of process $some" "[ -s $dir/expected ]"
	assert_filtered "pid=one of many"
	unload_trace
}

# A listener's port is the local one of the accepting side, the remote one of the other.
by_port() {
	load_trace "$mode"
	start_peer --families 4 --cycles 400 --clients 2 --servers 3 --go-file "$dir/go"
	port=$(listening_ports | head -n 1)
	assertNotNull "no listener" "$port"
	tcpt-filter --add=dport="$port"
	start_reader "$dir/ev"
	touch "$dir/go"
	wait_peer
	stop_reader "$dir/ev"
	select_record "\$7 == $port"
	assert_filtered "dport=listener"
	unload_trace
}

# Values that are hidden, alone and beside those that are selected.
negated() {
	load_trace "$mode" --filter="uid!=4242"
	trace_filtered "uid!=4242" 1 --cycles 100
	tcpt-filter --clear --add="uid!=root"
	assertEquals "uid!=0" "$(tcpt-filter)"
	trace_filtered "uid!=root" 0 --cycles 100
	[ $families = 4 ] || {
		tcpt-filter --clear --add="family!=6"
		trace_filtered "family!=6" '$4 !~ /:/' --cycles 100
	}
	tcpt-filter --clear
	start_peer --families 4 --cycles 400 --clients 2 --servers 3 --go-file "$dir/go"
	port=$(listening_ports | head -n 1)
	tcpt-filter --add="dport!=$port" --add="sport!=$port"
	start_reader "$dir/ev"
	touch "$dir/go"
	wait_peer
	stop_reader "$dir/ev"
	select_record "\$7 != $port && \$5 != $port"
	assertTrue "none of the others" "[ -s $dir/expected ]"
	assert_filtered "dport and sport!=listener"
	tcpt-filter --remove="dport!=$port" || fail "remove"
	assertEquals "sport!=$port" "$(tcpt-filter)"
	assertEquals "$mode, JSON" "[$port]" "$(tcpt-filter --format=json | sed 's/.*"sport!":\([^,}]*\).*/\1/')"
	unload_trace
}

# Two keys must both agree.
two_keys() {
	load_trace "$mode" --filter=type=accept,close --filter=family=4 --filter=uid=0,1
	trace_filtered "three keys" '$1 != "connect" && $4 !~ /:/' --cycles 300
	unload_trace
}

# What was shown has its close, what was hidden has none, whatever is set by then.
whole_connections() {
	kernel-can netns >/dev/null || return 0
	load_trace "$mode" --no-existing --filter=dport=1
	start_reader "$dir/ev"
	start_holder holder --count 10
	hidden=$holder
	tcpt-filter --clear
	start_holder holder --count 10
	tcpt-filter --add=dport=1
	end_holder
	await_end "$hidden" held
	stop_reader "$dir/ev"
	awk -F'\t' -v n="$netns" '$16 == n { print $5, $7 }' "$dir/ev" | sort | uniq -c |
		sed 's/^ *//' >"$dir/got"
	assertEquals "$mode" "10 accept $holder
20 close $holder
10 connect $holder" "$(cat "$dir/got")"
	unload_trace
}

# Nor has a socket that has connected to itself, and passes when it is closed.
hidden_self() {
	load_trace "$mode" --filter=uid=1
	start_reader "$dir/ev"
	ends 4 "$dir/record" self-handed-on close-first || fail "ends"
	stop_reader "$dir/ev"
	assertEquals "$mode" "" "$(events "$dir/ev")"
	unload_trace
}

# The existing ones are decided by the same filters.
existing_filtered() {
	kernel-can tcp_diag >/dev/null || return 0
	start_holder holder --count 10
	port=$(listening_ports | head -n 1)
	load_trace "$mode" --filter=sport="$port"
	start_reader "$dir/ev"
	end_holder
	stop_reader "$dir/ev"
	assertEquals "$mode" "10 close server
10 existing server" "$(awk -F'\t' -v n="$netns" '$16 == n { print $5, $6 }' "$dir/ev" | sort | uniq -c | sed 's/^ *//')"
	unload_trace
}

# Editing while events come: no loss, no gap, and what passes in any case is whole.
edited_live() {
	load_trace "$mode" --filter=type=connect,accept,close
	start_reader "$dir/ev"
	start_peer --cycles 2000 --clients 3
	edits=0
	while peer_runs; do
		tcpt-filter --clear --add=netns="$netns",1 || fail "edit"
		tcpt-filter --clear --add=family=4,6 --add=uid=0 --watch=1 || fail "edit"
		edits=$((edits + 1))
	done
	wait_peer
	stop_reader "$dir/ev"
	select_record 1
	assert_filtered "edited $edits times meanwhile"
	unload_trace
}

bad_edits_change_nothing() {
	load_trace "$mode" --filter=sport=80,443
	before=$(tcpt-filter --format=json)
	for edit in '--add=dport=5 --remove=sport=81' '--remove=sport=80 --unwatch=5' \
		'--add=dport=5 --add=port=5' '--clear --add=family=5'; do
		# shellcheck disable=SC2086 # words
		tcpt-filter $edit 2>"$dir/err" && fail "$edit succeeded"
		assertEquals "$edit" "$before" "$(tcpt-filter --format=json)"
	done
	tcpt-filter --watch="$(seq -s, 1 600)" 2>"$dir/err"
	tcpt-filter --watch="$(seq -s, 601 1200)" 2>"$dir/err"
	assertEquals "too many" 1 $?
	assertTrue "$(cat "$dir/err")" "says $dir/err 'room for 1024'"
	assertEquals "after too many" 600 "$(tcpt-filter | sed -n 's/^watch=//p' | tr ',' '\n' | wc -l)"
	tcpt-filter --clear
	assertEquals "only the watched" "watch" "$(tcpt-filter | sed 's/=.*//')"
	unload_trace
}

# Who keeps an editor waiting is named once, where he can be seen.
test_locked() {
	load_trace auto
	mkfifo "$dir/hold"
	flock $pin/progs cat <"$dir/hold" &
	holder=$!
	exec 9>"$dir/hold"
	await is_locked $pin/progs
	unshare --pid --fork --mount-proc tcpt-filter 2>"$dir/unseen" &
	load=$!
	tcpt-filter 2>"$dir/err"
	assert_exit 1 $? "$(cat "$dir/err")"
	wait $load
	assert_exit 1 $? "$(cat "$dir/unseen")"
	load=
	exec 9>&-
	wait $holder
	assertEquals "tcpt-filter: $pin/progs is locked by flock (pid $holder); stop it first" "$(cat "$dir/err")"
	assertEquals "tcpt-filter: $pin/progs is locked by another process; stop it first" "$(cat "$dir/unseen")"
	unload_trace
}

suite() {
	suite_addTest test_locked
	add_for_modes by_type by_family by_netns by_name by_uid by_cgroup by_pid by_port negated two_keys \
		whole_connections hidden_self existing_filtered edited_live bad_edits_change_nothing
}

# shellcheck source=/dev/null
. shunit2
