#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The guess against the kernel's own BTF, which is read without libtcpt.

. "${0%/*}/workload-lib.sh"
. "${0%/*}/guess-lib.sh"
need root bpf netns btf raw_tp

# Some fields are guessed on request only.
all=
! tcpt-guess --help | grep -q -e --fields || all=--fields=all

# The fields that have to be in a document: those that this test knows, and
# whatever else is there.
keys() {
	{
		btf-offsets ${all:+--all}
		grep -v '^#\|^kernel\.\|^source=' "$1"
	} | cut -d= -f1 | awk '!seen[$0]++'
}

# Why this kernel cannot show the field that BTF knows, in one word, or nothing.
excuse() {
	case $1,$2 in
	*,bitfield) echo bitfield ;;
	sock_common.skc_v6_*,*) kernel-can ipv6 >/dev/null || echo no-ipv6 ;;
	sock.sk_protocol,*) kernel-can mptcp >/dev/null || echo no-mptcp ;;
	tcp_sock.total_retrans,*) [ -n "$all" ] || echo not-asked ;;
	esac
}

# compare DOCUMENT: prints "field KEY GUESSED BTF [EXCUSE]" for each field, which
# the test machines make a table of. "none" is what the document does not name.
compare() {
	# shellcheck disable=SC2046 # one argument a field
	btf-offsets $(keys "$1") | while IFS='=' read -r key btf; do
		guessed=$(sed -n "s/^$key=//p" "$1")
		why=$(excuse "$key" "$btf")
		echo "field $key ${guessed:-none} $btf${why:+ $why}"
	done
}

# Either equal, or absent with an excuse.
faults() {
	awk '$3 != $4 && !($3 == "absent" && NF == 5) { print $2, $3, "and BTF says", $4 }' "$1"
}

# check_via HOOK
check_via() {
	tcpt-guess --via="$1" $all --explain >"$dir/document" 2>"$dir/explain"
	status=$?
	assertEquals "exit status, $(tail -1 "$dir/explain")" 0 $status
	compare "$dir/document" >"$dir/fields"
	cat "$dir/fields"
	assertTrue "fields" "[ -s '$dir/fields' ]"
	assertEquals "differs from BTF" "" "$(faults "$dir/fields")"
	assert_ipv6
	echo "  via $1: $(grep '^cost' "$dir/explain")"
}

# A kernel that was built with IPv6 fills both fields in for IPv4 sockets too. So
# without IPv6 sockets (ipv6.disable=1) they may be found, and then like BTF has
# them, or be absent; but they come together.
assert_ipv6() {
	absent=$(grep -c '^sock_common.skc_v6_[a-z_]*=absent$' "$dir/document")
	assertTrue "$absent of the IPv6 fields absent" "[ $absent -eq 0 ] || [ $absent -eq 2 ]"
}

test_raw_tp_alone() {
	check_via raw_tp
}

kprobe_alone() {
	check_via kprobe
}

# The number of connections of a guess whose explanation is on stdin.
connections() {
	sed -n 's/^cost: \([0-9]*\) connections.*/\1/p'
}

# The best of three: other tests may be running.
test_budget() {
	best=100000
	for _ in 1 2 3; do
		tcpt-guess --explain 2>"$dir/explain" >"$dir/document"
		ms=$(sed -n 's/^cost: .* \([0-9]*\)\.[0-9]* ms$/\1/p' "$dir/explain")
		[ "$ms" -ge "$best" ] || best=$ms
	done
	count=$(connections <"$dir/explain")
	assertTrue "$count connections" "[ $count -gt 0 ] && [ $count -le 32 ]"
	# Emulated machines are many times slower than the budget's.
	limit=250
	[ -z "$emulated" ] || limit=2500
	assertTrue "$best ms" "[ $best -le $limit ]"
	echo "  $count connections, $best ms"
}

test_same_each_time() {
	tcpt-guess >"$dir/first"
	for _ in 1 2 3 4 5; do
		tcpt-guess >"$dir/again"
		assertEquals "" "$(diff "$dir/first" "$dir/again")"
	done
}

# Where chance left two candidates more connections are made. Their files and sockets may
# lie in memory that was looked at before.
test_second_round() {
	tcpt-guess >"$dir/first"
	first=$(tcpt-guess --explain 2>&1 >/dev/null | connections)
	for _ in 1 2 3 4 5; do
		TCPT_TEST_WITHOUT=first_round tcpt-guess --dump "$dir/second" --explain >"$dir/again" \
			2>"$dir/explain"
		assertEquals "exit status" 0 $?
		assertEquals "" "$(diff "$dir/first" "$dir/again")"
		second=$(connections <"$dir/explain")
		assertTrue "$second connections after $first" "[ $second -gt $first ]"
		tcpt-guess --replay "$dir/second" | sed 's/^source=replay$/source=guess/' >"$dir/again"
		assertEquals "replayed" "" "$(diff "$dir/first" "$dir/again")"
		rm -r "$dir/second"
	done
}

