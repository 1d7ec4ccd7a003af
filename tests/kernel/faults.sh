#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# All or nothing: every system call of loading, replacing and unloading is made
# to fail, one in each run, by strace. What is left is the old state, or the new
# one, or nothing, and in no case half of a trace or programs that nobody sees.
#
# TCPT_TEST_FAULTS=N takes about every Nth call of a kind; all of them take long.

# The tests call these, most of them with a command in front.
# shellcheck disable=SC2119,SC2120,SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint
command -v strace >/dev/null || {
	echo "needs strace"
	exit 77
}

stride=${TCPT_TEST_FAULTS:-60}
runs=0

# What can go wrong, and how.
calls='bpf:ENOMEM openat:EMFILE mmap:ENOMEM memfd_create:ENFILE write:ENOSPC perf_event_open:EMFILE
	ioctl:EIO socket:EMFILE sendto:ENOBUFS recvfrom:ENOMEM setns:EPERM mkdir:ENOSPC rename:EIO
	unlink:EIO unlinkat:EIO flock:ENOLCK newfstatat:EIO access:EIO faccessat2:EIO statfs:EIO
	fsopen:EPERM getdents64:EIO dup3:EMFILE fcntl:EIO clone3:EAGAIN read:EIO chmod:EIO chown:EIO'

load() {
	"$@" tcpt-load --offsets="$dir/offsets" --attach="$mode"
}

replace() {
	"$@" tcpt-load --offsets="$dir/offsets" --attach="$mode" --replace --ring-size=4096
}

unload() {
	"$@" tcpt-unload
}

has_programs() {
	[ "$(programs)" -le "$1" ]
}

# A trace that is whole: it has what it has to have, and sees what happens.
assert_whole() {
	assertEquals "$1: parts" "links maps progs" "$(find $pin -mindepth 1 -maxdepth 1 | sed 's,.*/,,' | sort | xargs)"
	assertEquals "$1: maps" "$maps" "$(cd $pin/maps && echo *)"
	# An optional hook may be missing where the call that failed was about it.
	assertTrue "$1: $(cd $pin/links && echo *)" "[ $(find $pin/links -type f | wc -l) -ge $((links - 1)) ]"
	tcpt-watch --drain >/dev/null
	run_peer --cycles 2 --families 4
	tcpt-watch --format=tsv --drain >"$dir/ev" 2>"$dir/watch" || fail "$1: $(cat "$dir/watch")"
	events "$dir/ev" >"$dir/got"
	sort "$dir/record" >"$dir/done"
	assertEquals "$1: events" "" "$(diff "$dir/done" "$dir/got")"
}

assert_nothing() {
	assertEquals "$1: pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
	await has_programs "$none"
}

is_loaded() {
	[ -d $pin ]
}

# assert_status NAME: it has failed, and says so in a line.
assert_status() {
	case $status in
	1 | 3) assertTrue "$1: says '$(cat "$dir/err")'" "[ -n \"$(grep -v ' warning: ' "$dir/err" | head -c 9)\" ]" ;;
	*) fail "$1: status $status: $(cat "$dir/err")" ;;
	esac
}

# after_load NAME: of one that was loaded into nothing
after_load() {
	if [ "$status" = 0 ]; then
		assert_whole "$1"
		unload
	else
		assert_status "$1"
	fi
	assert_nothing "$1"
}

# The trace goes on, as it was or as the new one.
after_replace() {
	[ "$status" = 0 ] || assert_status "$1"
	assert_whole "$1"
	await has_programs "$one"
}

# Nothing is left, or all of the trace.
after_unload() {
	if [ "$status" = 0 ]; then
		assert_nothing "$1"
	elif is_loaded; then
		assert_status "$1"
		assert_whole "$1"
	else
		assert_status "$1"
	fi
	! is_loaded || unload
	# The rest of one that was interrupted goes with the next.
	[ -z "$(find /sys/fs/bpf -name 'tcpt*')" ] || tcpt-unload 2>/dev/null
	assert_nothing "$1"
}

before_load() {
	:
}

before_replace() {
	is_loaded || load 2>/dev/null
	maps=$(cd $pin/maps && echo *)
}

before_unload() {
	is_loaded || load 2>/dev/null
}

count_calls() {
	strace -f --seccomp-bpf -qq -o "$dir/trace" -e trace="$call" "$@" >"$dir/out" 2>&1
	grep -c "$call(" "$dir/trace"
}

# Those by which the dynamic linker starts it are not the program's.
count_first_calls() {
	count_calls tcpt-load --version
}

random() {
	echo $(($(od -An -N2 -tu2 /dev/urandom) % $1))
}

# faults STEP: each call of each kind, or every Nth from a random one on.
faults() {
	step=$1
	for fault in $calls; do
		call=${fault%:*}
		"before_$step"
		count=$("$step" count_calls)
		"after_plain_$step"
		first=$(count_first_calls)
		[ "$call" = read ] && skip=$((stride * 20)) || skip=$stride
		most=$((count - first))
		[ "$most" -gt "$skip" ] && most=$skip
		[ "$most" -gt 0 ] || continue
		at=$((first + 1 + $(random "$most")))
		while [ "$at" -le "$count" ]; do
			"before_$step"
			"$step" strace -f --seccomp-bpf -qq -o /dev/null -e trace="$call" \
				-e inject="$call:error=${fault#*:}:when=$at" 2>"$dir/err"
			status=$?
			"after_$step" "$step, $call number $at of $count fails with ${fault#*:}"
			runs=$((runs + 1))
			at=$((at + skip))
		done
	done
	echo "  $step by $mode: $runs faults"
	runs=0
}

after_plain_load() {
	unload
}

after_plain_replace() {
	:
}

after_plain_unload() {
	:
}

oneTimeSetUp() {
	offsets >/dev/null
	mode=$(attach_modes | while read -r each; do ! can_pin "$each" || echo "$each"; done | head -n 1)
	none=$(programs)
	load 2>/dev/null
	one=$(programs)
	maps=$(cd $pin/maps && echo *)
	links=$(find $pin/links -type f | wc -l)
	unload
	await has_programs "$none"
}

test_load() {
	faults load
}

test_replace() {
	faults replace
	unload
	maps=$(echo "$maps" | sed 's/ ring-[0-9]*//g')
}

test_unload() {
	faults unload
}

# shellcheck source=/dev/null
. shunit2
