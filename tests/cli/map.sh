#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-map joins the ends of connections, of one host and of several, and draws them.

# shunit2 calls the functions.
# shellcheck disable=SC2317

command -v tcpt-map >/dev/null || {
	echo "tcpt-map is not in PATH"
	exit 1
}

# host NAME: the first object of a stream.
host() {
	echo "{\"type\":\"trace\",\"boot_id\":\"of-$1\",\"host\":\"$1\"}"
}

# event TYPE ID ROLE COMM SADDR SPORT DADDR DPORT [MORE]
event() {
	printf '{"type":"%s","id":%s,"role":"%s","comm":"%s","saddr":"%s","sport":%s,"daddr":"%s","dport":%s,"netns":7%s}\n' \
		"$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" "${9:+,$9}"
}

# A client of one host, and the server that it connects to on another.
setUp() {
	a=$SHUNIT_TMPDIR/a
	b=$SHUNIT_TMPDIR/b
	{
		host a
		event connect 1 client curl 10.0.0.1 4001 10.0.0.2 80 '"latency_us":100'
		event close 1 client curl 10.0.0.1 4001 10.0.0.2 80 \
			'"reason":"local","bytes_sent":10,"bytes_received":2000'
		event connect 2 client curl 10.0.0.1 4002 10.0.0.2 80 '"latency_us":300'
		event close 2 client curl 10.0.0.1 4002 10.0.0.2 80 \
			'"reason":"reset","bytes_sent":20,"bytes_received":0'
		event fail 3 client curl 10.0.0.1 4003 10.0.0.2 80 '"errno":"ECONNREFUSED"'
	} >"$a"
	{
		host b
		event accept 1 server nginx 10.0.0.2 80 10.0.0.1 4001
		event close 1 server nginx 10.0.0.2 80 10.0.0.1 4001 \
			'"reason":"peer","bytes_sent":2000,"bytes_received":10'
		event accept 2 server nginx 10.0.0.2 80 10.0.0.1 4002
	} >"$b"
}

# assert_edges EXPECTED ARGUMENT...: "FROM TO PORT CONNECTIONS JOINED FAILED BROKEN SENT RECEIVED"
assert_edges() {
	expected=$1
	shift
	tcpt-map --format=json "$@" >"$SHUNIT_TMPDIR/json" 2>"$SHUNIT_TMPDIR/err"
	status=$?
	assertEquals "$(cat "$SHUNIT_TMPDIR/err")" 0 "$status"
	edges=$(jq -r '. as $g | .edges[] | [$g.nodes[.from].name, $g.nodes[.to].name, .port, .connections,
		.joined, .failed, .broken, .bytes_sent, .bytes_received] | join(" ")' "$SHUNIT_TMPDIR/json")
	assertEquals "$expected" "$edges"
}

test_ends_are_joined_across_hosts() {
	assert_edges "curl nginx 80 2 2 1 1 30 2000" "$a" "$b"
	assert_edges "curl nginx 80 2 2 1 1 30 2000" "$b" "$a"
	assert_edges "a b 80 2 2 1 1 30 2000" --by=host "$a" "$b"
	assertEquals 200 "$(jq '.edges[0].latency_us' "$SHUNIT_TMPDIR/json")"
	# One stream after the other in one file, as a broker may have them.
	cat "$a" "$b" >"$SHUNIT_TMPDIR/both"
	tcpt-map -f json <"$SHUNIT_TMPDIR/both" >"$SHUNIT_TMPDIR/piped"
	tcpt-map -f json "$a" "$b" >"$SHUNIT_TMPDIR/json"
	assertEquals "$(cat "$SHUNIT_TMPDIR/json")" "$(cat "$SHUNIT_TMPDIR/piped")"
}

# An end that nobody has seen is an address.
test_one_end() {
	assert_edges "curl 10.0.0.2 80 2 0 1 1 30 2000" "$a"
	assert_edges "10.0.0.1 nginx 80 2 0 0 0 10 2000" "$b"
}

# The same addresses and ports of loopback are others on another host, or in another namespace.
test_loopback() {
	event connect 1 client x 127.0.0.1 4001 127.0.0.1 80 >>"$a"
	event accept 3 server y 127.0.0.1 80 127.0.0.1 4001 >>"$b"
	assert_edges "curl nginx 80 2 2 1 1 30 2000
x 127.0.0.1 80 1 0 0 0 0 0
127.0.0.1 y 80 1 0 0 0 0 0" "$a" "$b"
}

test_loopback_of_namespaces() {
	{
		event connect 1 client x 127.0.0.1 4001 127.0.0.1 80
		event accept 2 server y 127.0.0.1 80 127.0.0.1 4001
		event accept 4 server z 127.0.0.1 80 127.0.0.1 4001 | sed 's/"netns":7/"netns":8/'
	} >"$a"
	assert_edges "x y 80 1 1 0 0 0 0
127.0.0.1 z 80 1 0 0 0 0 0" "$a"
}

# Ports are used again. The close comes without its connect if that is older than the stream.
test_again_and_older() {
	{
		event close 9 client old 127.0.0.1 5000 127.0.0.1 90 '"bytes_sent":1,"bytes_received":2'
		for id in 1 2 3; do
			event connect $id client x 127.0.0.1 4001 127.0.0.1 80
			event accept 1$id server y 127.0.0.1 80 127.0.0.1 4001
			event close 1$id server y 127.0.0.1 80 127.0.0.1 4001
			event close $id client x 127.0.0.1 4001 127.0.0.1 80
		done
	} >"$a"
	assert_edges "old 127.0.0.1 90 1 0 0 0 1 2
x y 80 3 3 0 0 0 0" "$a"
}

