#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The connections that a guess makes are not reported by a trace that is loaded, however
# the guess was started and whichever comes first; those of somebody who takes its
# name are. A control group holds what is run, and nothing else is reported.

# The tests of a mode are called by name; for an inner shell.
# shellcheck disable=SC2317,SC2016,SC2086,SC2046,SC2002
. "${0%/*}/trace-lib.sh"
. "${0%/*}/guess-lib.sh"
need root bpf netns raw_tp

group=$dir/cgroup/tcpt-own-$$

# in_group COMMAND...
in_group() {
	sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@"
}

reported() {
	tcpt-watch --format=tsv --drain >"$dir/ev"
	cut -f5 "$dir/ev" | sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $2; sep = ", " }'
}

# untold NAME COMMAND...
untold() {
	what=$1
	shift
	in_group timeout -k 5 $limit "$@" >"$dir/out" 2>"$dir/err"
	assert_exit 0 $? "$mode, $what: $(tail -n 1 "$dir/err")"
	assertEquals "$mode, $what" "" "$(reported)"
}

# Threads that are entered in the trace's map.
entered() {
	bpftool map dump pinned $pin/maps/left_out >"$dir/dump"
	grep -o 'tid": [0-9]*' "$dir/dump" | grep -c -v ' 0$'
}

# Before Linux 5.11 maps count as locked memory; who may not raise the limit has a newer one.
unlocked="prlimit --memlock=unlimited:unlimited"
$unlocked true 2>/dev/null || unlocked=

guesses() {
	load_trace "$mode" --filter=cgroup="$group"
	in_group peer --families 4 --cycles 2 --clients 1 --record "$dir/record" 2>"$dir/peer"
	assertEquals "$mode: a peer" "2 accept, 4 close, 2 connect" "$(reported)"
	untold "all fields" "$guess" --fields=all
	untold "no namespaces" $may_not "$guess"
	untold "nothing but BPF" $unlocked $bpf_only "$guess"
	untold "in a pid namespace" unshare --pid --fork "$guess"
	untold "verifying" "$guess" --verify "$dir/offsets"
	assertEquals "$mode: entries" 0 "$(entered)"
	assertEquals "$mode: lost" 0 "$(awk -F'\t' '$5 == "lost"' "$dir/ev" | wc -l)"
	unload_trace
}

# A guess waits for a connection that does not come; somebody takes its name meanwhile.
its_name() {
	new_host
	on_host deny loopback true
	load_trace "$mode" --filter=cgroup="$group"
	in_group $on $may_not timeout $limit "$guess" >"$dir/out" 2>"$dir/err" &
	load=$!
	await has_name
	in_group bash -c 'printf %s "$0" >/proc/$$/comm; (: >/dev/tcp/127.0.0.1/1) 2>/dev/null' "$name"
	tcpt-watch --format=tsv --drain >"$dir/ev"
	assertEquals "$mode: with its name" 1 "$(awk -F'\t' -v name="$name" '$5 == "fail" && $10 == name' "$dir/ev" | wc -l)"
	kill_load_and_host
	unload_trace
}

# The name of the guess's thread: 15 letters, not the program's.
has_name() {
	name=$(cat $(sed "s|.*|/proc/&/task/*/comm|" "$group/cgroup.procs") 2>/dev/null | grep -E '^[a-z0-9]{15}$')
	[ -n "$name" ]
}

# Stopped when it has begun, a trace is loaded, and it goes on.
loaded_meanwhile() {
	stopped=0
	for try in 1 2 3 4 5; do
		in_group "$guess" >"$dir/out" 2>"$dir/err" &
		load=$!
		until has_name || ! kill -0 $load 2>/dev/null; do :; done
		kill -STOP $load 2>/dev/null
		! has_name || stopped=$((stopped + 1))
		: >"$dir/load"
		tcpt-load --offsets="$dir/offsets" --attach="$mode" --filter=cgroup="$group" --hold 2>"$dir/load" &
		keeper=$!
		await [ -e $pin/maps/meta ]
		kill -CONT $load 2>/dev/null
		await says "$dir/load" held
		wait $load
		load=
		assertEquals "$mode, loaded meanwhile, $try" "" "$(reported)"
		unload_trace
	done
	echo "  $mode: $stopped of 5 stopped before they ended"
	assertTrue "$mode: none was stopped in time" "[ $stopped -gt 0 ]"
}

# begin: what says that the map is in use, of a trace that is being loaded.
being_loaded=/sys/fs/bpf/being-loaded
begun="00 00 00 00 00 00 00 00 $(printf 'tcpt left out\0\0\0' | od -An -tx1 -v)"
begin() {
	bpftool map update pinned $being_loaded key hex $begun value 0 0 0 0 0 0 0 0
}

