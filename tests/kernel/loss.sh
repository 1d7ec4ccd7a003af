#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What finds no room: in the ring, among the connections, among the connects. In
# each attach mode, what is received and what is reported as lost is what was done.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

# With maps of so many entries.
load_small() {
	TCPT_TEST_ENTRIES=$1
	export TCPT_TEST_ENTRIES
	load_own "$mode"
	unset TCPT_TEST_ENTRIES
}

# drain [OPTION...]: adds to $dir/ev.
drain() {
	timeout 600 tcpt-watch --format=tsv --drain "$@" >>"$dir/ev"
}

# A number by its key, of the sum of tcpt-stat.
counter() {
	tcpt-stat --format=json | sed "s/.*\"sum\":{\([^}]*\)}.*/\1/; s/^\(.*,\)\{0,1\}\"$1\":\([0-9]*\).*/\2/"
}

# "CPU EVENTS LOST" of the processors on which there were any.
counters() {
	tcpt-stat --all | awk '$1 == "CPU" { on = 1 } on && !NF { exit } on && /^[0-9]/ && $2 { print $1, $2, $3 }'
}

# The same by the lines of $dir/ev: an event's number or a loss, and by the last total. Says what
# comes twice, and which total does not follow.
reported() {
	awk -F'\t' '
		$5 == "lost" && $31 != "ring" { next }
		$5 == "lost" && $32 - $20 != lost[$2] { print "cpu", $2, "lost", $20, "of", $32, "after", lost[$2] }
		$5 == "lost" { lost[$2] = $32; cpus[$2] = 1; next }
		($2, $3) in seen { print "cpu", $2, "has", $3, "twice" }
		{ seen[$2, $3] = 1; got[$2]++; cpus[$2] = 1 }
		END { for (cpu in cpus) print cpu, got[cpu] + lost[cpu], lost[cpu] + 0 }' "$dir/ev" | sort -n
}

# Nothing but what was done was received.
assert_part() {
	events "$dir/ev" >"$dir/got"
	sort "$dir/record" >"$dir/done"
	assertEquals "$mode, $1: never happened" "" "$(diff "$dir/done" "$dir/got" | grep '^>' | head -n 3)"
}

# Several readers while it goes on, and one afterwards.
tiny_ring() {
	load_own "$mode" --ring-size="$1"
	: >"$dir/ev"
	start_peer --cycles 1000 --clients 4 --rate 800
	readers=1
	while peer_runs; do
		drain
		readers=$((readers + 1))
	done
	wait_peer
	drain
	assert_part "ring of $1 KiB"
	got=$(wc -l <"$dir/got")
	lost=$(lost_at ring)
	assertEquals "$mode, ring of $1 KiB: $got received and $lost lost" 4000 $((got + lost))
	assertEquals "$mode, ring of $1 KiB: numbers and counters" "$(counters)" "$(reported)"
	assertEquals "$mode: lost elsewhere" "0 0" "$(lost_at conns) $(lost_at pending)"
	echo "  $mode, ring of $1 KiB, $readers readers: $got received, $lost lost"
	unload_trace
}

tiny_rings() {
	tiny_ring 4
	tiny_ring 64
}

# Nobody reads: it is all in the ring's last record, and reported at the end, once.
unread_ring() {
	load_own "$mode" --ring-size=4
	run_peer --cycles 300
	: >"$dir/ev"
	tcpt-watch --format=tsv --num-events=5 --fail-on-loss >>"$dir/ev"
	assertEquals "$mode: status of a reader that has enough" 1 $?
	lost=$(lost_at ring)
	assertTrue "$mode: $lost lost" "[ $lost -gt 1000 ]"
	drain --fail-on-loss
	assertEquals "$mode: status of the next one" 0 $?
	got=$(events "$dir/ev" | wc -l)
	assertEquals "$mode: $got received and $lost lost" "1200 $lost" "$((got + lost)) $(lost_at ring)"
	unload_trace
}

# Runs and calls that programs have missed, as far as the kernel counts them.
missed() {
	tcpt-stat --format=prometheus | awk '/^tcpt_program_/ { n += $2 } END { print n + 0 }'
}

# assert_about NAME EXPECTED ACTUAL: the same, but for what programs have missed.
assert_about() {
	assertTrue "$mode, $1: $3, not $2, $missed missed" "[ $(($3 - $2)) -le $missed ] && [ $(($2 - $3)) -le $missed ]"
}

