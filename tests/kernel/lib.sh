# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# What the kernel tests share. A test sources this first, says what it needs,
# and sources shunit2 last. Programs and helpers are found by PATH.
#
# Natively a script runs itself again in mount and network namespaces of its
# own, one script at a time: probes see the whole host. There it has a bpffs of
# its own, whether the host has one or not, and for its files a folder of its own,
# where every user can execute programs: /tmp and the build tree need not be such
# places.

folder=/run/tcpt-tests # what is there is the lock

# need WHAT...: exits 77 unless the kernel can do all that; what kernel-can knows.
need() {
	kernel-can "$@" || exit 77
}

enter_namespaces() {
	[ -z "${TCPT_VM-}${TCPT_INSIDE-}" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
		exit 77
	fi
	mkdir -p -m 755 $folder || exit 99
	exec env TCPT_INSIDE=1 unshare --mount --net --propagation private \
		flock --close $folder sh "$0"
}

# The programs and helpers of the build tree, without the scripts that libtool puts
# in front of programs.
use_copies() {
	built=$(dirname "$(command -v tcpt-load)")
	mkdir $folder/bin
	for file in "${built%/utils}"/tests/helpers/* "$built"/tcpt-* "$built"/.libs/tcpt-* \
		"${built%/utils}"/libtcpt/.libs/libtcpt.so*; do
		[ ! -f "$file" ] || [ ! -x "$file" ] || cp -P "$file" $folder/bin/ || exit 99
	done
	chmod -R go+rX $folder/bin
	PATH=$folder/bin:$PATH
	LD_LIBRARY_PATH=$folder/bin
	export PATH LD_LIBRARY_PATH
}

enter_namespaces
if [ -n "${TCPT_INSIDE-}" ]; then
	umask 022
	# Some hold a thousand connections; a session may begin with fewer descriptors.
	# shellcheck disable=SC3045 # dash and busybox have it
	ulimit -Sn 65536 2>/dev/null || ulimit -Sn "$(ulimit -Hn)"
	mount -t tmpfs -o mode=1777 tmpfs $folder || exit 99
	mount -t bpf -o mode=1777 bpf /sys/fs/bpf || exit 99
	ip link set lo up || exit 99
	TMPDIR=$folder
	export TMPDIR
	use_copies
fi

pin=/sys/fs/bpf/tcpt
own=$(mktemp -d) || exit 99
chmod 755 "$own"
dir=$own
keeper=
reader=
netns=$(stat -L -c %i /proc/self/ns/net 2>/dev/null || echo -)
tab=$(printf '\t')

# The columns of tsv, in the order of the workload's record:
# type pid comm saddr sport daddr dport netns
record_columns=5,7,10,12-16

# Attach modes that this kernel can do, as kernel-can says; of those in
# TCPT_TEST_MODES if that is set.
attach_modes() {
	for candidate in ${TCPT_TEST_MODES-kprobe fentry tracepoint}; do
		case $candidate in
		kprobe) set -- kprobe ;;
		fentry) set -- fentry raw_tp ;;
		*) set -- raw_tp tracepoint ;;
		esac
		! kernel-can "$@" ringbuf >/dev/null || echo "$candidate"
	done
}

# What the workload connects over.
families=4,6,m
kernel-can ipv6 >/dev/null || families=4

# Runs until the command succeeds, for at most five minutes and what it takes itself.
await() {
	tries=6000
	until "$@"; do
		tries=$((tries - 1))
		if [ $tries = 0 ]; then
			fail "timed out: $*; $(tail -n 1 "$dir/banner")"
			return 1
		fi
		sleep 0.05
	done
}

says() {
	grep -q "$2" "$1"
}

# start_peer OPTION...: in the background, as $load.
start_peer() {
	rm -f "$dir/record"
	: >"$dir/peer"
	peer --families $families --record "$dir/record" --deadline 600 "$@" 2>"$dir/peer" &
	load=$!
	await says "$dir/peer" ready
}

wait_peer() {
	wait "$load"
	assertEquals "peer: $(cat "$dir/peer")" 0 $?
	load=
}

peer_runs() {
	kill -0 "$load" 2>/dev/null
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
	*) kernel-can perf_link_pin >/dev/null ;;
	esac
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
	: >"$dir/load"
	tcpt-load --offsets="$dir/offsets" --attach="$mode" --hold "$@" 2>"$dir/load" &
	keeper=$!
	await says "$dir/load" held
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
		kill "$keeper"
		wait "$keeper"
		keeper=
	else
		tcpt-unload || fail "tcpt-unload failed"
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

# Ends the reader once it has taken all that is in the ring.
stop_reader() {
	tcpt_drained=$1
	kill "$reader"
	wait "$reader"
	reader=
	tcpt-watch --format=tsv --drain >>"$tcpt_drained"
}

# whole FILE: but for lines that are not; of events the last columns are not set.
whole() {
	awk -F'\t' 'NF == 31 && ($31 == "-" || $5 == "lost")' "$1"
}

# events FILE: those of this network namespace, in the form of the record.
events() {
	awk -F'\t' -v n="$netns" '$16 == n || n == "-"' "$1" | cut -f$record_columns | sort
}

# assert_exact NAME EVENTS RECORD: the multisets are equal.
assert_exact() {
	events "$2" >"$dir/got"
	sort "$3" >"$dir/done"
	if cmp -s "$dir/got" "$dir/done"; then
		echo "  $1: $(wc -l <"$dir/got") events, exact"
		return
	fi
	diff "$dir/done" "$dir/got" | head -10
	fail "$1: $(wc -l <"$dir/done") recorded (<), $(wc -l <"$dir/got") traced (>), they differ"
}

# late FILE: how many events of this network namespace were repaired.
late() {
	awk -F'\t' -v n="$netns" '($16 == n || n == "-") && $19 == 1' "$1" | wc -l
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
	bpftool -j prog show | grep -o '"name":"\([a-z][a-z0-9]_[a-z0-9_]*\|announce\)"' | grep -v -c '"sd_'
}

# Natively others may have connections: then none of this namespace or workload.
map_is_empty() {
	bpftool -j map dump pinned "$pin/maps/$1" >"$dir/dump" || return
	if [ -n "${TCPT_VM-}" ]; then
		[ "$(cat "$dir/dump")" = '[]' ]
	else
		! grep -q "\"netns\":$netns,\|\"comm\":\"peer-" "$dir/dump"
	fi
}

# ---- guesses in awkward places ----

# Far more than a guess takes in an emulated machine.
limit=120
load=
host=
on=

# use_guess: the program, and what it has to find.
use_guess() {
	guess=$(command -v tcpt-guess)
	tcpt-guess >"$dir/out"
	fields_shown "$dir/out" >"$dir/guessed"
	# shellcheck disable=SC2046 # one argument a field
	btf-offsets $(cut -d= -f1 "$dir/guessed") >"$dir/truth"
	assertTrue "no truth" "[ -s '$dir/truth' ]"
}

# Not allowed to make namespaces, else allowed all; and allowed nothing but BPF.
may='setpriv --'
may_not='setpriv --bounding-set -sys_admin --'
bpf_only='setpriv --bounding-set -all,+bpf,+perfmon --'

kill_host() {
	[ -z "$host" ] || { kill "$host" && wait "$host"; } 2>/dev/null
	host=
}

is_new_host() {
	[ "$(stat -L -c %i "/proc/$host/ns/net")" != "$(stat -L -c %i /proc/self/ns/net)" ]
}

# A network namespace that plays the host's.
new_host() {
	kill_host
	unshare --net sleep 900 &
	host=$!
	on="nsenter --net=/proc/$host/ns/net"
	await is_new_host
	on_host ip link set lo up
}

on_host() {
	$on "$@"
}

# guess_with [COMMAND...]: run by that.
guess_with() {
	unsent=
	[ "$*" = "${*#*-all}" ] || unsent=sock.sk_err_soft # raw sockets send the ICMP messages
	timeout -k 5 $limit "$@" "$guess" >"$dir/out" 2>"$dir/err"
	status=$?
}

# fields_shown DOCUMENT: but those that a guess does not show here, unasked or at all.
fields_shown() {
	hidden='tcp_sock.total_retrans|sock.sk_err_soft'
	kernel-can mptcp >/dev/null || hidden="$hidden|sock.sk_protocol"
	grep -v '^#\|^kernel\.\|^source=' "$1" | grep -v -E "^($hidden)=absent\$"
}

# assert_right NAME: the last guess equals BTF.
assert_right() {
	assertEquals "$1: exit status, $(tail -n 1 "$dir/err")" 0 "$status"
	fields_shown "$dir/out" >"$dir/guessed"
	grep -v "^${unsent:-none}=" "$dir/truth" >"$dir/right"
	assertEquals "$1: differs from BTF" "" "$(diff "$dir/right" "$dir/guessed")"
}

errors() {
	grep -v ' warning: ' "$dir/err"
}

warnings() {
	grep ' warning: ' "$dir/err"
}

# assert_refused NAME STATUS TEXT: one line says why, and nothing is printed.
assert_refused() {
	assertEquals "$1: exit status, $(errors)" "$2" "$status"
	assertEquals "$1: lines, $(errors)" 1 "$(errors | wc -l)"
	assertTrue "$1: says '$(errors)'" "errors | grep -q '$3'"
	assertEquals "$1: printed" 0 "$(wc -c <"$dir/out")"
}

assert_warned() {
	assertEquals "$1: warnings, $(warnings)" 1 "$(warnings | wc -l)"
	assertTrue "$1: says '$(warnings)'" "warnings | grep -q 'present one, where the netns field'"
}

# Of TCP, in whatever state, in the host.
sockets() {
	on_host sh -c 'cat /proc/net/tcp /proc/net/tcp6 2>/dev/null' | grep -vc local_address
}

has_no_sockets() {
	[ "$(sockets)" = 0 ]
}

# set_sysctl PATH VALUE: of all, default and lo, in place of ALL.
set_sysctl() {
	for name in all default lo; do
		on_host sh -c "echo $2 >/proc/sys/net/$(echo "$1" | sed "s/ALL/$name/")"
	done
}

rules() {
	on_host nft "$1" || fail "nft $1"
}

# What a test has left running, called by tearDown().
kill_load_and_host() {
	[ -z "$load" ] || { kill "$load" && wait "$load"; } 2>/dev/null
	load=
	kill_host
}

# shellcheck disable=SC2317 # called by a trap
clean_up() {
	kill_load_and_host
	[ -z "$reader" ] || kill "$reader" 2>/dev/null
	[ -z "$keeper" ] || kill "$keeper" 2>/dev/null
	[ ! -d $pin ] || tcpt-unload 2>/dev/null
	rm -rf "$own" # whatever a test has made of $dir
}

# shunit2 sets traps of its own when sourced, and calls this.
oneTimeTearDown() {
	clean_up
}
