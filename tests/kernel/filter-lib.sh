# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# Traces with filters, and what they are to report. To be sourced.

# shellcheck source=tests/kernel/trace-lib.sh
. "${0%/*}/trace-lib.sh"

# A record's columns: type pid comm saddr sport daddr dport netns. Only ends of
# the connections that pass, whoever closes them: the client's or the server's.
# select AWK-CONDITION: record lines, in the form of the events.
select_record() {
	awk -F'\t' "$1" "$dir/record" | grep -v '^refused' | sort >"$dir/expected"
}

# assert_filtered NAME: the events of this namespace are $dir/expected.
assert_filtered() {
	events "$dir/ev" >"$dir/got"
	if ! cmp -s "$dir/got" "$dir/expected"; then
		diff "$dir/expected" "$dir/got" | head -10
		fail "$mode, $1: differ"
	fi
	assert_numbered "$1"
	echo "  $mode, $1: $(wc -l <"$dir/got") of $(wc -l <"$dir/record") events, exact"
}

# Per processor the numbers have no gaps, and nothing counts as lost.
assert_numbered() {
	assertEquals "$mode, $1: lost" 0 "$(awk -F'\t' '$5 == "lost"' "$dir/ev" | wc -l)"
	assertEquals "$mode, $1: gaps" "" "$(sort -t"$tab" -k2,2n -k3,3n "$dir/ev" |
		awk -F'\t' 'NR > 1 && $2 == cpu && $3 != seq + 1 { print } { cpu = $2; seq = $3 }')"
}

# trace_filtered NAME AWK-CONDITION PEER-OPTION...
trace_filtered() {
	name=$1
	condition=$2
	shift 2
	start_reader "$dir/ev"
	run_peer "$@"
	stop_reader "$dir/ev"
	select_record "$condition"
	assert_filtered "$name"
}

# filtered FILTERS AWK-CONDITION: these filters alone, and their events.
filtered() {
	filters=$1
	condition=$2
	edit=
	set -f
	for filter in $filters; do
		edit="$edit --add=$filter"
	done
	# shellcheck disable=SC2086 # words
	tcpt-filter --clear $edit || fail "$filters"
	set +f
	trace_filtered "$filters" "$condition" --cycles 100
}
