#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the columns mean, in each attach mode: ids, sequence numbers, roles,
# families, tasks, durations.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

# Runs an awk program on tsv; each line it prints is a fault. Columns have names.
# shellcheck disable=SC2016 # awk's
columns='{ ts = $1; cpu = $2; seq = $3; id = $4; type = $5; role = $6; pid = $7; tid = $8; uid = $9
	comm = $10; family = $11; saddr = $12; sport = $13; daddr = $14; dport = $15
	duration = $17; opener = $18; late = $19
	opening = type == "connect" || type == "accept" }'

# faults FILE PROGRAM: of the events of this network namespace.
faults() {
	assertNotEquals "events in $1" 0 "$(own "$1" | wc -l)"
	found=$(own "$1" | awk -F'\t' "$columns $2")
	assertEquals "$mode: $(echo "$found" | head -n 3)" "" "$found"
}

# Nanoseconds since boot
now() {
	sed 's/\.//; s/ .*/0000000/' /proc/uptime
}

# traced NAME COMMAND...: the events go to $dir/NAME, the record comes from stdout.
traced() {
	name=$1
	shift
	start_reader "$dir/$name"
	"$@" >"$dir/record" 2>"$dir/peer" || fail "$*: $(cat "$dir/peer")"
	stop_reader "$dir/$name"
	assert_exact "$mode, $name" "$dir/$name" "$dir/record"
}

as_nobody() {
	setpriv --reuid=65534 --clear-groups "$@"
}

# What the tests look at, all of it in one trace.
trace() {
	load_trace "$mode"
	began=$(now)
	traced single peer --families $families --cycles 300 --clients 3 --servers 2
	run_time=$(($(now) - began + 10000000))
	traced threads peer --families $families --cycles 200 --threads 4
	: >"$dir/nobody"
	! as_nobody peer --help >/dev/null 2>&1 ||
		traced nobody as_nobody peer --families $families --cycles 40
	unload_trace
	cat "$dir/single" "$dir/threads" "$dir/nobody" >"$dir/all"
}

# shellcheck disable=SC2016 # awk's
# One opening and one close for each id, of the same socket.
ids() {
	faults "$dir/all" '
		!(id > 0) { print "no id:", $0 }
		{ n[id]++; ends = saddr " " sport " " daddr " " dport }
		opening { opened[id]++; of[id] = ends }
		type == "close" { closed[id]++; what[id] = ends }
		END {
			for (id in n)
				if (n[id] != 2 || opened[id] != 1 || closed[id] != 1)
					print "id", id, "has", n[id], "events,", opened[id] + 0, "opening"
				else if (of[id] != what[id])
					print "id", id, "is of", of[id], "and", what[id]
		}'
	assertEquals "ids" "$(($(own "$dir/all" | wc -l) / 2))" \
		"$(own "$dir/all" | cut -f4 | sort -u | wc -l)"
}

