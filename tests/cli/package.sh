#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What makes the packages: what it refuses, and what it asks dpkg-buildpackage for,
# for which another program stands in. tests/systems/packages makes real ones.

# shunit2 calls the functions.
# shellcheck disable=SC2317
# Scripts that stand in for others expand what is quoted here.
# shellcheck disable=SC2016

source=${abs_srcdir:-.}
package=$source/scripts/package

setUp() {
	tmp=$(mktemp -d "$SHUNIT_TMPDIR/XXXXXX")
	mkdir "$tmp/bin"
}

# stand_in PROGRAM LINE
stand_in() {
	printf '%s\n' '#!/bin/sh' "$2" >"$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

make_package() {
	out=$(PATH="$tmp/bin:$PATH" "$package" "$@" 2>&1 </dev/null)
	status=$?
}

test_help_and_misuse() {
	make_package --help
	assertEquals "$out" 0 $status
	for arguments in "" "deb rpm" "--no-such deb" "msi" "deb --output" "--jobs=0 deb" "--version=a/b deb" "--version=x deb"; do
		# shellcheck disable=SC2086 # words
		make_package $arguments
		assertEquals "$arguments: $out" 2 $status
		case $out in "package: "*" (see package --help)") ;; *) fail "$arguments: $out" ;; esac
	done
}

# A copy is built: the version that is asked for is in the copy alone.
test_deb() {
	stand_in dh 'exit 0'
	stand_in dpkg-buildpackage 'head -n 1 debian/changelog >../tcpt_1_all.deb; echo "$*" >../tcpt_1.changes'
	make_package deb --version=9.8.7 --jobs=3 --output "$tmp/o ut"
	assertEquals "$out" 0 $status
	assertEquals "$tmp/o ut/tcpt_1.changes
$tmp/o ut/tcpt_1_all.deb" "$out"
	assertEquals "-us -uc -b -j3" "$(cat "$tmp/o ut/tcpt_1.changes")"
	assertContains "$(cat "$tmp/o ut/tcpt_1_all.deb")" "tcpt (9.8.7) "
	assertContains "$(head -n 1 "$source/debian/changelog")" "tcpt (0."
}

test_failure() {
	stand_in dh 'exit 0'
	stand_in dpkg-buildpackage 'echo no such thing; exit 1'
	make_package deb --output "$tmp/out"
	assertEquals "$out" 1 $status
	assertContains "$out" "no such thing"
	assertContains "$out" "package: no deb could be built, see $tmp/out/deb.log"
}

# One version everywhere.
test_versions_agree() {
	version=$(sed -n 's/^AC_INIT(\[tcpt\], \[\(.*\)\], \[\],.*/\1/p' "$source/configure.ac")
	assertNotNull "$version"
	assertContains "$(head -n 1 "$source/debian/changelog")" "($version)"
	assertEquals "$version" "$(sed -n 's/^Version: *//p' "$source/rpm/tcpt.spec")"
}

# shellcheck source=/dev/null
. shunit2
