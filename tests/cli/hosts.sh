#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What runs the tests on other hosts: what it refuses, and that each host that
# it names is told of, here and by its help.

# shunit2 calls the functions; make expands what is quoted.
# shellcheck disable=SC2317,SC2016

hosts=${abs_srcdir:-.}/tests/hosts

test_help() {
	assertContains "$("$hosts" --help)" "Usage: hosts "
	assertEquals 0 "$("$hosts" --help >/dev/null; echo $?)"
}

test_misuse() {
	for arguments in --no-such --build --on --jobs "--on no-such" "--on plain,no-such"; do
		# shellcheck disable=SC2086 # words
		out=$("$hosts" $arguments 2>&1 </dev/null)
		assertEquals "hosts $arguments: $out" 2 $?
		case $out in "hosts: "*" (see hosts --help)") ;; *) fail "hosts $arguments: $out" ;; esac
	done
}

test_needs_a_build_tree() {
	out=$("$hosts" --build "$SHUNIT_TMPDIR" --on plain 2>&1)
	assertEquals "$out" 1 $?
	assertContains "$out" "is not a configured build tree"
}

test_help_names_all_hosts() {
	assertEquals "$(sed -n "/^hosts='/,/'\$/s/^[[:space:]a-z=']*\<\([a-z]*\):.*/\1/p" "$hosts" | sort)" \
		"$("$hosts" --help | sed -n 's/^  \([a-z][a-z]*\)  *.*/\1/p' | sort)"
}

# This host may have mounted already what systemd mounts.
test_mounted_already() {
	[ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null || return 0
	tree=$SHUNIT_TMPDIR/mounted
	mkdir "$tree" && touch "$tree/config.status"
	printf '%s\n' 'check:' '	@echo PASS: any; echo "# PASS: 1"' >"$tree/Makefile"
	out=$(unshare --mount --propagation private sh -c '
		for type in tracefs:tracing debugfs:debug; do
			at=/sys/kernel/${type#*:}
			[ "$(stat -f -c %T $at)" = "${type%:*}" ] || mount -t "${type%:*}" "${type%:*}" $at
		done
		"$1" --build "$2" --on mounted any' sh "$hosts" "$tree" 2>&1 </dev/null)
	assertEquals "$out" 0 $?
	assertContains "$out" "1 passed, 0 failed, 0 skipped"
}

# What make starts by way of a shell does not end with it.
test_interrupted() {
	[ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null || return 0
	tree=$SHUNIT_TMPDIR/tree
	mkdir "$tree" && touch "$tree/config.status"
	printf '%s\n' 'check:' '	@[ -z "$(TESTS)" ] || { $(MAKE) slow; true; }' \
		'slow:' '	@echo $$$$ >pid-t && mv pid-t pid && exec sleep 1000' >"$tree/Makefile"
	"$hosts" --build "$tree" --on plain any >"$SHUNIT_TMPDIR/out" 2>&1 </dev/null &
	run=$!
	for _ in $(seq 600); do
		[ ! -e "$tree/pid" ] || break
		sleep 0.1
	done
	slow=$(cat "$tree/pid")
	kill $run
	wait $run
	status=$?
	assertEquals "$(cat "$SHUNIT_TMPDIR/out")" 143 $status
	for _ in $(seq 100); do
		kill -0 "$slow" 2>/dev/null || break
		sleep 0.1
	done
	assertFalse "a test goes on" "kill $slow"
}

# shellcheck source=/dev/null
. shunit2
