#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The flight recorder keeps the last events of each processor, whether somebody reads or not,
# and a reader says how many there were before them.

# The tests of a mode are called by name; $member is a command, and $processors a list.
# shellcheck disable=SC2317,SC2086,SC2046
. "${0%/*}/replace-lib.sh"
need root bpf netns raw_tp

group=4242
cursor=$pin/maps/cursor
processors=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr , '\n' |
	awk -F- '{ for (i = $1; i <= $NF; i++) print i }')
possible=$(awk -F- '{ print $NF + 1 }' /sys/devices/system/cpu/possible)

# watch FILE OPTION...: succeeds, and ends by itself.
watch() {
	file=$1
	shift
	timeout 600 tcpt-watch --format=tsv "$@" >"$file" 2>"$dir/err"
	assert_exit 0 $? "tcpt-watch $*: $(cat "$dir/err")"
}

# What a reader of $dir/ev has said to be overwritten; of one processor, if that is given.
overwritten() {
	awk -F'\t' -v cpu="${1-}" '$5 == "overwritten" && (cpu == "" || $2 == cpu) { n += $20 } END { print n + 0 }' "$dir/ev"
}

# The same as tcpt-stat says it.
stat_overwritten() {
	tcpt-stat --format=json "$@" | sed 's/.*"sum":{[^}]*"overwritten":\([0-9]*\).*/\1/'
}

# load_recorder LACK SLOTS [OPTION...]: so many slots for each processor.
load_recorder() {
	TCPT_TEST_WITHOUT=$1
	export TCPT_TEST_WITHOUT
	levels=1
	case $1 in *atomics*) levels=2 ;; esac
	bytes=$(($2 * 192 * possible * levels))
	shift 2
	load_own "$mode" --recorder=$(((bytes + 1023) / 1024)) "$@"
	unset TCPT_TEST_WITHOUT
}

# Programs of fentry can be preempted wherever the kernel lacks no atomics.
lacks_not_for_fentry() {
	case $lack,$mode in *atomics*,fentry) return 1 ;; esac
}

# on_each CYCLES: on each processor a workload of its own, of four events a cycle.
on_each() {
	: >"$dir/all"
	for processor in $processors; do
		rm -f "$dir/part"
		taskset -c "$processor" peer --families 4 --cycles "$1" --record "$dir/part" 2>"$dir/peer.err" ||
			fail "peer: $(cat "$dir/peer.err")"
		cat "$dir/part" >>"$dir/all"
	done
	mv "$dir/all" "$dir/record"
}

# assert_consecutive NAME FILE: the numbers of each processor.
assert_consecutive() {
	assertEquals "$1: numbers" "" "$(awk -F'\t' '$3 != "-" { if (n[$2] && $3 != n[$2] + 1) print $2, n[$2], $3; n[$2] = $3 }' "$2" | head -n 3)"
}

# timeless FILE: without the times of what is said of others.
timeless() {
	awk -F'\t' -v OFS='\t' '$5 == "overwritten" { $1 = "-" } 1' "$1"
}

# assert_true NAME: no event of $dir/ev has never happened, or comes twice.
assert_true() {
	grep -v 'lost\|overwritten' "$dir/ev" >"$dir/reported"
	events "$dir/reported" >"$dir/got"
	known <"$dir/record" | sort >"$dir/done"
	assertEquals "$1: never happened" "" "$(diff "$dir/done" "$dir/got" | grep '^>' | head -n 3)"
	assertEquals "$1: twice" "" "$(cut -f 2,3 "$dir/reported" | sort | uniq -d | head -n 3)"
}

# ---- in each mode ----

