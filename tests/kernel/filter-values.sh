#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Filters whose values are networks, ranges, names and sides: the events are the filtered
# record, and nothing else changes.

# The tests of a mode are called by name.
# shellcheck disable=SC2317,SC2016
. "${0%/*}/filter-lib.sh"
need root bpf netns raw_tp

# The peers have the loopback address of their family.
by_network() {
	v4='$4 !~ /:/'
	load_trace "$mode" --filter=daddr=127.0.0.1
	trace_filtered daddr=127.0.0.1 "$v4" --cycles 100
	filtered 'daddr!=::/0' "$v4"
	filtered 'daddr=10.0.0.0/8,::1' '$4 ~ /:/'
	filtered 'saddr!=127.0.0.1' '$4 ~ /:/'
	filtered 'saddr=::ffff:127.0.0.0/104' "$v4"
	filtered 'daddr=0.0.0.0/0' "$v4"
	# The smallest network decides, and knows those around it.
	filtered 'daddr=127.0.0.0/8 daddr!=127.0.0.0/24' 0
	filtered 'daddr=127.0.0.0/24 daddr!=127.0.0.0/8' 0
	filtered 'daddr=127.0.0.0/8 daddr!=127.0.1.0/24' "$v4"
	filtered 'daddr!=126.0.0.0/8,128.0.0.0/1' 1
	tcpt-filter --remove='daddr!=128.0.0.0/1' --add='daddr!=0.0.0.0/1' || fail "edit"
	trace_filtered "edited" '$4 ~ /:/' --cycles 100
	assertEquals "daddr!=0.0.0.0/1,126.0.0.0/8" "$(tcpt-filter)"
	unload_trace
}

# Without tries there are whole addresses.
by_address() {
	without=${TCPT_TEST_WITHOUT-}
	export TCPT_TEST_WITHOUT="$without,tries"
	load_trace "$mode" --filter=daddr=127.0.0.1
	trace_filtered "daddr=127.0.0.1 without tries" '$4 !~ /:/' --cycles 100
	filtered 'daddr!=127.0.0.1,::2' '$4 ~ /:/'
	tcpt-filter --add=daddr=127.0.0.0/8 2>"$dir/err"
	assert_exit 3 $? "a network without tries"
	assertTrue "$(cat "$dir/err")" "says '$dir/err' 'no tries'"
	unload_trace
	tcpt-load --offsets="$dir/offsets" --attach="$mode" --filter=daddr=::/0 2>"$dir/err"
	assert_exit 3 $? "a network without tries, at load"
	export TCPT_TEST_WITHOUT="$without"
}

# A thousand values, one of which counts.
by_many() {
	load_trace "$mode"
	tcpt-filter $(seq -f '--add=daddr=10.0.%g.0/24' 0 250) $(seq -f '--add=daddr=11.0.%g.0/24' 0 250) \
		$(seq -f '--add=daddr!=12.0.%g.0/24' 0 250) $(seq -f '--add=saddr!=12.0.%g.0/24' 0 250) \
		--add=daddr=127.0.0.0/30 || fail "a thousand networks"
	trace_filtered "a thousand networks" '$4 !~ /:/' --cycles 100
	unload_trace
}

# Ranges, and single ports in and beside them.
by_range() {
	load_trace "$mode" --filter=sport=0-44999
	trace_filtered sport=0-44999 '$5 < 45000' --cycles 200 --clients 2 --servers 3
	filtered 'dport=40000-49999 dport!=44000-60000' '$7 >= 40000 && $7 < 44000'
	filtered 'dport!=0-44999,45001-65535' '$7 == 45000'
	filtered 'dport=0-65535' 1
	filtered 'dport=0-65535 dport!=1-65535' 0
	tcpt-filter --clear --add=dport=80,8000-8099
	assertEquals "dport=80,8000-8099" "$(tcpt-filter)"
	tcpt-filter --add=dport=8050-9000
	tcpt-filter --remove=dport=8000-8099 || fail "remove"
	assertEquals "dport=80,8050-9000" "$(tcpt-filter)"
	assertEquals '[80,"8050-9000"]' "$(tcpt-filter --format=json | sed 's/.*"dport":\(\[[^]]*\]\).*/\1/')"
	unload_trace
}

# What the comm of the workload says of its side, the role says too.
by_side() {
	load_trace "$mode" --filter=role=client
	trace_filtered role=client '$3 == "peer-client"' --cycles 100
	filtered 'role!=client' '$3 == "peer-server"'
	filtered 'role=client,server' 1
	filtered 'type!=close,accept' '$1 == "connect"'
	filtered 'type=connect,close type!=close' '$1 == "connect"'
	assertEquals "type=connect,close type!=close" "$(tcpt-filter | tr '\n' ' ' | sed 's/ $//')"
	unload_trace
}

by_comm() {
	load_trace "$mode" --filter=comm=peer-server
	trace_filtered comm=peer-server '$3 == "peer-server"' --cycles 100
	filtered 'comm!=peer-server' '$3 != "peer-server"'
	filtered 'comm=peer,peer-clien,peer-client\\x20' 0
	unload_trace
}

suite() {
	add_for_modes by_network by_address by_many by_range by_side by_comm
}

# shellcheck source=/dev/null
. shunit2
