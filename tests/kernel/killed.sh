#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-filter is killed at each of its system calls by strace. After the next
# edit, which has nothing to do with that one, the filters select all that the old
# ones selected, or all that the new ones select. What the maps hold bpftool says.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint
command -v strace >/dev/null || {
	echo "needs strace"
	exit 77
}

# bytes FILE NAME: of each such array of JSON, a line of decimal numbers.
bytes() {
	grep -o "\"$2\":\[[^]]*\]" "$1" | sed 's/.*\[//; s/[]",]/ /g; s/0x//g' |
		while read -r line; do
			for byte in $line; do printf '%d ' "0x$byte"; done
			echo
		done
}

# word KEY FIRST BYTE BYTE: the values from FIRST on whose marks are in this word of the map marks.
word() {
	bpftool -j map lookup pinned $pin/maps/marks key "$3" "$4" 0 0 >"$dir/word"
	bytes "$dir/word" value | sed "s/^/word $1 $2 /"
}

# armed: "KEY VALUE" of all that is on, as the programs in the kernel take it: a key whose bit
# is set with each of its values that is marked as selected; of types those whose bit is set.
# The numbers of keys and words are those of bpf/tcpt_abi_filter.h.
armed() {
	bpftool -j map dump pinned $pin/maps/control >"$dir/control"
	bpftool -j map dump pinned $pin/maps/values >"$dir/values"
	bytes "$dir/values" key >"$dir/keys"
	bytes "$dir/values" value >"$dir/of_keys"
	{
		bytes "$dir/control" value | head -n 1 | sed 's/^/control /'
		paste -d ' ' "$dir/keys" "$dir/of_keys" | sed 's/^/single /'
		word 5 0 0 32
		word 8 0 0 0
		word 10 80 5 16
	} | awk '
		function is_set(bits, bit) { return int(bits / 2 ^ bit) % 2 }
		function is_on(key, value) { print key, value; met[key] = 1 }
		$1 == "control" {
			keys = $10 + 256 * $11 + 65536 * $12
			for (type = 0; type < 8; type++) if (is_set($14, type)) print 11, type
			for (key = 0; key < 11; key++) if (is_set(keys, key)) on[key] = 1
			if (keys >= 4096) print "other", "nothing"
		}
		$1 == "single" && $2 in on { if (is_set($26, 0)) is_on($2, $10 + 256 * $11 + 65536 * $12) }
		$1 == "word" && $2 in on { for (n = 0; n < 16; n++) if (is_set($4 + 256 * $5, n)) is_on($2, $3 + n) }
		END { for (key in on) if (!(key in met)) print key, "nothing" }' | sort
}

# selects_all_of FILE: what is armed selects all that the filters in FILE selected: each key
# that is on was on, with all of its values.
selects_all_of() {
	awk '
		FILENAME == ARGV[1] { had[$1]; value[$1, $2]; next }
		{ has[$1]; is[$1, $2] }
		END {
			for (key in has) if (!(key in had)) exit 1
			for (each in value) {
				split(each, part, SUBSEP)
				if (part[1] in has && !(each in is)) exit 1
			}
		}' "$1" "$dir/armed"
}

use_filter() {
	filter=$(command -v tcpt-filter)
	built=${filter%/*}/.libs/tcpt-filter
	if [ -x "$built" ]; then
		LD_LIBRARY_PATH=${filter%/utils/*}/libtcpt/.libs
		export LD_LIBRARY_PATH
		filter=$built
	fi
}

set_to() {
	tcpt-filter --clear
	# shellcheck disable=SC2086 # words
	[ -z "$1" ] || tcpt-filter $1 || fail "tcpt-filter $1"
}

# check_kill NAME: one that has nothing to do with it goes before and comes after.
check_kill() {
	tcpt-filter --watch=1 || fail "$1: --watch"
	tcpt-filter --unwatch=1 || fail "$1: --unwatch"
	armed >"$dir/armed"
	selects_all_of "$dir/old" || selects_all_of "$dir/new" ||
		fail "$1: armed is $(tr '\n' ' ' <"$dir/armed"), old $(tr '\n' ' ' <"$dir/old"), new $(tr '\n' ' ' <"$dir/new")"
	grep nothing "$dir/armed" && fail "$1: a key without values"
	tcpt-filter >"$dir/shown" || fail "$1: tcpt-filter"
	assertEquals "$1: shown" "$(cut -d' ' -f1 "$dir/armed" | sort -u | wc -l)" "$(wc -l <"$dir/shown")"
}

# kills OLD EDIT: at every call of these kinds.
kills() {
	set_to "$1"
	armed >"$dir/old"
	# shellcheck disable=SC2086 # words
	strace -qq -o "$dir/trace" -e trace=bpf,munmap,close "$filter" $2 || fail "tcpt-filter $2"
	armed >"$dir/new"
	for call in bpf munmap close; do
		count=$(grep -c "^$call(" "$dir/trace")
		at=1
		while [ "$at" -le "$count" ]; do
			set_to "$1"
			# shellcheck disable=SC2086 # words
			strace -qq -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$at \
				"$filter" $2 >/dev/null 2>&1
			assertEquals "it is killed" 137 $?
			check_kill "'$1', then $2 killed at $call $at of $count"
			runs=$((runs + 1))
			at=$((at + stride))
		done
	done
}

stride=1
[ -z "$emulated" ] || stride=7

test_kills() {
	runs=0
	load_trace auto
	use_filter
	kills "" "--add=dport=80,81,82"
	kills "" "--add=type=connect,close --add=uid=5"
	kills "--add=dport=80,81" "--add=sport=1,2"
	kills "--add=dport=80,81" "--clear"
	kills "--add=dport=80,81 --add=uid=7" "--remove=uid=7 --add=dport=82"
	kills "--add=dport=80,81 --add=type=close" "--clear --add=dport=90,91 --add=family=4"
	echo "  $runs kills"
	unload_trace
}

# shellcheck source=/dev/null
. shunit2
