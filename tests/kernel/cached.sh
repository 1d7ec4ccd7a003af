#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Offsets that are kept from one load to the next: when they serve and when not.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint

# The id of the GNU note, last of its 36 bytes (an id of 20), by another way than the library's.
build_id=$(od -An -v -tx1 /sys/kernel/notes 2>/dev/null | tr -d ' \n' |
	sed -n 's/.*040000001400000003000000474e5500\(.\{40\}\).*/\1/p')
if [ -z "$build_id" ]; then
	echo "this kernel has no build id"
	exit 77
fi

# Modes whose links can be pinned, one at least.
hold=--hold
for mode in $(attach_modes); do
	! can_pin "$mode" || hold=
done

kept=$dir/kept/offsets
document=$kept/$build_id

# load_cached [COMMAND...]: run by that; what it says is in $dir/err. The trace works.
load_cached() {
	: >"$dir/err"
	if [ -z "$hold" ]; then
		"$@" tcpt-load --cached --cache-dir="$kept" --no-existing 2>"$dir/err"
		assert_exit 0 $? "$(cat "$dir/err")"
		tcpt-unload
		assert_exit 0 $? "nothing was loaded: $(cat "$dir/err")"
		return
	fi
	keep "$@" tcpt-load --cached --cache-dir="$kept" --no-existing --hold
	cp "$dir/load" "$dir/err"
	unload_trace
}

identity() {
	stat -c '%i %Y %s' "$document"
}

setUp() {
	rm -rf "$dir/kept"
	mkdir -p "$kept"
	cp "$(offsets)" "$document"
	before=$(identity)
}

# What a guess finds is there, and nothing else.
assert_kept() {
	assertEquals "$1: kept" "" "$(diff "$dir/offsets" "$document")"
	assertEquals "$1: files" "$build_id" "$(ls -A "$kept")"
	assertEquals "$1: mode" "644 $(id -u)" "$(stat -c '%a %u' "$document")"
}

# assert_guessed NAME WHY: said in one line, and kept; the next load takes it.
assert_guessed() {
	load_cached
	assertEquals "$1: lines, $(cat "$dir/err")" 2 "$(wc -l <"$dir/err")"
	assertTrue "$1: says $(cat "$dir/err")" \
		"head -n 1 '$dir/err' | grep -q '^tcpt-load: .*$2.*; guessing the offsets\$'"
	assert_kept "$1"
	before=$(identity)
	assert_taken "$1"
}

assert_taken() {
	load_cached
	assertEquals "$1: lines, $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
	assertEquals "$1: the file" "$before" "$(identity)"
}

test_taken() {
	assert_taken "by hand"
}

test_missing() {
	rm -r "$dir/kept"
	(umask 077 && assert_guessed missing "no offsets of this kernel build are kept in $kept")
	assertEquals "755" "$(stat -c %a "$kept")"
	assertEquals "755" "$(stat -c %a "$dir/kept")"
}

# The trace that kept offsets make is the same.
test_traces() {
	# shellcheck disable=SC2086 # none or one
	keep tcpt-load --cached --cache-dir="$kept" $hold
	trace_peer cached --cycles 30
	if [ -z "$hold" ]; then
		wait "$keeper"
		keeper=
	fi
	unload_trace
}

test_damaged() {
	: >"$document"
	assert_guessed empty 'is empty'
	head -c 300 "$dir/offsets" >"$document"
	assert_guessed cut "$build_id:[0-9]*: "
}

test_other_build() {
	sed 's/^kernel.build_id=.*/kernel.build_id=0123456789/' "$dir/offsets" >"$document"
	assert_guessed 'other build' 'of another kernel build (0123456789)'
	grep -v '^kernel.build_id=' "$dir/offsets" >"$document"
	assert_guessed 'no build' 'of another kernel build (without'
}

# exchange FIELD FIELD: in the file
exchange() {
	awk -F= -v OFS== -v a="$1" -v b="$2" '
		NR == FNR { at[$1] = $2; next }
		$1 == a { $2 = at[b] }
		$1 == b { $2 = at[a] }
		{ print }' "$dir/offsets" "$dir/offsets" >"$document"
	assertFalse "nothing is exchanged" "cmp -s '$dir/offsets' '$document'"
}

test_wrong() {
	exchange sock_common.skc_dport sock_common.skc_num
	assert_guessed 'ports' 'sock_common.skc_dport=[0-9]* was contradicted by a fresh connection'
	exchange sock_common.skc_daddr sock_common.skc_rcv_saddr
	assert_guessed 'addresses' 'sock_common.skc_daddr=[0-9]* was contradicted by a fresh connection'
	sed 's/^fdtable.fd=.*/fdtable.fd=512/' "$dir/offsets" >"$document"
	assert_guessed 'descriptors' '=[0-9]* was contradicted by a fresh connection'
}

