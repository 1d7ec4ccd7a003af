# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# Connections that tests have made, and the records of them.

. "${0%/*}/lib.sh"

# What the workload connects over.
families=4,6,m
kernel-can ipv6 >/dev/null || families=4

# run_peer OPTION...: what it has done is in $dir/record.
run_peer() {
	rm -f "$dir/record"
	peer --families $families --record "$dir/record" --deadline 600 "$@" 2>"$dir/peer.err" ||
		fail "peer $*: $(cat "$dir/peer.err")"
}

# run_more OPTION...: what is in the record stays there.
run_more() {
	touch "$dir/record"
	mv "$dir/record" "$dir/before"
	run_peer "$@"
	cat "$dir/before" >>"$dir/record"
}

# start_peer OPTION...: in the background, as $load.
start_peer() {
	rm -f "$dir/record" "$dir/go"
	start peer peer --families $families --record "$dir/record" --deadline 600 "$@"
	load=$started
}

wait_peer() {
	await_end "$load" peer
	load=
}

peer_runs() {
	kill -0 "$load" 2>/dev/null
}

# start_blocked [OPTION...]: acceptors that have called accept, and go on when $dir/go is there.
start_blocked() {
	start_peer --families 4 --blocked-acceptors 64 --go-file "$dir/go" "$@"
}

# The ports of listeners; in /proc/net/tcp they are in hexadecimal, in state 0A.
listening_ports() {
	awk '$4 == "0A" { sub(/.*:/, "", $2); print $2 }' /proc/net/tcp | while read -r hexadecimal; do
		printf '%d\n' "0x$hexadecimal"
	done
}

# start_holder COMMAND...: connections that are held until $dir/go is there, as $holder. It
# prints to $dir/held.
start_holder() {
	rm -f "$dir/go"
	start held "$@" --go-file "$dir/go"
	holder=$started
}

end_holder() {
	touch "$dir/go"
	await_end "$holder" held
}
