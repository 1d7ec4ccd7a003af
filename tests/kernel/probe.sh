#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What there is to attach to, as kernel-can sees it too; and what is done where
# something is missing, which is made so for the test.

# shunit2 calls the functions.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
most_modes="$most_modes cgroup"
need root bpf netns raw_tp

# probe [NAME=VALUE]... [COMMAND...]: run by that; the table is in $dir/table.
probe() {
	(
		while [ "${1%%=*}" != "${1-}" ] && [ "${1#-}" = "$1" ]; do
			export "${1?}"
			shift
		done
		"$@" tcpt-load --probe
	) >"$dir/table" 2>"$dir/err"
	assert_exit 0 $? "status: $(cat "$dir/err")"
	assertNull "stderr" "$(cat "$dir/err")"
}

# probe_none WHY [NAME=VALUE]... [COMMAND...]: the same, where no mode works.
probe_none() {
	why=$1
	shift
	env "$@" tcpt-load --probe >"$dir/table" 2>"$dir/err"
	assert_exit 3 $? "status: $(cat "$dir/err")"
	assertEquals "lines: $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
	grep -q -x "tcpt-load: no attach mode works here: $why" "$dir/err" ||
		fail "no '$why' in: $(cat "$dir/err")"
	assert_line 'auto: none'
}

# assert_line PATTERN: a whole line of the table.
assert_line() {
	grep -q -x "$1" "$dir/table" || fail "no '$1' in: $(cat "$dir/table")"
}

# kernel_has KIND TARGET: kernel-can has no return probes: they are where probes are.
kernel_has() {
	case $1 in
	kretprobe) kernel-can "kprobe:$2" ;;
	cgroup) kernel-can cgroup ;;
	tracepoint) kernel-can "tracepoint:$(echo "$2" | tr : /)" ;;
	*) kernel-can "$1:$2" ;;
	esac >/dev/null
}

test_table_says_what_kernel_can_says() {
	probe
	sed '1d; /^$/,$d' "$dir/table" >"$dir/hooks"
	assertTrue "few hooks: $(cat "$dir/hooks")" "[ $(wc -l <"$dir/hooks") -ge 15 ]"
	while read -r kind target columns; do
		said=no
		case $columns in *there* | *renamed*) said=yes ;; esac
		has=no
		! kernel_has "$kind" "$target" || has=yes
		assertEquals "$kind $target: $columns" $has $said
	done <"$dir/hooks"
}

test_modes_are_what_kernel_can_says() {
	probe
	for mode in kprobe fentry tracepoint cgroup; do
		pattern="$mode: no: ..*"
		case " $(attach_modes | xargs) " in
		*" $mode "*)
			pattern="$mode: works with --hold: its links cannot be pinned"
			! can_pin $mode || pattern="$mode: works, and its links can be pinned"
			;;
		esac
		assert_line "$pattern"
	done
}

# The kind of rings that a load chooses.
test_store() {
	ring=slots
	! kernel-can ringbuf >/dev/null || ring=ring
	probe
	assert_line "store: $ring.*"
	probe TCPT_TEST_WITHOUT=ringbuf,mmap
	assert_line 'store: slots, which readers look up: .*(Linux 5.5)'
}

# Whatever the last call that failed has said: without privileges, that it may not.
test_without_maps() {
	why='not permitted to make BPF maps; run as root or with CAP_[A-Z]*'
	probe_none "$why" setpriv --bounding-set=-all --inh-caps=-all
	assert_line "kprobe: no: $why"
	probe_none "$why" setpriv --reuid=65534 --clear-groups
}

# What a trace has missed, of one that is not there or may not be read.
test_strange_pins() {
	for place in "$pin-none" /etc/passwd "$dir"; do
		tcpt-load --probe --pin="$place" >"$dir/table" 2>"$dir/err"
		assertEquals "$place" 1 $?
		assertEquals "$place: $(cat "$dir/err")" 1 "$(grep -c 'no trace is loaded at' "$dir/err")"
	done
	load_trace auto
	setpriv --reuid=65534 --clear-groups --bounding-set=-all --inh-caps=-all \
		tcpt-load --probe --pin=$pin >"$dir/table" 2>"$dir/err"
	assertEquals "without privileges" 3 $?
	assertTrue "$(cat "$dir/err")" "says $dir/err '^tcpt-load: cannot open the trace at $pin: .*; run as root'"
	assertEquals "lines" 1 "$(wc -l <"$dir/err")"
	unload_trace
}