# Each processor overwrites all of what it did first, and has room for what it does then, and
# for no more. The second workload is what is left.
exact() {
	for lack in nothing mmap ringbuf,atomics ringbuf,atomics,mmap; do
		lacks_not_for_fentry || continue
		load_recorder $lack 64
		on_each 50
		on_each 16
		before=$(stat_overwritten)
		watch "$dir/peek" --peek
		watch "$dir/again" --peek
		timeless "$dir/peek" >"$dir/first"
		assertEquals "$mode, lacking $lack: looked twice" "" "$(timeless "$dir/again" | diff "$dir/first" -)"
		watch "$dir/ev" --drain --fail-on-loss
		assertEquals "$mode, lacking $lack: looked, then taken" "" "$(timeless "$dir/ev" | diff "$dir/first" -)"
		assert_exact "$mode, lacking $lack: the last of each processor" "$dir/ev" "$dir/record"
		assert_consecutive "$mode, lacking $lack" "$dir/ev"
		for processor in $processors; do
			assertEquals "$mode, lacking $lack: overwritten on $processor" 200 "$(overwritten "$processor")"
		done
		assertEquals "$mode, lacking $lack: lost" 0 "$(lost_at ring)"
		assertEquals "$mode, lacking $lack: as tcpt-stat says before" "$(overwritten)" "$before"
		assertEquals "$mode, lacking $lack: and afterwards" "$(overwritten)" "$(stat_overwritten)"
		watch "$dir/rest" --peek
		assertEquals "$mode, lacking $lack: left" "" "$(own "$dir/rest")"
		on_each 10
		watch "$dir/ev" --drain
		assert_exact "$mode, lacking $lack: afterwards" "$dir/ev" "$dir/record"
		assertEquals "$mode, lacking $lack: overwritten afterwards" 0 "$(overwritten)"
		unload_trace
	done
}

# A reader that is slower than the programs.
chased() {
	for lack in nothing mmap; do
		load_recorder $lack 32
		start_reader "$dir/ev"
		start_peer --cycles 2000 --clients 8 --servers 2
		while peer_runs; do
			kill -STOP "$reader"
			sleep 0.05
			kill -CONT "$reader"
			sleep 0.01
		done
		wait_peer
		end_reader
		watch "$dir/more" --drain
		cat "$dir/more" >>"$dir/ev"
		assert_true "$mode, lacking $lack"
		reported=$(wc -l <"$dir/reported")
		over=$(overwritten)
		lost=$(lost_at ring)
		echo "  $mode, lacking $lack: $reported events, $over overwritten, $lost lost, of $(wc -l <"$dir/record")"
		assertEquals "$mode, lacking $lack: all in all" "$(wc -l <"$dir/record")" $((reported + over + lost))
		assertTrue "$mode, lacking $lack: $reported and $over" "[ $reported -gt 0 ] && [ $over -gt 0 ]"
		assertEquals "$mode, lacking $lack: passed over" 0 "$(lost_at position)"
		assertEquals "$mode, lacking $lack: as tcpt-stat says" "$over" "$(stat_overwritten)"
		unload_trace
	done
}

suite() {
	add_for_modes exact chased
	add_tests killed_readers follows taps words replaced becomes_one forged
}

# ---- readers ----

# Each number is printed, or said to be overwritten. What a killed reader has printed and not
# acknowledged may come again, or be counted as overwritten by the next.
test_killed_readers() {
	mode=auto
	for lack in nothing mmap; do
		load_recorder $lack 128
		start_peer --cycles 1500 --clients 4 --rate 2000
		read_by_killed 0.1
		whole "$dir/ev" | awk -F'\t' '$5 == "overwritten" || !seen[$2, $3]++' >"$dir/once"
		mv "$dir/once" "$dir/ev"
		assert_true "lacking $lack, $killed readers killed"
		reported=$(wc -l <"$dir/reported")
		total=$(awk -F'\t' '$5 == "overwritten" { n[$2] = $32 } END { for (cpu in n) sum += n[cpu]; print sum + 0 }' "$dir/ev")
		echo "  lacking $lack, $killed readers killed: $reported events, $total overwritten"
		assertTrue "lacking $lack: $reported and $total" "[ $((reported + total)) -ge 6000 ] && [ $reported -gt 0 ] && [ $total -gt 0 ]"
		run_peer --cycles 10
		watch "$dir/ev" --drain
		assert_exact "afterwards" "$dir/ev" "$dir/record"
		unload_trace
	done
}

