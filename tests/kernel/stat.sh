#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-stat against what a workload did, in each attach mode, and that it
# disturbs neither the trace nor its reader.

# shunit2 calls the functions; there is an inner shell.
# shellcheck disable=SC2317,SC2016
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

record_bytes=144 # in the ring, with their heads: all events but closes,
close_bytes=184  # and closes
checker=${0%/*}/prometheus.awk

stat() {
	tcpt-stat "$@" 2>"$dir/err"
	assert_exit 0 $? "tcpt-stat $*: $(cat "$dir/err")"
	assertNull "stderr of tcpt-stat $*" "$(cat "$dir/err")"
}

# number KEY: of the last JSON; of the sum where it is counted by processor.
number() {
	sed -n "s/.*\"sum\":{\([^}]*\)}.*/\1/; s/^\(.*,\)\{0,1\}\"$1\":\([0-9]*\).*/\2/p" "$dir/json"
}

value() {
	sed -n "s/.*\"$1\":\([0-9]*\)[,}].*/\1/p" "$dir/json"
}

# Of the table: all, and the processors added up.
column() {
	awk -v n="$1" '$1 == "CPU" { on = 1 } !NF { on = on && 0 } on && $1 == "all" { print $n }' "$dir/text"
}

added_up() {
	awk -v n="$1" '$1 == "CPU" { on = 1 } on && /^[0-9]/ { sum += $n } on && !NF { on = 0 }
		END { print sum + 0 }' "$dir/text"
}

# metric NAME: its samples added up.
metric() {
	awk -v name="$1" '{ at = $1; sub(/\{.*/, "", at) } at == name { sum += $NF; n++ } END { if (n) print sum }' \
		"$dir/prom"
}

# One screen is the top of what --all shows, and fits any terminal.
assert_screen() {
	assertTrue "lines: $(cat "$dir/screen")" "[ $(wc -l <"$dir/screen") -le 24 ]"
	assertEquals "too wide" "" "$(awk 'length > 80' "$dir/screen")"
	assertEquals "labels" "" "$(grep -v '^[a-z]\{4,8\} \|^tap [1-4]  *' "$dir/screen")"
	assertEquals "the top" "$(cut -d ' ' -f 1 "$dir/screen")" \
		"$(head -n "$(wc -l <"$dir/screen")" "$dir/text" | cut -d ' ' -f 1)"
}

# shown LABEL: the first word of a line of the screen.
shown() {
	awk -v label="$1" '$1 == label { print $2 }' "$dir/screen"
}

look() {
	stat --format=json >"$dir/json"
	stat --all >"$dir/text"
	stat >"$dir/screen"
	assert_screen
	stat --format=prometheus >"$dir/prom"
	assert_prometheus "$dir/prom"
	assertEquals "tcpt_up" 1 "$(metric tcpt_up)"
}

# assert_prometheus FILE: by our checker, and by theirs if it is here.
assert_prometheus() {
	assertNull "prometheus format" "$(awk -f "$checker" "$1")"
	command -v promtool >/dev/null || return 0
	promtool check metrics <"$1" >"$dir/promtool" 2>&1 || fail "promtool: $(cat "$dir/promtool")"
}

# assert_counted NAME EVENTS LOST: in all forms.
assert_counted() {
	look
	assertEquals "$1: events" "$2" "$(number events)"
	assertEquals "$1: lost" "$3" "$(number lost)"
	assertEquals "$1: events in the table" "$2 $2" "$(column 2) $(added_up 2)"
	assertEquals "$1: lost in the table" "$3 $3" "$(column 3) $(added_up 3)"
	assertEquals "$1: tcpt_events_total" "$2" "$(metric tcpt_events_total)"
	assertEquals "$1: tcpt_events_lost_total" "$3" "$(metric tcpt_events_lost_total)"
	assertEquals "$1: events on the screen" "$2" "$(shown events)"
	if [ "$3" = 0 ]; then
		assertEquals "$1: complete" "yes," "$(shown complete)"
	else
		assertEquals "$1: complete" "no, $3" "$(shown complete) $(shown lost)"
	fi
	for key in conns_full pending_full fails_lost; do
		assertEquals "$1: $key" 0 "$(number $key)"
	done
}

