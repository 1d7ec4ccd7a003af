#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Loading and unloading: what is refused leaves nothing behind.

# For an inner shell.
# shellcheck disable=SC2016
. "${0%/*}/trace-lib.sh"
. "${0%/*}/guess-lib.sh"
need root bpf netns raw_tp tracepoint

# refused STATUS PATTERN COMMAND...: and nothing is left of it.
refused() {
	assert_refusal "$@"
	assertEquals "pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
}

# assert_says PATTERN: the message in $dir/err
assert_says() {
	grep -q "$1" "$dir/err" || fail "no '$1' in: $(cat "$dir/err")"
}

# refused_document PATTERN: the document $dir/bad
refused_document() {
	refused 1 "$1" tcpt-load --offsets="$dir/bad"
}

test_damaged_documents() {
	good=$(offsets)
	: >"$dir/bad"
	refused_document 'is empty'
	head -c 100 /dev/urandom >"$dir/bad"
	refused_document 'bad:1: '
	sed 's/^sock_common.skc_num=.*/sock_common.skc_num=ten/' "$good" >"$dir/bad"
	refused_document 'bad:[0-9]*: sock_common.skc_num=ten is neither'
	sed 's/^sock_common.skc_num=.*/sock_common.skc_num=12/' "$good" >"$dir/bad"
	refused_document 'overlap'
	echo 'sock_common.skc_num=14' | cat "$good" - >"$dir/bad"
	refused_document 'given twice'
	echo 'sock_common.skc_nom=14' | cat "$good" - >"$dir/bad"
	refused_document "unknown key 'sock_common.skc_nom'"
}

test_truncated_documents() {
	good=$(offsets)
	lines=$(wc -l <"$good")
	for n in 1 3 6 $((lines - 1)); do
		head -n "$n" "$good" >"$dir/bad"
		refused_document 'is missing'
	done
	size=$(wc -c <"$good")
	head -c $((size - 1)) "$good" >"$dir/bad"
	refused_document 'cut off'
	head -c $((size / 2)) "$good" >"$dir/bad"
	refused_document 'bad:[0-9]*: '
}

test_foreign_kernel() {
	sed 's/^kernel.build_id=.*/kernel.build_id=0123456789/; s/^kernel.release=.*/kernel.release=1.2.3/' \
		"$(offsets)" >"$dir/bad"
	refused_document 'another kernel build (1.2.3'
}

test_stdin_from_failed_guess() {
	true | tcpt-load 2>"$dir/err"
	assertEquals 1 $?
	assert_says "did tcpt-guess fail"
}

test_absent_fields_of_a_mode() {
	sed 's/^task_struct.files=.*/task_struct.files=absent/' "$(offsets)" >"$dir/bad"
	refused 3 'tracepoint mode needs the offset of task_struct.files' \
		tcpt-load --attach=tracepoint --offsets="$dir/bad"
}

hold() {
	offsets >/dev/null
	keep tcpt-load --offsets="$dir/offsets" --hold
}

no_kprobes() {
	refused 3 'no kprobe tcp_close' tcpt-load --attach=kprobe --offsets="$(offsets)"
}

no_perf_link_pins() {
	for mode in $(attach_modes); do
		can_pin "$mode" ||
			refused 3 'use --hold' tcpt-load --attach="$mode" --offsets="$(offsets)"
	done
}

# Of the modes that work, the one that misses least and whose links can be kept.
test_auto() {
	for mode in kprobe fentry tracepoint; do
		case " $(attach_modes | xargs) " in *" $mode "*) ;; *) continue ;; esac
		can_pin "$mode" && break
	done
	if can_pin "$mode"; then
		tcpt-load --offsets="$(offsets)" 2>"$dir/err"
		assert_says "tracing by $mode,"
		tcpt-unload
	fi
	hold
	mode=$(attach_modes | head -n 1)
	cp "$dir/load" "$dir/err"
	assert_says "tracing by $mode,"
	unload_trace
}

# The document that the pinned trace remembers: bpftool shows its bytes as numbers.
loaded_document() {
	bpftool map dump pinned "$pin/maps/meta" | sed -n 's/.*"offsets": \[\([0-9,]*\).*/\1/p' |
		tr ',' '\n' | awk '$1 > 0 { printf "%c", $1 + 0 }'
}

