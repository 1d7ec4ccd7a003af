#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-load --group: members read without capabilities, and can do no more;
# others cannot even do that.

# shunit2 calls the functions; "word" options.
# shellcheck disable=SC2317,SC2086
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint

group=4242
no_caps='--bounding-set=-all --inh-caps=-all --ambient-caps=-all --'
member="setpriv --reuid=1000 --regid=1000 --groups=$group $no_caps"
stranger="setpriv --reuid=1001 --regid=1001 --clear-groups $no_caps"

can_group() {
	kernel-can plain_maps >/dev/null
}

# denied STATUS PATTERN COMMAND...: one line says why.
denied() {
	assert_refusal "$@"
	assertEquals "$*: printed" 0 "$(wc -c <"$dir/out")"
}

# watch_as USER FILE: in place of start_reader and stop_reader.
watch_as() {
	: >"$dir/banner"
	$1 tcpt-watch --format=tsv --banner >"$2" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
}

stop_as() {
	end_reader
	$1 tcpt-watch --format=tsv --drain >>"$2"
}

check_exact() {
	watch_as "$member" "$dir/ev"
	run_peer --cycles 100
	stop_as "$member" "$dir/ev"
	assert_exact "$1" "$dir/ev" "$dir/record"
}

# ---- what the pins are ----

pin_rights() {
	for path in "$pin" "$pin"/* "$pin"/maps/*; do
		stat -c '%a %u %g %n' "$path"
	done
}

check_rights() {
	pin_rights | grep -v " 0 $group " | grep -v "^[67]00 0 0 " >"$dir/others"
	assertNull "odd rights: $(cat "$dir/others")" "$(cat "$dir/others")"
	assertEquals "the group's" "640 counters 640 meta 640 processes 660 cursor 660 ring 750 maps 750 tcpt " \
		"$(pin_rights | awk -v g=$group '$3 == g { sub(/.*\//, "", $4); print $1, $4 }' | sort | tr '\n' ' ')"
	assertNull "for others" "$(find $pin/progs $pin/links -type f ! -perm 600)"
}

# ---- what is not for them ----

# state: all that members and strangers could try to change.
state() {
	for map in meta filters; do
		bpftool -j map dump pinned "$pin/maps/$map"
	done
	# Of control the switches and the turn: the programs themselves write the rest.
	bpftool -j map lookup pinned $pin/maps/control key 0 0 0 0 | grep -o '"value":\[[^]]*' |
		grep -o '0x[0-9a-f]*' | sed -n 9,20p
	ls -R $pin
}

# rights_of USER R: the names of those that he has.
rights_of() {
	$1 pin-rights $pins | awk -v r="$2" '$2 == r { print $1 }' | sort | xargs
}

# Programs alone write to a ring of slots.
check_pins() {
	pins=$(find $pin -type f)
	if tcpt-stat --format=json | grep -q '"store":"slots"'; then
		written='' read='ring'
	else
		written='ring' read=''
	fi
	assertEquals "root's" "$(for path in $pins; do echo "${path##*/}"; done | grep -v -x "${read:-none}" | sort | xargs)" \
		"$(rights_of '' rw | xargs -n 1 | grep -v -x "${read:-none}" | xargs)"
	assertEquals "a member writes" "cursor${written:+ ring}" "$(rights_of "$member" rw)"
	assertEquals "a member reads" "counters meta processes${read:+ ring}" "$(rights_of "$member" r)"
	assertNull "a stranger has" "$(rights_of "$stranger" rw)$(rights_of "$stranger" r)"
}

# refused_by_file COMMAND...
refused_by_file() {
	"$@" >"$dir/out" 2>&1 </dev/null && fail "succeeds: $*"
	grep -q 'ermission denied\|not permitted' "$dir/out" || fail "$*: $(cat "$dir/out")"
}

