#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-list: what is open now, compared with what the processes that have it open know
# themselves. Nothing is taken from the trace.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp

holder=

tearDown() {
	[ -z "$holder" ] || { kill "$holder" && wait "$holder"; } 2>/dev/null
	holder=
	[ -z "${lists-}" ] || kill "$lists" 2>/dev/null
	lists=
	[ -z "$load" ] || { kill "$load" && wait "$load"; } 2>/dev/null
	load=
	[ ! -d $pin ] || unload_trace
}

# list_own NETNS OPTION...: what is open there, to $dir/list.
list_own() {
	listed=$1
	shift
	tcpt-list --format=tsv --no-heading --filter="netns=$listed" "$@" >"$dir/list" 2>"$dir/err" ||
		fail "$mode: tcpt-list: $(cat "$dir/err")"
	assertNull "$mode: $(cat "$dir/err")" "$(cat "$dir/err")"
}

# ROLE STATE PID SADDR SPORT DADDR DPORT COOKIE SENT RECEIVED RTT UNREAD. Who waits to be
# accepted has no descriptor that could be asked for a cookie or a time.
compared() {
	awk -F'\t' -v OFS='\t' '{
		if ($4 == "queued")
			$16 = $20 = "-"
		print $3, $4, $5, $10, $11, $12, $13, $16, $18, $19, $20, $22
	}' "$dir/list" | sort
}

# What a mode that does not see accepts knows: not who accepted, and whether somebody has. Of
# what is older it knows who holds it.
as_known() {
	if is_blind && [ "$1" != "older than the trace" ]; then
		awk -F'\t' -v OFS='\t' '$1 == "server" {
			$3 = "-"
			if ($2 == "queued") {
				$2 = "established"
				$8 = $11 = "-"
			}
		} { print }'
	else
		cat
	fi
}

# assert_list NAME
assert_list() {
	grep -v '^listener' "$dir/held" | as_known "$1" | sort >"$dir/expected"
	compared >"$dir/got"
	! is_blind || mask_queued
	cmp -s "$dir/expected" "$dir/got" || {
		diff "$dir/expected" "$dir/got" | head
		fail "$mode, $1: the list (>) is not what is open (<)"
	}
	echo "  $mode, $1: $(wc -l <"$dir/got") open, exact"
}

# The end that waits is known by having carried nothing.
mask_queued() {
	awk -F'\t' -v OFS='\t' '$1 == "server" && $9 + $10 == 0 { $8 = $11 = "-" } { print }' "$dir/got" |
		sort >"$dir/masked"
	mv "$dir/masked" "$dir/got"
}

# assert_same_ids NAME NUMBER: the events come all the same, and have the ids of the list. So
# many connections are not in it.
assert_same_ids() {
	tcpt-watch --format=tsv --drain >"$dir/ev"
	own "$dir/ev" | awk -F'\t' '$5 == "close" { print $4 }' | sort >"$dir/closed"
	cut -f2 "$dir/list" | sort >"$dir/ids"
	grep -v -x -F -f "$dir/ids" "$dir/closed" >"$dir/more"
	assertNull "$mode, $1: listed, and not closed" "$(grep -v -x -F -f "$dir/closed" "$dir/ids")"
	assertEquals "$mode, $1: closed, and not listed: $(cat "$dir/more")" "$2" "$(wc -l <"$dir/more")"
	assertEquals "$mode, $1: ids twice" "" "$(uniq -d "$dir/closed")"
}

opened() {
	for family in 4 6; do
		[ $family = 4 ] || [ $families != 4 ] || continue
		load_own "$mode"
		start_holder live --count 12 --families $family
		list_own "$netns"
		assert_list "IPv$family"
		list_own "$netns"
		assert_list "IPv$family, once more"
		awk -F'\t' '$17 !~ /^[0-9]+$/ || $17 > 600000000000' "$dir/list" >"$dir/ages"
		assertNull "$mode, ages" "$(cat "$dir/ages")"
		end_holder
		assert_same_ids "IPv$family" 0
		assertEquals "$mode, connects" 13 "$(own "$dir/ev" | cut -f5 | grep -c connect)"
		list_own "$netns"
		assertNull "$mode, closed: $(cat "$dir/list")" "$(cat "$dir/list")"
		unload_trace
	done
}

# The end that nobody has accepted before the trace is reported when somebody does.
older() {
	start_holder live --count 6
	sed -i '/queued/d' "$dir/held"
	load_own "$mode"
	list_own "$netns"
	assert_list "older than the trace"
	assertEquals "$mode, ages" - "$(cut -f17 "$dir/list" | sort -u)"
	end_holder
	assert_same_ids "older than the trace" 1
	unload_trace
}

other_netns() {
	load_trace "$mode"
	start_holder unshare --net sh -c 'ip link set lo up && exec live "$@"' sh --count 3
	other=$(sed -n 's/.*ready //p' "$dir/held.err")
	list_own "$other"
	assert_list "of another network namespace"
	list_own "$netns"
	assertNull "$mode, here" "$(cat "$dir/list")"
	end_holder
	unload_trace
}

