#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-check is exact in each mode that the kernel can do, and says what the machine has. What
# it says of a trace that is not right, tests/unit/utils/test-comparison.c sees.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp cgroup
most_modes="$most_modes cgroup"

# Of one family: two events of the connection that is older, two of each of three more, the
# closes of all four, a refused connect, and, where they are compared, nine descriptors.
due() {
	n=17
	[ "$1" = cgroup ] || n=26
	[ "$families" = 4 ] || n=$((3 * n))
	echo $n
}

# The line for the table of all kernels. Not to know who accepts is documented.
verdict() {
	awk -v mode="$mode" -v due="$(due "$mode")" '
		BEGIN { verdict = "FAIL" }
		index($0, " in " mode " mode: " due " of " due " exact") { verdict = /but for/ ? "documented" : "exact" }
		END { print verdict }' "$dir/out"
}

test_all_modes() {
	tcpt-check --all-modes >"$dir/out" 2>"$dir/err"
	status=$?
	assert_exit 0 $status "$(cat "$dir/out" "$dir/err")"
	assertEquals "modes: $(cat "$dir/out")" "$(attach_modes | sort)" \
		"$(sed -n 's/^on Linux .*, in \([a-z]*\) mode: .*/\1/p' "$dir/out" | sort)"
	for mode in $(attach_modes); do
		assertTrue "$mode: $(cat "$dir/out")" \
			"grep -q ' in $mode mode: $(due "$mode") of $(due "$mode") exact' '$dir/out'"
		echo "check $mode self-test $(verdict)"
	done
	grep '^on' "$dir/out" | sed 's/^/  /'
}

# state NAME: of a check.
state() {
	awk -v name="$1" '{ word = $2 } name ~ / / { word = $2 " " $3 } word == name { print $1 }' "$dir/out"
}

state_of() {
	if "$@"; then
		echo ok
	else
		echo note
	fi
}

is_fs() {
	[ "$(stat -f -c %T "$1" 2>/dev/null)" = "$2" ]
}

test_the_machine() {
	tcpt-check --no-self-test >"$dir/out" 2>"$dir/err"
	status=$?
	assert_exit 0 $status "$(cat "$dir/err")"
	assertEquals privileges ok "$(state privileges)"
	assertEquals bpffs "$(state_of is_fs /sys/fs/bpf bpf_fs)" "$(state bpffs)"
	assertEquals kprobes "$(state_of eval 'kernel-can kprobe >/dev/null')" "$(state kprobes)"
	assertEquals BTF "$(state_of test -r /sys/kernel/btf/vmlinux)" "$(state BTF)"
	assertEquals cgroups "$(state_of grep -q '^[^ ]* [^ ]* cgroup2 ' /proc/mounts)" "$(state cgroups)"
	assertEquals IPv6 "$(state_of test "$families" != 4)" "$(state IPv6)"
	assertEquals "$(cat "$dir/out")" "$(tcpt-load --probe | sed -n 's/^auto: \([a-z]*\).*/\1/p')" \
		"$(sed -n 's/^attach mode auto takes \([a-z]*\).*/\1/p' "$dir/out")"
}

test_unprivileged() {
	setpriv --reuid=65534 --regid=65534 --clear-groups tcpt-check >"$dir/out" 2>"$dir/err"
	status=$?
	assert_exit 3 $status "$(cat "$dir/out" "$dir/err")"
	assertEquals "$(cat "$dir/out")" lacks "$(state privileges)"
	assertTrue "$(cat "$dir/out")" "grep -q 'run it as root' '$dir/out'"
}

test_json() {
	command -v jq >/dev/null || return 0
	tcpt-check --all-modes -f json >"$dir/json" || fail "$(cat "$dir/json")"
	assertEquals "$(cat "$dir/json")" "$(attach_modes | wc -l)" \
		"$(jq '[.tests[] | select(.due == .exact and .wrong == [])] | length' "$dir/json")"
	assertEquals "$(cat "$dir/json")" 12 "$(jq '[.checks[] | .name, .state, .found] | length / 3' "$dir/json")"
	assertEquals "$(uname -r)" "$(jq -r .kernel "$dir/json")"
}

are_as_before() {
	[ "$(programs)" -le "$before" ]
}

test_nothing_is_left() {
	before=$(programs)
	tcpt-check --all-modes >/dev/null || fail "status $?"
	await are_as_before
	timeout -s KILL 0.3 tcpt-check --all-modes >/dev/null 2>&1
	await are_as_before
}

# shellcheck source=/dev/null
. shunit2
