#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What tcpt-trace and tcpt-check refuse before they load anything.

# shunit2 calls the functions.
# shellcheck disable=SC2317

command -v tcpt-trace >/dev/null || {
	echo "tcpt-trace is not in PATH"
	exit 1
}

# assert_status STATUS COMMAND...: the first line on stderr is in $err.
assert_status() {
	wanted=$1
	shift
	"$@" >"$SHUNIT_TMPDIR/out" 2>"$SHUNIT_TMPDIR/err" </dev/null
	status=$?
	assertEquals "$*: $(cat "$SHUNIT_TMPDIR/err")" "$wanted" "$status"
	err=$(head -n 1 "$SHUNIT_TMPDIR/err")
	assertNull "$*" "$(cat "$SHUNIT_TMPDIR/out")"
}

# assert_refused MESSAGE ARGUMENT...
assert_refused() {
	message=$1
	shift
	assert_status 2 tcpt-trace "$@"
	assertEquals "tcpt-trace: $message" "$err"
}

test_command() {
	assert_refused "unexpected operand 'operand'; COMMAND comes behind --" operand
	assert_refused "there is no COMMAND behind --" --
	assert_status 2 tcpt-trace --filter=cgroup=1 -- true
	assert_status 2 tcpt-trace --no-existing -- true
}

test_options_that_do_not_go_together() {
	assert_refused "--summary and --expect exclude each other" --summary --expect=/dev/null
	assert_refused "--expect has no --format" --expect=/dev/null -f tsv
	assert_refused "--summary has no --format=tcptracer" --summary -f tcptracer
	for option in --type=close --columns=time --count=comm --time=utc --color=always; do
		assert_refused "--summary excludes --type, --columns, --count, --time and --color" \
			--summary $option
	done
	assert_status 2 tcpt-trace --cache-dir=/tmp
	assert_status 2 tcpt-trace --interval=1
	assert_status 2 tcpt-trace --expect
}

test_check() {
	assert_status 2 tcpt-check --all-modes --attach=kprobe
	assert_status 2 tcpt-check --no-self-test --all-modes
	assert_status 2 tcpt-check --no-self-test --attach=kprobe
}

test_what_is_no_summary() {
	assert_status 1 tcpt-trace --expect=/nonexistent
	assertEquals "tcpt-trace: cannot open /nonexistent: No such file or directory" "$err"
	printf '# kept\n\nEXE ROLE ADDRESS PORT OUTCOME\na client * * ok 1\nb client 10.0.0.1 80\n' \
		>"$SHUNIT_TMPDIR/summary"
	assert_status 1 tcpt-trace --expect="$SHUNIT_TMPDIR/summary"
	assertEquals "tcpt-trace: $SHUNIT_TMPDIR/summary:5: not a line of a summary" "${err%:*}"
}

# shellcheck source=/dev/null
. shunit2
