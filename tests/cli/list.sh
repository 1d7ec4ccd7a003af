#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What tcpt-list refuses, and what it says without a trace. tests/kernel/list.sh has lists.

# shunit2 calls the functions.
# shellcheck disable=SC2317

command -v tcpt-list >/dev/null || {
	echo "tcpt-list is not in PATH"
	exit 1
}

# assert_refused STATUS MESSAGE ARGUMENT...: the first line on stderr is that.
assert_refused() {
	wanted=$1
	message=$2
	shift 2
	tcpt-list "$@" >"$SHUNIT_TMPDIR/out" 2>"$SHUNIT_TMPDIR/err"
	status=$?
	err=$(head -n 1 "$SHUNIT_TMPDIR/err")
	assertEquals "$*: $err" "$wanted" "$status"
	assertEquals "$*" "tcpt-list: $message" "$err"
	assertNull "$*" "$(cat "$SHUNIT_TMPDIR/out")"
}

test_columns() {
	assert_refused 2 "--columns: 'coom' is no column, see Columns in tcpt-list(8); did you mean comm?" \
		--columns=age,coom
	assert_refused 2 "--sort: 'seq' is no column, see Columns in tcpt-list(8)" --sort=seq
	assert_refused 2 "--sort=rate goes with --interval" --sort=rate
}

test_what_makes_no_sense() {
	assert_refused 2 "--num-lists goes with --interval" --num-lists=2
	assert_refused 2 "--duration goes with --interval" --duration=2
	assert_refused 2 "--filter: a connection has no type" --filter=type=close
	assert_refused 2 "--filter: a connection has no type" --filter='type!=close'
	assert_refused 2 "--columns is for --format=text only" --format=json --columns=age
	assert_refused 2 "--color=always is for --format=text only" --format=tsv --color=always
	assert_refused 2 "--no-heading is not for --format=json, which has none" --format=json --no-heading
	assert_refused 2 "unexpected operand 'x'" x
}

test_no_trace() {
	for option in --listen --interval=1 --format=json; do
		assert_refused 1 "no trace is loaded at /nonexistent, and none can be: / is not in a bpffs; choose the --pin that it was loaded with" \
			--pin=/nonexistent $option
	done
}

# shellcheck source=/dev/null
. shunit2
