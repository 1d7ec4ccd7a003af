#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The times of events, and where a stream of them says that it begins. The clock is set
# in test machines only. With TCPT_TEST_SUSPEND the machine is suspended too.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

setUp() {
	[ -d $pin ] || load_own auto
	tcpt-watch --drain >/dev/null
}

# Microseconds since 1970, and what comes between two of them.
now() {
	date +%s%6N
}

# connect PORT: nobody listens there. Notes when that was, in a line of $dir/done.
connect() {
	began=$(now)
	bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null
	echo "$1 $began $(now)" >>"$dir/done"
}

connect_to() {
	: >"$dir/done"
	for port; do connect "$port"; done
}

# value KEY: of each object of $dir/json.
value() {
	sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$dir/json"
}

# PORT TIME, in microseconds since 1970, of each failed connect in $dir/json. The time is RFC 3339.
ports_and_times() {
	grep '"type":"fail"' "$dir/json" |
		sed 's/.*"time":"\([^"]*\).*"dport":\([0-9]*\).*/\2 \1/' | while read -r port time; do
		echo "$port $(date -d "$time" +%s%6N)"
	done
}

# Each connect of $dir/done has one event, whose time is between its two times.
assert_times() {
	tcpt-watch --drain --format=json >"$dir/json"
	compare_times "$1"
}

compare_times() {
	ports_and_times >"$dir/times"
	assertEquals "$1: connects" "$(cut -d' ' -f1 "$dir/done")" "$(cut -d' ' -f1 "$dir/times")"
	assertEquals "$1: at other times" "" "$(paste -d' ' "$dir/done" "$dir/times" |
		awk '$5 < $2 || $5 > $3 { print "port", $1, "from", $2, "to", $3, "and not", $5 }')"
	echo "  $1: $(wc -l <"$dir/times") times, each right"
}

test_that_waited() {
	connect_to 11 12
	sleep 0.3
	connect 13
	assert_times "waited"
}

# set_clock SECONDS: forward, as over a sleep of the machine, or back.
set_clock() {
	date -s "@$(($(date +%s) + $1))" >/dev/null
}

# Nobody reads while the clock is set.
test_over_a_clock_that_is_set() {
	[ -n "${TCPT_VM-}" ] || return 0
	connect_to 11
	set_clock 3600
	connect 12
	set_clock -7200
	connect 13
	set_clock 86400
	assert_times "the clock was set three times"
	set_clock -82800
}

# CLOCK_MONOTONIC, in seconds, as the kernel shows it.
monotonic() {
	awk '/^now at/ { printf "%d", $3 / 1e9 }' /proc/timer_list
}

# A machine that can sleep, and whose clock can wake it.
can_suspend() {
	alarm=$(echo /sys/class/rtc/rtc*/wakealarm)
	grep -q -w mem /sys/power/state && [ -w "$alarm" ] && return
	echo "  this machine cannot suspend to memory, or not wake by itself"
	return 1
}

# To memory, for half a minute. A busy host needs a part of that until it sleeps.
suspend_machine() {
	before=$(($(date +%s) - $(monotonic)))
	{ echo +30 >"$alarm" && echo mem >/sys/power/state; } || fail "cannot suspend"
	slept=$(($(date +%s) - $(monotonic) - before))
	assertTrue "CLOCK_MONOTONIC lacks $slept seconds" "[ $slept -ge 2 ]"
	echo "  CLOCK_MONOTONIC lacks $slept seconds"
}

# One tap has its reader meanwhile, and the other has none.
test_over_a_suspend() {
	[ -n "${TCPT_TEST_SUSPEND-}" ] && can_suspend || return 0
	unload_trace
	load_own auto --taps=2
	tcpt-watch --tap=2 --format=json --banner --num-events=2 >"$dir/read" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
	connect_to 11
	await says "$dir/read" '"dport":11'
	suspend_machine
	connect 12
	wait $reader
	assert_exit 0 $? "$(cat "$dir/banner")"
	reader=
	assert_times "a suspend"
	mv "$dir/read" "$dir/json"
	compare_times "a suspend, with a reader"
	unload_trace
}

