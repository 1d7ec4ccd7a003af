#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Real programs against the trace, in each attach mode: what it reports adds up to
# what the programs and the kernel's own counters say. Over loopback only.
# Prints a table: program MODE NAME exact|absent|FAIL

# The tests of a mode are called by name.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
. "${0%/*}/nginx-lib.sh"
need root bpf netns raw_tp

port=8790
server=

has() {
	for program; do
		command -v "$program" >/dev/null || return
	done
}

any=
for program in nginx redis-server python3 iperf3; do
	! has $program || any=$program
done
if [ -z "$any" ]; then
	echo "none of the programs is installed"
	exit 77
fi

# ActiveOpens PassiveOpens AttemptFails EstabResets of this namespace
kernel_counts() {
	awk '/^Tcp:/ && $2 ~ /^[0-9]/ { print $6, $7, $8, $9 }' /proc/net/snmp
}

# of FILE TYPE [COMM]: how many events of this namespace
of() {
	awk -F'\t' -v n="$netns" -v type="$2" -v comm="${3-}" '
		($16 == n || n == "-") && $5 == type && (comm == "" || $10 == comm) { count++ }
		END { print count + 0 }' "$1"
}

# Local ports of the connects of a program
ports_of() {
	awk -F'\t' -v n="$netns" -v comm="$1" '
		($16 == n || n == "-") && $5 == "connect" && $10 == comm { print $13 }' "$dir/ev" | sort
}

ended_by() {
	awk -F'\t' -v n="$netns" -v how="$1" '
		($16 == n || n == "-") && $5 == "close" && $27 == how { count++ }
		END { print count + 0 }' "$dir/ev"
}