# check_powerless USER STATUS TEXT: he neither ends, nor edits, nor adds anything.
check_powerless() {
	refused_by_file $1 rm $pin/maps/ring
	refused_by_file $1 rmdir $pin/links
	refused_by_file $1 mkdir $pin/more
	denied 3 'run as root' $1 tcpt-unload
	denied 3 'run as root' $1 tcpt-filter
	denied 3 'run as root' $1 tcpt-filter --add=sport=80
	denied 3 'CAP_BPF\|run as root' $1 tcpt-load --offsets="$dir/theirs" --pin=/sys/fs/bpf/more
	denied "$2" "$3" $1 tcpt-load --offsets="$dir/theirs"
	refused_by_file $1 mv $pin /sys/fs/bpf/elsewhere
}

give_offsets() {
	offsets >/dev/null
	cp "$dir/offsets" "$dir/theirs"
	chown 1000 "$dir/theirs"
	chmod 644 "$dir/theirs"
}

test_member_and_stranger() {
	give_offsets
	load_trace auto --group=$group
	assertEquals "warnings" "" "$(grep warning "$dir/load")"
	check_rights
	check_pins
	check_exact "a member"
	state >"$dir/before"
	check_powerless "$member" 1 'already loaded'
	chown 1001 "$dir/theirs"
	check_powerless "$stranger" 3 'run as root'
	denied 3 'member of the group' $stranger tcpt-watch --drain
	denied 3 'member of the group' $stranger tcpt-stat
	$member tcpt-stat >"$dir/out" 2>&1 || fail "tcpt-stat as a member: $(cat "$dir/out")"
	assertEquals "what a member does not see" "filters missed" \
		"$(awk '/not shown to members/ { print $1 } $1 == "open"' "$dir/out" | xargs)"
	state >"$dir/after"
	assertEquals "changed" "" "$(diff "$dir/before" "$dir/after")"
	check_exact "a member, afterwards"
	unload_trace
}

# Root goes on where a member has stopped.
test_handing_over() {
	load_trace auto --group=$group
	watch_as "$member" "$dir/ev"
	run_peer --cycles 50 --families 4
	kill_reader
	run_more --cycles 50 --families 4
	tcpt-watch --format=tsv --drain >>"$dir/ev"
	sort "$dir/ev" | uniq >"$dir/once" # a killed reader's last lines may come twice
	assert_exact "a member, then root" "$dir/once" "$dir/record"
	unload_trace
}

test_held() {
	offsets >/dev/null
	keep tcpt-load --offsets="$dir/offsets" --hold --group=$group
	check_exact "held"
	watch_as "$member" "$dir/ev"
	unload_trace
	wait "$reader"
	assertEquals "the reader ends with the trace" 0 $?
	reader=
}

# Members keep their rights, and go on, when other programs and rings take over.
test_taps_and_replacement() {
	load_trace auto --group=$group --taps=2
	: >"$dir/banner"
	$member tcpt-watch --format=tsv --banner --tap=2 >"$dir/ev" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
	run_peer --cycles 50 --families 4
	if can_pin "$(attach_modes | head -n 1)"; then
		tcpt-load --offsets="$dir/offsets" --replace --ring-size=4096 2>"$dir/err" ||
			fail "--replace: $(cat "$dir/err")"
		tcpt-load --offsets="$dir/offsets" --replace --group=$group 2>"$dir/err" ||
			fail "--replace --group: $(cat "$dir/err")"
	fi
	run_more --cycles 50 --families 4
	end_reader
	for tap in 2 1; do
		for _ in 1 2 3; do
			$member tcpt-watch --format=tsv --drain --tap=$tap >>"$dir/ev"
		done
		assert_exact "a member at tap $tap, replaced" "$dir/ev" "$dir/record"
		: >"$dir/ev"
	done
	unload_trace
}

# failing PATTERN COMMAND...: a replacement for another group, which changes nothing.
failing() {
	pattern=$1
	shift
	denied "${status_of:-1}" "$pattern" "$@" tcpt-load --offsets="$dir/offsets" --replace --group=4343
	pin_rights >"$dir/after"
	assertEquals "after '$pattern'" "" "$(diff "$dir/before" "$dir/after")"
}

