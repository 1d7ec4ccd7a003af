# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# Traces, their readers, and what is expected of events.

. "${0%/*}/workload-lib.sh"

# The columns of tsv, in the order of the workload's record:
# type pid comm saddr sport daddr dport netns
record_columns=5,7,10,12-16

# Cgroup mode has its own test, cgroup.sh, and those that set this.
most_modes="kprobe fentry tracepoint"

# Attach modes that this kernel can do, as kernel-can says; of those in
# TCPT_TEST_MODES if that is set.
attach_modes() {
	for candidate in ${TCPT_TEST_MODES-$most_modes}; do
		case $candidate in
		kprobe) set -- kprobe ;;
		fentry) set -- fentry raw_tp ;;
		cgroup) set -- cgroup ;;
		*) set -- raw_tp tracepoint ;;
		esac
		! kernel-can "$@" >/dev/null || echo "$candidate"
	done
}

# The guess is made once for a script.
offsets() {
	[ -s "$dir/offsets" ] || tcpt-guess >"$dir/offsets" || fail "tcpt-guess failed"
	echo "$dir/offsets"
}

# Whether the links of a mode can be pinned, as kernel-can says.
can_pin() {
	case $1 in
	fentry) kernel-can fentry_pin >/dev/null ;;
	cgroup) kernel-can cgroup >/dev/null ;;
	*) kernel-can perf_link_pin >/dev/null ;;
	esac
}

# The links of one mode or another can be pinned.
some_can_pin() {
	for candidate in $(attach_modes); do
		! can_pin "$candidate" || return 0
	done
	return 1
}

# keep COMMAND...: it loads a trace, and holds it in the background, as $keeper.
keep() {
	: >"$dir/load"
	"$@" 2>"$dir/load" &
	keeper=$!
	await says "$dir/load" 'tracing by'
}

end_keeper() {
	kill "$keeper"
	wait "$keeper"
	assert_exit 0 $? "$keeper, which keeps the trace: $(cat "$dir/load")"
	keeper=
}

# load_trace MODE [OPTION...]: with a keeper where links cannot be pinned.
load_trace() {
	mode=$1
	shift
	offsets >/dev/null
	if can_pin "$mode"; then
		tcpt-load --offsets="$dir/offsets" --attach="$mode" "$@" 2>"$dir/load" ||
			fail "tcpt-load: $(cat "$dir/load")"
		return
	fi
	keep tcpt-load --offsets="$dir/offsets" --attach="$mode" --hold "$@"
}

# mount_and_load THEN [OPTION...]: in a mount namespace where nothing is at
# /sys/fs/bpf, however many the host has mounted there. While the trace is held,
# THEN is run; what it prints goes to $dir/out.
mount_and_load() {
	offsets >/dev/null
	: >"$dir/load"
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount --propagation private sh -c '
		while umount /sys/fs/bpf 2>/dev/null; do :; done
		[ "$(stat -f -c %T /sys/fs/bpf)" != bpf_fs ] || exit 9
		dir=$1 then=$2
		shift 2
		timeout 600 tcpt-load --offsets="$dir/offsets" --hold "$@" 2>"$dir/load" &
		until grep -q held "$dir/load" || ! kill -0 $!; do sleep 0.05; done
		eval "$then"
		kill $! && wait $!' sh "$dir" "$@" >"$dir/out" 2>&1
}

unload_trace() {
	if [ -n "$keeper" ]; then
		end_keeper
	else
		tcpt-unload || fail "tcpt-unload failed"
	fi
}

link_is_gone() {
	! bpftool link show id "$1" >/dev/null 2>&1
}

# remove_link PROGRAM: takes it off its hook. The kernel detaches the link some time after its
# last pin is gone.
remove_link() {
	link_id=$(bpftool link show pinned "$pin/links/$1" | sed 's/:.*//;q')
	rm "$pin/links/$1"
	await link_is_gone "$link_id"
}

# load_own MODE [OPTION...]: only what this network namespace does is reported and counted.
load_own() {
	if [ "$netns" != - ]; then
		load_trace "$@" --filter="netns=$netns"
	else
		load_trace "$@"
	fi
}

# start_reader FILE [OPTION...]: returns when it reads.
start_reader() {
	file=$1
	shift
	: >"$dir/banner"
	tcpt-watch --format=tsv --banner "$@" >"$file" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
}

end_reader() {
	kill "$reader"
	wait "$reader"
	assert_exit 0 $? "reader: $(cat "$dir/banner")"
	reader=
}

# stop_reader FILE: what it has not read is read after it.
stop_reader() {
	end_reader
	tcpt-watch --format=tsv --drain >>"$1"
}

