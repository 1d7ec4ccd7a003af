#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The build refuses BPF objects that need maps for data of their own, and programs that
# are too long.

# shunit2 calls the functions.
# shellcheck disable=SC2317

builddir=${abs_builddir:-.}

# The jobs of the make above are not for this one.
make_object() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$builddir" "$1" 2>&1
}

test_refuses_constants() {
	rm -f "$builddir/tests/helpers/constant.bpf.o"
	out=$(make_object tests/helpers/constant.bpf.o)
	assertNotEquals "$out" 0 $?
	case $out in
	*"bpf-sections: tests/helpers/constant.bpf.o has .rodata"*", which no old kernel loads: "*) ;;
	*) fail "$out" ;;
	esac
	assertEquals 1 "$(echo "$out" | grep -c bpf-sections:)"
	assertFalse "was made" "[ -e '$builddir/tests/helpers/constant.bpf.o' ]"
}

test_refuses_long_programs() {
	rm -f "$builddir/tests/helpers/long.bpf.o"
	out=$(make_object tests/helpers/long.bpf.o)
	assertNotEquals "$out" 0 $?
	assertContains "$out" \
		"bpf-sections: tests/helpers/long.bpf.o has the program too_long of more than 32767 instructions, "
	assertFalse "was made" "[ -e '$builddir/tests/helpers/long.bpf.o' ]"
}

# Those for kernels before 5.2 have a limit of their own.
test_has_the_limit_of_old_kernels() {
	sections=${abs_srcdir:-.}/scripts/bpf-sections
	objdump=$(sed -n 's/^LLVM_OBJDUMP = //p' "$builddir/Makefile")
	for object in trace_v1_slots trace_v1_slots_split; do
		out=$("$sections" "$objdump" "$builddir/bpf/$object.bpf.o" '' 4096 2>&1)
		refused=$?
		expected=1
		[ $object = trace_v1_slots ] || expected=0
		assertEquals "$object: $out" $expected $refused
	done
}

test_takes_the_others() {
	out=$(make_object bpf-objects)
	assertEquals "$out" 0 $?
}

# A tool that fails, or shows nothing, has not seen that there are none.
test_tool_is_no_good() {
	for tool in true false no-such-tool; do
		out=$("${abs_srcdir:-.}/scripts/bpf-sections" $tool "$builddir/bpf/guess.bpf.o" 2>&1)
		assertEquals "$tool: $out" 1 $?
	done
}

# shellcheck source=/dev/null
. shunit2