# All of it waits, then has been read.
counts_in_mode() {
	load_own "$1"
	assert_counted "$1, at first" 0 0
	run_peer --cycles 100 --clients 2
	assert_counted "$1, unread" 400 0
	least=$((200 * record_bytes + 200 * close_bytes))
	used=$(value ring_used_bytes)
	# What was begun and given up takes room too, until it has been passed by.
	assertTrue "$1: $used bytes wait, at least $least" "[ $used -ge $least ]"
	assertTrue "$1: $used bytes wait, about $least" "[ $used -lt $((2 * least)) ]"
	assertEquals "$1: prometheus agrees" "$used" "$(metric tcpt_ring_used_bytes)"
	assertEquals "$1: size" "8388608 8388608" "$(value ring_bytes) $(metric tcpt_ring_size_bytes)"
	tcpt-watch --format=tsv --drain >"$dir/ev"
	assert_exact "$1, after tcpt-stat" "$dir/ev" "$dir/record"
	assert_counted "$1, read" 400 0
	assertEquals "$1: open, all are closed" "0 0" "$(value open) $(shown open)"
	assertEquals "$1: late" "$(awk -F'\t' '$19' "$dir/ev" | wc -l)" "$(number late)"
	assertEquals "$1: mode" "\"attach\":\"$1\"" "$(grep -o '"attach":"[a-z]*"' "$dir/json")"
	assertTrue "$1: mode in the text" "says '$dir/text' '^loaded   .* ago, by $1\$'"
	unload_trace
}

test_counts() {
	for mode in $(attach_modes); do
		counts_in_mode "$mode"
	done
}

# What a tiny ring loses, and what it does not, is all that was done.
test_losses() {
	load_own auto --ring-size=16K
	run_peer --cycles 100
	tcpt-watch --format=tsv --drain >"$dir/ev"
	got=$(events "$dir/ev" | wc -l)
	assertTrue "$got of 400 received" "[ $got -gt 50 ] && [ $got -lt 200 ]"
	assert_counted "tiny ring" 400 $((400 - got))
	assertEquals "size" 16384 "$(value ring_bytes)"
	unload_trace
}

# assert_open NAME COUNT
assert_open() {
	look
	assertEquals "$1: open" "$2 $2 $2" "$(value open) $(shown open) $(metric tcpt_network_connections)"
}

# Both ends of those that are held, older than the trace and younger.
open_in_mode() {
	offsets >/dev/null
	rm -f "$dir/go"
	start_holder holder --count 7
	load_own "$1"
	assert_open "$1, older" 14
	older=$holder
	mv "$dir/held" "$dir/older"
	mv "$dir/held.err" "$dir/older.err"
	start_holder holder --count 20 --families 6
	assert_open "$1, older and younger" 54
	end_holder
	await_end "$older" older
	assert_open "$1, closed" 0
	unload_trace
}

test_open() {
	for mode in $(attach_modes); do
		open_in_mode "$mode"
	done
}

# The filters are those of tcpt-filter, which edits them and shows them.
test_filters() {
	load_trace auto --filter=dport=80,443
	tcpt-filter --add=uid=0 --add=type=close --watch=1
	look
	assertEquals "filters  uid=0 dport=80,443 type=close" "$(grep ^filters "$dir/screen")"
	assertEquals "watched  1 processes" "$(grep ^watched "$dir/screen")"
	assertEquals "$(tcpt-filter --format=json)" \
		"$(grep -o '"filters":{[^}]*}' "$dir/json" | cut -d : -f 2-)"
	tcpt-filter --clear --unwatch=1
	look
	assertEquals "filters  none, all connections are reported" "$(grep ^filters "$dir/screen")"
	assertEquals "no process" "" "$(grep ^watched "$dir/screen")"
	unload_trace
}