# One that comes late, and stays, also when the trace is another one.
test_follows() {
	mode=auto
	load_recorder nothing 64
	on_each 30
	start_reader "$dir/ev" --follow
	await lines_reach "$dir/ev" 64
	on_each 10
	cp "$dir/record" "$dir/both"
	kill -0 "$reader" || fail "the reader has ended"
	await grep -q "$(tail -n 1 "$dir/record" | cut -f 4-7 | tr -d '\n')" "$dir/ev"
	unload_trace
	await says "$dir/banner" 'waiting for the next one'
	load_recorder nothing 64
	await lines_reach "$dir/banner" 3
	on_each 10
	cat "$dir/record" >>"$dir/both"
	await grep -q "$(tail -n 1 "$dir/record" | cut -f 4-7 | tr -d '\n')" "$dir/ev"
	end_reader
	tail -n "$(wc -l <"$dir/both")" "$dir/ev" >"$dir/last"
	assert_exact "what came while it was there" "$dir/last" "$dir/both"
	for processor in $processors; do
		assertEquals "overwritten on $processor" 56 "$(overwritten "$processor")"
	done
}

test_taps() {
	mode=auto
	load_recorder nothing 64 --taps=2
	on_each 20
	watch "$dir/ev" --drain --tap=2
	assertEquals "the first reader of tap 2" $(($(echo $processors | wc -w) * 16)) "$(overwritten)"
	on_each 16
	for tap in 1 2; do
		expected=$((tap == 1 ? 80 : 0))
		watch "$dir/ev" --drain --tap=$tap
		assert_exact "tap $tap" "$dir/ev" "$dir/record"
		for processor in $processors; do
			assertEquals "tap $tap: overwritten on $processor" $expected "$(overwritten "$processor")"
		done
	done
	assertEquals "by tcpt-stat, tap 1" $(($(echo $processors | wc -w) * 80)) "$(stat_overwritten)"
	assertEquals "by tcpt-stat, tap 2" $(($(echo $processors | wc -w) * 16)) "$(stat_overwritten --tap=2)"
	tcpt-stat | grep -q '^tap 2 .*none, slots 0 % full, [1-9][0-9]* overwritten$' || fail "$(tcpt-stat)"
}

# What the programs say of it.
test_words() {
	mode=auto
	load_recorder nothing 32
	on_each 20
	all=$(($(echo $processors | wc -w) * 48))
	timeout 600 tcpt-watch --peek --time=utc >"$dir/out"
	first=${processors%%[!0-9]*}
	grep -q "^-- 48 events overwritten on cpu $first, 48 in all, at 20.*Z --\$" "$dir/out" ||
		fail "$(grep -- -- "$dir/out")"
	timeout 600 tcpt-watch --peek --format=json >"$dir/out"
	grep -q "^{\"ts\":[0-9]*,\"time\":\"[^\"]*\",\"cpu\":$first,\"type\":\"overwritten\",\"count\":48,\"total\":48}\$" "$dir/out" ||
		fail "$(grep overwritten "$dir/out")"
	timeout 600 tcpt-watch --peek --type=fail --format=tsv >"$dir/ev"
	assertEquals "with --type" "$all" "$(overwritten)"
	timeout 600 tcpt-watch --peek --count=type --format=tsv >"$dir/out"
	assertEquals "with --count" "$all" "$(sed -n "s/^#overwritten$tab//p" "$dir/out")"
	tcpt-stat >"$dir/out"
	grep -q '^complete yes, but for what was overwritten$' "$dir/out" || fail "$(cat "$dir/out")"
	grep -q "^recorder $all events were overwritten before they were read\$" "$dir/out" || fail "$(cat "$dir/out")"
	assertEquals "JSON" '"store":"slots","recorder":true' "$(tcpt-stat --format=json | grep -o '"store":"slots","recorder":[a-z]*')"
	tcpt-stat --format=prometheus >"$dir/out"
	grep -q '^tcpt_trace_info.*store="slots",recorder="true"' "$dir/out" || fail "$(grep info "$dir/out")"
	grep -q "^tcpt_events_overwritten_total{cpu=\"$first\"} 48\$" "$dir/out" || fail "$(grep overwritten "$dir/out")"
	unload_trace
	load_own auto --store=slots
	assertEquals "no recorder" "" "$(tcpt-stat --format=prometheus | grep overwritten)"
	assertEquals "no recorder, JSON" '"recorder":false' "$(tcpt-stat --format=json | grep -o '"recorder":[a-z]*')"
}

