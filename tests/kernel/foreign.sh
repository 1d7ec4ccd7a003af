#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A CO-RE program that is not tcpt's runs by the BTF that tcpt-guess writes, and
# sees the connections that the workload has made.

# The tests of a hook are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

foreign=

# start_foreign HOOK BTF: returns when it is attached.
start_foreign() {
	start seen foreign "$2" "$1"
	foreign=$started
}

stop_foreign() {
	kill "$foreign"
	await_end "$foreign" seen
	foreign=
}

# Both ends of each connection: saddr sport daddr dport netns. IPv4-mapped is IPv4.
recorded() {
	grep '^connect\|^accept' "$dir/record" | cut -f4-8 | sort
}

seen() {
	sed 's/::ffff://g' "$dir/seen" | awk -F'\t' -v n="$netns" '$5 == n || n == "-"' | sort
}

# lacking FILE IN: the lines of the first file that the second has not, as often as it has not.
lacking() {
	awk -v have="$2" 'FILENAME == have { n[$0]++; next } n[$0]-- <= 0' "$2" "$1"
}

# What is seen was there, and what is missing the kernel says it has not shown.
check_hook() {
	tcpt-guess --format=btf --output="$dir/btf" || fail "tcpt-guess failed"
	start_foreign "$1" "$dir/btf"
	run_peer --cycles 60
	stop_foreign
	recorded >"$dir/expected"
	seen >"$dir/got"
	assertEquals "ends of connections recorded" 120 "$(wc -l <"$dir/expected")"
	assertEquals "seen by $1, but not done" "" "$(lacking "$dir/got" "$dir/expected" | head -n 3)"
	lacking=$(lacking "$dir/expected" "$dir/got" | wc -l)
	missed=$(sed -n 's/^foreign: missed //p' "$dir/seen.err")
	assertTrue "$1: $lacking not seen, $missed missed" "[ $lacking -le ${missed:-0} ]"
	assertTrue "$1: $lacking of 120 not seen" "[ $lacking -le 12 ]"
	echo "  $1: $(wc -l <"$dir/got") of 120 ends seen, all right"
}

test_raw_tp() {
	check_hook raw_tp
}

kprobe() {
	check_hook kprobe
}

# refused_btf FILE: the program does not run by it.
refused_btf() {
	timeout 600 foreign "$1" raw_tp >"$dir/seen" 2>"$dir/foreign"
	assert_exit 1 $? "exit status with $1: $(tail -n 1 "$dir/foreign")"
}

# It lives on this BTF alone: not the kernel's own, and not without a name.
test_other_btf() {
	tcpt-guess --format=btf >"$dir/btf"
	LC_ALL=C sed 's/skc_dport/skc_drop!/' "$dir/btf" >"$dir/other"
	assertFalse "nothing is changed" "cmp -s $dir/btf $dir/other"
	refused_btf "$dir/other"
	head -c 100 "$dir/btf" >"$dir/other"
	refused_btf "$dir/other"
	refused_btf "$dir/nonexistent"
}

# ---- where it is written to ----

fields_of() {
	grep -v '^#\|^kernel\.\|^source=' "$1"
}

test_forms_agree() {
	tcpt-guess >"$dir/text"
	tcpt-guess --format=json >"$dir/json"
	tcpt-guess --format=shell >"$dir/shell"
	tcpt-guess --format=c >"$dir/c"
	fields_of "$dir/text" >"$dir/fields"
	sed 's/.*"offsets":{//; s/}}$//; s/"//g; s/:null/:absent/g' "$dir/json" |
		tr ',:' '\n=' >"$dir/got"
	assertEquals json "" "$(diff "$dir/fields" "$dir/got")"
	tr 'a-z.' 'A-Z_' <"$dir/fields" >"$dir/upper"
	sed -n '/_KERNEL_\|_SOURCE=/d; s/^TCPT_//; s/=$/=ABSENT/; p' "$dir/shell" >"$dir/got"
	assertEquals shell "" "$(diff "$dir/upper" "$dir/got")"
	sed -n 's/^#define TCPT_OFFSETOF_\([^ ]*\) /\1=/p; s/.* TCPT_OFFSETOF_\([^ ]*\) is absent .*/\1=ABSENT/p' \
		"$dir/c" >"$dir/got"
	assertEquals c "" "$(diff "$dir/upper" "$dir/got")"
}

test_output_says_nothing() {
	for form in text json shell c btf; do
		tcpt-guess --format=$form --output="$dir/file" >"$dir/out" 2>&1
		assertEquals "exit status" 0 $?
		assertEquals "$form" "" "$(cat "$dir/out")"
		tcpt-guess --format=$form >"$dir/out"
		assertTrue "$form differs" "cmp -s $dir/file $dir/out"
		tcpt-guess --format=$form -o - >"$dir/out"
		assertTrue "$form differs by -o -" "cmp -s $dir/file $dir/out"
	done
}

# output_fails FILE MESSAGE
output_fails() {
	tcpt-guess --output="$1" >"$dir/out" 2>"$dir/err"
	assertEquals "exit status of $1" 1 $?
	assertEquals "tcpt-guess: cannot write $1: $2" "$(cat "$dir/err")"
	assertEquals "stdout" "" "$(cat "$dir/out")"
}

# A file system of one page, which another file has.
test_full_disk() {
	mkdir "$dir/disk"
	mount -t tmpfs -o size=4k,nr_inodes=10 tmpfs "$dir/disk" || fail "no tmpfs"
	echo before >"$dir/disk/file"
	output_fails "$dir/disk/file" "No space left on device"
	output_fails "$dir/disk/new" "No space left on device"
	output_fails /dev/full "No space left on device"
	assertEquals before "$(cat "$dir/disk/file")"
	assertEquals file "$(ls -A "$dir/disk")"
	mount -o remount,ro "$dir/disk"
	output_fails "$dir/disk/file" "Read-only file system"
	umount "$dir/disk"
	output_fails "$dir/nonexistent/file" "No such file or directory"
}

test_output_to_devices() {
	tcpt-guess -o /dev/null
	assertEquals /dev/null 0 $?
	echo before >"$dir/log"
	tcpt-guess -o /dev/stdout >>"$dir/log"
	assertEquals before "$(head -n 1 "$dir/log")"
	assertEquals "$(offsets | xargs cat)" "$(tail -n +2 "$dir/log")"
	tcpt-guess -o /dev/stdout | cat >"$dir/out"
	assertEquals "" "$(diff "$dir/offsets" "$dir/out")"
}

# A failed guess leaves the file as it is.
test_failed_guess_keeps_the_file() {
	echo before >"$dir/file"
	setpriv --bounding-set=-all --inh-caps=-all tcpt-guess --output="$dir/file" 2>/dev/null
	assertEquals 3 $?
	assertEquals before "$(cat "$dir/file")"
}

suite() {
	add_tests raw_tp other_btf forms_agree output_says_nothing full_disk output_to_devices \
		failed_guess_keeps_the_file
	! kernel-can kprobe >/dev/null || suite_addTest kprobe
}

# shellcheck source=/dev/null
. shunit2
