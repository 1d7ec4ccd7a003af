#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A log that logrotate rotates under load, by the file that is installed for it.
#
# TCPT_TEST_ROTATIONS makes it longer.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp
command -v logrotate >/dev/null || {
	echo "needs logrotate"
	exit 77
}

rotations=${TCPT_TEST_ROTATIONS-20}
rate=4000
[ -z "$emulated" ] || rate=100
logs=$dir/logs

# As built, or in a virtual machine as installed.
for installed in "${abs_srcdir:-.}"/systemd/logrotate.d/tcpt /usr/local/etc/logrotate.d/tcpt /etc/logrotate.d/tcpt; do
	[ ! -e "$installed" ] || break
done
[ -e "$installed" ] || {
	echo "no file for logrotate is installed here"
	exit 77
}

# All files are kept, and they and the reader are those of this test. logrotate takes no
# file that others can write.
write_conf() {
	sed -e "s|/var/log/tcpt/|$logs/|; s|rotate 7\$|rotate $rotations|; s|systemctl try-reload-or-restart tcpt-log.service|kill -HUP $reader|" \
		"$installed" >"$dir/conf"
	chmod 644 "$dir/conf"
	assertEquals "what is replaced" 3 \
		"$(grep -c -x -e "$logs/\*\.json {" -e "	rotate $rotations" -e "		kill -HUP $reader" "$dir/conf")"
}

# Connections until it is enough, whatever the pace of the host.
connect_on() {
	runs=0
	until [ -e "$dir/enough" ]; do
		runs=$((runs + 1))
		peer --families $families --clients 4 --rate "$rate" --cycles "$rate" --deadline 600 \
			--record "$dir/record.$runs" 2>"$dir/peer.err" || return 1
	done
}

rotate() {
	await lines_reach "$logs/events.json" $((rate / 4))
	logrotate --force --state "$dir/state" "$dir/conf" >"$dir/out" 2>&1
	assert_exit 0 $? "logrotate: $(cat "$dir/out")"
}

# The record's columns of a line.
columns='s/.*"type":"([^"]*)".*"pid":([0-9]*),.*"comm":"([^"]*)".*"saddr":"([^"]*)","sport":([0-9]*),"daddr":"([^"]*)","dport":([0-9]*)(,"netns":([0-9]*))?.*/\1\t\2\t\3\t\4\t\5\t\6\t\7\t\9/; s/\t$/\t-/'

all_files() {
	cat "$logs/events.json" "$logs/events.json.1"
	zcat "$logs"/events.json.*.gz
}

test_each_event_is_in_one_file() {
	mkdir -m 755 "$logs"
	load_own auto
	connect_on &
	load=$!
	tcpt-watch --follow --format=json --output="$logs/events.json" --banner 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
	write_conf
	for _ in $(seq "$rotations"); do
		rotate
	done
	: >"$dir/enough"
	wait "$load"
	assert_exit 0 $? "peer: $(cat "$dir/peer.err")"
	load=
	end_reader
	tcpt-watch --format=json --drain --output="$logs/events.json"
	assertEquals "files" $((rotations + 1)) "$(find "$logs" -type f | wc -l)"
	assertNull "empty files" "$(find "$logs" -type f -empty)"
	all_files >"$dir/all"
	assertNull "not JSON: $(grep -v '^{.*}$' "$dir/all" | head -n 3)" "$(grep -v '^{.*}$' "$dir/all" | head -n 3)"
	assertEquals "files, and one more reader, that say what the trace is" $((rotations + 2)) "$(grep -c '"type":"trace"' "$dir/all")"
	assertContains "first" "$(head -n 1 "$logs/events.json.1")" '"type":"trace"'
	grep -v '"type":"trace"' "$dir/all" | sed -E "$columns" | sort >"$dir/got"
	sort "$dir"/record.* >"$dir/done"
	assertEquals "$(diff "$dir/done" "$dir/got" | head -n 6)" "$(cksum <"$dir/done")" "$(cksum <"$dir/got")"
	echo "  $rotations rotations: $(wc -l <"$dir/got") events, exact"
}

# daily: logrotate as a timer starts it, when the last rotation was long ago.
daily() {
	printf 'logrotate state -- version 2\n"%s" 2020-1-1-0:0:0\n' "$logs/events.json" >"$dir/state"
	logrotate --state "$dir/state" "$dir/conf" >"$dir/out" 2>&1
	assert_exit 0 $? "logrotate: $(cat "$dir/out")"
}

# A day without an event makes no file, and one with a connection does.
test_an_idle_log_stays() {
	rm -rf "$logs"
	mkdir -m 755 "$logs"
	[ -d $pin ] || load_own auto
	tcpt-watch --drain >/dev/null
	tcpt-watch --follow --format=json --output="$logs/events.json" --banner 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
	write_conf
	await lines_reach "$logs/events.json" 1
	daily
	assertEquals "events.json" "$(ls "$logs")"
	run_peer --cycles 1
	await lines_reach "$logs/events.json" 5
	daily
	await lines_reach "$logs/events.json" 1
	assertEquals "events.json events.json.1" "$(find "$logs" -type f | sed 's|.*/||' | sort | xargs)"
	end_reader
}

# shellcheck source=/dev/null
. shunit2