# ---- replacements ----

test_replaced() {
	mode=auto
	load_recorder nothing 64
	on_each 20
	replace auto
	on_each 16
	watch "$dir/ev" --peek
	assert_exact "replaced" "$dir/ev" "$dir/record"
	assert_consecutive replaced "$dir/ev"
	assertEquals "rings" ring "$(cd $pin/maps && echo ring*)"
	assert_refusal 1 'is a flight recorder.*leave out --store' \
		tcpt-load --offsets="$dir/offsets" --replace --store=ring
	replace auto --ring-size=$((32 * 192 * possible / 1024))
	assertEquals "still one" '"recorder":true' "$(tcpt-stat --format=json | grep -o '"recorder":[a-z]*')"
	mv "$dir/record" "$dir/old"
	on_each 20
	watch "$dir/ev" --drain
	for processor in $processors; do
		assertEquals "overwritten on $processor" $((80 + 48)) "$(overwritten "$processor")"
	done
	events "$dir/ev" >"$dir/got"
	known <"$dir/old" | sort >"$dir/done"
	assertEquals "missing of the old ring" "" "$(comm -13 "$dir/got" "$dir/done")"
	assertEquals "events" $(($(echo $processors | wc -w) * (64 + 32))) "$(own "$dir/ev" | wc -l)"
	assertEquals "rings in the end" ring "$(cd $pin/maps && echo ring*)"
}

# A trace that is none becomes one. Its reader goes on.
test_becomes_one() {
	mode=auto
	load_own auto
	on_each 10
	mv "$dir/record" "$dir/old"
	replace auto --recorder=$((64 * 192 * possible / 1024))
	on_each 30
	on_each 16
	cat "$dir/old" >>"$dir/record"
	watch "$dir/ev" --drain
	assert_exact "the ring, then the recorder" "$dir/ev" "$dir/record"
	for processor in $processors; do
		assertEquals "overwritten on $processor" 120 "$(overwritten "$processor")"
	done
	assertEquals "as tcpt-stat says" "$(overwritten)" "$(stat_overwritten)"
}

# ---- what others can write ----

# write_cursor BYTES: eight times the byte, into each word of each entry.
write_cursor() {
	for cpu in $(seq 0 $((possible - 1))); do
		$member bpftool map update pinned $cursor key "$cpu" 0 0 0 value hex \
			$(for _ in 1 2 3 4 5 6 7 8; do echo "$@"; done) 2>"$dir/update" || fail "bpftool: $(cat "$dir/update")"
	done
}

test_forged() {
	mode=auto
	member=
	options=
	if kernel-can plain_maps >/dev/null; then
		member="setpriv --reuid=1000 --regid=1000 --groups=$group --bounding-set=-all --inh-caps=-all --ambient-caps=-all --"
		options=--group=$group
	fi
	load_recorder nothing 64 $options
	for forged in '0 0 0 0 0 0 0 0' '1 0 0 0 0 0 0 0' '0 0 0 0 0 1 0 0' 'ff ff ff ff ff ff ff ff' \
		'ff 0 0 0 0 0 0 0' '0 0 0 0 0 0 0 80' '9 9 9 9 9 9 9 9'; do
		on_each 40
		on_each 16
		write_cursor $forged
		timeout 600 tcpt-watch --format=tsv --drain >"$dir/ev" 2>"$dir/err"
		assert_true "$forged"
		on_each 16
		watch "$dir/ev" --drain
		assert_exact "$forged: afterwards" "$dir/ev" "$dir/record"
		assertEquals "$forged: overwritten afterwards" 0 "$(overwritten)"
		assertEquals "$forged: messages afterwards" "" "$(cat "$dir/err")"
	done
	on_each 16
	$member timeout 600 tcpt-watch --format=tsv --drain >"$dir/ev" || fail "a member reads"
	assert_exact "a member reads" "$dir/ev" "$dir/record"
}

# shellcheck source=/dev/null
. shunit2