listens() {
	grep -q ":$(printf %04X $port) 0*:0000 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# serve COMMAND...: in the background, until stop_server.
serve() {
	"$@" >"$dir/server" 2>&1 &
	server=$!
	await listens
}

stop_server() {
	[ -n "$server" ] || return 0
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	server=
}

# bounded COMMAND...: a client, with its output in $dir/client.
bounded() {
	timeout 600 "$@" >"$dir/client" 2>"$dir/errors" || fail "$1: status $?: $(tail -n 3 "$dir/errors")"
}

# The program's own count of WHAT, and that of the trace
same() {
	assertEquals "$mode, $name, $1" "$2" "$3"
}

begin() {
	before=$(kernel_counts)
	start_reader "$dir/ev"
}

# What holds for every program: the kernel's counters, and a close for each opening.
end() {
	stop_server
	stop_reader "$dir/ev"
	# shellcheck disable=SC2046,SC2086 # numbers
	set -- $before $(kernel_counts)
	same ActiveOpens $(($5 - $1)) $(($(of "$dir/ev" connect) + $(of "$dir/ev" fail)))
	# A child that two processors make at once is counted twice, and one is dropped.
	passive=$(($6 - $2))
	[ $passive -le $(($5 - $1)) ] || passive=$(($5 - $1))
	same PassiveOpens $passive "$(of "$dir/ev" accept)"
	same AttemptFails $(($7 - $3)) "$(of "$dir/ev" fail)"
	same EstabResets $(($8 - $4)) "$(ended_by reset)"
	same "closes" $(($(of "$dir/ev" connect) + $(of "$dir/ev" accept))) "$(of "$dir/ev" close)"
}

write_page() {
	write_nginx $port
	echo hello >"$dir/nginx/html/index.html"
}

# Its count of connections accepted; the question is one of them.
nginx_accepts() {
	bounded curl -s "http://127.0.0.1:$port/status"
	awk 'NR == 3 { print $1 }' "$dir/client"
}

try_nginx_curl() {
	write_page
	begin
	serve nginx -p "$dir/nginx/" -c "$dir/nginx/conf"
	connects=0
	while [ $connects -lt 6 ]; do
		bounded curl -s -o /dev/null -w '%{num_connects}\n' "http://127.0.0.1:$port/?[1-5]"
		connects=$((connects + $(awk '{ n += $1 } END { print n }' "$dir/client")))
	done
	accepts=$(nginx_accepts)
	end
	same "connects of curl" $((connects + 1)) "$(of "$dir/ev" connect curl)"
	same "accepts of nginx" "$accepts" "$(of "$dir/ev" accept nginx)"
}

try_nginx_ab() {
	write_page
	begin
	serve nginx -p "$dir/nginx/" -c "$dir/nginx/conf"
	bounded ab -q -n 600 -c 8 "http://127.0.0.1:$port/"
	complete=$(awk '/^Complete requests:/ { print $3 }' "$dir/client")
	accepts=$(nginx_accepts)
	end
	connects=$(of "$dir/ev" connect ab)
	same "accepts of nginx" "$accepts" "$(of "$dir/ev" accept nginx)"
	same "connects of ab" $((accepts - 1)) "$connects"
	# It begins a few more than it completes.
	assertTrue "$mode: $complete requests of ab, $connects connects" \
		"[ $connects -ge $complete ] && [ $connects -le $((complete + 8)) ]"
}

# Its connections end in resets.
try_nginx_wrk() {
	write_page
	begin
	serve nginx -p "$dir/nginx/" -c "$dir/nginx/conf"
	bounded wrk -t 1 -c 12 -d 1s "http://127.0.0.1:$port/"
	accepts=$(nginx_accepts)
	end
	same "connects of wrk" $((accepts - 1)) "$(of "$dir/ev" connect wrk)"
	same "accepts of nginx" "$accepts" "$(of "$dir/ev" accept nginx)"
}

try_redis() {
	begin
	serve redis-server --port $port --bind 127.0.0.1 --save '' --appendonly no --dir "$dir"
	bounded redis-benchmark -q -p $port -c 10 -n 500 -k 0 -t ping_mbulk,set
	bounded redis-cli -p $port info stats
	accepts=$(tr -d '\r' <"$dir/client" | sed -n 's/^total_connections_received://p')
	end
	same "accepts of redis-server" "$accepts" "$(of "$dir/ev" accept redis-server)"
	assertTrue "hardly any connections" "[ $accepts -gt 1000 ]"
}

# The client is refused by another port before.
try_python() {
	begin
	serve python3 -u -m http.server --bind 127.0.0.1 --directory "$dir" $port
	cat >"$dir/client.py" <<END
import socket, urllib.request
refused = 0
for i in range(7):
    try:
        socket.create_connection(("127.0.0.1", $port + 1))
    except ConnectionRefusedError:
        refused += 1
for i in range(40):
    urllib.request.urlopen("http://127.0.0.1:$port/client.py").read()
print(refused)
END
	bounded python3 "$dir/client.py"
	refused=$(cat "$dir/client")
	requests=$(grep -c 'GET /client.py' "$dir/server")
	end
	same "refused" "$refused" "$(of "$dir/ev" fail)"
	same "connects" "$requests" "$(of "$dir/ev" connect)"
}

# The streams are named in its report, with their bytes.
try_iperf3() {
	begin
	serve iperf3 --server --one-off --bind 127.0.0.1 --port $port
	bounded iperf3 --client 127.0.0.1 --port $port --parallel 4 --bytes 2M --json
	cp "$dir/client" "$dir/report"
	wait "$server"
	server=
	end
	sed -n '/"connected"/,/\]/s/.*"local_port":[^0-9]*\([0-9]*\).*/\1/p' "$dir/report" | sort >"$dir/streams"
	same "streams" 4 "$(wc -l <"$dir/streams")"
	ports_of iperf3 >"$dir/ports"
	same "connects of unknown streams" "" "$(grep -v -x -F -f "$dir/ports" "$dir/streams")"
	same "connects" 5 "$(wc -l <"$dir/ports")"
}

try_node() {
	cat >"$dir/client.js" <<END
const http = require('http');
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const ports = new Set();
const server = http.createServer((request, response) => response.end('hello'));
let left = 60;
server.keepAliveTimeout = 10000;
server.listen($port, '127.0.0.1', () => {
	for (let i = 0; i < 60; i++) {
		const request = http.get({ port: $port, host: '127.0.0.1', agent }, (response) => {
			response.resume();
			response.on('end', () => {
				if (--left === 0)
					setImmediate(() => {
						agent.destroy();
						server.close();
					});
			});
		});
		request.on('socket', (socket) => {
			const note = () => ports.add(socket.localPort);
			if (socket.connecting) socket.on('connect', note);
			else note();
		});
	}
});
process.on('exit', () => ports.forEach((port) => console.log(port)));
END
	begin
	bounded node "$dir/client.js"
	sort "$dir/client" >"$dir/streams"
	end
	ports_of node >"$dir/ports"
	same "sockets" "$(cat "$dir/streams")" "$(cat "$dir/ports")"
	same "number of sockets" 4 "$(wc -l <"$dir/ports")"
}

# program NAME NEEDED...: one line of the table.
program() {
	name=$1
	shift
	if ! has "$@"; then
		echo "program $mode $name absent"
		return
	fi
	failures=${__shunit_assertsFailed:-0}
	"try_$name"
	verdict=exact
	[ "$failures" = "${__shunit_assertsFailed:-0}" ] || verdict=FAIL
	echo "program $mode $name $verdict ($(of "$dir/ev" connect) connects, $(of "$dir/ev" fail) failed)"
}

programs() {
	load_trace "$mode"
	program nginx_curl nginx curl
	program nginx_ab nginx curl ab
	program nginx_wrk nginx curl wrk
	program redis redis-server redis-benchmark redis-cli
	program python python3
	program iperf3 iperf3
	program node node
	unload_trace
}

suite() {
	for mode in $(attach_modes); do
		eval "test_$mode() { mode=$mode; programs; }"
		suite_addTest "test_$mode"
	done
}

oneTimeTearDown() {
	stop_server
	clean_up
}

# shellcheck source=/dev/null
. shunit2