test_failed_replacement() {
	for options in --group=$group ''; do
		load_trace auto $options
		pin_rights >"$dir/before"
		status_of=3 failing tcp_close env TCPT_TEST_WITHOUT=tcp_close,sys_exit_accept
		if command -v strace >/dev/null && can_pin "$(attach_modes | head -n 1)"; then
			failing 'to group 4343' strace -f -qq -o /dev/null -e inject=chown:error=EIO:when=5
			failing maps-new strace -f -qq -o /dev/null -e inject=mkdir:error=ENOSPC:when=2+
		fi
		unload_trace
	done
}

# What members hold till the end keeps root from nothing: what waited for it would fail. And
# root sees who holds it.
test_locks() {
	load_trace auto --group=$group
	mkfifo "$dir/hold"
	for path in $pin $pin/maps; do
		$member flock "$path" cat <"$dir/hold" &
		holders="${holders-} $!"
	done
	exec 9>"$dir/hold"
	for path in $pin $pin/maps; do await is_locked "$path"; done
	tcpt-stat | grep -q '^reader .*flock' || fail "who holds it: $(tcpt-stat)"
	if can_pin "$(attach_modes | head -n 1)"; then
		tcpt-load --offsets="$dir/offsets" --replace --ring-size=4096 2>"$dir/err" ||
			fail "--replace: $(cat "$dir/err")"
	fi
	unload_trace
	exec 9>&-
	# shellcheck disable=SC2086 # words
	wait $holders
}

# One has to get there, too; that much of others' tcpt does not change.
test_way() {
	chmod 700 /sys/fs/bpf
	load_trace auto --group=$group
	assertEquals "$(cat "$dir/load")" 1 "$(grep -c 'warning: members of group 4242 cannot enter /sys/fs/bpf .*run: chmod o+x /sys/fs/bpf' "$dir/load")"
	denied 3 'member of the group .* chmod o+x /sys/fs/bpf ' $member tcpt-watch --drain
	denied 3 'member of the group .* chmod o+x /sys/fs/bpf ' $member tcpt-stat
	chmod o+x /sys/fs/bpf
	$member tcpt-watch --drain >/dev/null || fail "after chmod o+x"
	unload_trace
	chgrp $group /sys/fs/bpf
	chmod 710 /sys/fs/bpf
	load_trace auto --group=$group
	assertEquals "warnings" "" "$(grep warning "$dir/load")"
	$member tcpt-watch --drain >/dev/null || fail "with a bpffs of the group"
	denied 3 'member of the group' $stranger tcpt-watch --drain
	unload_trace
	chgrp 0 /sys/fs/bpf
	chmod 1777 /sys/fs/bpf
}

# bpffs that tcpt mounts lets others pass, no more.
test_own_mount() {
	mount_and_load "$member tcpt-watch --drain && stat -c %a /sys/fs/bpf" --group=$group
	assertEquals "$(cat "$dir/load")" 1711 "$(tail -n 1 "$dir/out")"
}

test_without_chown() {
	offsets >/dev/null
	denied 3 'cannot give .* to group 4242.*CAP_CHOWN is missing' setpriv --bounding-set=-chown -- \
		tcpt-load --offsets="$dir/offsets" --group=$group --hold
	assertEquals "pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
}

kernel_refuses() {
	denied 3 'kernel.unprivileged_bpf_disabled' tcpt-load --offsets="$(offsets)" --group=$group --hold
	assertEquals "pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
}

# The switch is the whole machine's, so in a virtual one only.
kernel_is_told() {
	switch=/proc/sys/kernel/unprivileged_bpf_disabled
	before=$(cat $switch)
	echo 0 >$switch
	test_member_and_stranger
	echo "$before" >$switch
}

suite() {
	if can_group; then
		for name in member_and_stranger handing_over held taps_and_replacement failed_replacement locks way own_mount without_chown; do
			suite_addTest test_$name
		done
		return
	fi
	suite_addTest kernel_refuses
	[ -z "${TCPT_VM-}" ] || suite_addTest kernel_is_told
}

# shellcheck source=/dev/null
. shunit2
