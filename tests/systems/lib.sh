# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# What the tests share that run in a machine booted by systemd, as root, once the
# tree is installed there.

# Variables are for those who source it.
# shellcheck disable=SC2034

if [ "$(id -u)" != 0 ] || [ "$(cat /proc/1/comm)" != systemd ]; then
	echo "needs root and systemd as the first process"
	exit 77
fi

state=/var/lib/tcpt-test
changes=/etc/systemd/system
reader=tcpt-watch
boot=0 # as journalctl -b counts them
failed=0
mkdir -p $state
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

pass() {
	echo "PASS: $1"
}

# fail NAME [WHY]
fail() {
	echo "FAIL: $1${2+: $2}"
	failed=1
}

# check NAME COMMAND...
check() {
	name=$1
	shift
	if "$@" >"$tmp/check" 2>&1; then
		pass "$name"
	else
		fail "$name" "$(tail -n 3 "$tmp/check" | tr '\n' ' ')"
	fi
}

# equal NAME EXPECTED GOT
equal() {
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "expected '$2', got '$3'"; fi
}

# await COMMAND...: for five minutes at most, in a machine that is emulated.
await() {
	deadline=$(($(date +%s) + 300))
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt $deadline ] || { echo "timed out: $*"; return 1; }
		sleep 0.2
	done
}

is_active() {
	[ "$(systemctl is-active "$1")" = active ]
}

# A machine that is emulated on a busy host takes longer than any other.
allow_time() {
	for unit in tcpt tcpt-hold; do
		mkdir -p $changes/$unit.service.d
		printf '[Service]\nTimeoutSec=600\n' >$changes/$unit.service.d/time.conf
	done
	systemctl daemon-reload
}

usual_time() {
	rm -rf $changes/tcpt.service.d $changes/tcpt-hold.service.d
	systemctl daemon-reload
}

main_pid() {
	systemctl show -P MainPID "$1"
}

# All that the reader has ever written: into the journal of a boot, or the log.
printed() {
	case $reader in
	tcpt-log) zcat -f /var/log/tcpt/events.json* ;;
	*) journalctl -b $boot -u $reader -o cat --no-pager ;;
	esac
}

# reported_on PORT TYPE: of the connections to that port, those that were reported so.
reported_on() {
	printed | python3 -c '
import json, sys
for line in sys.stdin:
    event = json.loads(line)
    if event["type"] == sys.argv[2] and event.get("dport") == int(sys.argv[1]):
        print(event["sport"])' "$1" "$2" | sort -n
}

# connect PORT N: so many connections to that port, which listens for them; the
# ports that they had are added to the record.
connect() {
	python3 -c '
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
for _ in range(int(sys.argv[2])):
    client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    print(client.getsockname()[1], flush=True)
    server.accept()[0].close()
    client.close()' "$1" "$2" >>"$tmp/record-$1" || echo "cannot connect"
}

as_many_told() {
	[ "$(reported_on "$1" connect | wc -l)" -ge "$(wc -l <"$tmp/record-$1")" ] &&
		[ "$(reported_on "$1" close | wc -l)" -ge "$(wc -l <"$tmp/record-$1")" ]
}

# all_told NAME PORT: each connection of the record once, connect and close.
all_told() {
	await as_many_told "$2"
	for type in connect close; do
		equal "$1: each $type once" "$(sort -n "$tmp/record-$2" | xargs)" "$(reported_on "$2" $type | xargs)"
	done
}

is_json() {
	printed >"$tmp/printed"
	python3 -c '
import json, sys
for line in open(sys.argv[1]):
    json.loads(line)' "$tmp/printed"
}
