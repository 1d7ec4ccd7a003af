#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-map draws real programs: each edge has the connections that were made. With the
# programs of two hosts, which are namespaces here and have a trace each, both ends of a
# connection are joined. The picture of README.md is one of these, but for bytes and times.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp
for program in jq redis-server redis-cli; do
	command -v $program >/dev/null || {
		echo "needs $program"
		exit 77
	}
done

servers=
top=$(readlink -f "${0%/*}/../..")

has() {
	for program; do
		command -v "$program" >/dev/null || return
	done
}

tearDown() {
	# shellcheck disable=SC2086 # a list
	[ -z "$servers" ] || kill $servers 2>/dev/null
	# shellcheck disable=SC2086 # a list
	wait $servers 2>/dev/null
	servers=
	kill_host
}

# serve COMMAND...: in the background, until tearDown.
serve() {
	"$@" >"$dir/server" 2>&1 &
	servers="$servers $!"
}

# edges: "FROM FROM-HOST TO TO-HOST PORT CONNECTIONS JOINED FAILED"
edges() {
	jq -r '. as $g | .edges[] | [$g.nodes[.from].name, $g.nodes[.from].host, $g.nodes[.to].name,
		$g.nodes[.to].host, .port, .connections, .joined, .failed] | join(" ")' "$dir/map"
}

answers() {
	redis-cli "$@" ping >/dev/null 2>&1
}

end_trace() {
	kill "$1"
	await_end "$1" "$2"
}

# The other host has a name and a network namespace of its own, and a link to this one.
test_two_hosts() {
	unshare --net --uts sh -c 'echo other >/proc/sys/kernel/hostname; exec sleep 900' &
	host=$!
	on="nsenter --net=/proc/$host/ns/net --uts=/proc/$host/ns/uts"
	await is_new_host
	on_host ip link set lo up
	ip link add tcpt0 type veth peer name tcpt1 netns "$host" || fail "no link"
	ip addr add 10.9.0.1/24 dev tcpt0
	on_host ip addr add 10.9.0.2/24 dev tcpt1
	ip link set tcpt0 up
	on_host ip link set tcpt1 up
	# shellcheck disable=SC2086 # a command; a function's process would not be the server
	serve $on redis-server --bind 10.9.0.2 --port 7000 --save '' --protected-mode no
	await answers -h 10.9.0.2 -p 7000

	start here tcpt-trace --banner --no-existing --format=json --output="$dir/here.json" \
		--filter="netns=$netns"
	here=$started
	# shellcheck disable=SC2086 # a command
	start there $on tcpt-trace --banner --no-existing --format=json --output="$dir/there.json" \
		--filter="netns=$(stat -L -c %i "/proc/$host/ns/net")"
	there=$started
	for n in 1 2 3; do
		answers -h 10.9.0.2 -p 7000 || fail "redis-cli $n"
	done
	answers -h 10.9.0.2 -p 7001 # it is refused, and may try again
	end_trace "$here" here
	end_trace "$there" there
	tcpt-map -f json "$dir/there.json" "$dir/here.json" >"$dir/map" || fail "tcpt-map"
	assertEquals "$(cat "$dir/map")" "redis-cli $(uname -n) redis-server other 7000 3 3 0
redis-cli $(uname -n) 10.9.0.2  7001 0 0 some" "$(edges | sed 's/ 7001 0 0 [1-9]$/ 7001 0 0 some/')"
	ip link del tcpt0
}

# ---- programs ----

start_nginx() {
	has nginx curl || return 0
	printf 'daemon off; pid %s/pid; error_log %s/error; worker_processes 1; user root;
		events {} http { access_log off; server { listen 127.0.0.1:8080;
		location / { return 200 hello; } location /app/ { proxy_pass http://127.0.0.1:9/; } } }' \
		"$dir" "$dir" >"$dir/nginx.conf"
	serve nginx -c "$dir/nginx.conf"
	await curl -s -o /dev/null http://127.0.0.1:8080/
	{
		echo "curl nginx 8080 6 6 0"
		echo "nginx 127.0.0.1 9 0 0 1"
	} >>"$dir/expected"
}

use_nginx() {
	grep -q nginx "$dir/expected" || return 0
	for n in 1 2 3 4 5; do
		curl -s -o /dev/null http://127.0.0.1:8080/
	done
	curl -s -o /dev/null http://127.0.0.1:8080/app/
}

# PostgreSQL does not run as root.
start_postgres() {
	has postgres psql || return 0
	folder=$(dirname "$(readlink -f "$(command -v postgres)")")
	nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
	mkdir "$dir/pg"
	chown 65534:65534 "$dir/pg"
	$nobody "$folder/initdb" -D "$dir/pg" >"$dir/initdb" 2>&1 || return 0
	# shellcheck disable=SC2086 # a command
	serve $nobody "$folder/postgres" -D "$dir/pg" -c listen_addresses=127.0.0.1 \
		-c port=5432 -c unix_socket_directories=
	await ask_postgres
	echo "psql postgres 5432 3 3 0" >>"$dir/expected"
}

ask_postgres() {
	psql -h 127.0.0.1 -p 5432 -U "$(id -nu 65534)" -d postgres -c 'select 1' >/dev/null 2>&1
}

use_postgres() {
	grep -q psql "$dir/expected" || return 0
	for n in 1 2 3; do
		ask_postgres
	done
}

# It asks first what the server is, by one more connection.
start_redis() {
	serve redis-server --bind 127.0.0.1 --port 6379 --save ''
	await answers -p 6379
	if has redis-benchmark; then
		echo "redis-benchmark redis-server 6379 21 21 0"
	else
		echo "redis-cli redis-server 6379 2 2 0"
	fi >>"$dir/expected"
}

use_redis() {
	if has redis-benchmark; then
		redis-benchmark -q -p 6379 -t set -c 20 -n 1000 >/dev/null
	else
		answers -p 6379
		answers -p 6379
	fi
}

# A picture without what is another one at each run.
structure() {
	sed -e '/^```/d' -e 's/<br>[^"]*//'
}

compare_with_readme() {
	has nginx curl postgres psql redis-benchmark || return 0
	[ -e "$top/README.md" ] || return 0
	# shellcheck disable=SC2016 # as it stands there
	sed -n '/^```mermaid$/,/^```$/p' "$top/README.md" | structure >"$dir/readme"
	structure <"$dir/picture" >"$dir/drawn"
	assertTrue "README.md has another picture (<): $(diff "$dir/readme" "$dir/drawn")" \
		"cmp -s '$dir/readme' '$dir/drawn'"
}

test_programs() {
	: >"$dir/expected"
	start_nginx
	start_postgres
	start_redis

	start all tcpt-trace --banner --no-existing --format=json --output="$dir/all.json" --filter="netns=$netns"
	all=$started
	use_nginx
	use_postgres
	use_redis
	end_trace "$all" all
	tcpt-map -f json "$dir/all.json" >"$dir/map" || fail "tcpt-map"
	assertEquals "$(cat "$dir/map")" "$(sort "$dir/expected")" "$(edges | sed 's/\([^ ]*\) [^ ]* \([^ ]*\) [^ ]* /\1 \2 /' | sort)"
	tcpt-map -f mermaid "$dir/all.json" >"$dir/picture"
	sed 's/^/  /' "$dir/picture"
	compare_with_readme
}

# shellcheck source=/dev/null
. shunit2