# A line for each tap, with its own reader.
test_taps() {
	load_own auto --taps=3 --ring-size=16K
	run_peer --cycles 100
	: >"$dir/banner"
	tcpt-watch --tap=2 --banner >"$dir/ev" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
	look
	assertEquals "tap 1 none" "$(sed -n 's/^\(tap 1 \)  *none, .*, [1-9][0-9]* lost$/\1none/p' "$dir/screen")"
	assertTrue "tap 2: $(cat "$dir/screen")" "says '$dir/screen' '^tap 2    tcpt-watch (pid $reader), '"
	assertEquals 3 "$(grep -c '^tap [1-3]  .* ring [0-9]* % full, ' "$dir/screen")"
	assertEquals "{\"tap\":1,\"reader\":null {\"tap\":2,\"reader\":{\"pid\":$reader {\"tap\":3,\"reader\":null" \
		"$(grep -o '{"tap":[^,]*,[^,]*' "$dir/json" | paste -s -d ' ' -)"
	kill $reader
	wait $reader
	unload_trace
}

# A reader that runs is named, and keeps all that it would have had.
test_does_not_disturb() {
	load_own auto
	start_reader "$dir/ev"
	start_peer --cycles 2000 --clients 4
	looks=0
	while peer_runs; do
		stat --format=json >"$dir/json"
		looks=$((looks + 1))
	done
	wait $load
	assertEquals "peer" 0 $?
	load=
	assertTrue "$looks looks" "[ $looks -gt 0 ]"
	assertEquals "\"reader\":{\"pid\":$reader,\"comm\":\"tcpt-watch\"}" \
		"$(grep -o '"reader":{[^}]*}' "$dir/json" | head -n 1)"
	look
	assertTrue "the text names it" "says '$dir/text' '^reader   tcpt-watch (pid $reader)\$'"
	assertEquals 1 "$(metric tcpt_readers)"
	stop_reader "$dir/ev"
	assert_exact "with $looks looks meanwhile" "$dir/ev" "$dir/record"
	look
	assertEquals '"reader":null' "$(grep -o '"reader":[a-z]*' "$dir/json" | head -n 1)"
	assertEquals 0 "$(metric tcpt_readers)"
	unload_trace
}

test_names_the_keeper() {
	offsets >/dev/null
	keep tcpt-load --offsets="$dir/offsets" --hold
	look
	assertEquals "\"keeper\":{\"pid\":$keeper,\"comm\":\"tcpt-load\"}" \
		"$(grep -o '"keeper":{[^}]*}' "$dir/json")"
	assertTrue "the text names it" "says '$dir/text' '^links    held by tcpt-load (pid $keeper)\$'"
	kill -9 $keeper
	wait $keeper 2>/dev/null
	look
	assertEquals "{\"pid\":$keeper}" "$(grep -o '"keeper":{[^}]*}' "$dir/json" | cut -d: -f2-)"
	assertTrue "it is gone" "says '$dir/text' '^links    gone with pid $keeper,'"
	keeper=
	unload_trace
}