make_hash() {
	bpftool map create $being_loaded type hash key 24 value 8 entries 64 name left_out
}

# has_entered: it stands in one that is loaded, so it has looked at all there are.
has_entered() {
	[ "$(entered)" = 1 ]
}

keys() {
	bpftool -j map dump pinned $being_loaded | grep -o '"key"' | wc -l
}

has_met() {
	[ "$(keys)" = 2 ]
}

# A map that says only later that it is a trace's: a guess that is stopped when it has
# seen that enters itself, and leaves in the end.
test_map_of_one_being_loaded() {
	load_trace auto
	stopped=0
	for _ in 1 2 3 4 5; do
		make_hash
		"$guess" --fields=all >"$dir/out" 2>"$dir/err" &
		load=$!
		until has_entered || ! kill -0 $load 2>/dev/null; do :; done
		kill -STOP $load 2>/dev/null
		has_entered && stopped=$((stopped + 1))
		begin
		kill -CONT $load 2>/dev/null
		until has_met || ! kill -0 $load 2>/dev/null; do :; done
		! has_met || met=$((${met-0} + 1))
		wait $load
		load=
		assertEquals "entries" 1 "$(keys)"
		rm $being_loaded
	done
	echo "  stopped in time $stopped of 5, entered ${met-0}"
	assertEquals "entered" $stopped "${met-0}"
	assertTrue "none was stopped in time" "[ $stopped -gt 0 ]"
	unload_trace
}

# Where the kernel lets everybody make maps, somebody makes one that says what the map of
# a trace could say, in order to be left out: until 5 s later, or as long as there are numbers.
test_map_of_a_stranger() {
	for until in $((($(cut -d . -f 1 /proc/uptime) + 5) * 1000000000)) 9223372036854775807; do
		mkfifo "$dir/go"
		bash -c 'read -r _ <"$0"; : 2>/dev/null >/dev/tcp/127.0.0.1/1' "$dir/go" &
		stranger=$!
		make_hash
		begin
		bpftool map update pinned $being_loaded key hex $(entry $stranger) value hex $(little_endian 8 $until)
		load_trace auto --filter=pid=$stranger
		assertEquals "entries" 0 "$(entered)"
		rm $being_loaded
		echo >"$dir/go"
		wait $stranger
		assertEquals "reported" "1 fail" "$(reported)"
		unload_trace
		rm "$dir/go"
	done
}

# little_endian BYTES NUMBER
little_endian() {
	left=$2
	for _ in $(seq "$1"); do
		printf '%02x ' $((left & 255))
		left=$((left >> 8))
	done
}

# entry PID: the key of its main thread.
entry() {
	little_endian 8 "$1"
	{ tr -d '\n' <"/proc/$1/comm" && head -c 16 /dev/zero; } | head -c 16 | od -An -tx1 -v
}

# A guess says it by a map that is not for everybody. Here only: who owns a host decides
# what others may do there.
test_map_of_a_guess() {
	[ -n "${TCPT_VM-}" ] || return 0
	was=$(cat /proc/sys/kernel/unprivileged_bpf_disabled)
	echo 0 >/proc/sys/kernel/unprivileged_bpf_disabled
	make_map="$unlocked setpriv --reuid=65534 --clear-groups --bounding-set=-all --inh-caps=-all bpftool map create $being_loaded"
	$make_map type array key 4 value 32 entries 1 name left_out || fail "not everybody can make maps here"
	rm -f $being_loaded
	! $make_map type queue value 32 entries 1 name left_out 2>/dev/null || fail "everybody can make a queue here"
	echo "$was" >/proc/sys/kernel/unprivileged_bpf_disabled
}

suite() {
	suite_addTest test_map_of_one_being_loaded
	suite_addTest test_map_of_a_stranger
	suite_addTest test_map_of_a_guess
	add_for_modes guesses its_name loaded_meanwhile
}

oneTimeSetUp() {
	use_guess
	offsets >/dev/null
	mkdir -p "$dir/cgroup"
	mount -t cgroup2 cgroup2 "$dir/cgroup" || fail "cannot mount cgroup2"
	mkdir "$group"
}

tearDown() {
	kill_load_and_host
}

# shunit2 may call this twice.
oneTimeTearDown() {
	if [ -d "$group" ]; then
		rmdir "$group"
		umount "$dir/cgroup"
	fi
	clean_up
}

# shellcheck source=/dev/null
. shunit2
