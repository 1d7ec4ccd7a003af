#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The library exports what tcpt.h declares, and nothing else.

# shunit2 calls the functions.
# shellcheck disable=SC2317

library=${abs_builddir:-.}/libtcpt/.libs/libtcpt.so
header=${abs_srcdir:-.}/libtcpt/tcpt.h

if [ ! -e "$library" ]; then
	echo "no shared library in a build tree here"
	exit 77
fi

declared() {
	grep -o 'tcpt_[a-z0-9_]*(' "$header" | tr -d '(' | sort -u
}

exported() {
	nm -D --defined-only "$library" | sed -n 's/.* [^A] \([^@]*\).*/\1/p' | sort -u
}

test_exports_what_is_declared() {
	assertNotNull "nothing is declared" "$(declared)"
	assertEquals "$(declared)" "$(exported)"
}

test_symbols_carry_a_version() {
	assertNull "$(nm -D --defined-only "$library" | grep ' [TDBR] ' | grep -v '@@TCPT_0')"
}

# shellcheck source=/dev/null
. shunit2