# By the kernel's own BTF, and it finds what the guess finds.
offsets_from_btf() {
	load_trace auto --offsets=btf
	loaded_document >"$dir/loaded"
	trace_peer "--offsets=btf" --cycles 30
	unload_trace
	assertEquals "source=btf" "$(grep '^source=' "$dir/loaded")"
	fields_shown "$dir/offsets" >"$dir/expected"
	# BTF also knows what a guess does not show.
	grep -x -F -f "$dir/expected" "$dir/loaded" >"$dir/common"
	assertEquals "" "$(diff "$dir/expected" "$dir/common")"
}

# A file of that name is another one.
test_file_named_btf() {
	echo 'no document' >"$dir/btf"
	(cd "$dir" && tcpt-load --offsets=./btf 2>err)
	assertEquals 1 $?
	assert_says '^tcpt-load: ./btf:1: '
}

test_no_kernel_btf() {
	refused 3 'this kernel has no BTF: there is no /sys/kernel/btf/vmlinux' \
		unshare --mount --propagation private sh -c "
			[ ! -d /sys/kernel/btf ] || mount -t tmpfs none /sys/kernel/btf || exit 9
			exec tcpt-load --offsets=btf"
}

test_strange_pin_directories() {
	offsets >/dev/null
	refused 1 'not in a bpffs' tcpt-load --offsets="$dir/offsets" --pin="$dir/tcpt"
	refused 1 'no dots' tcpt-load --offsets="$dir/offsets" --pin=/sys/fs/bpf/a.b
	mkdir /sys/fs/bpf/other
	refused 1 '/sys/fs/bpf is a bpffs itself, .*; choose --pin=/sys/fs/bpf/tcpt$' \
		tcpt-load --offsets="$dir/offsets" --pin=/sys/fs/bpf
	refused 1 "none can be: $dir is not in a bpffs" tcpt-stat --pin="$dir/tcpt"
	refused 1 "none can be: bpffs allows no dots" tcpt-stat --pin=/sys/fs/bpf/a.b/c
	for program in watch stat filter unload; do
		refused 1 '/sys/fs/bpf is no trace, and has mode 1777, .* another --pin, as /sys/fs/bpf/tcpt$' \
			tcpt-$program --pin=/sys/fs/bpf
	done
	refused 1 'is not a trace' tcpt-load --offsets="$dir/offsets" --pin=/sys/fs/bpf/other
	refused 1 'no trace is loaded at /sys/fs/bpf/other' tcpt-unload --pin=/sys/fs/bpf/other
	rmdir /sys/fs/bpf/other
}

# advised: what the one line in $dir/err says to run.
advised() {
	sed 's/.*; run:* //; s/ first, or .*//' "$dir/err"
}

# Advice is followed as it is given, to the letter.
test_advice() {
	offsets >/dev/null
	odd="/sys/fs/bpf/deep/a b/it's"
	refused 1 'cannot be made: there is no /sys/fs/bpf/deep/a b; run: mkdir -p ' \
		tcpt-load --offsets="$dir/offsets" --pin="$odd"
	sh -c "$(advised)"
	refused 1 "no trace is loaded at $odd; run: tcpt-guess | tcpt-load" tcpt-watch --pin="$odd"
	if some_can_pin; then
		sh -c "$(advised)" 2>"$dir/load"
		assert_exit 0 $? "$(cat "$dir/load")"
		tcpt-load --offsets="$dir/offsets" --pin="$odd" 2>"$dir/err"
		assertEquals 1 $?
		assert_says 'already loaded at'
		sh -c "$(advised)"
		assertFalse "not unloaded: $(cat "$dir/err")" "[ -e \"$odd\" ]"
	else
		refused 3 'use --hold' sh -c "$(advised)"
	fi
	rm -r /sys/fs/bpf/deep
	refused 1 'no trace is loaded at /sys/fs/bpf/other; run: tcpt-guess | tcpt-load --pin=/sys/fs/bpf/other$' \
		tcpt-stat --pin=/sys/fs/bpf/other
}

