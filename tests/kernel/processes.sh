#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-load --processes: what processes were that have ended before anybody reads, against what
# each of them said of itself.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint
if ! command -v jq >/dev/null; then
	echo "needs jq"
	exit 77
fi

most_modes="$most_modes cgroup"
names=exe,ppid,process,started
count=2000
[ -z "$emulated" ] || count=300

# The programs of processes are on tracepoints in all modes.
can_pin() {
	kernel-can perf_link_pin >/dev/null
}

# run_brief COUNT: what they say of themselves is in $dir/said.
run_brief() {
	rm -rf "$dir/brief"
	mkdir "$dir/brief"
	brief "$dir/brief" "$1" >>"$dir/said" 2>"$dir/brief.err" || fail "brief: $(cat "$dir/brief.err")"
}

# named FILE: PID PPID EXE PROCESS STARTED of each connect and close of a brief process.
named() {
	jq -r --slurpfile own "$dir/pids" 'select((.type == "connect" or .type == "close") and .pid and
		($own[0][.pid | tostring])) | [.pid, .ppid, .exe, .process, .started, .type] | map(. // "-") | @tsv' "$1"
}

# compare NAME: each process has its connect and its close, and both know it.
compare() {
	cut -f1 "$dir/said" | jq -n '[inputs | { key: tostring, value: 1 }] | from_entries' >"$dir/pids"
	named "$dir/ev" | awk -F'\t' -v name="$1" '
		NR == FNR { said[$1] = $2 "\t" $3 "\t" $4; before[$1] = $5; after[$1] = $6; next }
		said[$1] != $2 "\t" $3 "\t" $4 || $5 < before[$1] || $5 > after[$1] {
			print name ": said", said[$1], before[$1], after[$1] ", traced", $0 }
		{ n[$1, $6]++ }
		END {
			for (pid in said)
				if (n[pid, "connect"] != 1 || n[pid, "close"] != 1)
					print name ": events of", pid ":", n[pid, "connect"], n[pid, "close"]
		}' "$dir/said" - >"$dir/wrong"
	assertEquals "$mode, $(head -n 3 "$dir/wrong")" 0 "$(wc -l <"$dir/wrong")"
	echo "  $mode, $1: $(wc -l <"$dir/said") processes, each known; $(cat "$dir/brief.err")"
}

drain() {
	tcpt-watch --format=json --drain --resolve=$names >"$dir/ev" 2>"$dir/err"
	assert_exit 0 $? "$(cat "$dir/err")"
	assertEquals "" "$(cat "$dir/err")"
}

# Nobody reads before all of them have ended; and the next reader knows as much.
gone() {
	: >"$dir/said"
	load_own "$mode" --processes
	run_brief $count
	tcpt-watch --format=json --peek --resolve=$names >"$dir/ev"
	compare "gone"
	drain
	compare "gone, the next reader"
	unload_trace
}

# The table goes on when the programs are replaced.
replaced() {
	can_pin "$mode" || return 0
	: >"$dir/said"
	load_own "$mode" --processes
	run_brief 100
	load_trace "$mode" --replace --processes
	run_brief 100
	drain
	compare "replaced"
	unload_trace
	load_trace "$mode"
	tcpt-load --offsets="$dir/offsets" --attach="$mode" --replace --processes 2>"$dir/err"
	assert_exit 1 $? "$(cat "$dir/err")"
	assertTrue "$(cat "$dir/err")" "says '$dir/err' 'no table of processes, and a replacement cannot'"
	unload_trace
}

# A process that is older than the trace is known when it has ended.
older() {
	kernel-can tcp_diag >/dev/null || return 0
	start_holder holder --count 5
	load_own "$mode" --processes
	older=$holder
	end_holder
	drain
	assertEquals "$mode, older" "10 close $$ $(command -v holder) holder" \
		"$(jq -r "select(.pid == $older and .type == \"close\") | \"\(.type) \(.ppid) \(.exe) \(.process)\"" "$dir/ev" |
			sort | uniq -c | sed 's/^ *//')"
	unload_trace
}

# Without the option there is no program for it, and what is still there is known.
not_asked() {
	load_own "$mode" --no-existing
	for program in tp_exec tp_exit tp_newtask; do
		assertFalse "$mode, $program" "[ -e $pin/progs/$program ]"
	done
	start_holder holder --count 5
	tcpt-watch --format=json --drain --resolve=$names >"$dir/ev" 2>"$dir/err"
	assertTrue "$(cat "$dir/err")" "says '$dir/err' 'the trace has no table of processes'"
	assertEquals "$mode, still there" "5 connect $$ $(command -v holder)" \
		"$(jq -r "select(.pid == $holder and .type == \"connect\") | \"\(.type) \(.ppid) \(.exe)\"" "$dir/ev" |
			sort | uniq -c | sed 's/^ *//')"
	end_holder
	tcpt-watch --format=json --drain --resolve=$names >"$dir/ev" 2>"$dir/err"
	assertEquals "$mode, gone" "10 null" "$(jq -r "select(.pid == $holder and .type == \"close\").exe" "$dir/ev" |
		sort | uniq -c | sed 's/^ *//')"
	unload_trace
}

suite() {
	add_for_modes gone replaced older not_asked
}

# shellcheck source=/dev/null
. shunit2
