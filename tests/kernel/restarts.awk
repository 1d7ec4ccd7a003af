# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What several readers, one after the other, have appended to a file (tsv).
#
#   starts   the first line of each reader, in order, in a list with spaces
#   window   how many bytes a reader may print again of what came before it
#   out      a file for the events, each once
#
# In the ring events have an order, and each reader prints from some point on: of
# what was printed before, at most the last lines, in the same order and
# identical; then only what is new. Prints what is not so, and last a line
# `DISTINCT REPEATED BROKEN LOST'. LOST is the sum of the largest totals.

BEGIN {
	FS = "\t"
	readers = split(starts, first, " ")
	reader = 0
	known = 0 # distinct events so far, in the order of the ring
	furthest = 0 # where the reader before has begun
}

function is_whole() {
	return NF == 32 && ($32 == "-" || $5 == "lost" && $32 ~ /^[1-9][0-9]*$/)
}

function wrong(what) {
	if (++faults <= 5)
		print "line " NR ", reader " reader ": " what
}

function lose(key) {
	if ($32 - $20 > total[key] + 0)
		wrong("losses between " total[key] + 0 " and " $32 - $20 " are not reported: " $0)
	if ($32 - $20 < total[key] + 0 && !window)
		wrong("losses are reported twice: " $0)
	if ($32 > total[key] + 0) {
		lost += $32 - total[key]
		total[key] = $32
	}
}

# The first event of a reader says where it goes on. Only so much is kept for comparison.
function begin(key,    i, bytes) {
	at = key in index_of ? index_of[key] : known
	for (i = at; i < known; i++)
		bytes += length(line[i % 4096]) + 1
	if (bytes > window)
		wrong(bytes " bytes come again, " known - at " lines")
	if (at < furthest)
		wrong("goes on before the reader before it")
	furthest = at
	begun = 1
}

{
	while (reader < readers && NR >= first[reader + 1]) {
		reader++
		begun = 0
	}
	if (!is_whole()) {
		broken++
		next
	}
	if ($5 == "lost") {
		lose($2 SUBSEP $31)
		next
	}
	key = $2 SUBSEP $3
	if (!begun)
		begin(key)
	if (at < known) {
		if (line[at % 4096] != $0)
			wrong("comes again in another way: " $0)
		repeated++
	} else {
		if (key in index_of)
			wrong("comes again, but not at the start: " $0)
		index_of[key] = known
		line[known++ % 4096] = $0
		print >out
	}
	at++
}

END { print known + 0, repeated + 0, broken + 0, lost + 0 }
