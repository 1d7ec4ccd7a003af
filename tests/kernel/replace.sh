#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-load --replace: other programs take the place of those of a trace while
# it goes on. TCPT_TEST_REPLACEMENTS says how often under load (6, in virtual
# machines 3).

# The tests of a mode are called by name.
# shellcheck disable=SC2317
# shellcheck source=tests/kernel/lib.sh
. "${0%/*}/lib.sh"
need root bpf netns raw_tp tracepoint ringbuf

replacements=${TCPT_TEST_REPLACEMENTS:-${TCPT_VM:+3}}
replacements=${replacements:-6}
modes=$(attach_modes)
keepers=

tearDown() {
	# shellcheck disable=SC2086 # a list
	[ -z "$keepers$keeper" ] || { kill $keepers $keeper; wait $keepers $keeper; } 2>/dev/null
	keepers=
	keeper=
	[ -z "$load" ] || { kill "$load" && wait "$load"; } 2>/dev/null
	load=
	[ ! -d $pin ] || tcpt-unload
	return 0
}

# start_peer OPTION...: in the background, as $load, until $dir/record is there.
start_peer() {
	rm -f "$dir/record"
	: >"$dir/peer"
	peer --families $families --record "$dir/record" --deadline 500 "$@" 2>"$dir/peer" &
	load=$!
	await says "$dir/peer" ready
}

wait_peer() {
	wait "$load"
	assertEquals "peer: $(cat "$dir/peer")" 0 $?
	load=
}

peer_runs() {
	kill -0 "$load" 2>/dev/null
}

# replace MODE [OPTION...]: by a keeper where links of the mode cannot be pinned.
replace() {
	mode=$1
	shift
	: >"$dir/load"
	if can_pin "$mode"; then
		tcpt-load --offsets="$dir/offsets" --attach="$mode" --replace "$@" 2>"$dir/load" ||
			fail "--replace: $(cat "$dir/load")"
		return
	fi
	tcpt-load --offsets="$dir/offsets" --attach="$mode" --replace --hold "$@" 2>"$dir/load" &
	keepers="$keepers $!"
	await says "$dir/load" held
}

