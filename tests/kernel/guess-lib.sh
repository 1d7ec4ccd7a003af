# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# Guesses in awkward places, and what is expected of them. Sourced after lib.sh.

# Far more than a guess takes in an emulated machine on a busy host.
limit=600

# Not allowed to make namespaces, else allowed all; and allowed nothing but BPF.
may='setpriv --'
may_not='setpriv --bounding-set -sys_admin --'
bpf_only='setpriv --bounding-set -all,+bpf,+perfmon --'

# use_guess: the program, and what it has to find.
use_guess() {
	guess=$(command -v tcpt-guess)
	tcpt-guess >"$dir/out"
	fields_shown "$dir/out" >"$dir/guessed"
	# shellcheck disable=SC2046 # one argument a field
	btf-offsets $(cut -d= -f1 "$dir/guessed") >"$dir/truth"
	assertTrue "no truth" "[ -s '$dir/truth' ]"
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

guess_programs() {
	bpftool prog show | grep 'name [kr][pt]_guess'
}

# no_more_guess_programs BEFORE: those of others may be gone.
no_more_guess_programs() {
	! guess_programs | grep -q -v -x -F -e "$1"
}
