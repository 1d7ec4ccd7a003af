#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The root directories of other systems: what is refused, and that half of one
# is never taken for one. Another debootstrap stands in for the real one.

# shunit2 calls the functions.
# shellcheck disable=SC2317
# Scripts that stand in for others expand what is quoted here.
# shellcheck disable=SC2016

root=${abs_srcdir:-.}/tests/systems/root

setUp() {
	tmp=$(mktemp -d "$SHUNIT_TMPDIR/XXXXXX")
	cache="$tmp/a cache"
}

test_scripts_refuse() {
	for script in run compilers packages; do
		out=$("${root%/root}/$script" --help 2>&1)
		assertEquals "$out" 0 $?
		for arguments in "" "a b" "--no-such" "--jobs"; do
			# shellcheck disable=SC2086 # words
			out=$("${root%/root}/$script" $arguments 2>&1 </dev/null)
			assertEquals "$script $arguments: $out" 2 $?
			case $out in "$script: "*" (see $script --help)") ;; *) fail "$script $arguments: $out" ;; esac
		done
	done
}

# debootstrap_is LINE: a shell script's last line; the suite is in $3, the
# directory in $4.
debootstrap_is() {
	mkdir -p "$tmp/bin"
	printf '%s\n' '#!/bin/sh' 'mkdir -p "$4/proc" "$4/sys" "$4/usr/sbin" "$4/etc/apt/apt.conf.d" "$4/root"' \
		"$1" >"$tmp/bin/debootstrap"
	printf '%s\n' '#!/bin/sh' 'exit 0' >"$tmp/bin/chroot"
	chmod +x "$tmp/bin/debootstrap" "$tmp/bin/chroot"
}

make_root() {
	out=$(TCPT_SYSTEMS=$cache PATH="$tmp/bin:$PATH" "$root" "$@" 2>&1 </dev/null)
	status=$?
}

# Whoever is not root is told so, which is tested then. Root in a container may
# have to do without namespaces.
can_make() {
	if [ "$(id -u)" -eq 0 ]; then
		unshare --mount --pid --fork true
		return
	fi
	make_root trixie
	assertEquals "$out" 1 $status
	assertEquals "root: not root, cannot make a root directory" "$out"
	return 1
}

test_help_and_misuse() {
	make_root --help
	assertEquals "$out" 0 $status
	for arguments in "" "trixie sid" "--no-such trixie" "../trixie" "--with"; do
		# shellcheck disable=SC2086 # words
		make_root $arguments
		assertEquals "$arguments: $out" 2 $status
		case $out in "root: "*" (see root --help)") ;; *) fail "$arguments: $out" ;; esac
	done
}

test_made_once_for_each_list() {
	can_make || return 0
	debootstrap_is 'echo "$3" >>"$(dirname "$0")/calls"'
	make_root --with one trixie
	assertEquals "$out" 0 $status
	assertTrue "$out is no directory" "[ -d '$out' ]"
	first=$out
	make_root --with one trixie
	assertEquals "$first" "$out"
	assertEquals 1 "$(wc -l <"$tmp/bin/calls")"
	make_root --with another trixie
	assertNotEquals "$first" "$out"
	make_root --with one bookworm
	assertNotEquals "$first" "$out"
	assertEquals "trixie trixie bookworm" "$(xargs <"$tmp/bin/calls")"
}

test_failure_leaves_nothing() {
	can_make || return 0
	debootstrap_is 'echo "E: no such thing"; exit 1'
	make_root trixie
	assertEquals "$out" 1 $status
	assertEquals "root: cannot make a root directory of trixie: E: no such thing" "$(echo "$out" | tail -n 1)"
	assertEquals "" "$(find "$cache" -mindepth 1 -type d)"
}

# Killed when it is half done, by a signal that it can see or by one that it
# cannot: the next one starts anew.
test_interrupted() {
	can_make || return 0
	for signal in TERM KILL; do
		debootstrap_is 'mkfifo "$4/half"; echo >"$(dirname "$0")/begun"; exec cat "$4/half"'
		mkfifo "$tmp/bin/begun"
		TCPT_SYSTEMS=$cache PATH="$tmp/bin:$PATH" "$root" trixie >"$tmp/out" 2>&1 &
		child=$!
		read -r _ <"$tmp/bin/begun"
		kill -s "$signal" "$child"
		wait "$child" 2>/dev/null
		assertNotEquals 0 $?
		[ "$signal" = KILL ] || assertEquals "" "$(find "$cache" -mindepth 1 -type d)"
		debootstrap_is ':'
		make_root trixie
		assertEquals "$out" 0 $status
		assertFalse "half a root" "[ -e '$out/half' ]"
		rm -rf "${tmp:?}"/*
	done
}

# shellcheck source=/dev/null
. shunit2
