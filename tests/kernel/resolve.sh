#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-watch --resolve: the names of users, control groups, services and containers are those
# that the test has given them.

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp
if ! command -v jq >/dev/null; then
	echo "needs jq"
	exit 77
fi

most_modes="$most_modes cgroup"
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
strange=$(printf 'a"b\\c \t\033\303\050')
names=user,cgroup,service,container

# Users of this place alone, in the file that the C library reads.
name_users() {
	cat >"$dir/passwd" <<END
root:x:0:0::/:/bin/sh
alice:x:4242:4242::/:/bin/sh
$strange:x:4243:4243::/:/bin/sh
END
	[ -e /etc/passwd ] || : >/etc/passwd
	mount --bind "$dir/passwd" /etc/passwd
}

oneTimeSetUp() {
	name_users || fail "cannot name users"
	mkdir -p "$dir/cgroup" "$dir/open"
	chmod 777 "$dir/open"
	mount -t cgroup2 cgroup2 "$dir/cgroup" || fail "cannot mount cgroup2"
	slice=tcpt-$$.slice
	service=/$slice/tcpt@$$.service
	group=$dir/cgroup$service/docker-$id.scope/deep
}

tearDown() {
	kill_load_and_host
	leave
}

# Of what is in that mount nothing may be removed.
oneTimeTearDown() {
	[ ! -d "$dir/cgroup" ] || { umount "$dir/cgroup" && clean_up; }
}

enter() {
	mkdir -p "$group"
}

leave() {
	[ ! -d "$dir/cgroup/$slice" ] || find "$dir/cgroup/$slice" -depth -type d -exec rmdir {} + 2>/dev/null
}

# as UID EUID COMMAND...: in the group.
as() {
	# shellcheck disable=SC2016 # for the inner shell
	sh -c 'echo $$ >"$0/cgroup.procs" && ruid=$1 euid=$2 && shift 2 && exec setpriv --ruid="$ruid" --euid="$euid" "$@"' \
		"$group" "$@"
}

# peer_as UID: what it has done is in $dir/record.
peer_as() {
	rm -f "$dir/open/record"
	as "$1" "$1" peer --families $families --record "$dir/open/record" --cycles 50 2>"$dir/peer.err" ||
		fail "peer: $(cat "$dir/peer.err")"
	cp "$dir/open/record" "$dir/record"
}

# The names of the events of this namespace that have a task, each once, but for euid and euser.
named() {
	own "$1" | awk -F'\t' '$5 != "lost" && $7 != "-"' | cut -f33,36-40 | sort -u
}

# assert_named NAME USER PATH: of all that the workload did.
assert_named() {
	assert_exact "$mode, $1" "$dir/ev" "$dir/record"
	assertEquals "$mode, $1" "$2$tab$3" "$(named "$dir/ev")"
}

all_names() {
	printf '%s\t%s\t%s\t%s\tdocker' "${group#"$dir/cgroup"}" "${service##*/}" "$slice" $id
}

drain() {
	tcpt-watch --format=tsv --drain --resolve=$names >"$dir/ev" 2>"$dir/err"
}

by_name() {
	enter
	load_own "$mode"
	peer_as 4242
	drain || fail "tcpt-watch: $(cat "$dir/err")"
	assert_named "all names" alice "$(all_names)"
	peer_as 4243
	tcpt-watch --format=json --drain --resolve=user >"$dir/ev" 2>"$dir/err"
	assertEquals "$mode, a name that breaks strings" '"a\"b\\c \t\u001b\ufffd("' \
		"$(jq -a -c 'select(.pid).user' "$dir/ev" | sort -u)"
	unload_trace
}

# Without the capability to open a group by its id the hierarchy is searched.
searched() {
	enter
	load_own "$mode"
	peer_as 4242
	setpriv --bounding-set=-dac_read_search tcpt-watch --format=tsv --drain --resolve=$names >"$dir/ev" 2>"$dir/err"
	assert_exit 0 $? "$(cat "$dir/err")"
	assert_named "by a search" alice "$(all_names)"
	unload_trace
}

