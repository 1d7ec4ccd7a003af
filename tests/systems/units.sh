#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The units under systemd itself: started, restarted, reloaded, killed, exchanged
# for each other, and what their reader makes of it.

# What is called by a name is not unreachable; what lib.sh sets has no blanks.
# shellcheck disable=SC2317,SC2086
# shellcheck source=tests/systems/lib.sh
. "${0%/*}/lib.sh"

options=/etc/default/tcpt
port=4000

# A port of its own for each test: what it records is what is reported there.
next_port() {
	port=$((port + 1))
	: >"$tmp/record-$port"
}

# survives NAME COMMAND...: the reader is alive afterwards, and prints all of what
# comes before and after.
survives() {
	what=$1
	shift
	next_port
	connect $port 5
	all_told "before: $what" $port
	check "$what" "$@"
	check "$what: the reader is there" await is_active $reader
	check "$what: a trace is there" await tcpt-stat
	connect $port 5
	all_told "$what" $port
}

kill_reader() {
	pid=$(main_pid $reader)
	systemctl kill --kill-who=main -s "$1" $reader && await is_another $reader "$pid"
}

# A unit whose process was killed counts as active for a moment.
is_another() {
	now=$(main_pid "$1")
	[ "$now" != 0 ] && [ "$now" != "$2" ] && is_active "$1"
}

kill_keeper() {
	pid=$(main_pid tcpt-hold)
	systemctl kill --kill-who=main -s KILL tcpt-hold && await is_another tcpt-hold "$pid"
}

stop_and_start() {
	systemctl stop tcpt && ! tcpt-stat 2>/dev/null && is_active $reader && systemctl start tcpt
}

test_reader_survives() {
	check "start" systemctl start tcpt $reader
	check "somebody looks beside the reader" tcpt-watch --tap=2 --peek
	survives "restart" systemctl restart tcpt
	survives "stop and start" stop_and_start
	survives "reload" systemctl reload tcpt
	survives "the reader was killed" kill_reader KILL
	survives "the reader was ended" kill_reader TERM
	survives "restart of the reader" systemctl restart $reader
	survives "tcpt-hold in its place" systemctl start tcpt-hold
	equal "one stops for the other" inactive "$(systemctl is-active tcpt)"
	survives "the keeper was killed" kill_keeper
	survives "restart of tcpt-hold" systemctl restart tcpt-hold
	survives "tcpt in its place" systemctl start tcpt
	equal "one stops for the other" inactive "$(systemctl is-active tcpt-hold)"
}

# While connections go on: the ones before, during and after are reported once.
test_reload_loses_nothing() {
	next_port
	for count in 1 2 3; do
		connect $port 200 &
		load=$!
		check "reload $count under load" systemctl reload tcpt
		wait $load
	done
	all_told "reloads under load" $port
	equal "nothing is lost" 0 "$(tcpt-stat -f json | python3 -c 'import json, sys
print(json.load(sys.stdin)["sum"]["lost"])')"
}

# An emulated machine is too slow to see what journald drops.
test_journal_has_no_limit() {
	check "journald knows the limit of the unit" [ -h /run/systemd/units/log-rate-limit-burst:$reader.service ]
}

# One place, in the file or in a drop-in, for starting and reloading.
test_options() {
	echo 'TCPT_LOAD_OPTIONS="--filter=dport=1,2 --ring-size=4096"' >$options
	check "reload with options" systemctl reload tcpt
	equal "reload with options" dport=1,2 "$(tcpt-filter)"
	echo 'TCPT_LOAD_OPTIONS="--filter=dport=3"' >$options
	check "reload with others" systemctl reload tcpt
	equal "reload with others" dport=3 "$(tcpt-filter)"
	check "restart with options" systemctl restart tcpt
	equal "restart with options" dport=3 "$(tcpt-filter)"
	rm $options
	printf '[Service]\nEnvironment="TCPT_LOAD_OPTIONS=--filter=dport=5"\n' \
		>$changes/tcpt.service.d/test.conf
	systemctl daemon-reload
	check "reload with a drop-in" systemctl reload tcpt
	equal "reload with a drop-in" dport=5 "$(tcpt-filter)"
	rm $changes/tcpt.service.d/test.conf
	systemctl daemon-reload
	check "restart without" systemctl restart tcpt
	equal "restart without" '' "$(tcpt-filter)"
}

