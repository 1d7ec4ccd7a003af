#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A pinned map that is not as the programs expect it, whoever has put it there,
# is refused with a line that names it, by all who open it; and what is pinned
# in the place of something else is too. tcpt-unload still removes all.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint

# Of all maps there are some that are too small, too large, or of another kind:
# MAP TYPE KEY VALUE ENTRIES FLAGS
shapes='counters array 4 8 1 0x400
	counters array 4 65536 8 0x400
	counters array 4 128 8 0
	counters hash 4 128 8 0
	counters percpu_array 4 128 1 0
	cursor array 4 8 1 0x400
	cursor array 4 32768 8 0x400
	cursor array 4 40 8 0
	control array 4 8 1 0x400
	control array 4 4096 1 0x400
	control array 4 24 1 0
	filters hash 256 1 1024 0
	filters hash 16 4096 1024 0
	filters hash 16 1 4 0
	filters array 4 1 1024 0
	meta array 4 8 1 0
	meta array 4 2097152 1 0
	meta percpu_array 4 4192 1 0
	meta hash 64 4192 1 0
	ring array 4 4096 1 0x400
	ring array 4 184 1 0
	conns hash 8 8 64 0
	pending hash 8 2048 64 0
	hidden hash 8 8 64 0
	existing hash 8 8 64 0
	unannounced hash 8 64 64 0
	left_out hash 24 4 64 0
	left_out array 4 144 1 0x400
	fds_reported hash 8 8 64 0
	values hash 16 4 1024 0
	marks array 4 8 8193 0
	networks hash 16 4 1024 0
	fd_calls hash 8 1 64 0
	shutdowns hash 8 64 64 0'

# Who opens which; a replacement takes over all but the description, which it reads.
openers() {
	case $1 in
	counters) echo watch stat replace ;;
	cursor) echo watch replace ;;
	control | filters) echo filter edit replace ;;
	meta) echo watch stat filter edit replace ;;
	ring) echo watch stat replace ;;
	*) echo replace ;;
	esac
}

run_watch() {
	tcpt-watch --drain
}

run_stat() {
	tcpt-stat
}

run_filter() {
	tcpt-filter
}

run_edit() {
	tcpt-filter --add=sport=80,81,82,83,84
}

# A map that is not refused would be held for ever.
run_replace() {
	timeout 60 tcpt-load --offsets="$dir/offsets" --replace --hold
}

# refused PATTERN PROGRAM: with one line and status 1, and nothing is printed.
refused() {
	"run_$2" >"$dir/out" 2>"$dir/err" </dev/null
	assert_exit 1 $? "$case: status of $2: $(cat "$dir/err")"
	assertEquals "$case: lines of $2: $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
	grep -q "$1" "$dir/err" || fail "$case: $2 says: $(cat "$dir/err")"
	assertEquals "$case: $2 printed" 0 "$(wc -c <"$dir/out")"
}

says_of() {
	case $1 in
	meta) echo "$pin was not made by tcpt\|$pin/maps/meta is not the map\|was not made by tcpt" ;;
	*) echo "$pin/maps/$1 is not the map that tcpt has made.*run tcpt-unload" ;;
	esac
}

check_refused() {
	for opener in $(openers "$1"); do
		refused "$(says_of "$1")" "$opener"
	done
}

# The pin is put aside meanwhile; a pin can have several names.
exchange() {
	ln "$pin/maps/$1" /sys/fs/bpf/aside
	rm "$pin/maps/$1"
}

restore() {
	rm -f "$pin/maps/$1"
	ln /sys/fs/bpf/aside "$pin/maps/$1"
	rm /sys/fs/bpf/aside
}

test_shapes() {
	load_trace auto
	while read -r map type key value entries flags; do
		case="$map $type $key $value $entries $flags"
		exchange "$map"
		bpftool map create "$pin/maps/$map" type "$type" key "$key" value "$value" \
			entries "$entries" name odd flags "$flags" || fail "bpftool: $case"
		check_refused "$map"
		restore "$map"
	done <<-END
		$shapes
	END
	for opener in watch stat filter edit; do
		"run_$opener" >"$dir/out" 2>&1 || fail "afterwards $opener: $(cat "$dir/out")"
	done
	unload_trace
}

