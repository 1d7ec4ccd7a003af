#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The guess against the kernel's own BTF, which is read without libtcpt.

# shellcheck source=tests/kernel/lib.sh
. "${0%/*}/lib.sh"
need root bpf netns btf raw_tp

fields_of() {
	grep -v '^#\|^kernel\.\|^source=' "$1"
}

# check_via HOOK
check_via() {
	tcpt-guess --via="$1" --explain >"$dir/document" 2>"$dir/explain"
	status=$?
	assertEquals "exit status, $(tail -1 "$dir/explain")" 0 $status
	fields_of "$dir/document" >"$dir/guessed"
	# shellcheck disable=SC2046 # one argument a field
	btf-offsets $(cut -d= -f1 "$dir/guessed") >"$dir/btf"
	assertEquals "differs from BTF" "" "$(diff "$dir/btf" "$dir/guessed")"
	assertEquals "fields" 19 "$(wc -l <"$dir/guessed")"
	assertEquals "absent" 0 "$(grep -c absent "$dir/guessed")"
	echo "  via $1: $(grep '^cost' "$dir/explain")"
}

test_raw_tp_alone() {
	check_via raw_tp
}

kprobe_alone() {
	check_via kprobe
}

# The best of three: other tests may be running.
test_budget() {
	best=100000
	for _ in 1 2 3; do
		tcpt-guess --explain 2>"$dir/explain" >"$dir/document"
		ms=$(sed -n 's/^cost: .* \([0-9]*\)\.[0-9]* ms$/\1/p' "$dir/explain")
		[ "$ms" -ge "$best" ] || best=$ms
	done
	connections=$(sed -n 's/^cost: \([0-9]*\) connections.*/\1/p' "$dir/explain")
	assertTrue "$connections connections" "[ $connections -gt 0 ] && [ $connections -le 32 ]"
	# Emulated machines are many times slower than the budget's.
	limit=250
	[ -z "${TCPT_VM-}" ] || limit=2500
	assertTrue "$best ms" "[ $best -le $limit ]"
	echo "  $connections connections, $best ms"
}

test_same_each_time() {
	tcpt-guess >"$dir/first"
	for _ in 1 2 3 4 5; do
		tcpt-guess >"$dir/again"
		assertEquals "" "$(diff "$dir/first" "$dir/again")"
	done
}

test_inside_pid_namespace() {
	tcpt-guess >"$dir/outside"
	unshare --pid --fork --mount-proc tcpt-guess >"$dir/inside"
	assertEquals "exit status" 0 $?
	assertEquals "" "$(diff "$dir/outside" "$dir/inside")"
}

test_among_foreign_connections() {
	tcpt-guess >"$dir/quiet"
	peer --families $families --cycles 100000 --clients 4 --deadline 120 >/dev/null 2>"$dir/banner" &
	load=$!
	await says "$dir/banner" ready
	for _ in 1 2 3; do
		tcpt-guess >"$dir/busy"
		assertEquals "exit status" 0 $?
		assertEquals "" "$(diff "$dir/quiet" "$dir/busy")"
	done
	kill "$load"
	wait "$load" || :
}

guess_programs() {
	bpftool prog show | grep 'name [kr][pt]_guess'
}

same_programs() {
	[ "$(guess_programs)" = "$1" ]
}

# Its sockets, namespaces and program are its own, and end with it.
test_leaves_nothing() {
	before=$(guess_programs)
	assertEquals "sockets in its namespace" 1 \
		"$(unshare --net sh -c 'tcpt-guess >/dev/null; wc -l </proc/net/tcp')"
	await same_programs "$before"
}

suite() {
	for name in raw_tp_alone budget same_each_time inside_pid_namespace \
		among_foreign_connections leaves_nothing; do
		suite_addTest test_$name
	done
	! kernel-can kprobe || suite_addTest kprobe_alone
}

. shunit2