test_by() {
	event connect 1 client x ::1 4001 ::1 80 '"exe":"/bin/x","container":"c1"' >"$a"
	event accept 2 server y ::1 80 ::1 4001 '"exe":"/bin/y"' >>"$a"
	assert_edges "x y 80 1 1 0 0 0 0" "$a"
	assert_edges "/bin/x /bin/y 80 1 1 0 0 0 0" --by=exe "$a"
	assert_edges "c1  80 1 1 0 0 0 0" --by=container "$a"
}

# assert_says NAME TEXT: as it stands there, with its backslashes.
assert_says() {
	grep -q -F -e "$2" "$SHUNIT_TMPDIR/$1" || fail "no '$2' in: $(cat "$SHUNIT_TMPDIR/$1")"
}

test_dot() {
	tcpt-map "$a" "$b" >"$SHUNIT_TMPDIR/dot"
	assert_says dot 'n0 [label="curl\na"];'
	assert_says dot \
		'n0 -> n1 [label=":80  2, 1 failed, 1 broken\n30B out, 2.0K in\n200 us", color=red];'
	! command -v dot >/dev/null || assertTrue "dot" "dot -Tsvg '$SHUNIT_TMPDIR/dot' >/dev/null"
}

test_mermaid() {
	tcpt-map -f mermaid --by=host "$a" "$b" >"$SHUNIT_TMPDIR/mermaid"
	assertEquals 'flowchart LR
    n0["a"]
    n1["b"]
    n0 -->|":80  2, 1 failed, 1 broken<br>30B out, 2.0K in<br>200 us"| n1' "$(cat "$SHUNIT_TMPDIR/mermaid")"
}

# A name cannot end its quotes.
test_hostile_names() {
	event connect 1 client 'a\"];b\\\n\u0000<script>' 10.0.0.1 1 10.0.0.2 80 >"$a"
	printf '{"type":"connect","id":2,"role":"client","comm":"\377\303\251","saddr":"10.0.0.1","sport":2,"daddr":"10.0.0.2","dport":80}\n' >>"$a"
	tcpt-map "$a" >"$SHUNIT_TMPDIR/dot"
	assert_says dot '[label="a\"];b\\??<script>"];'
	tcpt-map -f mermaid "$a" >"$SHUNIT_TMPDIR/mermaid"
	assert_says mermaid '["a#34;];b\??#60;script#62;"]'
	tcpt-map -f json "$a" >"$SHUNIT_TMPDIR/json"
	assertEquals "$(printf '?\303\251')" "$(jq -r '.nodes[0].name' "$SHUNIT_TMPDIR/json")"
}

test_losses_are_told() {
	echo '{"type":"lost","where":"ring","count":3}' >>"$a"
	tcpt-map "$a" "$b" >"$SHUNIT_TMPDIR/out" 2>"$SHUNIT_TMPDIR/err"
	assertEquals "tcpt-map: warning: 3 events were lost, so that some of it is missing" \
		"$(cat "$SHUNIT_TMPDIR/err")"
}

# assert_bad LINE: it is no object.
assert_bad() {
	host a >"$a"
	printf '%s\n' "$1" >>"$a"
	tcpt-map "$a" >"$SHUNIT_TMPDIR/out" 2>"$SHUNIT_TMPDIR/err"
	status=$?
	assertEquals "$1" 1 "$status"
	assertContains "$1" "$(cat "$SHUNIT_TMPDIR/err")" "$a:2: not an object of JSON"
	assertNull "$1" "$(cat "$SHUNIT_TMPDIR/out")"
}

test_what_is_no_stream() {
	for line in text '{' '{"type"}' '{"type":}' '{"type":"close"' '{"a":"x\q"}' '{"a":"x}' '[1]' \
		'{"a":1}x' '{"a":1,}' '{"a":[1,{"b":2]' '{"a":"\u12"}' '{,}'; do
		assert_bad "$line"
	done
	printf '{"type":"connect","id":1,"ro' >>"$b"
	tcpt-map "$b" >"$SHUNIT_TMPDIR/out" 2>"$SHUNIT_TMPDIR/err"
	assertContains "$(cat "$SHUNIT_TMPDIR/err")" "the last line is not finished"
	for line in '{}' ' { "a" : { "b" : [ "}" , "\"" ] } , "type":null } ' '{"type":1e3,"b":true}'; do
		printf '%s\n' "$line" | tcpt-map >"$SHUNIT_TMPDIR/out" 2>"$SHUNIT_TMPDIR/err"
		status=$?
		assertEquals "$line: $(cat "$SHUNIT_TMPDIR/err")" 0 "$status"
	done
	tcpt-map /nonexistent 2>"$SHUNIT_TMPDIR/err"
	status=$?
	assertEquals 1 "$status"
	assertEquals "tcpt-map: cannot open /nonexistent: No such file or directory" "$(cat "$SHUNIT_TMPDIR/err")"
}

command -v jq >/dev/null || {
	echo "needs jq"
	exit 77
}

# shellcheck source=/dev/null
. shunit2
