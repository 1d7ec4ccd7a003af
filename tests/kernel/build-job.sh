#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-trace --expect on a build job: a make that fetches from two servers is as expected, a
# third server is new, and without all events there is no verdict. What connects lives for a
# moment only.

# shunit2 calls the functions.
# shellcheck disable=SC2317
. "${0%/*}/trace-lib.sh"
. "${0%/*}/nginx-lib.sh"
need root bpf netns raw_tp cgroup
for program in make curl nginx; do
	command -v $program >/dev/null || {
		echo "needs $program"
		exit 77
	}
done

if [ -z "$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)" ]; then
	mkdir "$own/cgroup"
	mount -t cgroup2 cgroup2 "$own/cgroup" || exit 99
fi

# The make that runs the tests is another one.
unset MAKEFLAGS MFLAGS MAKELEVEL

server=

oneTimeSetUp() {
	mkdir "$dir/build"
	write_nginx 8711 8712 8713
	seq 1000 >"$dir/nginx/html/source"
	begin_nginx
	server=$started
	await curl -s -f -o /dev/null http://127.0.0.1:8713/source
	cat >"$dir/build/Makefile" <<-'END'
		.RECIPEPREFIX = >
		get = curl -s -f -o $@ http://127.0.0.1:
		all: product
		one:
		> $(get)8711/source
		two:
		> $(get)8712/source
		three:
		> $(get)8713/source
		many:
		> for i in `seq 100`; do $(get)8711/source || exit 1; done
		product: one two
		> cat $^ >$@
	END
}

oneTimeTearDown() {
	[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null
	clean_up
}

setUp() {
	rm -f "$dir/build/one" "$dir/build/two" "$dir/build/three" "$dir/build/many" "$dir/build/product"
}

# keep_summary: what the build is expected to have.
keep_summary() {
	tcpt-trace --summary -f tsv -o "$dir/net.tsv" -- make -s -j2 -C "$dir/build" 2>"$dir/err"
	assert_exit 0 $? "$(cat "$dir/err")"
}

# assert_build STATUS [TARGET...]: traced, and compared with what is kept.
assert_build() {
	wanted=$1
	shift
	tcpt-trace --expect="$dir/net.tsv" -- make -s -j2 -C "$dir/build" "$@" >"$dir/out" 2>"$dir/err"
	assert_exit "$wanted" $? "make $*: $(cat "$dir/out" "$dir/err")"
}

test_summary_of_a_build() {
	keep_summary
	curl=$(command -v curl)
	assertEquals "the summary" "$curl client 127.0.0.1 8711 ok 1
$curl client 127.0.0.1 8712 ok 1" "$(grep -v '^#' "$dir/net.tsv" | cut -f1-6 | tr '\t' ' ')"
}

test_as_expected() {
	for _ in 1 2 3 4 5; do
		setUp
		assert_build 0
		assertNull "$(cat "$dir/out")" "$(cat "$dir/out" "$dir/err")"
	done
}

test_another_server() {
	assert_build 1 product three
	assertEquals "$(cat "$dir/out")" 1 "$(grep -c '^+' "$dir/out")"
	assertTrue "$(cat "$dir/out")" "grep -q '^+ [^ ]*/curl	client	127.0.0.1	8713	ok$' '$dir/out'"
	assertTrue "$(cat "$dir/err")" "grep -q '1 line is not in' '$dir/err'"
}

test_a_server_is_down() {
	sed 's/8712/8719/' "$dir/build/Makefile" >"$dir/down"
	tcpt-trace --expect="$dir/net.tsv" -- make -s -C "$dir/build" -f "$dir/down" >"$dir/out" 2>"$dir/err"
	assert_exit 1 $? "$(cat "$dir/out" "$dir/err")"
	assertTrue "$(cat "$dir/out")" "grep -q '^+ [^ ]*/curl	client	127.0.0.1	8719	ECONNREFUSED$' '$dir/out'"
	assertTrue "$(cat "$dir/out")" "grep -q '^- .*	8712	ok$' '$dir/out'"
}

# The reader stands still until the build has done more than the ring can hold.
test_no_verdict_after_a_loss() {
	tcpt-trace --expect="$dir/net.tsv" --ring-size=4K -- sh -c "
		kill -STOP \$PPID
		make -s -C '$dir/build' many product
		kill -CONT \$PPID" >"$dir/out" 2>"$dir/err"
	assert_exit 4 $? "$(cat "$dir/out" "$dir/err")"
	assertTrue "$(cat "$dir/err")" "grep -q 'so that there is no verdict' '$dir/err'"
}

# shellcheck source=/dev/null
. shunit2