# While lists are made as fast as it goes, the events are all there.
nothing_is_taken() {
	load_own "$mode"
	start_reader "$dir/ev"
	tcpt-list --interval=10ms --columns=id,sent >"$dir/lists" 2>"$dir/err" &
	lists=$!
	run_peer --cycles 1200 --clients 3 --rate 300
	kill "$lists"
	wait "$lists"
	assert_exit 0 $? "$mode, lists: $(cat "$dir/err")"
	lists=
	stop_reader "$dir/ev"
	count=$(grep -c '^ *ID' "$dir/lists")
	assertTrue "$mode: $count lists" "[ $count -gt 5 ]"
	assert_exact "$mode, beside $count lists" "$dir/ev" "$dir/record"
	unload_trace
}

# What is hidden is not listed.
filtered() {
	load_own "$mode"
	start_holder live --count 4
	port=$(awk '$1 == "listener" { print $3 }' "$dir/held")
	list_own "$netns" --filter="dport=$port"
	assertEquals "$mode, to the listener" client "$(cut -f3 "$dir/list" | sort -u)"
	assertEquals "$mode, to the listener" 5 "$(wc -l <"$dir/list")"
	list_own "$netns" --filter="dport!=$port"
	assertEquals "$mode, from the listener" server "$(cut -f3 "$dir/list" | sort -u)"
	end_holder
	tcpt-filter --add="dport=$port"
	start_holder live --count 4
	list_own "$netns"
	end_holder
	assertEquals "$mode, hidden ones" 0 "$(cut -f3 "$dir/list" | grep -c client)"
	unload_trace
}

listeners() {
	load_own "$mode"
	start_holder live --count 1
	list_own "$netns" --listen
	end_holder
	assertEquals "$mode" "$(grep '^listener' "$dir/held")" \
		"$(awk -F'\t' -v OFS='\t' '{ print "listener", $5, $11, $22 }' "$dir/list")"
	assertEquals "$mode" "listen live" "$(cut -f4,8 "$dir/list" | tr '\t' ' ')"
	unload_trace
}

# assert_sorted NAME OPTION...: the first column, of sort.
assert_sorted() {
	column=$1
	shift
	tcpt-list --no-heading --filter="netns=$netns" --columns="$column" --sort="$column" >"$dir/column"
	sort "$@" "$dir/column" >"$dir/sorted"
	assertTrue "$mode: $column: $(cat "$dir/column")" "cmp -s '$dir/column' '$dir/sorted'"
}

printed() {
	load_own "$mode"
	start_holder live --count 5
	tcpt-list --filter="netns=$netns" >"$dir/text"
	assertEquals "$mode, lines" 13 "$(wc -l <"$dir/text")"
	assertContains "$mode" "$(head -n 1 "$dir/text")" "REMOTE"
	assertContains "$mode, exe" "$(cat "$dir/text")" "/live "
	assert_sorted id -n
	assert_sorted sport -n
	assert_sorted retransmits -n -r
	assert_sorted state
	assert_sorted remote
	COLUMNS=60 tcpt-list --filter="netns=$netns" --color=always >"$dir/text"
	assertContains "$mode, colors" "$(cat "$dir/text")" "$(printf '\033[1mLOCAL')"
	tcpt-list --format=json --filter="netns=$netns" >"$dir/json"
	assertEquals "$mode, json" 12 "$(grep -c '"type":"open"' "$dir/json")"
	if command -v jq >/dev/null; then
		list_own "$netns"
		awk -F'\t' '{ print $2, $4, $11, $18 }' "$dir/list" | sort >"$dir/expected"
		jq -r '"\(.id) \(.state) \(.sport) \(.bytes_sent)"' "$dir/json" | sort >"$dir/got"
		assertTrue "$mode: $(diff "$dir/expected" "$dir/got")" "cmp -s '$dir/expected' '$dir/got'"
	fi
	end_holder
	unload_trace
}

# The rate is known from the second list on. Then the busiest come first.
again_and_again() {
	load_own "$mode"
	start_peer --cycles 100000 --clients 1
	tcpt-list --interval=200ms --num-lists=3 --columns=rate,sent --filter="netns=$netns" >"$dir/text" 2>"$dir/err"
	assert_exit 0 $? "$mode: $(cat "$dir/err")"
	assertEquals "$mode, lists" 3 "$(grep -c '^ *RATE' "$dir/text")"
	assertEquals "$mode, empty lines" 2 "$(grep -c '^$' "$dir/text")"
	tcpt-list --interval=100ms --duration=0.5 --format=tsv >"$dir/text"
	assertEquals "$mode, headings" 1 "$(grep -c '^ts' "$dir/text")"
	kill "$load"
	wait "$load" 2>/dev/null
	load=
	unload_trace
}

test_refusals() {
	[ -d $pin ] && unload_trace
	assert_refusal 1 "nothing is loaded\|no trace" tcpt-list
	assert_refusal 1 "nothing is loaded\|no trace" tcpt-list --listen
}

suite() {
	suite_addTest test_refusals
	add_for_modes opened older other_netns nothing_is_taken filtered listeners printed again_and_again
}

# shellcheck source=/dev/null
. shunit2
