#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The wings of libtcpt depend only on those below them, as scripts/wings has it.

# shunit2 calls the functions.
# shellcheck disable=SC2317

wings=${abs_srcdir:-.}/scripts/wings

# add FILE TEXT: to a small tree, and its object where there is one of C.
add() {
	mkdir -p "$tree/libtcpt/${1%/*}"
	printf '%b\n' "$2" >"$tree/libtcpt/$1"
	case $1 in
	*.c) "${CC:-cc}" -c -I "$tree/libtcpt" -o "$tree/libtcpt/${1%.c}.o" "$tree/libtcpt/$1" ;;
	esac
}

setUp() {
	tree=$SHUNIT_TMPDIR/tree
	rm -rf "$tree"
	mkdir -p "$tree/scripts"
	cp "$wings" "$tree/scripts/wings"
	add base/log.c 'int log_it(void) { return 0; }'
	add guess/solver.h '#include "offsets/fields.h"'
	add offsets/fields.h 'int field_size(void);'
	add offsets/fields.c 'int log_it(void);\nint field_size(void) { return log_it(); }'
}

# expect LINE: one thing is found, and it is this.
expect() {
	out=$("$tree/scripts/wings" "$tree" 2>&1)
	assertEquals "$out" 1 $?
	assertEquals "$1" "$out"
}

test_this_tree() {
	out=$("$wings" "${abs_builddir:-.}" 2>&1)
	assertEquals "$out" 0 $?
}

test_takes_what_is_right() {
	out=$("$tree/scripts/wings" "$tree" 2>&1)
	assertEquals "$out" 0 $?
}

test_include_upwards() {
	add base/log.h '#include "guess/solver.h"'
	expect 'libtcpt/base/log.h: a file of base includes guess/solver.h'
}

test_solver_reaches_a_socket() {
	add offsets/fields.h '#include <sys/socket.h>'
	expect 'libtcpt/guess/solver.h -> offsets/fields.h: the solver reaches <sys/socket.h>'
}

test_call_upwards() {
	add base/array.c 'int field_size(void);\nint array_grow(void) { return field_size(); }'
	expect 'libtcpt/base/array.c calls upwards: field_size of offsets/fields.c'
}

test_circle() {
	add base/log.c 'int escape(void);\nint log_it(void) { return escape(); }'
	add base/escape.c 'int kernel(void);\nint escape(void) { return kernel(); }'
	add base/kernel.c 'int log_it(void);\nint kernel(void) { return log_it(); }'
	expect "$(printf '%s\n' \
		'libtcpt/base/escape.c calls in a circle: kernel of base/kernel.c' \
		'libtcpt/base/kernel.c calls in a circle: log_it of base/log.c' \
		'libtcpt/base/log.c calls in a circle: escape of base/escape.c')"
}

test_rude_call() {
	add base/array.c 'void exit(int status);\nvoid array_grow(void) { exit(1); }'
	expect 'libtcpt/base/array.c calls exit()'
}

test_prefix() {
	add base/array.c 'int grow(void) { return 0; }'
	expect 'libtcpt/base/array.c: grow() has another prefix'
}

test_usage() {
	"$wings" --help | grep -q '^Usage: scripts/wings'
	assertEquals 0 $?
	for argument in --no-such /no/such/place; do
		out=$("$wings" $argument 2>&1)
		assertEquals "$out" 2 $?
		assertEquals "$out" 1 "$(printf '%s\n' "$out" | wc -l)"
	done
}

# shellcheck source=/dev/null
. shunit2
