#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Each object that tcpt-watch prints is one of the schema, which refuses others.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/existing-lib.sh"
need root bpf netns raw_tp tcp_diag
schema=${0%/*}/../../utils/schema/tcpt-events.schema.json
if ! [ -e "$schema" ] || ! python3 -c 'import jsonschema' 2>/dev/null; then
	echo "needs the schema, and Python's jsonschema"
	exit 77
fi

validate() {
	python3 "${0%/*}/validate.py" "$schema" "$@"
}

setUp() {
	: >"$dir/all"
}

# Reads what is there.
more() {
	tcpt-watch --format=json --drain --resolve=user,cgroup,service,container,exe,ppid,process,started >>"$dir/all" 2>&1 || fail "tcpt-watch: $?"
}

# A name with all that could break a line, a string or an encoding.
connect_strangely() {
	strange=$(printf '%s/a\tb\n"\\\342\202\377e' "$dir")
	ln -sf "$(command -v bash)" "$strange"
	"$strange" -c 'exec 3<>/dev/tcp/127.0.0.1/1' 2>/dev/null
}

# Events of all types but losses, and a message.
ordinary() {
	start_holder holder --count 5
	set --
	! kernel-can perf_link_pin >/dev/null || set -- --processes
	[ "$mode" = cgroup ] || set -- "$@" --watch=$$
	load_trace "$mode" "$@"
	run_peer --cycles 100 --refused 10
	connect_strangely
	end_holder
	more
	tcpt-watch --format=json --pin=/sys/fs/bpf/none >>"$dir/all" 2>&1
	unload_trace
}

full() {
	load_own "$mode" --ring-size=4K
	run_peer --cycles 200
	more
	tcpt-unload
	load_own "$mode" --recorder=4K
	run_peer --cycles 200
	more
	tcpt-unload
}

checked() {
	ordinary
	full
	validate "$dir/all" >"$dir/wrong"
	assertEquals "$mode: $(head -n 3 "$dir/wrong")" 0 "$(wc -l <"$dir/wrong")"
	sed 's/.*"type":"\([a-z]*\)".*/\1/' "$dir/all" | sort | uniq -c >"$dir/types"
	for type in connect accept close fail existing lost overwritten trace message; do
		assertTrue "$mode: no $type" "grep -q ' $type$' '$dir/types'"
	done
	echo "  $mode: $(wc -l <"$dir/all") objects: $(xargs <"$dir/types")"
}

# What is wrong is found: each of these differs in one thing from a line that is right.
test_schema_refuses() {
	right='{"ts":1,"time":"2026-11-30T00:00:00.000000Z","cpu":0,"seq":1,"id":1,"type":"connect","role":"client","pid":1,"tid":1,"uid":0,"comm":"a","family":4,"saddr":"127.0.0.1","sport":1,"daddr":"127.0.0.1","dport":1,"latency_us":0}'
	echo "$right" >"$dir/all"
	assertEquals "" "$(validate "$dir/all")"
	for change in 's/"seq":1/"seq":0/' 's/"ts":1,//' 's/"role":"client"/"role":"both"/' 's/:4/:5/' \
		's/"tid":1,//' 's/latency/queue/' 's/}$/,"more":1}/' 's/"cpu":0/"cpu":"0"/' 's/Z"/"/' \
		's/connect/connects/' 's/"dport":1/"dport":65536/' 's/}$//' 's/"uid":0/"uid":0,"uid":0/'; do
		echo "$right" | sed "$change" >"$dir/all"
		assertFalse "$change" "cmp -s '$dir/all' - <<END
$right
END"
		validate "$dir/all" >"$dir/out"
		assertEquals "$change" 1 $?
	done
}

suite() {
	suite_addTest test_schema_refuses
	add_for_modes checked
}

# shellcheck source=/dev/null
. shunit2
