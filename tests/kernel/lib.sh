# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# The place in which the kernel tests run. A test sources one of the libraries here,
# which source this; then it says what it needs, and sources shunit2 last. Programs
# and helpers are found by PATH.
#
# Natively a script runs itself again in mount and network namespaces of its
# own, one script at a time: probes see the whole host. There it has a bpffs of
# its own, whether the host has one or not, and for its files a folder of its own,
# where every user can execute programs: /tmp and the build tree need not be such
# places. If a script fails while the kernel kept events from programs, it runs again
# (tests/helpers/unseen.c).


folder=/run/tcpt-tests # what is there is the lock

# need WHAT...: exits 77 unless the kernel can do all that; what kernel-can knows.
need() {
	for what; do
		# Where there are no raw tracepoints, kprobes do.
		[ "$what" != raw_tp ] || ! kernel-can kprobe >/dev/null || continue
		kernel-can "$what" || exit 77
	done
}

enter_namespaces() {
	[ -z "${TCPT_VM-}${TCPT_INSIDE-}" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
		exit 77
	fi
	mkdir -p -m 755 $folder || exit 99
	exec env TCPT_INSIDE=1 unshare --mount --net --propagation private \
		flock --close $folder unseen sh "$0"
}

# The programs and helpers of the build tree, without the scripts that libtool puts
# in front of programs.
use_copies() {
	built=$(dirname "$(command -v tcpt-load)")
	mkdir $folder/bin
	for file in "${built%/utils}"/tests/helpers/* "$built"/tcpt "$built"/tcpt-* \
		"$built"/.libs/tcpt-* \
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

# An emulated processor is many times slower than any other.
emulated=
! grep -q 'QEMU TCG' /proc/cpuinfo || emulated=yes

pin=/sys/fs/bpf/tcpt
own=$(mktemp -d) || exit 99
chmod 755 "$own"
dir=$own
keeper=
reader=
load=
host=
on=
netns=$(stat -L -c %i /proc/self/ns/net 2>/dev/null || echo -)
tab=$(printf '\t')

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

# start NAME COMMAND...: in the background as $started, until it says that it is ready.
# It prints to $dir/NAME, and its messages go to $dir/NAME.err.
start() {
	started_as=$1
	shift
	: >"$dir/$started_as.err"
	"$@" >"$dir/$started_as" 2>"$dir/$started_as.err" &
	started=$!
	await says "$dir/$started_as.err" ready
}

# await_end PROCESS NAME: of what was started.
await_end() {
	wait "$1"
	assert_exit 0 $? "$2: $(cat "$dir/$2.err")"
}

# assert_exit WANTED STATUS MESSAGE: in this order, since in some shells a command in
# the message would set $? first.
assert_exit() {
	assertEquals "$3" "$1" "$2"
}

# assert_refusal STATUS PATTERN COMMAND...: one line says why.
assert_refusal() {
	wanted=$1
	pattern=$2
	shift 2
	"$@" >"$dir/out" 2>"$dir/err" </dev/null
	assert_exit "$wanted" $? "status of $*: $(cat "$dir/err")"
	assertEquals "lines of $*: $(cat "$dir/err")" 1 "$(wc -l <"$dir/err")"
	grep -q "$pattern" "$dir/err" || fail "$*: no '$pattern' in: $(cat "$dir/err")"
}

# add_tests NAME...: the functions test_NAME.
add_tests() {
	for name; do
		suite_addTest "test_$name"
	done
}

is_locked() {
	! flock -n "$1" true
}

lines_reach() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# ---- a network namespace that plays the host's ----

kill_host() {
	[ -z "$host" ] || { kill "$host" && wait "$host"; } 2>/dev/null
	host=
}

is_new_host() {
	[ "$(stat -L -c %i "/proc/$host/ns/net")" != "$(stat -L -c %i /proc/self/ns/net)" ]
}

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

# set_sysctl PATH VALUE: of all, default and lo, in place of ALL.
set_sysctl() {
	for name in all default lo; do
		on_host sh -c "echo $2 >/proc/sys/net/$(echo "$1" | sed "s/ALL/$name/")"
	done
}

rules() {
	on_host nft "$1" || fail "nft $1"
}

# ---- the end ----

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