# As it was when the kernel was booted without IPv6.
without_ipv6_once() {
	sed 's/^\(sock_common.skc_v6_.*\)=.*/\1=absent/' "$dir/offsets" >"$document"
	assert_guessed IPv6 'sock_common.skc_v6_daddr=absent, but this kernel has it'
}

# assert_replaced OWNER MODE: a warning, and a file of our own.
assert_replaced() {
	chown "$1" "$document"
	chmod "$2" "$document"
	load_cached
	assertTrue "$* says $(cat "$dir/err")" "head -n 1 '$dir/err' |
		grep -q '^tcpt-load: warning: $document is owned by uid $1, mode 0$2, .*; guessing the offsets\$'"
	assert_kept "$*"
	before=$(identity)
	assert_taken "$*"
}

test_not_trusted() {
	assert_replaced 0 664
	assert_replaced 0 646
	assert_replaced 12345 644
}

# assert_ignored OWNER MODE: a warning, and what is in the directory stays as it is.
assert_ignored() {
	chown "$1" "$kept"
	chmod "$2" "$kept"
	load_cached
	assertEquals "$*: lines, $(cat "$dir/err")" 2 "$(wc -l <"$dir/err")"
	assertTrue "$*: says $(cat "$dir/err")" "head -n 1 '$dir/err' |
		grep -q '^tcpt-load: warning: $kept is owned by uid $1, mode 0*$2, .*; guessing the offsets\$'"
	assertEquals "$*: the file" "$before" "$(identity)"
	assertEquals "$*: files" "$build_id" "$(ls -A "$kept")"
}

test_directory_not_trusted() {
	assert_ignored 0 1777
	assert_ignored 0 775
	assert_ignored 12345 755
}

# Nothing is followed, waited for or written through.
test_not_a_file() {
	mv "$document" "$dir/target"
	ln -s "$dir/target" "$document"
	assert_guessed link "cannot open $document"
	assertEquals "the link's target" "" "$(diff "$dir/offsets" "$dir/target")"
	rm "$document"
	mkfifo "$document"
	assert_guessed pipe 'is not a regular file'
}

# assert_not_kept NAME WHY: a line says why it guesses, another why that is not kept.
assert_not_kept() {
	name=$1
	why=$2
	load_cached
	assertEquals "$name: $(cat "$dir/err")" 3 "$(wc -l <"$dir/err")"
	assertTrue "$name: $(cat "$dir/err")" \
		"grep -q '^tcpt-load: warning: cannot keep the offsets as $document: $why' '$dir/err'"
}

test_cannot_be_kept() {
	rm "$document"
	mount --bind "$kept" "$kept"
	mount -o remount,bind,ro "$kept"
	assert_not_kept read-only 'Read-only file system'
	umount "$kept"
	assertEquals "files" "" "$(ls -A "$kept")"
	mount -t tmpfs -o size=4k,mode=755 none "$kept"
	head -c 4096 /dev/zero >"$kept/full"
	assert_not_kept 'no room' 'No space left on device'
	assertEquals "files" full "$(ls -A "$kept")"
	umount "$kept"
	rmdir "$kept"
	: >"$kept"
	assert_not_kept 'no directory' 'Not a directory\|File exists'
}

test_no_build_id() {
	rm "$document"
	load_cached unshare --mount --propagation private sh -c '
		mount --bind /dev/null /sys/kernel/notes && exec "$@"' sh
	assertEquals "$(cat "$dir/err")" 2 "$(wc -l <"$dir/err")"
	assertTrue "$(cat "$dir/err")" "grep -q 'this kernel has no build id.*; guessing the offsets' '$dir/err'"
	assertEquals "files" "" "$(ls -A "$kept")"
}

# Who may not guess may not check either: one line, and nothing changes.
test_without_capabilities() {
	for there in yes no; do
		[ $there = yes ] || rm "$document"
		setpriv --bounding-set=-all --inh-caps=-all \
			tcpt-load --cached --cache-dir="$kept" 2>"$dir/err"
		assert_exit 3 $? "$(cat "$dir/err")"
		assertTrue "$(cat "$dir/err")" "tail -n 1 '$dir/err' | grep -q 'run as root'"
		[ $there = no ] || assertEquals "lines" 1 "$(wc -l <"$dir/err")"
		[ $there = no ] || assertEquals "the file" "$before" "$(identity)"
	done
	assertEquals "files" "" "$(ls -A "$kept")"
}

suite() {
	add_tests taken missing traces damaged other_build wrong not_trusted \
		directory_not_trusted not_a_file cannot_be_kept no_build_id without_capabilities
	! kernel-can ipv6 >/dev/null || suite_addTest without_ipv6_once
}

# shellcheck source=/dev/null
. shunit2
