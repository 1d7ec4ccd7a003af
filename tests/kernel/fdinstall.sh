#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The descriptors of watched processes, and of no others.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

# start_fds: a process that gets its descriptors at end_fds.
start_fds() {
	rm -f "$dir/gate"
	mkfifo "$dir/gate"
	fds <"$dir/gate" >"$dir/record" &
	fds=$!
	exec 9>"$dir/gate"
}

end_fds() {
	echo >&9
	exec 9>&-
	wait "$fds"
	assertEquals "fds" 0 $?
}

installed() {
	tcpt-watch --format=tcptracer --type=fdinstall --drain |
		sed 's/.* fdinstall \([0-9]*\) \(.*\) \([0-9]*\)$/\1\t\2\t\3/' | sort >"$dir/got"
}

# What the mode can see: all, or what system calls return and is a socket.
expected() {
	if [ "$mode" = tracepoint ]; then
		grep 'call$' "$dir/record"
	elif bpftool link show pinned "$pin/links/kp_dup2" >/dev/null 2>&1 ||
		grep -q ' do_dup2$' /proc/kallsyms; then
		cat "$dir/record"
	else
		grep -v '	9[01]	' "$dir/record"
	fi | cut -f1-3 | sort
}

assert_installed() {
	installed
	expected >"$dir/expected"
	diff "$dir/expected" "$dir/got" | head -10
	assertTrue "$mode, $1: differ" "cmp -s $dir/expected $dir/got"
	assertTrue "$mode, $1: none" "[ -s $dir/got ]"
	echo "  $mode, $1: $(wc -l <"$dir/got") of $(wc -l <"$dir/record") descriptors, exact"
}

watched() {
	load_trace "$mode"
	start_fds
	tcpt-filter --watch="$fds"
	end_fds
	assert_installed watched
	start_fds
	end_fds
	installed
	assertEquals "another process is reported" 0 "$(wc -l <"$dir/got")"
	unload_trace
}

unwatched() {
	load_trace "$mode"
	start_fds
	tcpt-filter --watch="$fds,$$"
	tcpt-filter --unwatch="$fds"
	end_fds
	installed
	assertEquals "unwatched" 0 "$(grep -c "^$fds" "$dir/got")"
	unload_trace
}

watched_from_the_load() {
	start_fds
	load_trace "$mode" --watch="$fds"
	assertEquals "watch=$fds" "$(tcpt-filter)"
	end_fds
	assert_installed "from the load"
	unload_trace
}

# Keys that are of connections do not concern descriptors; those of tasks do.
filtered() {
	load_trace "$mode"
	start_fds
	tcpt-filter --watch="$fds" --add=dport=1 --add=family=6 --add=uid=0
	end_fds
	assert_installed "filters of connections"
	for filter in type=close uid=12345 pid=1; do
		start_fds
		tcpt-filter --clear --watch="$fds" --add=$filter
		end_fds
		installed
		assertEquals "$filter" 0 "$(wc -l <"$dir/got")"
	done
	unload_trace
}

suite() {
	add_for_modes watched unwatched watched_from_the_load filtered
}

# shellcheck source=/dev/null
. shunit2
