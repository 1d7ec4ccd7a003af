#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A bpffs that ends with the command that pins in it, and mount namespaces that
# are meant. Each command here has a mount namespace of its own.

# shunit2 calls the functions.
# shellcheck disable=SC2317

. "${0%/*}/trace-lib.sh"

need root bpf netns raw_tp

# within LINE: a shell in a mount namespace that ends with it.
within() {
	offsets >/dev/null
	unshare --mount --propagation private sh -c "$1" >"$dir/out" 2>"$dir/err"
}

# What "ip netns exec" does: nobody else has what is mounted.
alone="mount -t bpf bpf /sys/fs/bpf && exec"
refused="tcpt-load: the bpffs at /sys/fs/bpf is mounted for this command only, as under 'ip netns exec', and the trace would end with it; run it with 'nsenter -t 1 -m', or use --hold"

test_for_this_command_only() {
	within "$alone tcpt-load --offsets=$dir/offsets"
	assert_exit 1 $? "$(cat "$dir/err")"
	assertEquals "$refused" "$(cat "$dir/err")"
}

# It mounts a bpffs by itself, which dies with it all the same.
test_mounted_by_itself() {
	within "mount -t tmpfs none /sys/fs/bpf && exec tcpt-load --offsets=$dir/offsets"
	assert_exit 1 $? "$(cat "$dir/err")"
	assertEquals "$refused" "$(cat "$dir/err")"
}

test_a_shell_stays() {
	within "mount -t tmpfs none /sys/fs/bpf && tcpt-load --offsets=$dir/offsets; :"
	assertEquals "$(cat "$dir/err")" 1 "$(grep -c "warning: the bpffs at /sys/fs/bpf is mounted in this mount namespace only, " "$dir/err")"
	assertEquals "$(cat "$dir/err")" 0 "$(grep -c "only, as under" "$dir/err")"
}

# Who mounts a bpffs and goes on knows what he does; so does this script itself.
test_one_of_the_shell() {
	within "mount -t bpf bpf /sys/fs/bpf && tcpt-load --offsets=$dir/offsets; :"
	assertEquals "$(cat "$dir/err")" 0 "$(grep -c "mounted" "$dir/err")"
}

# What another process has too stays, though the command has a namespace of its own.
test_another_has_it() {
	within "exec tcpt-load --offsets=$dir/offsets"
	assertEquals "$(cat "$dir/err")" 0 "$(grep -c "mounted" "$dir/err")"
	[ ! -e $pin ] || tcpt-unload
}

test_hold_is_what_helps() {
	offsets >/dev/null
	keep unshare --mount --propagation private sh -c "$alone tcpt-load --offsets=$dir/offsets --hold"
	end_keeper
	assertEquals "$(cat "$dir/load")" 0 "$(grep -c "mounted" "$dir/load")"
}

# In the mount namespace of process 1, where a test has no business but in a
# machine of its own.
test_nsenter_is_what_helps() {
	within "$alone nsenter -t 1 -m tcpt-load --offsets=$dir/offsets"
	assert_exit 0 $? "$(cat "$dir/err")"
	tcpt-unload
	assertEquals "a trace of process 1's" 0 $?
}

suite() {
	add_tests for_this_command_only mounted_by_itself a_shell_stays one_of_the_shell another_has_it \
		hold_is_what_helps
	if [ -n "${TCPT_VM-}" ] && kernel-can perf_link_pin >/dev/null; then
		suite_addTest test_nsenter_is_what_helps
	fi
}

# shellcheck source=/dev/null
. shunit2
