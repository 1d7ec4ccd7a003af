#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What runs the virtual machines, without one: the table of guessed fields, and
# what the scripts refuse.

# shunit2 calls the functions.
# shellcheck disable=SC2317

vm=${abs_srcdir:-.}/tests/vm

# table LINE...: what it prints in $out, its exit status in $status.
table() {
	out=$(printf '%s\n' "$@" | "$vm/table" 2>&1)
	status=$?
}

# assert_row EXPECTED: one of the table's lines, whatever the blanks.
assert_row() {
	echo "$out" | tr -s ' ' | grep -q -x -F -e "$1" || fail "no '$1' in: $out"
}

test_table_of_equal_fields() {
	table '6.1 a.b 4 4' '6.1 a.b 4 4' '6.1 c.d 16 16' '6.12 a.b 8 8' '6.12 c.d absent absent'
	assertEquals "$out" 0 $status
	assert_row "field 6.1 6.12"
	assert_row "a.b 4 8"
	assert_row "c.d 16 absent"
	assert_row "2 fields on 2 kernels: 3 equal, 1 absent, 0 different, 0 missing"
}

test_table_shows_what_differs() {
	table '6.1 a.b 4 8' '6.1 c.d 16 16'
	assertEquals "$out" 1 $status
	assert_row "a.b 4!=8"
	assert_row "2 fields on 1 kernels: 1 equal, 0 absent, 1 different, 0 missing"
}

# In any order: one hook was right.
test_table_keeps_the_worse() {
	table '6.1 a.b 4 4' '6.1 a.b 12 4' '6.1 a.b 4 4'
	assertEquals "$out" 1 $status
	assert_row "a.b 12!=4"
	table '6.1 a.b absent 4 no-ipv6' '6.1 a.b 4 4'
	assertEquals "$out" 0 $status
	assert_row "a.b no-ipv6"
}

# verdicts LINE...: the same for the other table.
verdicts() {
	out=$(printf '%s\n' "$@" | "$vm/verdicts" 2>&1)
	status=$?
}

test_verdicts() {
	verdicts '6.1 workload kprobe a exact' '6.1 workload tracepoint a documented' \
		'6.12 workload kprobe a absent' '6.12 program kprobe a exact (12 connects)'
	assertEquals "$out" 1 $status
	assert_row "mode workload 6.1 6.12"
	assert_row "kprobe a exact absent"
	assert_row "kprobe a - exact"
	assert_row "tracepoint a documented"
	assert_row "3 rows on 2 kernels: 2 exact, 1 documented, 1 absent, 0 failed, 1 missing"
	verdicts '6.1 workload kprobe a exact' '6.1 workload kprobe b documented'
	assertEquals "$out" 0 $status
}

test_verdicts_keep_the_worst() {
	verdicts '6.1 workload kprobe a exact' '6.1 workload kprobe a FAIL' '6.1 workload kprobe a exact'
	assertEquals "$out" 1 $status
	assert_row "kprobe a FAIL"
	verdicts '6.1 workload kprobe a good'
	assertEquals "$out" 1 $status
}

test_table_wants_an_excuse_for_absence() {
	table '6.1 a.b absent 4'
	assertEquals "$out" 1 $status
	assert_row "a.b absent!=4"
	table '6.1 a.b none 4 no-ipv6'
	assertEquals "not in the document: $out" 1 $status
	table '6.1 a.b 8 4 no-ipv6'
	assertEquals "wrong all the same: $out" 1 $status
	table '6.1 a.b absent bitfield bitfield'
	assertEquals "$out" 0 $status
	assert_row "1 fields on 1 kernels: 0 equal, 1 absent, 0 different, 0 missing"
}

test_table_shows_what_is_missing() {
	table '6.1 a.b 4 4' '6.12,cpus=1'
	assertEquals "$out" 1 $status
	assert_row "a.b 4 -"
	assert_row " cpus=1"
	assert_row "1 fields on 2 kernels: 1 equal, 0 absent, 0 different, 1 missing"
}

test_table_of_nothing() {
	table ''
	assertEquals "no lines: $out" 1 $status
	table '6.1 a.b 4'
	assertEquals "a short line: $out" 1 $status
	assert_row "table: not KERNEL KEY GUESSED BTF [REASON]: 6.1 a.b 4"
}

# assert_misuse WHAT SCRIPT ARGUMENT...: WHAT is in the message.
assert_misuse() {
	what=$1
	script=$2
	shift 2
	out=$("$vm/$script" "$@" 2>&1 </dev/null)
	assertEquals "$script $*: $out" 2 $?
	case $out in
	"$script: "*"$what"*" (see $script --help)") ;;
	*) fail "$script $*: $out" ;;
	esac
}

test_help() {
	for script in build-kernel debian fetch matrix one-file pack results run table; do
		out=$("$vm/$script" --help 2>&1)
		assertEquals "$script --help: $out" 0 $?
		case $out in "Usage: $script "*) ;; *) fail "$script --help: $out" ;; esac
	done
}

test_misuse() {
	assert_misuse "argument 6.1" table 6.1
	assert_misuse "'6.1,cpus=1'" fetch 6.1,cpus=1
	assert_misuse "no kernel" matrix
	assert_misuse "no fragment named" build-kernel
	assert_misuse "no fragment 'machine'" build-kernel machine
	assert_misuse "--series: '6'" build-kernel --series 6 micro-vm
	assert_misuse "variation 'cpus'" matrix 6.1,cpus
	assert_misuse "variation 'cpus='" matrix 6.1,cpus=
	assert_misuse "variation 'kernel=/boot/vmlinuz'" matrix 6.1,kernel=/boot/vmlinuz
	assert_misuse "no tests/kernel/no-such-test.sh" matrix 6.1,test=no-such-test
	assert_misuse "'6.12,,cpus=1'" matrix 6.1 6.12,,cpus=1
	assert_misuse "'6.12,'" matrix 6.1 6.12,
	assert_misuse "no --kernel" run
	assert_misuse "--cpus: '0'" run --kernel /dev/null --cpus 0
	assert_misuse "--colour" debian --colour red
	assert_misuse "unknown option -x" debian -x
	assert_misuse "--fields" run --kernel /dev/null --fields
}

# run --table is the matrix, and passes on what it is given.
test_run_table() {
	out=$("$vm/run" --table 6.1,cpus= 2>&1 </dev/null)
	assertEquals "$out" 2 $?
	assertEquals "matrix: 6.1,cpus=: unknown variation 'cpus=' (see matrix --help)" "$out"
}

# shellcheck source=/dev/null
. shunit2
