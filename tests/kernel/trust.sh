#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What another user owns or can change is not trusted: pins, the directory that
# they are in, offsets. And nobody can lead astray what removes pins.

# shellcheck source=tests/kernel/lib.sh
. "${0%/*}/lib.sh"
need root bpf netns raw_tp tracepoint ringbuf

other='setpriv --reuid=1000 --regid=1000 --clear-groups --'

# refused PATTERN COMMAND...: with one line, and exit status 1.
refused() {
	pattern=$1
	shift
	"$@" >"$dir/out" 2>"$dir/err" </dev/null
	assertEquals "status of $*: $(cat "$dir/err")" 1 $?
	assertEquals "lines of $*: $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
	grep -q "$pattern" "$dir/err" || fail "$*: no '$pattern' in: $(cat "$dir/err")"
}

# all_refuse PATTERN: every program that opens a trace.
all_refuse() {
	refused "$1" tcpt-watch --drain
	refused "$1" tcpt-stat
	refused "$1" tcpt-filter
	refused "$1" tcpt-filter --add=sport=80
	refused "$1" tcpt-unload
	refused "$1" tcpt-load --offsets="$dir/offsets"
	refused "$1" tcpt-load --probe
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
	assertEquals "one's own: $(cat "$dir/err")" 0 $?
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
	refused 'chmod +t' tcpt-load --offsets="$dir/offsets"
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
	all_refuse "$pin is neither a directory nor a pin, uid 1000 has made it"
	$other rm $pin
	[ -z "$keeper" ] || { kill "$keeper" && wait "$keeper"; keeper=; }
	[ ! -e /sys/fs/bpf/real ] || tcpt-unload --pin=/sys/fs/bpf/real
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

# Everybody can lock a directory that he can open. Both wait for a while, at once.
test_locked() {
	offsets >/dev/null
	mkfifo "$dir/hold"
	$other flock /sys/fs/bpf cat <"$dir/hold" &
	holder=$!
	exec 9>"$dir/hold"
	await is_locked
	tcpt-unload 2>"$dir/unload" &
	refused "/sys/fs/bpf is locked by [a-z]* (pid [0-9]*); stop it first" tcpt-load --offsets="$dir/offsets"
	wait $!
	assertEquals "tcpt-unload: $(cat "$dir/unload")" 1 $?
	grep -q 'is locked by' "$dir/unload" || fail "tcpt-unload: $(cat "$dir/unload")"
	exec 9>&-
	wait $holder
	assertEquals "pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
}

is_locked() {
	! flock -n /sys/fs/bpf true
}

test_offsets() {
	offsets >/dev/null
	cp "$dir/offsets" "$dir/theirs"
	chown 1000 "$dir/theirs"
	chmod 644 "$dir/theirs"
	refused "theirs is owned by uid 1000, mode 0644" tcpt-load --offsets="$dir/theirs"
	chown 0 "$dir/theirs"
	chmod 646 "$dir/theirs"
	refused "theirs is owned by uid 0, mode 0646" tcpt-load --offsets="$dir/theirs"
	assertEquals "pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
	cp "$dir/offsets" "$dir/good"
	mv "$dir/theirs" "$dir/offsets"
	load_trace auto --force
	unload_trace
	mode=$(attach_modes | head -n 1)
	! can_pin "$mode" || {
		tcpt-load --attach="$mode" <"$dir/offsets" 2>"$dir/load" || fail "stdin: $(cat "$dir/load")"
		tcpt-unload
	}
	mv "$dir/good" "$dir/offsets"
}

suite() {
	for name in trace squatters bait locked offsets; do
		suite_addTest test_$name
	done
}

. shunit2