test_in_a_time_namespace() {
	[ -e /proc/self/timens_offsets ] || return 0
	connect_to 11
	unshare --time --fork --monotonic 500000 tcpt-watch --drain --format=json >"$dir/json"
	assertEquals "events that --drain prints" 11 "$(value dport)"
	connect_to 12
	unshare --time --fork --monotonic 70000 tcpt-watch --drain --format=json >"$dir/json"
	ports_and_times >"$dir/times"
	assertEquals "" "$(paste -d' ' "$dir/done" "$dir/times" | awk '$5 < $2 || $5 > $3')"
}

# clock_of CLOCK FORMAT: the time in the line of one event.
clock_of() {
	connect_to 11
	tcpt-watch --drain --format="$2" --time="$1" | sed '/^TIME/d; s/[[:space:]].*//'
}

test_clocks() {
	for format in text tsv; do
		for clock in local utc unix monotonic delta; do
			case $clock in
			local) pattern='20[0-9-]*T[0-9:]*\.[0-9]{6}\+05:30' ;;
			utc) pattern='20[0-9-]*T[0-9:]*\.[0-9]{6}Z' ;;
			delta) pattern='0\.000000' ;;
			*) pattern='[0-9]+\.[0-9]{6}' ;;
			esac
			shown=$(TZ=IST-05:30 clock_of $clock $format)
			assertTrue "$format, $clock: '$shown'" "echo '$shown' | grep -qxE '$pattern'"
		done
	done
}

# assert_between MICROSECONDS: the time of the connect.
assert_between() {
	assertTrue "$1 is between $(cat "$dir/done")" "awk '{ exit !($1 >= \$2 && $1 <= \$3) }' '$dir/done'"
}

# What they show is the same moment.
test_clocks_agree() {
	shown=$(clock_of unix tsv | tr -d .)
	assert_between "$shown"
	shown=$(TZ=IST-05:30 clock_of local text)
	shown=$(date -d "$shown" +%s%6N)
	assert_between "$shown"
}

test_delta() {
	connect_to 11
	sleep 0.2
	connect 12
	tcpt-watch --drain --format=tsv --time=delta | cut -f1 >"$dir/deltas"
	assertEquals "0.000000" "$(head -n 1 "$dir/deltas")"
	assertTrue "$(cat "$dir/deltas")" "awk 'END { exit !(\$1 >= 0.2 && \$1 < 60) }' '$dir/deltas'"
}

# A stream says of which boot and trace it is, and says so again when the trace is replaced.
test_trace_record() {
	tcpt-watch --format=json --banner >"$dir/json" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
	connect_to 11
	await says "$dir/json" '"dport":11'
	if [ -z "${keeper-}" ]; then
		load_own auto --replace
		await replaced
		connect_to 12
		await says "$dir/json" '"dport":12'
		assertEquals "trace fail trace fail" "$(value type | xargs)"
	fi
	kill "$reader"
	wait "$reader"
	reader=
	head -n 1 "$dir/json" >"$dir/first"
	mv "$dir/first" "$dir/json"
	assertEquals "trace" "$(value type)"
	assertEquals "$(cat /proc/sys/kernel/random/boot_id)" "$(value boot_id)"
	assertEquals "$(uname -n) $(uname -r)" "$(value host) $(value kernel)"
	assertEquals "$pin 1" "$(value pin) $(value tap)"
	assertContains "kprobe fentry tracepoint" "$(value attach)"
}

replaced() {
	[ "$(grep -c '"type":"trace"' "$dir/json")" = 2 ]
}

test_refuses() {
	for format in json tcptracer; do
		tcpt-watch --drain --format=$format --time=utc >"$dir/out" 2>"$dir/err"
		assert_exit 2 $? "$(cat "$dir/err")"
		assertContains "$(cat "$dir/err")" "--time is for --format=text and --format=tsv only"
	done
}

# shellcheck source=/dev/null
. shunit2
