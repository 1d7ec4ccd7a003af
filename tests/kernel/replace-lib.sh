# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# What the tests of replacing share.

. "${0%/*}/trace-lib.sh"

# Variables of lib.sh, and of those who source this.
# shellcheck disable=SC2034,SC2086,SC2154

modes=$(attach_modes)
keepers=

tearDown() {
	# shellcheck disable=SC2086 # a list
	[ -z "$keepers$keeper" ] || { kill $keepers $keeper; wait $keepers $keeper; } 2>/dev/null
	keepers=
	keeper=
	[ -z "$load" ] || { kill "$load" && wait "$load"; } 2>/dev/null
	load=
	[ ! -d $pin ] || tcpt-unload
	return 0
}

# replace MODE [OPTION...]: by a keeper where links of the mode cannot be pinned.
replace() {
	mode=$1
	shift
	: >"$dir/load"
	if can_pin "$mode"; then
		tcpt-load --offsets="$dir/offsets" --attach="$mode" --replace "$@" 2>"$dir/load" ||
			fail "--replace: $(cat "$dir/load")"
		return
	fi
	tcpt-load --offsets="$dir/offsets" --attach="$mode" --replace --hold "$@" 2>"$dir/load" &
	keepers="$keepers $!"
	await says "$dir/load" held
}

# nth N WORD...: the words in turn
nth() {
	n=$(($1 % ($# - 1) + 2))
	shift $((n - 1))
	echo "$1"
}

# Workload after workload, until there is a file $dir/enough.
keep_busy() {
	until [ -e "$dir/enough" ]; do
		peer --families $families --record "$dir/part" --cycles 500 --clients 8 --servers 3 \
			--rate 600 2>"$dir/peer.err" || return
		cat "$dir/part" >>"$dir/record"
	done
}

# Each id has one beginning, and one close with the duration since then.
assert_continuous() {
	awk -F'\t' -v n="$netns" '
		$16 != n && n != "-" { next }
		$5 == "connect" || $5 == "accept" { began[$4]++ }
		$5 == "close" { closed[$4]++; if ($17 == "-") print "no duration: " $0 }
		END {
			for (id in began) if (began[id] != 1 || closed[id] != 1) print id ": " began[id] " " closed[id]
			for (id in closed) if (!began[id]) print id " was closed only"
		}' "$1" >"$dir/broken"
	assertEquals "$2: broken ids" "" "$(head -n 5 "$dir/broken")"
	assertEquals "$2: lost" "" "$(cut -f 5 "$1" | grep lost)"
}

pins() {
	find $pin | sort
}

links() {
	for link in "$pin"/links/* "$pin"/progs/*; do
		bpftool -j link show pinned "$link" || bpftool -j prog show pinned "$link"
	done 2>/dev/null | grep -o '"id":[0-9]*\|"prog_id":[0-9]*'
}

# assert_settled NAME BEFORE: as many programs as one trace has, and no other pins
assert_settled() {
	await no_more_programs "$2"
	assertEquals "$1: pins" "links maps progs" "$(find $pin -mindepth 1 -maxdepth 1 | sed 's,.*/,,' | sort | xargs)"
}

no_more_programs() {
	[ "$(programs)" -le "$1" ]
}

assert_traces() {
	run_peer --cycles 50 --families 4
	tcpt-watch --format=tsv --drain >"$dir/ev"
	assert_exact "$1" "$dir/ev" "$dir/record"
}