# nth N WORD...: the words in turn
nth() {
	n=$(($1 % ($# - 1) + 2))
	shift $((n - 1))
	echo "$1"
}

# Each id has one beginning, and one close with the duration since then.
assert_continuous() {
	awk -F'\t' -v n="$netns" '
		$16 != n && n != "-" { next }
		$5 == "connect" || $5 == "accept" { began[$4]++ }
		$5 == "close" { closed[$4]++; if ($17 == "-") print "no duration: " $0 }
		END {
			for (id in began) if (began[id] != 1 || closed[id] != 1) print id ": " began[id] " " closed[id]
			for (id in closed) if (!began[id]) print id " was closed only"
		}' "$1" >"$dir/broken"
	assertEquals "$2: broken ids" "" "$(head -n 5 "$dir/broken")"
	assertEquals "$2: lost" "" "$(cut -f 5 "$1" | grep lost)"
}

programs() {
	bpftool -j prog show | grep -o '"id":[0-9]*' | wc -l
}

pins() {
	find $pin | sort
}

links() {
	for link in "$pin"/links/* "$pin"/progs/*; do
		bpftool -j link show pinned "$link" || bpftool -j prog show pinned "$link"
	done 2>/dev/null | grep -o '"id":[0-9]*\|"prog_id":[0-9]*'
}

# assert_settled NAME BEFORE: as many programs as one trace has, and no other pins
assert_settled() {
	await no_more_programs "$2"
	assertEquals "$1: pins" "links maps progs" "$(find $pin -mindepth 1 -maxdepth 1 | sed 's,.*/,,' | sort | xargs)"
}

no_more_programs() {
	[ "$(programs)" -le "$1" ]
}

# ---- under load ----

# Workload after workload, until there is a file $dir/enough.
keep_busy() {
	until [ -e "$dir/enough" ]; do
		peer --families $families --record "$dir/part" --cycles 500 --clients 8 --servers 3 \
			--rate 600 2>"$dir/peer" || return
		cat "$dir/part" >>"$dir/record"
	done
}

# under_load MODE...: these in turn.
under_load() {
	load_trace "$1" --ring-size=16384
	start_reader "$dir/ev"
	rm -f "$dir/record" "$dir/enough"
	keep_busy &
	load=$!
	done=0
	while peer_runs && [ $done -lt "$replacements" ]; do
		done=$((done + 1))
		replace "$(nth $done "$@")" --ring-size="$(nth $done 16384 16384 8192 32768)"
	done
	: >"$dir/enough"
	wait_peer
	assertEquals "replacements under load" "$replacements" "$done"
	stop_reader "$dir/ev"
	assert_exact "$*, replaced $done times" "$dir/ev" "$dir/record"
	assert_continuous "$dir/ev" "$*"
	echo "  late: $(late "$dir/ev")"
}

test_under_load() {
	for same in $modes; do
		under_load "$same"
		tearDown
	done
	# shellcheck disable=SC2086 # a list
	[ "$(echo "$modes" | wc -w)" -lt 2 ] || under_load $modes
}

# Nobody reads: what the rings hold comes in order.
test_without_a_reader() {
	load_trace auto --ring-size=16384
	start_peer --cycles 1500 --rate 500 --clients 4
	for size in 8192 16384 32768; do
		replace "$mode" --ring-size=$size
	done
	wait_peer
	: >"$dir/ev"
	while tcpt-watch --format=tsv --drain >"$dir/part" && [ -s "$dir/part" ]; do
		cat "$dir/part" >>"$dir/ev"
	done
	assert_exact "rings replaced unread" "$dir/ev" "$dir/record"
	assert_continuous "$dir/ev" "rings replaced unread"
	assertEquals "rings left" ring "$(cd $pin/maps && echo ring*)"
}

# watched MODE...: each descriptor of a watched process is told once.
watched() {
	load_trace "$1"
	mkfifo "$dir/gate"
	fds 2500 <"$dir/gate" >"$dir/record" &
	load=$!
	exec 9>"$dir/gate"
	tcpt-filter --watch="$load"
	echo >&9
	exec 9>&-
	rm "$dir/gate"
	done=0
	while peer_runs; do
		done=$((done + 1))
		replace "$(nth $done "$@")"
	done
	wait "$load"
	assertEquals "fds" 0 $?
	load=
	tcpt-watch --format=tcptracer --type=fdinstall --drain |
		sed 's/.* fdinstall \([0-9]*\) \(.*\) \([0-9]*\)$/\1\t\2\t\3/' | sort >"$dir/got"
	cut -f 1-3 "$dir/record" | sort >"$dir/done"
	got=$(wc -l <"$dir/got")
	assertEquals "$*: other descriptors" "" "$(grep -v -x -F -f "$dir/done" "$dir/got" | head -n 5)"
	assertTrue "$*: told twice, $got of 2500" "[ $got -le 2500 ]"
	# There is one hook, and kprobes do not fire where a task is in a bpf() call.
	assertTrue "$*: missed, $got of 2500" "[ $got -ge 2490 ]"
	assertTrue "$*: replaced" "[ $done -ge 2 ]"
	echo "  $*: $got descriptors of 2500, replaced $done times"
	tearDown
}

test_watched_process() {
	for same in $modes; do
		watched "$same"
	done
	# shellcheck disable=SC2086 # a list
	[ "$(echo "$modes" | wc -w)" -lt 2 ] || watched $modes
}

# ---- who keeps the links ----

# keep [OPTION...]: a process that holds the links, $!
keep() {
	: >"$dir/load"
	tcpt-load --offsets="$dir/offsets" --hold "$@" 2>"$dir/load" &
	await says "$dir/load" held
}

assert_traces() {
	peer --cycles 50 --record "$dir/record" --families 4 2>/dev/null
	tcpt-watch --format=tsv --drain >"$dir/ev"
	assert_exact "$1" "$dir/ev" "$dir/record"
}

test_held_by_another() {
	offsets >/dev/null
	keep
	first=$!
	keep --replace
	keeper=$!
	wait $first
	assertEquals "the first keeper's status" 0 $?
	assertTrue "the second keeps it" "kill -0 $keeper"
	assert_traces "held by the second"
	start_reader "$dir/ev"
	unload_trace
	wait "$reader"
	assertEquals "a reader of what its keeper removed" 0 $?
	reader=
}

# One that keeps nothing takes over from a keeper, and a keeper from it.
test_held_and_pinned() {
	can_pin "$(echo "$modes" | head -n 1)" || return 0
	offsets >/dev/null
	keep
	first=$!
	start_reader "$dir/ev"
	replace "$(echo "$modes" | head -n 1)"
	wait $first
	assertEquals "the first keeper's status" 0 $?
	sleep 0.1
	assertTrue "the reader goes on: $(cat "$dir/banner")" "kill -0 $reader"
	stop_reader "$dir/ev"
	assert_traces "pinned after held"
	keep --replace
	keeper=$!
	assert_traces "held after pinned"
	unload_trace
	assertFalse "pins left" "[ -e $pin ]"
}

# ---- what is refused leaves the old trace as it is ----

# refused STATUS PATTERN OPTION...
refused() {
	status=$1
	pattern=$2
	shift 2
	links >"$dir/links"
	pins >"$dir/pins"
	before=$(programs)
	"$@" 2>"$dir/err" </dev/null
	assertEquals "status of $*: $(cat "$dir/err")" "$status" $?
	assertEquals "lines of: $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
	assertTrue "no '$pattern' in: $(cat "$dir/err")" "grep -q '$pattern' '$dir/err'"
	assertEquals "pins" "$(cat "$dir/pins")" "$(pins)"
	assertEquals "programs and links" "$(cat "$dir/links")" "$(links)"
	assert_settled "refused" "$before"
}

test_failed_replacement() {
	load_trace auto
	start_reader "$dir/ev"
	start_peer --cycles 600 --rate 300 --clients 2
	sed 's/^sock_common.skc_num=.*/sock_common.skc_num=12/' "$dir/offsets" >"$dir/bad"
	refused 1 overlap tcpt-load --replace --offsets="$dir/bad"
	refused 3 'run as root' setpriv --bounding-set=-all --inh-caps=-all \
		tcpt-load --replace --offsets="$dir/offsets"
	refused 1 'edit them with tcpt-filter' tcpt-load --replace --offsets="$dir/offsets" --filter=pid=1
	kernel-can kprobe >/dev/null ||
		refused 3 'no kprobe' tcpt-load --replace --offsets="$dir/offsets" --attach=kprobe
	wait_peer
	stop_reader "$dir/ev"
	assert_exact "after failed replacements" "$dir/ev" "$dir/record"
}

# set_layout NUMBER: in the pinned description, whose second word it is.
set_layout() {
	value=$(bpftool -j map lookup pinned $pin/maps/meta key 0 0 0 0 | grep -o '"value":\[[^]]*' |
		grep -o '0x[0-9a-f]*')
	# shellcheck disable=SC2046,SC2086 # bytes
	bpftool map update pinned $pin/maps/meta key 0 0 0 0 \
		value $(echo $value | cut -d ' ' -f 1-4) "$1" 0 0 0 $(echo $value | cut -d ' ' -f 9-)
}

test_another_layout() {
	load_trace auto
	for layout in 2 99; do
		set_layout $layout
		for command in "tcpt-load --replace --offsets=$dir/offsets" tcpt-watch tcpt-filter; do
			# shellcheck disable=SC2086 # words
			refused 1 "loaded by tcpt 0.1.0, with layout $layout; this is tcpt 0.1.0, with layout [0-9]*; run tcpt-unload" $command
		done
	done
}

test_nothing_to_replace() {
	offsets >/dev/null
	keep --replace
	keeper=$!
	unload_trace
	assertFalse "pins left" "[ -e $pin ]"
}

test_filters_stay() {
	load_trace auto --filter=type=close --watch=1
	replace "$mode"
	assertEquals "type=close watch=1" "$(tcpt-filter | xargs)"
}

# ---- killed at any moment ----

killed() {
	load_trace "$1"
	start_reader "$dir/ev"
	start_peer --cycles 2400 --rate 300 --clients 4
	kills=0
	while peer_runs && [ $kills -lt 8 ]; do
		kills=$((kills + 1))
		tcpt-load --offsets="$dir/offsets" --attach="$1" --replace 2>"$dir/load" &
		victim=$!
		sleep 0.$((kills * 7 % 10))5 # so long that it is killed at any of its steps
		kill -9 $victim 2>/dev/null
		wait $victim 2>/dev/null
	done
	wait_peer
	stop_reader "$dir/ev"
	assert_exact "$1, replacing killed $kills times" "$dir/ev" "$dir/record"
	assert_continuous "$dir/ev" "$1, killed"
	tcpt-filter >/dev/null || fail "tcpt-filter"
	replace "$1"
	assertEquals "pins" "links maps progs" "$(find $pin -mindepth 1 -maxdepth 1 | sed 's,.*/,,' | sort | xargs)"
}

test_killed() {
	for which in $modes; do
		! can_pin "$which" || killed "$which"
		tearDown
	done
}

# shellcheck source=/dev/null
. shunit2