test_without_required_hooks() {
	probe_none 'kprobe: .*tcp_close is missing.*; fentry: .*; tracepoint: .*sys_exit_accept is missing; cgroup: .*sock_ops is missing' \
		TCPT_TEST_WITHOUT=tcp_close,sys_exit_accept,sock_ops
	assert_line 'kprobe: no: kprobe tcp_close is missing.*'
	assert_line 'fentry: no: fentry tcp_close is .*'
	assert_line 'tracepoint: no: tracepoint syscalls:sys_exit_accept is missing'
	offsets >/dev/null
	TCPT_TEST_WITHOUT=tcp_close,sys_exit_accept,sock_ops tcpt-load --offsets="$dir/offsets" --hold 2>"$dir/err"
	assertEquals 3 $?
	assertTrue "$(cat "$dir/err")" "says $dir/err 'no attach mode works here: kprobe: .*tcp_close'"
}

# Before Linux 5.9.
test_without_cgroup_links() {
	probe TCPT_TEST_WITHOUT=cgroup_links
	assert_line 'cgroup: no: cgroup sock_release is missing: this kernel has no links of such programs (Linux 5.9)'
	assert_refusal 3 'no cgroup sock_release: this kernel has no links of such programs (Linux 5.9)' \
		env TCPT_TEST_WITHOUT=cgroup_links tcpt-load --attach=cgroup --offsets=none
}

# Before Linux 5.2.
test_without_long_programs() {
	probe
	assertEquals "programs are whole" "$(kernel-can long_programs >/dev/null && echo 0 || echo 1)" \
		"$(grep -c '^programs: split' "$dir/table")"
	grep -v -e '^store: ' -e '^programs: ' "$dir/table" >"$dir/whole"
	probe TCPT_TEST_WITHOUT=long_programs
	assert_line 'store: slots.*'
	assert_line 'programs: split into steps, .*'
	assertEquals "the rest" "" "$(grep -v -e '^store: ' -e '^programs: ' "$dir/table" | diff - "$dir/whole")"
}

# The maps can be made, and nothing be attached to.
test_with_some_capabilities() {
	tcpt-load --probe >"$dir/table"
	env setpriv --bounding-set=-all,+bpf --inh-caps=-all,+bpf tcpt-load --probe >"$dir/table" 2>"$dir/err"
	assert_exit 3 $? "status: $(cat "$dir/err")"
	assertEquals "lines: $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
	grep -q 'no attach mode works here: .*is denied: .*; run as root or with CAP_PERFMON' "$dir/err" ||
		fail "$(cat "$dir/err")"
}

# Optional hooks that are missing do not abort a load.
test_without_optional_hooks() {
	for mode in $(attach_modes); do
		[ "$mode" != tracepoint ] || continue
		TCPT_TEST_WITHOUT=tcp_connect,tcp_destroy_sock,tcp_set_state
		[ "$mode" = fentry ] || TCPT_TEST_WITHOUT=tcp_connect,raw_tp
		export TCPT_TEST_WITHOUT
		load_trace "$mode"
		trace_peer "$mode, without optional hooks" --cycles 200 --clients 2
		unload_trace
		unset TCPT_TEST_WITHOUT
	done
}

# blocked NAME PROGRAM: 64 acceptors that block after the load.
blocked() {
	start_reader "$dir/ev"
	start_blocked --servers 1
	touch "$dir/go"
	wait_peer
	stop_reader "$dir/ev"
	assert_exact "$1, 64 blocked acceptors" "$dir/ev" "$dir/record"
	tcpt-load --probe | sed -n "s/^$2 /  $2 missed /p"
}