as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# By somebody who may not load BPF, nor anything else.
test_replay_is_the_same() {
	tcpt-guess $all --dump "$dir/dump" >"$dir/document"
	assertEquals "exit status" 0 $?
	assertEquals "mode" 700 "$(stat -c %a "$dir/dump")"
	chmod 755 "$dir" "$dir/dump"
	chmod 644 "$dir/dump"/*
	as_nobody tcpt-guess --replay "$dir/dump" >"$dir/replayed"
	assertEquals "exit status" 0 $?
	assertEquals "" "$(sed 's/^source=guess$/source=replay/' "$dir/document" | diff - "$dir/replayed")"
	tcpt-guess --dump "$dir/dump" >/dev/null 2>"$dir/explain"
	assertEquals "exit status, dump into what is not empty" 1 $?
	assertContains "$(cat "$dir/explain")" "it is not empty"
}

# As on a full disk: one line for each that could not be written, and nothing is left of it.
test_no_room() {
	sh -c 'ulimit -f 8; exec tcpt-guess --dump "$0/large" --output "$0/new" 2>"$0/explain"' "$dir"
	assert_exit 1 $? "exit status: $(cat "$dir/explain")"
	assertEquals "$(cat "$dir/explain")" 1 "$(wc -l <"$dir/explain")"
	assertContains "$(cat "$dir/explain")" "File too large"
	assertFalse "part of a dump is left" "[ -e '$dir/large' ]"
	if [ "$(id -u)" = 0 ]; then
		mkdir -m 777 "$dir/theirs"
		tcpt-guess --dump "$dir/theirs" >/dev/null 2>"$dir/explain"
		assertEquals "exit status" 1 $?
		assertContains "$(cat "$dir/explain")" "others can change it"
	fi
}

# verified DOCUMENT: the lines of the table that are not as they should be.
verified() {
	tcpt-guess --verify "$1" >"$dir/table" 2>"$dir/explain"
	status=$?
	assertEquals "$(cat "$dir/explain")" "" "$(cat "$dir/explain")"
	awk 'NR > 1 && NF > 4 && $NF != "ok" && $NF != "absent" && !/ differ, /' "$dir/table"
}

test_verify() {
	tcpt-guess $all >"$dir/document"
	assertEquals "of the guess's own" "" "$(verified "$dir/document")"
	assertEquals "exit status" 0 "$status"
	num=$(sed -n 's/.*skc_num=//p' "$dir/document")
	dport=$(sed -n 's/.*skc_dport=//p' "$dir/document")
	sed -e "s/skc_num=.*/skc_num=$dport/" -e "s/skc_dport=.*/skc_dport=$num/" \
		-e 's/inet_sport=.*/inet_sport=absent/' "$dir/document" >"$dir/wrong"
	verified "$dir/wrong" >"$dir/faults"
	assertEquals "exit status" 1 "$status"
	assertEquals "sock_common.skc_dport WRONG sock_common.skc_num WRONG inet_sock.inet_sport guess" \
		"$(awk '{ print $1, $NF }' "$dir/faults" | xargs)"
	sed '/^fdtable/d' "$dir/document" | tcpt-guess --verify >"$dir/table" 2>"$dir/explain"
	assertEquals "exit status, incomplete" 1 $?
	assertContains "$(cat "$dir/explain")" "fdtable.fd is missing"
}

test_only() {
	assertEquals "sock.sk_err net.ns.inum" \
		"$(tcpt-guess --only sock.sk_err,net.ns.inum | sed -n 's/^\([a-z_0-9]*\..*\)=.*/\1/p' |
			grep -v ^kernel | sort -r | xargs)"
	tcpt-guess --only tcp_sock.total_retrans | grep -q '^tcp_sock.total_retrans=[0-9]'
	assertEquals "total_retrans alone" 0 $?
}

test_inside_pid_namespace() {
	tcpt-guess >"$dir/outside"
	unshare --pid --fork --mount-proc tcpt-guess >"$dir/inside"
	assertEquals "exit status" 0 $?
	assertEquals "" "$(diff "$dir/outside" "$dir/inside")"
}

test_among_foreign_connections() {
	tcpt-guess >"$dir/quiet"
	start_peer --cycles 100000 --clients 4
	for _ in 1 2 3; do
		tcpt-guess >"$dir/busy"
		assertEquals "exit status" 0 $?
		assertEquals "" "$(diff "$dir/quiet" "$dir/busy")"
	done
	kill_load_and_host
}

no_kprobes() {
	tcpt-guess --via=kprobe >"$dir/out" 2>"$dir/err"
	assertEquals 3 $?
	assertEquals "tcpt-guess: cannot guess through kprobe tcp_set_state: this kernel has no kprobes; leave out --via" \
		"$(cat "$dir/err")"
}

# Its sockets, namespaces and program are its own, and end with it.
test_leaves_nothing() {
	before=$(guess_programs)
	assertEquals "sockets in its namespace" 1 \
		"$(unshare --net sh -c 'tcpt-guess >/dev/null; wc -l </proc/net/tcp')"
	await no_more_guess_programs "$before"
}

suite() {
	add_tests raw_tp_alone budget same_each_time second_round replay_is_the_same verify only \
		inside_pid_namespace among_foreign_connections leaves_nothing
	if kernel-can kprobe; then suite_addTest kprobe_alone; else suite_addTest no_kprobes; fi
}

# shellcheck source=/dev/null
. shunit2