# A reader that was killed leaves what it was at to the next one.
kill_reader() {
	kill -9 "$reader"
	{ wait "$reader"; } 2>/dev/null
	reader=
}

# read_by_killed PAUSE: while a peer runs, readers add to $dir/ev, and each is killed after a
# moment. Between two nobody reads for PAUSE seconds. The last one reads what is left.
read_by_killed() {
	: >"$dir/ev"
	killed=0
	while peer_runs; do
		tcpt-watch --format=tsv >>"$dir/ev" 2>>"$dir/err" &
		reader=$!
		sleep 0.1
		kill_reader
		sleep "$1"
		killed=$((killed + 1))
	done
	wait_peer
	timeout 600 tcpt-watch --format=tsv --drain >>"$dir/ev"
}

# whole FILE: but for lines that are not; of events the last columns are not set.
whole() {
	awk -F'\t' 'NF == 32 && ($32 == "-" || $5 == "lost" || $5 == "overwritten")' "$1"
}

# own FILE: the events of this network namespace.
own() {
	awk -F'\t' -v n="$netns" '$16 == n || n == "-"' "$1"
}

# Whether the trace is one that does not see who accepts: in cgroup mode, without kprobes whose
# links can be pinned.
is_blind() {
	[ "$mode" = cgroup ] && ! kernel-can kprobe perf_link_pin >/dev/null
}

# Lines of a record, without the tasks that a blind trace cannot know.
known() {
	if is_blind; then
		awk 'BEGIN { FS = OFS = "\t" } $1 == "accept" { $2 = $3 = "-" } { print }'
	else
		cat
	fi
}

# events FILE: the same in the form of the record.
events() {
	own "$1" | cut -f$record_columns | known | sort
}

# assert_exact NAME EVENTS RECORD: the multisets are equal.
assert_exact() {
	events "$2" >"$dir/got"
	known <"$3" | sort >"$dir/done"
	if cmp -s "$dir/got" "$dir/done"; then
		echo "  $1: $(wc -l <"$dir/got") events, exact"
		return
	fi
	diff "$dir/done" "$dir/got" | head -10
	fail "$1: $(wc -l <"$dir/done") recorded (<), $(wc -l <"$dir/got") traced (>), they differ"
}

# trace_peer NAME OPTION...: a workload, of which a reader gets all events.
trace_peer() {
	trace_name=$1
	shift
	start_reader "$dir/ev"
	run_peer "$@"
	stop_reader "$dir/ev"
	assert_exact "$trace_name" "$dir/ev" "$dir/record"
}

# assert_cgroup DIRECTORY ID: before Linux 5.5 the inode is the lower 32 bits of the id.
assert_cgroup() {
	inode=$(stat -c %i "$1")
	[ "$2" = "$inode" ] ||
		assertEquals "$mode, id of a cgroup: $2" "$inode" "$(echo "$2" | awk '{ print $1 % 4294967296 }')"
}

# late FILE: how many events of this network namespace were repaired.
late() {
	own "$1" | awk -F'\t' '$19 == 1' | wc -l
}

# lost_at WHERE: how many events were lost there, by the lines of $dir/ev.
lost_at() {
	awk -F'\t' -v where="$1" '$5 == "lost" && $31 == where { n += $20 } END { print n + 0 }' "$dir/ev"
}

# What the kernel says that the programs of the trace have missed.
print_misses() {
	for prog in "$pin"/progs/*; do
		bpftool -j prog show pinned "$prog"
	done 2>/dev/null | grep -o '"name":"[a-z0-9_]*"\|"recursion_misses":[0-9]*' | tr '\n' ' ' |
		sed 's/"//g; s/name://g; s/ recursion_misses/ missed/g; s/^/  /; s/$/\n/'
}

# How many programs of traces there are: a host has others, which come and go.
programs() {
	bpftool -j prog show | grep -o '"name":"\([a-z][a-z0-9]_[a-z0-9_]*\|announce\|announce_called\)"' | grep -v -c '"sd_'
}

# Natively others may have connections: then none of this namespace or workload.
map_is_empty() {
	if [ -n "${TCPT_VM-}" ]; then
		[ "$(map-keys "$pin/maps/$1" 8)" = 0 ]
	else
		bpftool -j map dump pinned "$pin/maps/$1" >"$dir/dump" || return
		! grep -q "\"netns\":$netns,\|\"comm\":\"peer-" "$dir/dump"
	fi
}

# add_for_modes FUNCTION...: each is a test in each attach mode, which is in $mode.
add_for_modes() {
	for mode in $(attach_modes); do
		for name; do
			eval "test_${mode}_$name() { mode=$mode; $name; }"
			suite_addTest "test_${mode}_$name"
		done
	done
}
