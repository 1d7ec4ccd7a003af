#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What another user owns or can change is not trusted: pins, the directory that
# they are in, offsets. And nobody can lead astray what removes pins.

# For an inner shell.
# shellcheck disable=SC2016
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint

other='setpriv --reuid=1000 --regid=1000 --clear-groups --'

# all_refuse PATTERN: every program that opens a trace.
all_refuse() {
	assert_refusal 1 "$1" tcpt-watch --drain
	assert_refusal 1 "$1" tcpt-stat
	assert_refusal 1 "$1" tcpt-filter
	assert_refusal 1 "$1" tcpt-filter --add=sport=80
	assert_refusal 1 "$1" tcpt-unload
	assert_refusal 1 "$1" tcpt-load --offsets="$dir/offsets"
	assert_refusal 1 "$1" tcpt-load --probe
}

works() {
	tcpt-watch --drain >/dev/null || fail "$1: tcpt-watch"
	tcpt-filter || fail "$1: tcpt-filter"
}

check_owner() {
	for path in $pin $pin/progs $pin/maps/filters; do
		chown 1000 "$path"
		all_refuse "$path is owned by uid 1000, mode 0[67]00"
		chown 0 "$path"
	done
}

check_mode() {
	while read -r path bad good; do
		chmod "$bad" "$path"
		all_refuse "$path is owned by uid 0, mode 0$bad, .*chmod go-w $path"
		chmod "$good" "$path"
	done <<-END
		$pin 707 700
		$pin/maps 720 700
		$pin/maps/control 602 600
		$pin/maps/meta 660 600
	END
}

check_own() {
	chown -R 1000 $pin
	setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=+bpf --ambient-caps=+bpf -- \
		tcpt-filter >"$dir/out" 2>"$dir/err"
	assert_exit 0 $? "one's own: $(cat "$dir/err")"
	chown -R 0 $pin
}

# A bpffs is for all, and sticky, unless it is mounted otherwise.
check_parent() {
	for mode in 777 770; do
		chmod "$mode" /sys/fs/bpf
		all_refuse "/sys/fs/bpf is owned by uid 0, mode 0$mode, .*chmod +t /sys/fs/bpf"
	done
	for mode in 1777 1770 755 700; do
		chmod "$mode" /sys/fs/bpf
		works "$mode"
	done
	chown 1000 /sys/fs/bpf
	all_refuse "/sys/fs/bpf is owned by uid 1000, mode 0700"
	chown 0 /sys/fs/bpf
}

test_trace() {
	load_trace auto
	works "root's"
	for what in owner mode own parent; do
		check_$what
		works "after $what"
	done
	unload_trace
	chmod 777 /sys/fs/bpf
	assert_refusal 1 'chmod +t' tcpt-load --offsets="$dir/offsets"
	chmod 1777 /sys/fs/bpf
	assertEquals "pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
}

# Somebody was there first.
test_squatters() {
	offsets >/dev/null
	$other mkdir -p $pin/maps
	all_refuse "$pin is owned by uid 1000, mode 0755"
	$other rmdir $pin/maps $pin
	load_trace auto --pin=/sys/fs/bpf/real
	$other ln -s /sys/fs/bpf/real $pin
	all_refuse "$pin is neither a directory nor a pin: uid 1000 has made it"
	$other rm $pin
	unload_real
}

# A name that loading uses is taken, by what leads to other files, or is one itself.
test_bait() {
	mkdir "$dir/links" "$dir/deep"
	touch "$dir/links/keep" "$dir/deep/keep"
	$other mkdir $pin-tcpt-new $pin-tcpt-new/maps
	$other ln -s "$dir/links" $pin-tcpt-new/links
	$other ln -s "$dir/deep" $pin-tcpt-new/maps/deep
	$other ln -s "$dir" $pin-tcpt-old
	tcpt-unload 2>/dev/null
	assertTrue "kept by unload" "[ -e '$dir/links/keep' ] && [ -e '$dir/deep/keep' ]"
	$other mkdir -p $pin-tcpt-new
	$other ln -s "$dir/links" $pin-tcpt-new/links
	$other ln -s "$dir" $pin-tcpt-old
	load_trace auto
	unload_trace
	assertTrue "kept by load" "[ -e '$dir/links/keep' ] && [ -e '$dir/deep/keep' ]"
	assertEquals "left" "" "$(find /sys/fs/bpf -name 'tcpt*')"
}

# hold COMMAND...: in the background until let_go; it prints when it holds.
hold() {
	[ -p "$dir/hold" ] || mkfifo "$dir/hold"
	"$@" cat <"$dir/hold" &
	holder=$!
	exec 9>"$dir/hold"
}

let_go() {
	exec 9>&-
	wait "$holder"
}

# "other" is a command.
# shellcheck disable=SC2086
# Everybody can lock a directory that he can open: that keeps nobody waiting.
test_locked_by_strangers() {
	offsets >/dev/null
	hold $other flock /sys/fs/bpf
	await is_locked /sys/fs/bpf
	check_goes_on "the bpffs locked"
	let_go
	$other mkdir -p $pin-tcpt-lock/deep
	hold $other flock $pin-tcpt-lock
	await is_locked $pin-tcpt-lock
	check_goes_on "the lock's name taken"
	let_go
	$other ln -s "$dir" $pin-tcpt-lock
	check_goes_on "the lock's name a link"
}

# check_goes_on NAME: loading and unloading. What waits for a lock that is held fails.
check_goes_on() {
	load_trace auto
	unload_trace
	assertEquals "$1: pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
}