# The path is that of the hierarchy, wherever that is mounted.
not_mounted() {
	enter
	load_own "$mode"
	peer_as 4242
	unshare --mount --propagation private sh -c "umount -a -t cgroup2; grep -q 'cgroup2 ' /proc/mounts && exit 99
		exec tcpt-watch --format=tsv --drain --resolve=$names" >"$dir/ev" 2>"$dir/err"
	assert_exit 0 $? "$(cat "$dir/err")"
	assert_named "not mounted" alice "$(all_names)"
	unload_trace
}

# What has gone is left out, and so is what is of another place.
gone() {
	enter
	load_own "$mode"
	peer_as 4244
	leave
	assertFalse "the group is there" "[ -e '$group' ]"
	drain || fail "tcpt-watch: $(cat "$dir/err")"
	assert_named "gone" - "-$tab-$tab-$tab-$tab-"
	enter
	peer_as 4242
	# shellcheck disable=SC2016 # for the inner shell
	sh -c 'echo $$ >"$0/cgroup.procs" && exec unshare --cgroup "$@"' "$group" \
		tcpt-watch --format=tsv --drain --resolve=$names >"$dir/ev" 2>"$dir/err"
	assertTrue "$(cat "$dir/err")" "says '$dir/err' 'in a cgroup namespace'"
	assert_named "in a cgroup namespace" alice "-$tab-$tab-$tab-$tab-"
	unload_trace
}

# The effective user of a thread that is there; of one that is gone it is left out.
effective() {
	enter
	load_own "$mode" --no-existing
	rm -f "$dir/go"
	start held as 4242 4243 holder --count 5 --go-file "$dir/go"
	holder=$started
	drain || fail "tcpt-watch: $(cat "$dir/err")"
	assertEquals "$mode" "alice${tab}4243" "$(own "$dir/ev" | awk -F'\t' '$5 == "connect"' | cut -f33,34 | sort -u)"
	end_holder
	drain || fail "tcpt-watch: $(cat "$dir/err")"
	assertEquals "$mode, gone" "alice$tab-$tab-" "$(own "$dir/ev" | awk -F'\t' '$5 == "close"' | cut -f33-35 | sort -u)"
	unload_trace
}

# Columns and counts ask for the names by themselves.
shown() {
	enter
	load_own "$mode"
	peer_as 4242
	cycles=$(grep -c "^connect" "$dir/record")
	tcpt-watch --drain --type=connect --count=user,service,container --format=tsv >"$dir/out" 2>"$dir/err"
	assertEquals "$mode, counted" "$cycles${tab}alice$tab${service##*/}$tab$id" "$(cat "$dir/out")"
	peer_as 4242
	tcpt-watch --drain --type=connect --columns=type,user,cgroup_path >"$dir/out" 2>"$dir/err"
	assertEquals "$mode, columns" "connect alice ${group#"$dir/cgroup"}" \
		"$(sed 1d "$dir/out" | awk '{ print $1, $2, $3 }' | sort -u)"
	peer_as 4242
	tcpt-watch --drain --type=connect --resolve=$names >"$dir/out" 2>"$dir/err"
	assertEquals "$mode, notes" "$cycles" \
		"$(grep -c " user alice cgroup .*/deep service ${service##*/} container $id\$" "$dir/out")"
	unload_trace
}

# A host with control groups of version 1 is told what is not known.
test_version_1() {
	load_trace auto
	drain
	if grep -q ' cgroup ' /proc/mounts; then
		assertTrue "$(cat "$dir/err")" "says '$dir/err' 'control groups of version 1 too'"
	else
		assertEquals "" "$(cat "$dir/err")"
	fi
	unload_trace
}

suite() {
	suite_addTest test_version_1
	add_for_modes by_name searched not_mounted gone effective shown
}

# shellcheck source=/dev/null
. shunit2