# It is a default, and an empty one is none.
test_pin_of_the_environment() {
	offsets >/dev/null
	export TCPT_PIN=/sys/fs/bpf/other
	refused 1 'no trace is loaded at /sys/fs/bpf/other; run: tcpt-guess | tcpt-load --pin=/sys/fs/bpf/other$' tcpt-stat
	assertFalse "a table without a trace" "tcpt-load --probe | grep -q MISSED"
	load_trace auto
	assertTrue "[ -d /sys/fs/bpf/other ] && [ ! -e $pin ]"
	tcpt-load --probe >"$dir/table"
	assertTrue "no table" "grep -q MISSED '$dir/table'"
	refused 1 "no trace is loaded at $pin" tcpt-unload --pin=$pin
	TCPT_PIN='' refused 1 "no trace is loaded at $pin" tcpt-unload
	refused 1 "run: tcpt-guess | tcpt-load --pin=$pin" tcpt-unload --pin="$pin"
	run_peer --cycles 5
	tcpt-watch --drain --format=tsv >"$dir/ev"
	assert_exact "in the place of TCPT_PIN" "$dir/ev" "$dir/record"
	unload_trace
	unset TCPT_PIN
	assertFalse "[ -e /sys/fs/bpf/other ]"
}

# without_bpffs COMMAND: where none is mounted.
without_bpffs() {
	refused "$1" "$2" unshare --mount --propagation private sh -c '
		while umount /sys/fs/bpf 2>/dev/null; do :; done
		'"$3"'; exec tcpt-load --offsets="$0"' "$dir/offsets"
}

test_bpffs_that_cannot_be_mounted() {
	offsets >/dev/null
	without_bpffs 3 'there is no /sys/fs/bpf to mount a bpffs at' 'mount -t tmpfs none /sys/fs'
	refused 3 'no bpffs is mounted at /sys/fs/bpf, .*; run as root: mount -t bpf bpf /sys/fs/bpf$' \
		unshare --mount --propagation private sh -c '
			while umount /sys/fs/bpf 2>/dev/null; do :; done
			exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin \
				tcpt-load --no-verify --offsets="$0"' "$dir/offsets"
}

# without_tracefs FIRST OPTION...: loads where none is mounted, nor can be by the program.
without_tracefs() {
	unshare --mount --propagation private sh -c '
		for place in /sys/kernel/tracing /sys/kernel/debug/tracing; do
			while umount $place 2>/dev/null; do :; done
		done
		$1
		shift
		exec deny fsopen tcpt-load "$@"' sh "$@"
}

test_tracefs_that_is_not_mounted() {
	offsets >/dev/null
	refused 3 'inet_sock_set_state: tracefs is not mounted; run as root: mount -t tracefs tracefs /sys/kernel/tracing$' \
		without_tracefs true --attach=tracepoint --offsets="$dir/offsets"
	TCPT_TEST_WITHOUT=fsopen refused 3 'tracefs is not mounted; run as root: mount' \
		without_tracefs true --attach=tracepoint --offsets="$dir/offsets"
	advice=$(sed 's/.*; run as root: //' "$dir/err")
	without_tracefs "$advice" --attach=tracepoint --offsets="$dir/offsets" 2>"$dir/err"
	assert_says "^tcpt-load: .*$(can_pin tracepoint && echo 'tracing by tracepoint' || echo 'use --hold')"
	[ ! -e $pin ] || tcpt-unload
}

# Names that a shell takes for more than one word.
test_advice_is_quoted() {
	offsets >/dev/null
	odd="$dir/a b; it's"
	mkdir "$odd"
	cp "$dir/offsets" "$odd/offsets"
	chmod 666 "$odd/offsets"
	refused 1 'run: chmod go-w ' tcpt-load --offsets="$odd/offsets"
	sh -c "$(advised | sed 's/, or if you trust.*//')"
	assertEquals 644 "$(stat -c %a "$odd/offsets")"
	odd="/sys/fs/bpf/a b; it's"
	mkdir -m 777 "$odd"
	refused 1 'run: chmod +t ' tcpt-load --offsets="$dir/offsets" --pin="$odd/tcpt"
	sh -c "$(advised)"
	assertEquals 1777 "$(stat -c %a "$odd")"
	load_trace auto --pin="$odd/tcpt"
	chmod 777 "$odd/tcpt"
	assert_refusal 1 'run: chmod go-w ' tcpt-stat --pin="$odd/tcpt"
	sh -c "$(advised)"
	tcpt-stat --pin="$odd/tcpt" >/dev/null || fail "after the advice"
	if [ -n "$keeper" ]; then end_keeper; else tcpt-unload --pin="$odd/tcpt"; fi
	rmdir "$odd"
}

