#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What tcpt-audit says of streams that cannot be reconciled. tests/kernel/audit.sh has others.

# shunit2 calls the functions.
# shellcheck disable=SC2317

command -v tcpt-audit >/dev/null || {
	echo "tcpt-audit is not in PATH"
	exit 1
}

# assert_audit STATUS ARGUMENT...: of the stream on stdin.
assert_audit() {
	wanted=$1
	shift
	tcpt-audit "$@" >"$SHUNIT_TMPDIR/out" 2>"$SHUNIT_TMPDIR/err"
	status=$?
	assertEquals "$*: $(cat "$SHUNIT_TMPDIR/err")" "$wanted" "$status"
}

test_too_short() {
	echo '{"type":"trace"}' | assert_audit 1
	assertContains "$(cat "$SHUNIT_TMPDIR/err")" "the stream was too short"
	assert_audit 1 </dev/null
}

test_no_stream() {
	printf '{"type":"trace"}\nfive\n' | assert_audit 1
	assertContains "$(cat "$SHUNIT_TMPDIR/err")" "stdin:2: not an object of JSON"
	head -c 300000 /dev/zero | tr '\0' x | assert_audit 1
	assertContains "$(cat "$SHUNIT_TMPDIR/err")" "stdin:1: the line is too long"
}

test_no_such_process() {
	assert_audit 1 --pid=2147483647 </dev/null
	assertContains "$(cat "$SHUNIT_TMPDIR/err")" "cannot find the network namespace of process 2147483647"
	assert_audit 2 --pid=0 </dev/null
}

# events [NUMBER]...: they are of no namespace, and have numbers of one processor.
events() {
	echo '{"type":"trace"}'
	for number; do
		echo "{\"type\":\"close\",\"cpu\":3,\"seq\":$number}"
	done
	sleep 1
}

test_numbers() {
	command -v jq >/dev/null || return 0
	events 5 6 7 | tcpt-audit -f json >"$SHUNIT_TMPDIR/json"
	assertEquals "3 0" "$(jq -r '.numbers | "\(.events) \(.missing)"' "$SHUNIT_TMPDIR/json")"
	events 5 7 10 | tcpt-audit -f json >"$SHUNIT_TMPDIR/json"
	status=$?
	assertEquals "$(cat "$SHUNIT_TMPDIR/json")" 1 $status
	assertEquals "3 3 false" "$(jq -r '"\(.numbers.events) \(.numbers.missing) \(.balanced)"' "$SHUNIT_TMPDIR/json")"
}

# shellcheck source=/dev/null
. shunit2