# All is reported, and the closes of what was not remembered are the ones without a role.
# Where a program was not run there is no memory that would help to make up for it.
full_conns() {
	load_small conns:2
	: >"$dir/ev"
	run_peer --cycles 300 --clients 4 --servers 2
	drain --fail-on-loss
	assertEquals "$mode: status with conns full" 1 $?
	assert_part "conns full"
	missed=$(missed)
	assert_about "room for two connections: received" 1200 "$(wc -l <"$dir/got")"
	poor=$(awk -F'\t' '$5 == "close" && $6 == "-"' "$dir/ev" | wc -l)
	lost=$(lost_at conns)
	assertTrue "$mode: $poor closes without role" "[ $poor -gt 10 ]"
	# Others have connections too, natively; none of them is reported.
	if [ -n "${TCPT_VM-}" ] || [ "$lost" -lt "$poor" ]; then
		assert_about "closes without role, and not remembered" "$poor" "$lost"
	fi
	echo "  $mode, room for two: $(wc -l <"$dir/got") received, $lost not remembered, $poor without role, $missed missed"
	assertEquals "$mode: counter" "$lost" "$(counter conns_full)"
	assertEquals "$mode: lost elsewhere" "0 0" "$(lost_at ring) $(lost_at pending)"
	drain --fail-on-loss
	assertEquals "$mode: reported once" "0 $lost" "$? $(lost_at conns)"
	unload_trace
}

# Connects that nobody answers take all the room there is, and those that are
# refused meanwhile find none.
full_pending() {
	load_small pending:8
	: >"$dir/ev"
	run_peer --unanswered 12 --refused 30
	drain --fail-on-loss
	assertEquals "$mode: status with pending full" 1 $?
	assert_part "pending full"
	missed=$(missed)
	assert_about "pending full: received" 8 "$(wc -l <"$dir/got")"
	assert_about "pending full: received and lost" 42 $(($(wc -l <"$dir/got") + $(lost_at pending)))
	assertEquals "$mode: counter" "$(lost_at pending)" "$(counter fails_lost)"
	unload_trace
}

# A connect that is older than the trace and fails is no loss.
not_full() {
	load_small pending:50
	: >"$dir/ev"
	run_peer --unanswered 12 --refused 30
	drain --fail-on-loss
	assertEquals "$mode: status" 0 $?
	assert_exact "$mode, pending not full" "$dir/ev" "$dir/record"
	unload_trace
}

# hide_many FILTER: more are hidden than there is room for, while they live and while
# they connect; what is reported beside them is whole, and nothing is lost.
hide_many() {
	tcpt-filter --add="$1"
	start_holder holder --count 100
	hidden=$holder
	run_peer --unanswered 12 --refused 30
	tcpt-filter --remove="$1"
	start_holder holder --count 10
	tcpt-filter --add="$1"
	end_holder
	await_end "$hidden" held
	: >"$dir/ev"
	drain --fail-on-loss
	assertEquals "$mode, $1: status" 0 $?
	tcpt-filter --remove="$1"
	assertEquals "$mode, $1" "10 accept $holder
20 close $holder
10 connect $holder" "$(awk -F'\t' -v n="$netns" '$16 == n { print $5, $7 }' "$dir/ev" | sort | uniq -c | sed 's/^ *//')"
	assertEquals "$mode, $1: lost" "0 0 0 0" "$(counter lost) $(counter conns_full) $(counter pending_full) $(counter fails_lost)"
}

hidden_take_no_room() {
	[ "$netns" != - ] || return 0
	load_small conns:40,pending:8
	for filter in dport=1 uid=4242 pid=1 sport=1,2; do
		# The local port is not known there while a connect is under way.
		[ "$mode $filter" != "tracepoint sport=1,2" ] || continue
		hide_many $filter
	done
	unload_trace
}

# Those of which not even that is remembered are decided about at their close.
many_hidden() {
	load_small hidden:8
	run_peer --cycles 10
	tcpt-filter --add=dport=1
	start_holder holder --count 100
	run_peer --unanswered 12 --refused 30 --cycles 300 --clients 4
	end_holder
	: >"$dir/ev"
	drain --fail-on-loss
	assertEquals "$mode, hidden full: status" 0 $?
	assertEquals "$mode, hidden full: reported" 40 "$(events "$dir/ev" | wc -l)"
	assertEquals "$mode, hidden full: lost" "0 0 0 0" "$(counter lost) $(counter conns_full) $(counter pending_full) $(counter fails_lost)"
	unload_trace
}

suite() {
	add_for_modes tiny_rings unread_ring full_conns full_pending not_full hidden_take_no_room \
		many_hidden
}

# shellcheck source=/dev/null
. shunit2