# Both wait for a while, at once; what is under another name waits for nobody.
test_locked() {
	offsets >/dev/null
	mkdir -m 700 $pin-tcpt-lock
	hold flock $pin-tcpt-lock
	await is_locked $pin-tcpt-lock
	tcpt-unload 2>"$dir/unload" &
	unload=$!
	load_trace auto --pin=/sys/fs/bpf/real
	unload_real
	assert_refusal 1 "$pin-tcpt-lock is locked by [a-z]* (pid [0-9]*); stop it first" tcpt-load --offsets="$dir/offsets"
	wait $unload
	assert_exit 1 $? "tcpt-unload: $(cat "$dir/unload")"
	grep -q 'is locked by' "$dir/unload" || fail "tcpt-unload: $(cat "$dir/unload")"
	let_go
	check_goes_on "afterwards"
}

unload_real() {
	[ -z "$keeper" ] || { kill "$keeper" && wait "$keeper"; keeper=; }
	[ ! -e /sys/fs/bpf/real ] || tcpt-unload --pin=/sys/fs/bpf/real
}

# A directory on the way, or the one that a link leads to.
check_exchangeable() {
	mkdir -p "$dir/way/deep"
	cp "$dir/offsets" "$dir/way/deep/doc"
	chmod 644 "$dir/way/deep/doc"
	ln -sf way/deep/doc "$dir/linked"
	for name in way/deep/doc linked; do
		for mode in 777 770; do
			chmod $mode "$dir/way"
			assert_refusal 1 "can be exchanged by others: .*/way is owned by uid 0" tcpt-load --offsets="$dir/$name"
		done
		chmod 755 "$dir/way"
		chown 1000 "$dir/way/deep"
		assert_refusal 1 "/way/deep is owned by uid 1000" tcpt-load --offsets="$dir/$name"
		chown 0 "$dir/way/deep"
	done
	chmod 1777 "$dir/way"
	good=$dir/offsets
	mv "$good" "$dir/kept" && cp "$dir/way/deep/doc" "$good"
	load_trace auto --offsets="$dir/way/deep/doc"
	unload_trace
	mv "$dir/kept" "$good"
	rm -r "$dir/way" "$dir/linked"
}

# ---- what is wrong is found out before anything is loaded ----

# Those of which two connections say something.
verified='sock_common.skc_daddr sock_common.skc_rcv_saddr sock_common.skc_dport sock_common.skc_num
	sock_common.skc_family sock_common.skc_state sock_common.skc_net sock_common.skc_cookie inet_sock.inet_sport'

test_wrong_fields() {
	offsets >/dev/null
	for field in $verified; do
		grep -q "^$field=[0-9]" "$dir/offsets" || continue
		sed "s/^$field=.*/$field=3000/" "$dir/offsets" >"$dir/wrong"
		chmod 600 "$dir/wrong"
		assert_refusal 1 "wrong: $field=3000 was contradicted by a fresh connection" tcpt-load --offsets="$dir/wrong"
		assertEquals "$field: pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
	done
	tcpt-guess --fields=all >"$dir/all"
	sed "s/^tcp_sock.total_retrans=.*/tcp_sock.total_retrans=1612/" "$dir/all" >"$dir/wrong"
	assert_refusal 1 "tcp_sock.total_retrans=1612 was contradicted" tcpt-load --offsets="$dir/wrong"
	assert_refusal 1 "stdin: .*was contradicted" sh -c 'tcpt-load <"$0"' "$dir/wrong"
	sed "s/^sock.sk_err=.*/sock.sk_err=3000/" "$dir/offsets" >"$dir/wrong"
	mv "$dir/offsets" "$dir/right" && mv "$dir/wrong" "$dir/offsets"
	load_trace auto --no-verify
	unload_trace
	mv "$dir/right" "$dir/offsets"
}

test_offsets() {
	offsets >/dev/null
	cp "$dir/offsets" "$dir/theirs"
	chown 1000 "$dir/theirs"
	chmod 644 "$dir/theirs"
	assert_refusal 1 "theirs is owned by uid 1000, who can change it" tcpt-load --offsets="$dir/theirs"
	chown 0 "$dir/theirs"
	for mode in 646 664 620; do
		chmod $mode "$dir/theirs"
		assert_refusal 1 "theirs is owned by uid 0, mode 0$mode.*chmod go-w" tcpt-load --offsets="$dir/theirs"
	done
	check_exchangeable
	assertEquals "pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
	cp "$dir/offsets" "$dir/good"
	mv "$dir/theirs" "$dir/offsets"
	load_trace auto --force
	unload_trace
	mode=$(attach_modes | head -n 1)
	assert_refusal 1 '^tcpt-load: /dev/null is no regular file, and others can write to it .*; if you trust it, give it through a pipe' \
		tcpt-load --offsets=/dev/null
	assert_refusal 1 "stdin is owned by uid 0, mode 0620.*chmod go-w $dir/offsets" sh -c 'tcpt-load <"$0"' "$dir/offsets"
	! can_pin "$mode" || {
		# shellcheck disable=SC2002 # a pipe it is to be
		cat "$dir/offsets" | tcpt-load --attach="$mode" 2>"$dir/load" || fail "a pipe: $(cat "$dir/load")"
		tcpt-unload
	}
	mv "$dir/good" "$dir/offsets"
}

suite() {
	add_tests trace squatters bait locked_by_strangers locked offsets wrong_fields
}

# shellcheck source=/dev/null
. shunit2