test_without_capabilities() {
	offsets >/dev/null
	refused 3 'run as root' setpriv --bounding-set=-all --inh-caps=-all \
		tcpt-load --offsets="$dir/offsets"
	refused 3 'run as root' setpriv --bounding-set=-all --inh-caps=-all tcpt-guess
}

test_nothing_loaded() {
	refused 1 'run: tcpt-guess | tcpt-load$' tcpt-watch
	refused 1 'no trace is loaded' tcpt-unload
}

test_loaded_twice() {
	load_trace auto
	tcpt-load --offsets="$(offsets)" 2>"$dir/err"
	assertEquals 1 $?
	assert_says "already loaded at $pin"
	tcpt-watch --drain >/dev/null
	assertEquals "the first is still there" 0 $?
	unload_trace
	assertFalse "pins left" "[ -e $pin ]"
}

test_two_readers() {
	load_trace auto
	start_reader "$dir/ev"
	tcpt-watch 2>"$dir/err"
	assertEquals 1 $?
	assert_says "read by tcpt-watch (pid $reader)"
	stop_reader "$dir/ev"
	unload_trace
}

test_reader_ends_with_the_trace() {
	load_trace auto
	start_reader "$dir/ev"
	unload_trace
	wait "$reader"
	assertEquals 0 $?
	reader=
	assertTrue "says '$dir/banner' 'has ended'"
}

test_hold() {
	hold
	tcpt-unload 2>"$dir/err"
	assertEquals 1 $?
	assert_says "held by tcpt-load (pid $keeper)"
	trace_peer hold --cycles 30 --families 4
	end_keeper
	assertFalse "pins left" "[ -e $pin ]"
}

# A keeper that could not clean up: the pins can still be removed.
test_killed_keeper() {
	hold
	kill -9 "$keeper"
	wait "$keeper" 2>/dev/null
	keeper=
	tcpt-unload
	assertEquals 0 $?
	assertFalse "pins left" "[ -e $pin ]"
}

# The offsets really come from the document: with the ports exchanged they come out exchanged.
test_wrong_offsets_give_wrong_values() {
	offsets >/dev/null
	dport=$(sed -n 's/^sock_common.skc_dport=//p' "$dir/offsets")
	num=$(sed -n 's/^sock_common.skc_num=//p' "$dir/offsets")
	sed "s/^sock_common.skc_dport=.*/sock_common.skc_dport=$num/
		s/^sock_common.skc_num=.*/sock_common.skc_num=$dport/" "$dir/offsets" >"$dir/wrong"
	cp "$dir/offsets" "$dir/right"
	cp "$dir/wrong" "$dir/offsets"
	load_trace auto --no-verify
	start_reader "$dir/ev"
	run_peer --cycles 30 --families 4
	stop_reader "$dir/ev"
	unload_trace
	mv "$dir/right" "$dir/offsets"
	events "$dir/ev" >"$dir/got"
	awk -F'\t' -v OFS='\t' '
		function swap(p) { return int(p / 256) + p % 256 * 256 }
		{ s = $5; $5 = swap($7); $7 = swap(s); print }' "$dir/record" | sort >"$dir/expected"
	assertEquals "" "$(diff "$dir/expected" "$dir/got" | head -4)"
}

test_mounts_bpffs() {
	mount_and_load "ls -d $pin/maps && stat -f -c %T /sys/fs/bpf"
	assertEquals "$(cat "$dir/load")" "$pin/maps bpf_fs" "$(xargs <"$dir/out")"
}

suite() {
	add_tests damaged_documents truncated_documents foreign_kernel stdin_from_failed_guess \
		absent_fields_of_a_mode strange_pin_directories advice \
		bpffs_that_cannot_be_mounted without_capabilities nothing_loaded auto \
		loaded_twice two_readers reader_ends_with_the_trace hold killed_keeper \
		wrong_offsets_give_wrong_values mounts_bpffs file_named_btf no_kernel_btf
	! kernel-can btf >/dev/null || suite_addTest offsets_from_btf
	kernel-can kprobe >/dev/null || suite_addTest no_kprobes
	kernel-can perf_link_pin >/dev/null || suite_addTest no_perf_link_pins
}

# shellcheck source=/dev/null
. shunit2