# How many calls a program has missed, or "-".
missed_calls() {
	tcpt-load --probe | awk -v program="$1" '$1 == program { print $3 }'
}

# The return from inet_csk_accept, with room for all that sleep in it.
accept_fallback() {
	export TCPT_TEST_WITHOUT=security_sock_graft
	load_trace "$mode"
	unset TCPT_TEST_WITHOUT
	trace_peer "$mode, without security_sock_graft" --cycles 200 --clients 2
	blocked "$mode, without security_sock_graft" "$1"
	assertEquals "late" 0 "$(late "$dir/ev")"
	unload_trace
	[ ! -e /sys/kernel/tracing/kprobe_events ] ||
		assertNull "probes left" "$(grep tcpt/ /sys/kernel/tracing/kprobe_events)"
}

kprobe_accept_fallback() {
	mode=kprobe
	accept_fallback kr_accept
}

fentry_accept_fallback() {
	mode=fentry
	accept_fallback fx_accept
}

# With the room that the kernel gives by itself accepts are missed, reported late, and counted.
kretprobe_without_room() {
	export TCPT_TEST_WITHOUT=security_sock_graft,maxactive
	load_trace kprobe
	unset TCPT_TEST_WITHOUT
	blocked "kprobe, kretprobe without room" kr_accept
	late=$(late "$dir/ev")
	echo "  late: $late"
	assertTrue "none late" "[ $late -gt 0 ]"
	missed=$(missed_calls kr_accept)
	[ "$missed" = - ] || assertEquals "missed" "$late" "$missed"
	unload_trace
}

# A loader that is killed leaves a named probe; the next one takes it away.
named_probe_of_a_killed_loader() {
	offsets >/dev/null
	keep env TCPT_TEST_WITHOUT=security_sock_graft \
		tcpt-load --offsets="$dir/offsets" --attach=kprobe --hold
	kill -9 "$keeper"
	wait "$keeper" 2>/dev/null
	keeper=
	assertNotNull "a probe is left" "$(grep tcpt/ /sys/kernel/tracing/kprobe_events)"
	await tcpt-unload
	assertNull "probes left" "$(grep tcpt/ /sys/kernel/tracing/kprobe_events)"
}

# A list of symbols that says where the functions are, under other names.
renamed() {
	awk '
		$2 == "T" && $3 == "tcp_close" { print $1, "t", "tcp_close.isra.0" }
		$2 == "T" && $3 == "tcp_set_state" { print $1, "t", "tcp_set_state.constprop.0" }
		$2 == "T" && $3 == "security_sock_graft" { print; print $1, "t", $3 ".part.0" }
	' /proc/kallsyms >"$dir/symbols"
	without=TCPT_TEST_WITHOUT=tcp_close,tcp_set_state
	probe $without TCPT_TEST_KALLSYMS="$dir/symbols"
	assert_line 'kprobe tcp_close  *renamed .*  is called tcp_close.isra.0'
	assert_line 'kprobe security_sock_graft  *there .*security_sock_graft.part.0 is part of it.*'
	assert_line 'kprobe: works.*'
	export TCPT_TEST_WITHOUT=tcp_close,tcp_set_state TCPT_TEST_KALLSYMS="$dir/symbols"
	load_trace kprobe
	unset TCPT_TEST_WITHOUT TCPT_TEST_KALLSYMS
	trace_peer "kprobe, renamed functions" --cycles 200 --clients 2
	assertEquals "late" 0 "$(late "$dir/ev")"
	unload_trace
}

suite() {
	add_tests table_says_what_kernel_can_says modes_are_what_kernel_can_says \
		store without_maps without_long_programs strange_pins \
		without_required_hooks without_optional_hooks
	! kernel-can perfmon >/dev/null || add_tests with_some_capabilities
	! kernel-can fentry >/dev/null || suite_addTest fentry_accept_fallback
	kernel-can kprobe >/dev/null || return
	for name in kprobe_accept_fallback kretprobe_without_room named_probe_of_a_killed_loader renamed; do
		suite_addTest $name
	done
}

# shellcheck source=/dev/null
. shunit2
