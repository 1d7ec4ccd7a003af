#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Least privilege: each program does its work, as a user that is not root, with
# just the capabilities that tcpt(7) says, and with one less it names that one.

# shunit2 calls the functions.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint

limit_switch=/proc/sys/kernel/perf_event_paranoid
level=$(cat $limit_switch)

# Whether CAP_PERFMON is enough for perf events here, or what it takes besides:
# Debian's kernels begin with a level at which it is not.
look_at_limit() {
	admin=
	kernel-can perfmon >/dev/null || admin=,sys_admin
}

# with CAPABILITIES COMMAND...: as uid 1000, with these, commas between, and no more.
with() {
	(become "$@")
}

# In place of the shell, so that in the background $! is the command.
become() {
	plus=$(echo "$1" | sed 's/\([a-z_][a-z_]*\)/+\1/g')
	shift
	exec prlimit --memlock=65536:65536 setpriv --reuid=1000 --regid=1000 --clear-groups \
		--bounding-set="-all${plus:+,$plus}" --inh-caps="-all${plus:+,$plus}" \
		--ambient-caps="-all${plus:+,$plus}" -- "$@"
}

# without NAME CAPABILITIES
without() {
	echo "$2" | tr ',' '\n' | grep -v -x "$1" | paste -sd, -
}

# works CAPABILITIES COMMAND...
works() {
	set_=$1
	with "$@" >"$dir/out" 2>"$dir/err" </dev/null
	assert_exit 0 $? "[$set_] $2 $3: $(cat "$dir/err")"
}

# lacks NAME CAPABILITIES COMMAND...: these do not suffice, and one line says which it is.
lacks() {
	name=$(echo "$1" | tr '[:lower:]' '[:upper:]')
	shift
	with "$@" >"$dir/out" 2>"$dir/err" </dev/null
	assert_exit 3 $? "[$1] $2: $(cat "$dir/err")"
	assertEquals "[$1] $2: lines of $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
	grep -q "CAP_$name\>" "$dir/err" || fail "[$1] $2: no CAP_$name in: $(cat "$dir/err")"
}

# exactly CAPABILITIES COMMAND...: each of them is lacked, but what CAP_SYS_ADMIN holds.
exactly() {
	all=$1
	shift
	for one in $(echo "$all" | tr ',' ' '); do
		case $one,$all in bpf,*sys_admin* | perfmon,*sys_admin*) continue ;; esac
		lacks "$one" "$(without "$one" "$all")" "$@"
	done
}

# ---- discovering ----

# Programs that are loaded charge the user's locked memory for a while after they are gone.
room=
kernel-can unlocked_maps >/dev/null || room=,sys_resource

guess_by() {
	if [ "$1" = kprobe ] && [ -n "$admin" ]; then
		exactly bpf,perfmon,sys_admin,net_admin tcpt-guess --via="$1"
	else
		exactly bpf,perfmon tcpt-guess --via="$1"
		works "bpf,perfmon$room" tcpt-guess --via="$1"
		grep -q 'warning: cannot make network namespaces' "$dir/err" || fail "$1: no warning"
	fi
	works "bpf,perfmon,sys_admin,net_admin$room" tcpt-guess --via="$1"
	assertNull "$1: $(cat "$dir/err")" "$(cat "$dir/err")"
	works "sys_admin,net_admin$room" tcpt-guess --via="$1"
	lacks net_admin "bpf,perfmon,sys_admin$room" tcpt-guess --via="$1"
}

test_guess() {
	guess_by raw_tp
}

guess_by_kprobe() {
	guess_by kprobe
}

# ---- tracing ----

# What a mode takes here.
needed() {
	case $1 in
	tracepoint) echo "bpf,perfmon,dac_read_search$admin$room" ;;
	kprobe) echo "bpf,perfmon$admin$room" ;;
	*) echo "bpf,perfmon$room" ;;
	esac
}

# load_with MODE: as load_trace, but with what is needed only.
load_with() {
	if can_pin "$1"; then
		works "$(needed "$1")" tcpt-load --attach="$1" --offsets="$dir/theirs"
		return
	fi
	keep become "$(needed "$1")" tcpt-load --attach="$1" --offsets="$dir/theirs" --hold
}

use_with() {
	readers=
	if ! kernel-can plain_maps >/dev/null; then
		readers=bpf
		for program in tcpt-watch tcpt-filter tcpt-stat; do lacks bpf '' $program; done
	fi
	: >"$dir/banner"
	become "$readers" tcpt-watch --format=tsv --banner >"$dir/ev" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
	run_peer --cycles 50
	end_reader
	with "$readers" tcpt-watch --format=tsv --drain >>"$dir/ev"
	assert_exact "$1 with $(needed "$1"), read with ${readers:-none}" "$dir/ev" "$dir/record"
	works "$readers" tcpt-filter --add=sport=80
	works "$readers" tcpt-stat
}

unload_with() {
	if [ -n "$keeper" ]; then
		end_keeper
	else
		works '' tcpt-unload
	fi
	assertFalse "left" "[ -e $pin ]"
}

test_trace() {
	offsets >/dev/null
	cp "$dir/offsets" "$dir/theirs"
	chown 1000 "$dir/theirs"
	for mode in $(attach_modes); do
		hold=--hold
		! can_pin "$mode" || hold=--no-existing
		exactly "$(needed "$mode")" tcpt-load --attach="$mode" --offsets="$dir/theirs" $hold
		assertEquals "$mode: pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
		load_with "$mode"
		use_with "$mode"
		unload_with
	done
}

# The level is the whole machine's: only a virtual one is tested at both.
at_level_2() {
	echo 2 >$limit_switch
	look_at_limit
	assertNull "needs $admin" "$admin"
	! kernel-can kprobe >/dev/null || guess_by_kprobe
	test_trace
	echo "$level" >$limit_switch
}

oneTimeSetUp() {
	[ -n "${TCPT_VM-}" ] || mount -t tracefs tracefs /sys/kernel/tracing
	look_at_limit
	echo "  kernel.perf_event_paranoid is $level${admin:+, CAP_PERFMON is not enough}"
}

suite() {
	suite_addTest test_guess
	! kernel-can kprobe >/dev/null || suite_addTest guess_by_kprobe
	suite_addTest test_trace
	[ -z "${TCPT_VM-}" ] || [ "$level" -le 2 ] || suite_addTest at_level_2
}

# shellcheck source=/dev/null
. shunit2
