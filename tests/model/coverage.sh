#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Which lines of bpf/*.h no run of the model reaches, in any mode, with at most DEPTH
# deviations (default 2). They have to be those of the list `uncovered` beside this script.
# Functions are not put in line here, so that each line of code has a place of its own.

# shunit2 calls the functions.
# shellcheck disable=SC2317

srcdir=${abs_srcdir:-.}
objects=${abs_builddir:-.}/tests/model
list=$srcdir/tests/model/uncovered
depth=${DEPTH:-2}
clang=${CLANG:-clang}
objdump=${OBJDUMP:-objdump}

for tool in shunit2 "$clang" "$objdump"; do
	command -v "$tool" >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
[ -x "$objects/model" ] || { echo "FAIL: $objects/model is not built"; exit 1; }

# build MODEL [OPTION]: model, or model_slots. Its addresses are those of its line table.
build() {
	# shellcheck disable=SC2086 # may be none
	"$clang" -O0 -gdwarf-4 -fno-pie -w -U_FORTIFY_SOURCE -D__TARGET_ARCH_x86 -DTCPT_ATOMICS $2 \
		-Dalways_inline=noinline -fsanitize-coverage=inline-bool-flag,pc-table,no-prune \
		-I"$srcdir/tests/model/shim" -I"$srcdir/bpf" -I"$srcdir/tests/model" \
		-c -o "$SHUNIT_TMPDIR/$1.o" "$srcdir/tests/model/tracer.c" &&
		find "$objects" -name "$1-*.o" ! -name "$1-tracer.o" -exec \
			"$clang" -no-pie -w -o "$SHUNIT_TMPDIR/$1" "$srcdir/tests/model/coverage.c" "$SHUNIT_TMPDIR/$1.o" {} +
}

# explore MODEL DEPTH: all modes at once. check.sh looks at what is wrong, here nobody does.
explore() {
	for mode in $("$objects/model" --list-modes); do
		MODEL_BLOCKS=$SHUNIT_TMPDIR/$1.blocks.$mode \
			"$SHUNIT_TMPDIR/$1" --budget="$2" --mode="$mode" >"$SHUNIT_TMPDIR/$1.out.$mode" 2>&1 &
	done
	wait
	for mode in $("$objects/model" --list-modes); do
		grep '^[a-z].* states ' "$SHUNIT_TMPDIR/$1.out.$mode" || fail "$1 has not explored $mode"
		[ -s "$SHUNIT_TMPDIR/$1.blocks.$mode" ] || fail "$1 has not said what it reaches in $mode"
	done
}

# pieces MODEL: lines HEADER NUMBER 0|1, of each piece of code that the line table knows. The
# code from the address of a block to that of the next is one block's. Line 0 is nobody's.
pieces() {
	{
		"$objdump" --dwarf=decodedline --wide "$SHUNIT_TMPDIR/$1" | awk '$3 ~ /^0x/ {
			address = sprintf("%16s", substr($3, 3))
			gsub(/ /, "0", address)
			sub(/.*\//, "", $1)
			print address, "line", $1, $2
		}'
		awk '
			{ is_reached[$1] = is_reached[$1] || $2 }
			END { for (block in is_reached) print block, "block", is_reached[block] }
		' "$SHUNIT_TMPDIR/$1".blocks.*
	} | LC_ALL=C sort -s -k1,1 -k2,2 | awk '
		$1 != at && line { print line, is_reached }
		{ at = $1 }
		$2 == "block" { is_reached = $3 }
		$2 == "line" { line = $4 > 0 ? $3 " " $4 : "" }
	'
}

# code: lines "HEADER FUNCTION: TEXT", a tab, and 1 if any run of either model has reached it.
code() {
	{ pieces model && pieces model_slots; } | awk '
		NR == FNR {
			there[$1 " " $2] = 1
			if ($3) reached[$1 " " $2] = 1
			next
		}
		FNR == 1 { header = FILENAME; sub(/.*\//, "", header) }
		/^[a-z].*\(/ {
			name = $0
			sub(/\(.*/, "", name)
			sub(/.*[ *]/, "", name)
		}
		(header " " FNR) in there {
			text = $0
			gsub(/[ \t]+/, " ", text)
			sub(/^ /, "", text)
			printf "%s %s: %s\t%d\n", header, name, text, (header " " FNR) in reached
		}
	' - "$srcdir"/bpf/*.h
}

# keys: what the list has, without comments and reasons.
keys() {
	grep -v -e '^#' -e '^	' "$list"
}

# compare CODE: what is reached and listed, or neither.
compare() {
	keys | awk -F '\t' '
		NR == FNR { listed[$0]++; next }
		{
			all = $1
			sub(/ .*/, " *", all)
			function_of = $1
			sub(/: .*/, ": *", function_of)
			key = all in listed ? all : function_of in listed ? function_of : $1
			if ($2 && key != $1) print "listed, and reached: " $1
			if ($2) next
			if (!listed[key]) print "not reached, and not listed: " $1
			else if (key == $1) listed[key]--
			else is_used[key] = 1
		}
		END {
			for (key in listed)
				if (key ~ /\*$/ ? !is_used[key] : listed[key])
					print "listed, and reached or no longer there: " key
		}
	' - "$1" | LC_ALL=C sort
}

# The figures, a line for each header.
figures() {
	LC_ALL=C sort "$1" | awk -F '\t' '
		function print_line(name, lines, reached) {
			printf "%-16s %5d lines of code %5d reached %5d not\n", name, lines, reached, lines - reached
		}
		{ header = $1; sub(/ .*/, "", header) }
		header != last { if (last) print_line(last, lines, reached); last = header; lines = reached = 0 }
		{ lines++; reached += $2; all++; all_reached += $2 }
		END { print_line(last, lines, reached); print_line("all", all, all_reached) }
	'
}

test_list_is_sorted_and_gives_reasons() {
	assertEquals "the first line that is out of order" "" "$(keys | LC_ALL=C sort -c 2>&1)"
	assertEquals "lines without a reason" "" "$(awk '
		/^#/ { next }
		/^\t/ { key = ""; next }
		{ key = $0 }
		END { if (key) print key }
	' "$list")"
}

test_other_lines_are_reached() {
	{ build model '' && build model_slots -DTCPT_SLOTS; } || { fail "the instrumented programs are not built"; return; }
	explore model "$depth"
	explore model_slots $((depth - 1))
	code >"$SHUNIT_TMPDIR/code"
	figures "$SHUNIT_TMPDIR/code"
	assertEquals "what the list should say" "" "$(compare "$SHUNIT_TMPDIR/code")"
}

# shellcheck disable=SC1091
. shunit2
