#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The descriptors of watched processes, and of no others.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/replace-lib.sh"
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

# Links of hooks that watched processes alone need; those of the trace's other hooks.
fd_links() {
	(cd "$pin/links" && echo *) | tr ' ' '\n' | grep -E "$1" \
		'fd_install|install_into|_dup|tp_socket|tp_fcntl'
}

assert_attached() {
	assertTrue "$1: not attached" "fd_links -e >'$dir/attached'"
	assertEquals "$1: others" "$others" "$(fd_links -ve)"
}

assert_detached() {
	assertEquals "$1: attached" "" "$(fd_links -e)"
	assertEquals "$1: others" "$others" "$(fd_links -ve)"
}

# Who is not watched pays nothing: the hooks come with the first watched process, and go with
# the last, whatever happens in between.
attached_while_watched() {
	if ! can_pin "$mode"; then
		load_trace "$mode"
		assertEquals "a keeper has them" "*" "$(cd "$pin/links" && echo *)"
		unload_trace
		return
	fi
	load_trace "$mode"
	others=$(fd_links -ve)
	assert_detached loaded
	tcpt-filter --add=uid=0
	assert_detached filtered
	tcpt-filter --watch=1,$$
	assert_attached watched
	ids=$(links)
	tcpt-filter --watch=2 --unwatch=1 --clear
	assertEquals "the same links" "$ids" "$(links)"
	replace "$mode"
	assert_attached replaced
	tcpt-filter --unwatch=2
	assert_attached "still one"
	tcpt-filter --unwatch=$$
	assert_detached unwatched
	replace "$mode"
	assert_detached "replaced, unwatched"
	replace "$mode" --watch=$$
	assert_attached "replaced and watched"
	unload_trace
	load_trace "$mode" --watch=$$
	assert_attached "watched from the load"
	unload_trace
}

# What an editor leaves that is killed, or refused, the next one mends.
left_by_an_editor() {
	can_pin "$mode" || return 0
	load_trace "$mode"
	others=$(fd_links -ve)
	tcpt-filter --watch=$$
	assert_attached watched
	attached=$(cat "$dir/attached")
	rm "$pin/links/$(head -n 1 "$dir/attached")"
	tcpt-filter --watch=1
	assertEquals "one was missing" "$attached" "$(fd_links -e)"
	rm "$pin/links/$(tail -n 1 "$dir/attached")"
	tcpt-filter --unwatch=1,$$
	assert_detached "one was missing"
	tcpt-filter --unwatch=7 2>"$dir/err"
	assert_exit 1 $? "$(cat "$dir/err")"
	assert_detached "refused"
	unload_trace
}

# Who cannot attach them watches nobody.
without_the_right() {
	can_pin "$mode" && [ "$mode" != fentry ] || return 0
	load_trace "$mode"
	others=$(fd_links -ve)
	assert_refusal 3 "not permitted to attach" deny perf tcpt-filter --watch=$$ --add=uid=0
	assertEquals "set" "" "$(tcpt-filter)"
	assert_detached "refused"
	unload_trace
}

# Programs that have no hook for descriptors do not take over where some are watched.
replaced_without_hooks() {
	[ "$mode" != tracepoint ] || return 0
	load_trace "$mode" --watch=$$
	hold=
	can_pin "$mode" || hold=--hold
	# shellcheck disable=SC2086 # a word or none
	assert_refusal 3 "watches processes, and the new programs have no hook for new descriptors" \
		env TCPT_TEST_WITHOUT=fd_install,__fd_install \
		tcpt-load --offsets="$dir/offsets" --attach="$mode" --replace $hold
	assertEquals "watch=$$" "$(tcpt-filter)"
	unload_trace
}

suite() {
	add_for_modes watched unwatched watched_from_the_load filtered attached_while_watched \
		left_by_an_editor without_the_right replaced_without_hooks
}

# shellcheck source=/dev/null
. shunit2
