#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-watch --peek prints what a later reader gets, and takes nothing.

# shunit2 calls the functions.
# shellcheck disable=SC2317
. "${0%/*}/replace-lib.sh"
need root bpf netns raw_tp tracepoint

mode=$(attach_modes | head -n 1)

# watch FILE OPTION...: succeeds, and ends by itself.
watch() {
	file=$1
	shift
	timeout 600 tcpt-watch --format=tsv "$@" >"$file" 2>"$dir/err"
	assert_exit 0 $? "tcpt-watch $*: $(cat "$dir/err")"
	assertEquals "messages of tcpt-watch $*" "" "$(cat "$dir/err")"
}

# timeless FILE: without the times of losses, which are those of the look that found them.
timeless() {
	awk -F'\t' -v OFS='\t' '$5 == "lost" { $1 = "-" } 1' "$1"
}

peek_and_drain() {
	watch "$dir/peek" --peek
	watch "$dir/again" --peek
	watch "$dir/ev" --drain
	timeless "$dir/peek" >"$dir/first"
	assertEquals "$1: looked twice" "" "$(timeless "$dir/again" | diff "$dir/first" -)"
	assertEquals "$1: looked, then taken" "" "$(timeless "$dir/ev" | diff "$dir/first" -)"
	watch "$dir/rest" --peek
	assertEquals "$1: left" "" "$(own "$dir/rest")"
}

test_all_is_left() {
	load_own "$mode"
	run_peer --cycles 100
	watch "$dir/part" --peek --num-events=7
	assertEquals "--num-events" 7 "$(wc -l <"$dir/part")"
	peek_and_drain "one ring"
	assert_exact "peek, then drain" "$dir/ev" "$dir/record"
}

test_losses_are_left() {
	load_own "$mode" --ring-size=64
	run_peer --cycles 300
	peek_and_drain "with losses"
	assertEquals "received and lost" "$(wc -l <"$dir/record")" $(($(own "$dir/ev" | wc -l) + $(lost_at ring)))
	assertNotEquals "lost" 0 "$(lost_at ring)"
}

# What waits in a ring that was replaced comes first, then what is in the new one.
test_all_rings() {
	load_own "$mode" --ring-size=1024
	run_peer --cycles 20
	for size in 2048 4096; do
		replace "$mode" --ring-size=$size
		run_more --cycles 20
	done
	peek_and_drain "three rings"
	assert_exact "three rings" "$dir/ev" "$dir/record"
}

test_nobody_else_reads() {
	load_own "$mode"
	start_reader "$dir/ev"
	assert_refusal 1 "pid $reader" tcpt-watch --peek
	end_reader
}

# shellcheck source=/dev/null
. shunit2