test_missing() {
	load_trace auto
	for map in counters control filters conns; do
		case="without $map"
		exchange "$map"
		refused "." replace
		refused "$pin/maps/$map is missing; run tcpt-unload" replace
		restore "$map"
	done
	unload_trace
}

# A program, and a link where they can be pinned, in the place of a map.
test_no_map() {
	load_trace auto
	for other in $(find $pin/progs -type f | head -n 1) $(find $pin/links -type f | head -n 1); do
		for map in meta counters control filters cursor ring; do
			case="$other as $map"
			exchange "$map"
			ln "$other" "$pin/maps/$map"
			check_refused "$map"
			restore "$map"
		done
	done
	unload_trace
}

# A map in the place of a program or a link; figures of a link are left out.
test_no_program() {
	load_trace auto
	tcpt-load --probe | awk 'asked { print $1 } /^MISSED BY/ { asked = 1 }' >"$dir/asked"
	assertTrue "programs that are asked for figures" "[ -s '$dir/asked' ]"
	while read -r name; do
		case="a map as program $name"
		ln "$pin/progs/$name" /sys/fs/bpf/aside
		rm "$pin/progs/$name"
		ln $pin/maps/counters "$pin/progs/$name"
		refused "$pin/progs/$name is not a program" stat
		rm "$pin/progs/$name"
		ln /sys/fs/bpf/aside "$pin/progs/$name"
		rm /sys/fs/bpf/aside
	done <"$dir/asked"
	for name in $(cd $pin/links && echo *); do
		[ -e "$pin/links/$name" ] || continue
		ln "$pin/links/$name" /sys/fs/bpf/aside
		rm "$pin/links/$name"
		ln $pin/maps/counters "$pin/links/$name"
		tcpt-stat >"$dir/out" 2>&1 || fail "a map as link $name: $(cat "$dir/out")"
		rm "$pin/links/$name"
		ln /sys/fs/bpf/aside "$pin/links/$name"
		rm /sys/fs/bpf/aside
	done
	unload_trace
}

# ---- the description ----

# write_meta BYTE...: as numbers.
write_meta() {
	bpftool map update pinned $pin/maps/meta key 0 0 0 0 value "$@"
}

# Any byte of it may be anything: it is taken, or one line says that it is not.
check_flipped() {
	for opener in watch stat filter; do
		"run_$opener" >"$dir/out" 2>"$dir/err" </dev/null
		status=$?
		case $status in
		0) ;;
		1)
			assertEquals "byte $at: lines of $opener: $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
			grep -q 'is damaged; run tcpt-unload\|was not made by tcpt\|with layout\|was interrupted\|document' "$dir/err" ||
				fail "byte $at: $opener says: $(cat "$dir/err")"
			;;
		*) fail "byte $at: status of $opener is $status: $(cat "$dir/err")" ;;
		esac
	done
}

test_meta() {
	load_trace auto
	bpftool -j map lookup pinned $pin/maps/meta key 0 0 0 0 | grep -o '"value":\[[^]]*' | grep -o '0x[0-9a-f]*' >"$dir/good"
	for at in 1 4 5 9 10 12 13 16 20 24 33 48 49 88 89 93 97 98 101 104 105 4192; do
		awk -v at="$at" 'NR == at { print "0xa5"; next } { print }' "$dir/good" >"$dir/bad"
		# shellcheck disable=SC2046 # bytes
		write_meta $(cat "$dir/bad")
		check_flipped
	done
	# shellcheck disable=SC2046 # bytes
	write_meta $(cat "$dir/good")
	unload_trace
}

test_unload() {
	load_trace auto
	for map in counters control filters meta; do
		rm $pin/maps/$map
		bpftool map create $pin/maps/$map type array key 4 value 8 entries 1 name odd
	done
	unload_trace
	assertEquals "pins" "" "$(find /sys/fs/bpf -name 'tcpt*')"
}

# shellcheck source=/dev/null
. shunit2