# What is loaded, and that the offsets shown are those that were given.
test_says_what_is_loaded() {
	load_trace auto
	look
	tcpt-guess --format=json >"$dir/guess" 2>/dev/null
	assertEquals "version" "$(tcpt-stat --version)" "tcpt-stat $(grep -o '"version":"[^"]*"' "$dir/json" | cut -d'"' -f4)"
	sed -n '/^FIELD/,$s/^\([a-z_0-9]*\.[^ ]*\)  *\(.*\)$/\1=\2/p' "$dir/text" >"$dir/shown"
	grep -v '^#\|^kernel\.\|^source=' "$dir/offsets" >"$dir/given"
	assertEquals "offsets" "" "$(diff "$dir/given" "$dir/shown")"
	assertTrue "source" "says '$dir/text' '^offsets  guess, for Linux $(uname -r) $(uname -m)'"
	build_id=$(sed -n 's/^kernel.build_id=//p' "$dir/offsets")
	assertTrue "build id" "says '$dir/prom' 'build_id=\"$build_id\"} 1\$'"
	# All but the one that is run by the loader, and the maps of steps.
	find "$pin/progs" -type f ! -name 'announce*' ! -name '*_steps' | sed 's|.*/||' | sort >"$dir/pinned"
	sed '1,/^MISSED BY/d; /^$/,$d; s/ .*//' "$dir/text" | sort >"$dir/shown"
	assertEquals "programs" "" "$(diff "$dir/pinned" "$dir/shown")"
	assertEquals "programs in JSON" "$(wc -l <"$dir/pinned")" \
		"$(grep -o '{"program":' "$dir/json" | wc -l)"
	command -v jq >/dev/null || return 0
	assertEquals "by jq" "$(number events)" "$(jq .sum.events "$dir/json")"
	jq .document "$dir/json" >"$dir/document"
	assertEquals "document" "$(jq .offsets "$dir/guess")" "$(jq .offsets "$dir/document")"
}

# Whole, or not at all.
test_output() {
	[ -d $pin ] || load_trace auto
	stat -f prometheus -o "$dir/tcpt.prom"
	assert_prometheus "$dir/tcpt.prom"
	(umask 077 && rm "$dir/tcpt.prom" && stat -f prometheus -o "$dir/tcpt.prom")
	assertEquals "the exporter is another user" 644 "$(command stat -c %a "$dir/tcpt.prom")"
	chmod 640 "$dir/tcpt.prom"
	stat -f prometheus -o "$dir/tcpt.prom"
	assertEquals "as it was" 640 "$(command stat -c %a "$dir/tcpt.prom")"
	tcpt-stat >/dev/full 2>"$dir/err"
	assertEquals 1 $?
	assertTrue "$(cat "$dir/err")" "says '$dir/err' 'cannot write to stdout'"
	unload_trace
}

# Where nothing is loaded a file of older figures is replaced by one that says so. This is no
# failure, but a tap that is not there is one, and so is a place where no trace can be.
test_nothing_is_loaded() {
	load_trace auto
	stat -f prometheus -o "$dir/tcpt.prom"
	assert_refusal 1 'has no tap 2' tcpt-stat -f prometheus --tap=2
	unload_trace
	stat -f prometheus -o "$dir/tcpt.prom"
	assert_prometheus "$dir/tcpt.prom"
	assertEquals "tcpt_up 0" "$(grep -v '^#' "$dir/tcpt.prom")"
	assert_refusal 1 'not in a bpffs' tcpt-stat -f prometheus --pin="$dir"
	assert_refusal 1 'no trace is loaded' tcpt-stat
	assert_refusal 1 'no trace is loaded' tcpt-stat --format=json
}

# limited COMMAND...: where no file may be written, with its status at the end; both
# outputs through a pipe.
limited() {
	sh -c 'ulimit -f 0; "$@" 2>&1; echo "status $?"' sh "$@" | cat
}

test_no_file_may_be_written() {
	[ -d $pin ] || load_trace auto
	limited tcpt-stat --all >"$dir/text"
	assertEquals "$(cat "$dir/text")" "status 0" "$(tail -n 1 "$dir/text")"
	assertTrue "$(cat "$dir/text")" "says '$dir/text' '^FIELD'"
	# shellcheck disable=SC2016 # $1 is the inner shell's
	assertEquals "tcpt-stat: cannot write to stdout: File too large, status 1" \
		"$(limited sh -c 'tcpt-stat >"$1"' sh "$dir/file" | paste -s -d , | sed 's/,/, /')"
	unload_trace
	limited tcpt-load --offsets="$dir/offsets" >"$dir/text"
	assertEquals "tcpt-load: cannot make BTF from the offsets, in a file in memory: File too large; run first: ulimit -f unlimited,status 1" \
		"$(paste -s -d , <"$dir/text")"
	assertFalse "pins left" "[ -e $pin ]"
}

# The checker refuses what it should.
# shellcheck disable=SC2016 # $ is of sed
test_checker() {
	printf '# HELP tcpt_a_total A.\n# TYPE tcpt_a_total counter\ntcpt_a_total{b="\\"c"} 1\n' >"$dir/good"
	assertNull "$(awk -f "$checker" "$dir/good")"
	for fault in 's/A\./A/' '1d' 2d 's/counter/gauge/' 's/_total//' 's/1$/x/' 's/1$/-1/' '$p' '1p' \
		's/"}/}/' 's/b=/b/' 's/\\//' 's/^tcpt_a_total{/tcpt_b_total{/' 's/} 1/}1/' 's/} 1/} 1 2 3/'; do
		sed "$fault" "$dir/good" >"$dir/faulty"
		assertNotNull "not seen: $fault" "$(awk -f "$checker" "$dir/faulty")"
	done
}

# The names below the pin directory and beside it, with their inodes.
names() {
	find /sys/fs/bpf -exec ls -di {} + | sort
}

# assert_untouched: tcpt-stat leaves a replacement alone that was interrupted.
assert_untouched() {
	before=$(names)
	stat >"$dir/out"
	assertContains "$(cat "$dir/out")" "by $(attach_modes | head -n 1)"
	assertEquals "$before" "$(names)"
}

# What one leaves that was killed as it removed the old pins, and one as it added new ones.
test_leaves_an_interrupted_replacement_alone() {
	load_own "$(attach_modes | head -n 1)"
	for left in links-old progs-old maps-new progs-new links-new; do
		mkdir "$pin/$left"
		assert_untouched
	done
	tcpt-filter >/dev/null || fail "tcpt-filter"
	assertEquals "links maps progs" "$(find "$pin" -mindepth 1 -maxdepth 1 | sed 's|.*/||' | sort | xargs)"
	unload_trace
}

# Killed between two names of a ring: that is said, with what ends it, and nothing is changed.
test_says_that_a_ring_has_no_name() {
	load_own "$(attach_modes | head -n 1)"
	mkdir "$pin/links-old"
	mv "$pin/maps/ring" "$pin/maps/ring-77"
	before=$(names)
	tcpt-stat >"$dir/out" 2>"$dir/err"
	assertEquals 1 $?
	assertEquals "tcpt-stat: a replacement of the trace at $pin was interrupted; run as root tcpt-filter, which ends it" \
		"$(cat "$dir/err")"
	assertEquals "$before" "$(names)"
	mv "$pin/maps/ring-77" "$pin/maps/ring"
	tcpt-filter >/dev/null || fail "tcpt-filter"
	assertFalse "[ -e '$pin/links-old' ]"
	unload_trace
}

# A load and a look in time namespaces, each with a clock of its own: the age is that of the trace.
test_is_right_in_a_time_namespace() {
	[ -e /proc/self/timens_offsets ] || return 0
	for mode in $(attach_modes) none; do can_pin "$mode" && break; done
	[ "$mode" != none ] || return 0
	offsets >/dev/null
	unshare --time --fork --monotonic 500000 tcpt-load --offsets="$dir/offsets" \
		--attach="$mode" --pin="$pin" 2>"$dir/err" || fail "tcpt-load: $(cat "$dir/err")"
	for seconds in 0 1000000; do
		unshare --time --fork --monotonic "$seconds" tcpt-stat --format=json >"$dir/json"
		assert_exit 0 $? "tcpt-stat $seconds s ahead"
		assertTrue "$seconds s ahead: $(value uptime_ns) ns" \
			"[ '$(value uptime_ns)' -lt 400000000000000 ]"
	done
	unload_trace
}

# shellcheck source=/dev/null
. shunit2
