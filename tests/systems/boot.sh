#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The units over reboots. Steps, with a reboot between each two, and two after the first:
#
#   boot.sh first            enables them, and keeps what the next boots are to find
#   boot.sh second           what these boots have made of it
#   boot.sh shutdown-check   how the one before has ended

# What is called by a name is not unreachable; what lib.sh sets has no blanks.
# shellcheck disable=SC2317,SC2086
# shellcheck source=tests/systems/lib.sh
. "${0%/*}/lib.sh"

probes=$changes

# Connections that nobody could have reported by hand: one as early as the network, and one
# when services stop, as late as any of them.
write_probes() {
	cat >$state/connection <<'END'
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
with open(sys.argv[2], "w") as out:
    print(client.getsockname()[1], file=out)
server.accept()[0].close()
client.close()
END
	cat >$probes/tcpt-test-first.service <<END
[Unit]
DefaultDependencies=no
After=network-pre.target local-fs.target
Before=network.target
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 $state/connection 4999 $state/first-port
[Install]
WantedBy=multi-user.target
END
	cat >$probes/tcpt-test-last.service <<END
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/usr/bin/python3 $state/connection 4998 $state/last-port
[Install]
WantedBy=multi-user.target
END
	systemctl daemon-reload
	systemctl enable tcpt-test-first && systemctl enable --now tcpt-test-last
}

step_first() {
	rm -rf $state/first-port $state/last-port /etc/default/tcpt
	mkdir -p /var/log/journal && systemctl restart systemd-journald && journalctl --flush
	check "connections for the next boots" write_probes
	echo 'z /sys/fs/bpf 1711 root root' >/etc/tmpfiles.d/tcpt.conf
	allow_time
	check "enable" systemctl enable --now tcpt $reader
	check "tcpt-hold cannot be enabled too" refuses systemctl enable tcpt-hold
	check "tcpt-log cannot be enabled too" refuses systemctl enable tcpt-log
	check "the trace is up" await tcpt-stat
	check "the reader is up" await is_active $reader
	ls /var/lib/tcpt/offsets >$state/kept
	equal "offsets are kept" 1 "$(wc -l <$state/kept)"
	sync
}

refuses() {
	! "$@"
}

# was_first: its one connection is reported by a connect, not as one found later.
was_first() {
	[ "$(reported_on 4999 connect)" = "$(cat $state/first-port)" ]
}

# The last one of the boot before; that of this boot is still to come.
was_last() {
	[ "$(reported_on 4998 connect)" = "$(cat $state/last-port)" ]
}

step_second() {
	check "the trace is up" await is_active tcpt
	check "the reader is up" await is_active $reader
	check "the first connection of the boot is reported" await was_first
	equal "the offsets of the boot before" "$(cat $state/kept)" "$(ls /var/lib/tcpt/offsets)"
	echo "FIGURE: $(systemctl show -P ExecMainStartTimestampMonotonic tcpt) to $(systemctl show -P ExecMainExitTimestampMonotonic tcpt) us: tcpt at boot"
	equal "nothing was guessed" '' "$(journalctl -b -u tcpt -o cat | grep 'guess')"
	equal "others may pass" 1711 "$(stat -c %a /sys/fs/bpf)"
	check "the journal is JSON" is_json
	boot=-1
	check "the last connection of the boot before was reported" was_last
	check "the journal of the boot before is JSON" is_json
	# Down comes the whole once more, with the log in the place of the journal.
	rm -rf /var/log/tcpt
	systemctl disable $reader
	check "the log in the journal's place" systemctl enable --now tcpt-log
	sync
}

# line PATTERN: where the last one is in the journal of the boot before.
line() {
	journalctl -b -1 -o cat --no-pager | grep -n "$1" | tail -n 1 | cut -d: -f1
}

# The stream of all boots: the journal as long as it was enabled, and then the log.
stream() {
	journalctl -u tcpt-watch -o cat --no-pager | grep '^{'
	find /var/log/tcpt -name 'events.json*' -printf '%T@ %p\n' | sort -n | cut -d ' ' -f 2 | xargs zcat -f
}

# It is taken apart by its own records alone: for each boot its id, and the times of its
# first and last event.
boots_by_jq() {
	stream |
		jq -nr 'reduce inputs as $e ([];
				if $e.type == "trace" and .[-1].id != $e.boot_id then . + [{id: $e.boot_id, times: []}]
				elif $e.seq then .[-1].times += [$e.time]
				else . end)
			| .[] | [.id, (.times | min), (.times | max)] | @tsv'
}

step_shutdown_check() {
	reader=tcpt-log
	check "the reader is up" await is_active $reader
	check "the first connection of the boot is reported" await was_first
	check "the last connection of the boot before was reported" was_last
	check "the log is JSON" is_json
	check "the trace is up" await is_active tcpt
	check "the reader is up" await is_active $reader
	boots_by_jq >"$tmp/boots"
	# The kernel below a container has been booted once.
	systemd-detect-virt --quiet --container || {
		equal "the boots of the stream" "$(journalctl --list-boots --no-pager | awk 'length($2) == 32 { print $2 }')" \
			"$(cut -f1 "$tmp/boots" | tr -d -)"
		equal "boots of the stream" 4 "$(wc -l <"$tmp/boots")"
	}
	equal "their times follow each other" "$(cut -f2,3 "$tmp/boots" | tr '\t' '\n' | sort)" \
		"$(cut -f2,3 "$tmp/boots" | tr '\t' '\n')"
	equal "no unit had failed" '' "$(journalctl -b -1 -o cat --no-pager | grep '^tcpt\(-watch\|-log\|-hold\|-test-first\|-test-last\)*\.service: Failed with result')"
	unloaded=$(line 'Stopped tcpt.service')
	check "the trace was stopped" [ -n "$unloaded" ]
	equal "no reader said that the trace ended" '' \
		"$(journalctl -b -1 -u $reader -o cat --no-pager | grep 'the trace has ended')"
	systemctl disable --now $reader tcpt tcpt-test-first tcpt-test-last 2>/dev/null
	rm -rf $probes/tcpt-test-*.service $state
	usual_time
	check "nothing is pinned" [ ! -e /sys/fs/bpf/tcpt ]
}

case ${1-} in
first) step_first ;;
second) step_second ;;
shutdown-check) step_shutdown_check ;;
*)
	echo "usage: boot.sh first | second | shutdown-check" >&2
	exit 2
	;;
esac
exit $failed
