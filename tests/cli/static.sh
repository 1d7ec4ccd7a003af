#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The one file that is all programs: it needs nothing of the machine that it runs on,
# not even a C library or users with names.

# shunit2 calls the functions.
# shellcheck disable=SC2317

build=$(cd "${abs_builddir:-.}" && pwd)
source=${abs_srcdir:-.}
programs="audit check filter guess list load map stat trace unload watch"

if [ ! -e "$build/config.status" ]; then
	echo "no build tree here"
	exit 77
fi

# configured NAME: what config.status puts in for it.
configured() {
	sed -n "s/^S\[\"$1\"\]=\"\(.*\)\"/\1/p" "$build/config.status"
}

if [ -n "$(configured INSTR_CFLAGS)" ]; then
	echo "a static program cannot be instrumented"
	exit 77
fi

# That of Debian 13 lacks functions that it calls.
links_libelf() {
	# shellcheck disable=SC2046 # words
	printf '#include <libelf.h>\nint main(void) { return !elf_begin(0, ELF_C_READ, 0); }\n' |
		${CC:-cc} -static -x c - -o /dev/null $(pkg-config --static --libs libelf) 2>/dev/null
}

if ! links_libelf; then
	echo "the archive of libelf cannot be linked here"
	exit 77
fi

# As root of a namespace for those who are none.
private="unshare --mount"
[ "$(id -u)" = 0 ] || private="unshare --mount --map-root-user"
if ! $private true 2>/dev/null; then
	echo "no mount namespace can be made here"
	exit 77
fi

busybox=$(command -v busybox)
if [ -z "$busybox" ] || ldd "$busybox" >/dev/null 2>&1; then
	echo "there is no static busybox here"
	exit 77
fi

# A root directory as that of a small distribution with another C library: a shell and this
# file, and nothing else.
oneTimeSetUp() {
	log=$SHUNIT_TMPDIR/log
	root=$SHUNIT_TMPDIR/root
	file=$build/tcpt-$(configured PACKAGE_VERSION)-$(configured host_cpu)
	rm -f "$file"
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$build" dist-static >"$log" 2>&1 ||
		fail "make dist-static: $(tail -n 5 "$log")"
	mkdir -p "$root/bin" "$root/proc"
	cp "$busybox" "$root/bin/busybox"
	ln -s busybox "$root/bin/sh"
	cp "$file" "$root/bin/tcpt"
	tar -C "$root" -xJf "$source/tests/data/6.1.0-50-cloud-amd64.tar.xz"
}

setUp() {
	rm -rf "${root:?}/etc"
}

# in_root COMMAND...: its messages and output in $out, its exit status in $status.
in_root() {
	# shellcheck disable=SC2016 # $1 is the inner shell's
	out=$($private sh -c 'mount --rbind /proc "$1/proc" && exec chroot "$@"' sh \
		"$root" /bin/busybox env -i PATH=/bin "$@" 2>&1 </dev/null)
	status=$?
}

test_is_small_and_alone() {
	assertTrue "$(wc -c <"$file") bytes" "[ $(wc -c <"$file") -lt 4194304 ]"
	assertNull "$(LC_ALL=C readelf -l "$file" | grep -E 'INTERP|DYNAMIC')"
}

test_runs_by_both_names() {
	in_root tcpt --links=/bin
	assertEquals "$out" 0 $status
	for program in $programs; do
		in_root "tcpt-$program" --version
		assertEquals "tcpt-$program $(configured PACKAGE_VERSION)" "$out"
		for name in "$program" "tcpt-$program"; do
			in_root tcpt "$name" --version
			assertEquals "tcpt-$program $(configured PACKAGE_VERSION)" "$out"
		done
		in_root "tcpt-$program" --help
		assertEquals "$("tcpt-$program" --help)" "$out"
	done
	in_root tcpt --version
	assertEquals "tcpt $(configured PACKAGE_VERSION)" "$out"
}

# ps and traces show the program's name, whichever way it was called.
test_process_has_the_name() {
	mkfifo "$SHUNIT_TMPDIR/never"
	for name in map tcpt-map; do
		"$file" "$name" <"$SHUNIT_TMPDIR/never" >/dev/null 2>&1 &
		child=$!
		exec 9>"$SHUNIT_TMPDIR/never"
		tries=600
		until [ "$(cat /proc/$child/comm)" = tcpt-map ]; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || { fail "it is $(cat /proc/$child/comm)"; break; }
			sleep 0.1
		done
		exec 9>&-
		wait $child
	done
}

# Help and messages name the programs as they are called; files have their own names.
test_names_them_as_called() {
	in_root tcpt load --help
	assertContains "$out" "Usage: tcpt load [OPTION]..."
	assertContains "$out" "  tcpt guess | tcpt load "
	assertContains "$out" "See tcpt-load(8)."
	in_root tcpt load --no-such
	assertEquals "tcpt load: unrecognized option '--no-such'
Try 'tcpt load --help'." "$out"
	in_root tcpt load --offsets=/tcpt-load
	assertEquals "tcpt load: cannot open /tcpt-load: No such file or directory" "$out"
	in_root tcpt-load --offsets=/tcpt-load
	assertEquals "tcpt-load: cannot open /tcpt-load: No such file or directory" "$out"
}

test_misuse() {
	in_root tcpt
	assertEquals "$out" 2 $status
	assertEquals "tcpt: no program is named
Try 'tcpt --help'." "$out"
	in_root tcpt gess
	assertEquals "$out" 2 $status
	assertEquals "tcpt: no program is named 'gess'; did you mean guess?
Try 'tcpt --help'." "$out"
	in_root tcpt --links=/no/such
	assertEquals "$out" 1 $status
	assertEquals "tcpt: cannot make the link /no/such/tcpt-audit: No such file or directory" "$out"
}

# It guesses as the programs do, from what another kernel has shown.
test_guesses() {
	in_root tcpt guess --replay=/dump
	assertEquals "$out" 0 $status
	assertEquals "$(tcpt-guess --replay="$root/dump")" "$out"
	assertContains "$out" "sock_common.skc_dport=12"
}

# A group is known if a file says so; a number needs none. The message is that of the next
# step, which fails.
test_names_without_a_name_service() {
	in_root tcpt load --group=watchers --offsets=/none
	assertEquals "$out" 2 $status
	assertContains "$out" "--group: there is no group 'watchers'"
	in_root tcpt load --group=4711 --offsets=/none
	assertEquals "tcpt load: cannot open /none: No such file or directory" "$out"
	mkdir "$root/etc"
	echo 'group: tcpt_no_such_service' >"$root/etc/nsswitch.conf"
	echo 'watchers:x:4711:' >"$root/etc/group"
	in_root tcpt load --group=watchers --offsets=/none
	assertEquals "tcpt load: cannot open /none: No such file or directory" "$out"
}

# A file of that name stays, and a link is made anew.
test_links_replace_links_only() {
	mkdir -p "$root/there"
	ln -s /nowhere "$root/there/tcpt-guess"
	echo mine >"$root/there/tcpt-audit"
	in_root tcpt --links=/there
	assertEquals "$out" 1 $status
	assertEquals "tcpt: cannot make the link /there/tcpt-audit: File exists" "$out"
	assertEquals mine "$(cat "$root/there/tcpt-audit")"
	rm "$root/there/tcpt-audit"
	in_root tcpt --links=/there
	assertEquals "$out" 0 $status
	assertEquals /bin/tcpt "$(readlink "$root/there/tcpt-guess")"
}

# shellcheck source=/dev/null
. shunit2
