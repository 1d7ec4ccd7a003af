# shellcheck shell=sh disable=SC2154 # out, pace, passed, failed, skipped, failures: scripts/check
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Running steps. A step has a log; what it prints there that looks like the
# result of a test is shown as it comes.

# run NAME SECONDS COMMAND...
# In the background, so that this script can be interrupted; but the command
# itself is not to ignore SIGINT, which the shell has background ones do.
run() {
	log=$out/log/$1.log
	limit=$2
	shown=0
	shift 2
	: >"$log"
	$pace env --default-signal=INT,QUIT timeout --kill-after=30 "$limit" "$@" >"$log" 2>&1 </dev/null &
	child=$!
	while kill -0 "$child" 2>/dev/null; do
		sleep 0.5
		show_results
	done
	wait "$child"
	status=$?
	child=
	show_results
	return "$status"
}

show_results() {
	lines=$(wc -l <"$log")
	[ "$lines" -gt "$shown" ] || return 0
	sed -n "$((shown + 1)),${lines}p" "$log" |
		grep -E '^(\[.*\] )?((PASS|FAIL|SKIP|ERROR|XPASS|XFAIL): |== )'
	shown=$lines
}

interrupted() {
	# shellcheck disable=SC2086 # none, one or two
	kill $child $others 2>/dev/null
	exit "$1"
}

show_log() {
	echo "--- the last lines of $log:"
	tail -n "${1:-60}" "$log"
	echo "---"
}

# count NAME PASSED FAILED SKIPPED
count() {
	passed=$((passed + $2))
	failed=$((failed + $3))
	skipped=$((skipped + $4))
	[ "$3" -eq 0 ] || failures="$failures $1"
}

# step NAME SECONDS COMMAND...: one thing that works or does not.
step() {
	if run "$@"; then
		echo "PASS: $1"
		count "$1" 1 0 0
	else
		status=$?
		show_log
		echo "FAIL: $1 (exit status $status, log $log)"
		count "$1" 0 1 0
		return 1
	fi
}

# suite NAME SECONDS COMMAND...: tests that count themselves, as automake does
# ("# PASS: N") or in a last line "N passed, N failed, N skipped". No tests, or
# a bad exit status for no reason given, is a failure too.
suite() {
	run "$@"
	status=$?
	# shellcheck disable=SC2046 # three numbers
	set -- "$1" $(sums "$log")
	[ $(($2 + $3 + $4)) -gt 0 ] || status=1
	[ "$status" -eq 0 ] || [ "$3" -gt 0 ] || set -- "$1" "$2" 1 "$4"
	[ "$3" -eq 0 ] || show_log 150
	echo "$1: $2 passed, $3 failed, $4 skipped"
	count "$@"
	[ "$3" -eq 0 ]
}

sums() {
	awk '
		/^# [A-Z]+: +[0-9]+$/ { own[$2] = $3 }
		/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { p = $1; f = $3; s = $5 }
		END {
			p += own["PASS:"] + own["XFAIL:"]
			f += own["FAIL:"] + own["XPASS:"] + own["ERROR:"]
			s += own["SKIP:"]
			print p, f, s
		}' "$1"
}