# From 1 for each processor, also through other namespaces' events.
seq_has_no_gaps() {
	found=$(sort -t "$tab" -k2,2n -k3,3n "$dir/all" | awk -F'\t' '
		$5 == "lost" { print "lost:", $0; next }
		$2 != cpu { cpu = $2; last = 0 }
		$3 != last + 1 { print "cpu", cpu, "has", $3, "after", last + 0 }
		{ last = $3 }')
	assertEquals "$mode: $(echo "$found" | head -n 3)" "" "$found"
}

# shellcheck disable=SC2016 # awk's
roles() {
	faults "$dir/all" '
		opening && role != (type == "connect" ? "client" : "server") { print }
		opening { expected[id] = role }
		type == "close" { got[id] = role }
		comm != "peer-" role { print "role of", comm, "is", role }
		END {
			for (id in got)
				if (got[id] != expected[id])
					print "opened by", expected[id], "closed by", got[id]
		}'
}

# shellcheck disable=SC2016 # awk's
family() {
	faults "$dir/all" '
		family != (saddr ~ /:/ ? 6 : 4) || family != (daddr ~ /:/ ? 6 : 4) { print }
		(family == 4 && saddr != "127.0.0.1") || (family == 6 && saddr != "::1") { print }'
	# A third of each family: two of them are IPv4 on the wire.
	if [ $families != 4 ]; then
		assertEquals "of 1200 events" "800 4,400 6" \
			"$(own "$dir/single" | cut -f11 | sort | uniq -c | sed 's/^ *//' | paste -s -d, -)"
	fi
}

# shellcheck disable=SC2016 # awk's
threads() {
	faults "$dir/single" 'type == "connect" && tid != pid { print }'
	faults "$dir/threads" 'type == "connect" && (tid == pid || tid == "-") { print }'
	assertEquals "threads" 4 \
		"$(own "$dir/threads" | awk -F'\t' '$5 == "connect" { print $8 }' | sort -u | wc -l)"
}

# shellcheck disable=SC2016 # awk's
users() {
	faults "$dir/single" 'uid != 0 { print }'
	[ ! -s "$dir/nobody" ] || faults "$dir/nobody" 'uid != 65534 { print }'
}

# shellcheck disable=SC2016 # awk's
durations() {
	faults "$dir/single" "
		opening && duration != \"-\" { print }
		type == \"close\" && !(duration > 0 && duration < $run_time) { print \"of $run_time:\", \$0 }
		opening && !late { at[id] = ts }
		type == \"close\" { last[id] = ts; lasted[id] = duration }
		END {
			for (id in at)
				if (lasted[id] < last[id] - at[id])
					print lasted[id], \"are less than\", last[id] - at[id]
		}"
}

# shellcheck disable=SC2016 # awk's
openers() {
	faults "$dir/all" '
		opening { by[id] = pid }
		opening && opener != "-" { print }
		type == "close" { reported[id] = opener }
		END {
			for (id in reported)
				if (reported[id] != by[id])
					print "opened by", by[id], "not", reported[id]
		}'
}

# shellcheck disable=SC2016 # awk's
late_is_a_flag() {
	faults "$dir/all" 'late !~ /^[01]$/ || NF < 20 || $20 != "-" { print }'
}

# bash connects to a server of the workload and waits for a file to close.
hold_connection() {
	bash -c "exec 3<>/dev/tcp/127.0.0.1/$port && printf x >&3 && head -c 1 <&3 >/dev/null &&
		echo connected && read -r x && exec 3>&-" <"$dir/fifo" >"$dir/held" 2>&1 &
	holder=$!
	exec 3>"$dir/fifo"
	await says "$dir/held" connected
}

# Established before the load, and no stock taken: one close for each end, without role,
# duration and opener.
older() {
	rm -f "$dir/fifo"
	mkfifo "$dir/fifo"
	: >"$dir/held"
	start_peer --families 4 --cycles 1 --close-first client --go-file "$dir/never"
	port=$(listening_ports)
	hold_connection
	load_trace "$mode" --no-existing
	start_reader "$dir/older"
	echo >&3
	exec 3>&-
	wait "$holder"
	await closed_by_server
	stop_reader "$dir/older"
	kill_load_and_host
	own "$dir/older" | cut -f5,6,10,12,14,17,18,20 | sort >"$dir/got"
	printf 'close\t-\t%s\t127.0.0.1\t127.0.0.1\t-\t-\t-\n' bash peer-server >"$dir/expected"
	assertEquals "$mode, older" "" "$(diff "$dir/expected" "$dir/got")"
	assertEquals "$mode, pid of bash" "$holder" \
		"$(own "$dir/older" | awk -F'\t' '$10 == "bash" { print $7 }')"
	assertEquals "$mode, ports" "bash $port,peer-server $port" \
		"$(own "$dir/older" | awk -F'\t' '{ print $10, $10 == "bash" ? $15 : $13 }' | sort | paste -s -d, -)"
	unload_trace
}

closed_by_server() {
	own "$dir/older" | grep -q peer-server
}

# The tests of one mode are functions named after it; the first makes the trace.
suite() {
	add_for_modes trace ids seq_has_no_gaps roles family threads users durations openers \
		late_is_a_flag older
}

# shellcheck source=/dev/null
. shunit2
