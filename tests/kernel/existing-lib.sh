# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# What the tests of what is older than the trace share.

. "${0%/*}/trace-lib.sh"

# value KEY: of each line of JSON.
value() {
	sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

read_events() {
	tcpt-watch --format=json --drain >"$dir/json"
}

# columns TYPES KEYS: of the events of these types, tabs between.
columns() {
	grep "\"type\":\"\($1\)\"" "$dir/json" | awk -v keys="$2" '
		function value(key, text) {
			if (!match($0, "\"" key "\":\"?[^,\"}]*"))
				return "-"
			text = substr($0, RSTART, RLENGTH)
			sub(/^"[a-z]*":"?/, "", text)
			return text
		}
		BEGIN { n = split(keys, key, " ") }
		{ for (i = 1; i <= n; i++) printf "%s%s", value(key[i]), i < n ? "\t" : "\n" }'
}

# reported TYPE: ROLE, ends and COOKIE of the events of this type, tabs between.
reported() {
	columns "$1" "role saddr sport daddr dport cookie"
}

# The same of what was held.
held() {
	cut -f5-10 "$dir/held"
}

# Of the namespace's own connections nothing else is in the file.
only_netns() {
	grep "\"netns\":$1[,}]" "$dir/json" >"$dir/json.own"
	mv "$dir/json.own" "$dir/json"
}

assert_same() {
	sort "$2" >"$dir/a"
	sort "$3" >"$dir/b"
	cmp -s "$dir/a" "$dir/b" || {
		diff "$dir/a" "$dir/b" | head
		fail "$mode, $1: differ"
	}
}

map_has() {
	bpftool -j map dump pinned "$pin/maps/$1" | grep -q "\"netns\":$2"
}

# only A B, both A B: lines.
only() {
	awk -v file="$2" 'BEGIN { while ((getline line <file) > 0) is[line] } !($0 in is)' "$1" | head -n 5
}

both() {
	awk -v file="$2" 'BEGIN { while ((getline line <file) > 0) is[line] } $0 in is' "$1" | head -n 5
}
