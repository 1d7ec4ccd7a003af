#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The library as those meet it who write programs with it: the installed header,
# library and manual, found by pkg-config.

# shunit2 calls the functions.
# shellcheck disable=SC2317

build=$(cd "${abs_builddir:-.}" && pwd)

if [ ! -e "$build/config.status" ]; then
	echo "no build tree here"
	exit 77
fi

if [ ! -e "$build/libtcpt/libtcpt.la" ]; then
	echo "no library is built here, but a static program"
	exit 77
fi

# configured NAME: what config.status puts in for it.
configured() {
	sed -n "s/^S\[\"$1\"\]=\"\(.*\)\"/\1/p" "$build/config.status"
}

compiler=$(configured CC)
if configured CFLAGS | grep -q fsanitize || configured INSTR_CFLAGS | grep -q fsanitize; then
	echo "programs without a sanitizer cannot load this library"
	exit 77
fi

# pkg NAME...: what pkg-config says of the installed library. It cannot do with blanks in
# a path, and the build tree may have some: the names are from here.
pkg() {
	PKG_CONFIG_PATH=$(dirname "$(find "$root" -name tcpt.pc)") PKG_CONFIG_SYSROOT_DIR=$root \
		pkg-config "$@" tcpt
}

# compile NAME LANGUAGE OPTION... <source
compile() {
	name=$1
	language=$2
	shift 2
	# shellcheck disable=SC2046,SC2086 # lists; CC may be one too
	$compiler -x "$language" "$@" -Wall -Wextra -Werror -o "$SHUNIT_TMPDIR/$name" - -x none \
		$(pkg --cflags --libs)
}

# run NAME...
run() {
	name=$1
	shift
	LD_LIBRARY_PATH=$(dirname "$(find "$root" -name 'libtcpt.so')") "$SHUNIT_TMPDIR/$name" "$@"
}

oneTimeSetUp() {
	root=root
	make -s -C "$build" install DESTDIR="$SHUNIT_TMPDIR/$root" >"$SHUNIT_TMPDIR/log" 2>&1 ||
		fail "make install: $(tail -n 3 "$SHUNIT_TMPDIR/log")"
}

setUp() {
	cd "$SHUNIT_TMPDIR" || return
	manual=$(find "$root" -name libtcpt.3)
	header=$(find "$root" -name tcpt.h)
}

# Prototypes of the header, one a line.
declared() {
	# shellcheck disable=SC2086 # CC may be a list
	$compiler -E -P "$header" | tr -s '\n\t ' ' ' | tr ';' '\n' |
		sed -e 's/^ *//' -e 's/_Bool/bool/' | grep '^[a-z_ *0-9]*tcpt_[a-z_0-9]*(' | sort
}

# The same from the manual.
described() {
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' "$manual" | awk -F '"' '
		/^\.Ft / { type = NF > 1 ? $2 : substr($0, 5); if (type !~ /\*$/) type = type " " }
		/^\.Fn / {
			split($1, word, " ")
			line = type word[2] "(" $2
			for (i = 4; i <= NF; i += 2)
				line = line ", " $i
			print line ")"
		}' | sort
}

test_manual_has_all_functions() {
	assertContains "$(declared)" "const char *tcpt_version(void)"
	assertEquals "$(declared)" "$(described)"
}

# example N: of the manual's.
example() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$manual" | awk -v n="$1" '
		/^\.Bd/ { at++ }
		/^\.Ed/ { is_in = 0 }
		is_in && at == n { print }
		/^\.Bd/ { is_in = 1 }' | sed 's/\\e/\\/g'
}

test_example_of_offsets() {
	example 1 | compile offsets c || fail "it does not compile"
	sed -n '/^# tcpt-offsets 1$/,/^\.Ed$/p' "$(find "$root" -name tcpt-offsets.5)" | sed '$d' |
		run offsets >"$SHUNIT_TMPDIR/out"
	assertEquals 0 $?
	assertContains "$(cat "$SHUNIT_TMPDIR/out")" '"sock_common.skc_dport":12,'
	assertEquals 1 "$(wc -l <"$SHUNIT_TMPDIR/out")"
	assertEquals "offsets: stdin: the offsets document is empty (did tcpt-guess fail?)" \
		"$(run offsets </dev/null 2>&1)"
}

# Without a trace it says so.
test_example_of_events() {
	example 2 | compile closes c || fail "it does not compile"
	assertContains "$(run closes /nowhere/tcpt 2>&1)" "closes: "
	run closes /nowhere/tcpt 2>/dev/null
	assertEquals 1 $?
}

test_version() {
	printf '#include <stdio.h>\n#include <tcpt.h>\nint main(void) { return puts(tcpt_version()) < 0; }\n' |
		compile version c || fail "it does not compile"
	assertEquals "$(configured PACKAGE_VERSION)" "$(run version)"
}

# The header alone is C99 and C++, and needs no other before it.
test_header_stands_alone() {
	# shellcheck disable=SC2046,SC2086 # lists
	echo '#include <tcpt.h>' | $compiler -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c - \
		$(pkg --cflags) || fail "not C99"
	[ -z "$(command -v c++)" ] || {
		# shellcheck disable=SC2046 # a list
		echo '#include <tcpt.h>' | c++ -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c++ - \
			$(pkg --cflags) || fail "not C++"
	}
}

# shellcheck source=/dev/null
. shunit2
