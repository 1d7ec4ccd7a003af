#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Files that tcpt-watch --output appends to, and those that it refuses.

# shunit2 calls the functions.
# shellcheck disable=SC2317

command -v tcpt-watch >/dev/null || {
	echo "tcpt-watch is not in PATH"
	exit 1
}

# Nothing is traced there: past the file, that is why it fails.
watch() {
	timeout 600 tcpt-watch --pin=/nonexistent --output="$1" >"$dir/out" 2>"$dir/err"
	status=$?
	err=$(cat "$dir/err")
	assertEquals "status for $1: $err" 1 $status
	assertEquals "messages for $1: $err" 1 "$(wc -l <"$dir/err" | tr -d ' ')"
}

# assert_refused FILE WHY
assert_refused() {
	watch "$1"
	assertEquals "tcpt-watch: cannot open $1: $2; the events stay in the trace" "$err"
}

assert_taken() {
	watch "$1"
	assertContains "$1" "$err" "no trace is loaded"
}

setUp() {
	dir=$SHUNIT_TMPDIR/logfile
	rm -rf "$dir"
	mkdir "$dir"
}

# Nobody reads the FIFO, which would keep others waiting.
test_no_regular_file() {
	irregular="it is no regular file; leave --output out, and redirect stdout to it"
	mkfifo "$dir/fifo"
	for file in "$dir/fifo" /dev/null /dev/tty; do
		[ ! -e "$file" ] || assert_refused "$file" "$irregular"
	done
	# shellcheck disable=SC2016 # the inner shell's
	said=$(sh -c 'tcpt-watch --output=/dev/stdout 2>&1 | cat')
	assertEquals "tcpt-watch: cannot open /dev/stdout: $irregular; the events stay in the trace" "$said"
}

test_no_file() {
	assert_refused "$dir" "Is a directory"
	missing="its directory is missing, or what a symbolic link there leads to; make that first"
	assert_refused "$dir/none/log" "$missing"
	ln -s none "$dir/link"
	assert_refused "$dir/link" "$missing"
	mkdir "$dir/none"
	assert_taken "$dir/none/log"
	assertTrue "it was made" "[ -f '$dir/none/log' ]"
	rm -r "$dir/none"
	: >"$dir/none"
	assert_taken "$dir/link"
}

test_others_could_exchange_it() {
	mkdir -m 777 "$dir/open"
	assert_refused "$dir/open/log" \
		"anybody can exchange it, because its directory is writable by all and has no sticky bit"
	assertFalse "made nonetheless" "[ -e '$dir/open/log' ]"
	chmod 1777 "$dir/open"
	assert_taken "$dir/open/log"
}

test_standard_output() {
	cd "$dir" || fail "cannot enter $dir"
	assert_taken -
	assertFalse "a file named -" "[ -e - ]"
}

# shellcheck source=/dev/null
. shunit2