as_user() {
	runuser -u "$1" -- env PATH=/usr/local/bin:/usr/bin:/bin tcpt-stat -f json
}

# Before the documented step a member is told what to do, and after it he reads.
test_members() {
	groupadd -f tcpt-readers
	for user in tcpt-member tcpt-stranger; do
		id $user >/dev/null 2>&1 || useradd $user
	done
	usermod -aG tcpt-readers tcpt-member
	echo 'TCPT_LOAD_OPTIONS=--group=tcpt-readers' >$options
	rm -f /etc/tmpfiles.d/tcpt.conf
	chmod 1700 /sys/fs/bpf
	check "restart for a group" systemctl restart tcpt
	as_user tcpt-member >"$tmp/out" 2>"$tmp/err"
	equal "a member who cannot enter" 3 $?
	equal "in one line" 1 "$(grep -c 'chmod o+x /sys/fs/bpf' "$tmp/err")"
	echo 'z /sys/fs/bpf 1711 root root' >/etc/tmpfiles.d/tcpt.conf
	systemd-tmpfiles --create /etc/tmpfiles.d/tcpt.conf
	check "a member" as_user tcpt-member
	as_user tcpt-stranger >"$tmp/out" 2>&1
	equal "a stranger" 3 $?
	check "reload for the group" systemctl reload tcpt
	check "a member after a reload" as_user tcpt-member
}

rotate() {
	await test -s /var/log/tcpt/events.json &&
		logrotate --force --state "$tmp/rotation" "$rotation"
}

restarted() {
	[ "$(systemctl show -P NRestarts "$1")" -ge "$2" ]
}

# The log unit: rotated under load by the file that is installed, and where its disk was
# full for more restarts than systemd grants by default.
test_log() {
	rotation=/etc/logrotate.d/tcpt
	[ -e $rotation ] || rotation=/usr/local/etc/logrotate.d/tcpt
	rm -rf /var/log/tcpt
	check "the log in the journal's place" systemctl start tcpt-log
	equal "one reader stops for the other" inactive "$(systemctl is-active tcpt-watch)"
	reader=tcpt-log
	survives "restart of the log" systemctl restart tcpt-log
	survives "the writer was killed" kill_reader KILL
	next_port
	for count in 1 2 3 4 5; do
		connect $port 100 &
		load=$!
		check "rotation $count under load" rotate
		wait $load
	done
	all_told "rotations" $port
	equal "files" 6 "$(find /var/log/tcpt -name 'events.json*' | wc -l)"
	equal "modes" 640 "$(stat -c %a /var/log/tcpt/events.json* | sort -u | xargs)"
	check "the log is JSON" is_json
	fill_disk
	check "the journal in the log's place" systemctl start tcpt-watch
	equal "one reader stops for the other" inactive "$(systemctl is-active tcpt-log)"
	reader=tcpt-watch
}

fill_disk() {
	systemctl stop tcpt-log
	mount -t tmpfs -o size=64k,mode=755 tmpfs /var/log/tcpt
	check "start on a small disk" systemctl start tcpt-log
	next_port
	connect $port 200
	check "it is started again and again" await restarted tcpt-log 8
	mount -o remount,size=16m /var/log/tcpt
	all_told "a disk that was full" $port
	systemctl stop tcpt-log
	umount /var/log/tcpt
}

test_exporter() {
	(umask 077 && tcpt-stat -f prometheus -o "$tmp/tcpt.prom")
	equal "a file for the exporter" 644 "$(stat -c %a "$tmp/tcpt.prom")"
}

allow_time
test_reader_survives
test_reload_loses_nothing
test_journal_has_no_limit
test_options
test_members
test_log
test_exporter
check "the journal is JSON" is_json
usual_time
exit $failed
