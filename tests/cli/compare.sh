#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What tells whether a trace is exact: that it finds what is wrong.

# shunit2 calls the functions.
# shellcheck disable=SC2317

compare=${abs_srcdir:-.}/tests/kernel/workloads.awk
dir=$(mktemp -d)

# record LINE...: in columns separated by blanks.
record() {
	{
		echo "# netns 77 78"
		echo "# may-miss ${may_miss--}"
		printf '%s\n' "$@" | tr ' ' '\t'
	} >"$dir/record"
}

# event TYPE PID COMM SPORT NETNS OPENER LATE BYTES/BYTES REASON ERRNO
event() {
	echo "1 0 1 9 $1 client $2 $2 0 $3 4 127.0.0.1 $4 127.0.0.1 80 $5 - $6 $7 - - - $(echo "$8" | tr / ' ') - - $9 ${10} -" |
		tr ' ' '\t' >>"$dir/events"
}

# verdict EXPECTED [LINE...]: the differences that are printed before it.
verdict() {
	awk -v mode="${mode-kprobe}" -v bytes="${bytes-1}" -f "$compare" "$dir/record" "$dir/events" >"$dir/out"
	assertEquals "$(cat "$dir/out")" "$1" "$(tail -n 1 "$dir/out")"
	shift
	for line; do
		grep -q -x -F -e "$(echo "$line" | tr '~' '\t')" "$dir/out" || fail "no '$line' in $(cat "$dir/out")"
	done
	assertEquals "$(cat "$dir/out")" $(($# + 1)) "$(wc -l <"$dir/out")"
}

setUp() {
	: >"$dir/events"
	unset mode bytes may_miss
	record "connect 5 a 127.0.0.1 1000 127.0.0.1 80 77 - - - * -" \
		"close 5 b 127.0.0.1 1000 127.0.0.1 80 77 local 3/4 5 * -"
	event connect 5 a 1000 77 - 0 -/- - -
}

test_exact() {
	event close 5 b 1000 77 5 1 3/4 local -
	event close 5 b 1000 76 5 0 3/4 local -
	verdict exact
}

test_missing() {
	verdict FAIL "< close~5~b~127.0.0.1~1000~127.0.0.1~80~77~local~3/4~5"
}

test_doubled() {
	event close 5 b 1000 77 5 0 3/4 local -
	event connect 5 a 1000 77 - 1 -/- - -
	verdict FAIL "> connect~5~a~127.0.0.1~1000~127.0.0.1~80~77~-~-~-"
}

test_in_another_namespace_of_the_workload() {
	event close 5 b 1000 78 5 0 3/4 local -
	verdict FAIL "< close~5~b~127.0.0.1~1000~127.0.0.1~80~77~local~3/4~5" \
		"> close~5~b~127.0.0.1~1000~127.0.0.1~80~78~local~3/4~5"
}

# Each column counts.
test_wrong() {
	for wrong in "6 b 1000 77 5 0 3/4 local" "5 a 1000 77 5 0 3/4 local" "5 b 1001 77 5 0 3/4 local" \
		"5 b 1000 77 6 0 3/4 local" "5 b 1000 77 5 0 4/4 local" "5 b 1000 77 5 0 3/4 peer"; do
		: >"$dir/events"
		event connect 5 a 1000 77 - 0 -/- - -
		# shellcheck disable=SC2086 # columns
		event close $wrong -
		awk -v mode=kprobe -v bytes=1 -f "$compare" "$dir/record" "$dir/events" >"$dir/out"
		assertEquals "$wrong" FAIL "$(tail -n 1 "$dir/out")"
	done
}

test_bytes_that_the_offsets_do_not_give() {
	bytes=0
	event close 5 b 1000 77 5 0 -/- local -
	verdict exact
}

test_errno() {
	record "fail 5 a 127.0.0.1 1000 127.0.0.1 80 77 ETIMEDOUT - - * -"
	: >"$dir/events"
	event fail 5 a 1000 77 - 0 -/- - ECONNREFUSED
	verdict FAIL "< fail~5~a~127.0.0.1~1000~127.0.0.1~80~77~ETIMEDOUT~-~-" \
		"> fail~5~a~127.0.0.1~1000~127.0.0.1~80~77~ECONNREFUSED~-~-"
}

# Another truth for each mode, and no mode may pass with that of the other.
test_documented() {
	record "connect 5 a 127.0.0.1 1000 127.0.0.1 80 77 - - - * -" \
		"close 5 b 127.0.0.1 1000 127.0.0.1 80 77 local - 5 !tracepoint -" \
		"close 5 c 127.0.0.1 1000 127.0.0.1 80 77 local - 5 tracepoint other"
	event close 5 c 1000 77 5 0 3/4 local -
	mode=tracepoint
	verdict documented
	mode=kprobe
	verdict FAIL "< close~5~b~127.0.0.1~1000~127.0.0.1~80~77~local~-~5" \
		"> close~5~c~127.0.0.1~1000~127.0.0.1~80~77~local~-~5"
}

test_late_is_marked() {
	record "connect 5 a 127.0.0.1 1000 127.0.0.1 80 77 - - - * late"
	verdict FAIL "< connect~5~a~127.0.0.1~1000~127.0.0.1~80~77~-~-~-~late" \
		"> connect~5~a~127.0.0.1~1000~127.0.0.1~80~77~-~-~-"
	: >"$dir/events"
	event connect 5 a 1000 77 - 1 -/- - -
	verdict documented
}

# What a later hook reports is known by its process, under the name it has by then.
test_late_under_another_name() {
	event close 5 c 1000 77 5 1 3/4 local -
	verdict documented
	event close 5 c 1000 77 5 1 3/4 local -
	verdict FAIL "> close~5~c~127.0.0.1~1000~127.0.0.1~80~77~local~3/4~5"
	: >"$dir/events"
	event connect 5 a 1000 77 - 0 -/- - -
	event close 6 c 1000 77 5 1 3/4 local -
	verdict FAIL "< close~5~b~127.0.0.1~1000~127.0.0.1~80~77~local~3/4~5" \
		"> close~6~c~127.0.0.1~1000~127.0.0.1~80~77~local~3/4~5"
}

# Something may be missing, but nothing may be wrong.
test_may_miss() {
	may_miss='!tracepoint'
	record "connect 5 a 127.0.0.1 1000 127.0.0.1 80 77 - - - * -" \
		"close 5 b 127.0.0.1 1000 127.0.0.1 80 77 local - 5 * -"
	verdict documented
	mode=tracepoint
	verdict FAIL "< close~5~b~127.0.0.1~1000~127.0.0.1~80~77~local~-~5"
	mode=kprobe
	event close 5 a 1000 77 5 0 3/4 local -
	verdict FAIL "> close~5~a~127.0.0.1~1000~127.0.0.1~80~77~local~-~5"
}

oneTimeTearDown() {
	rm -rf "$dir"
}

# shellcheck source=/dev/null
. shunit2
