#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The matrix without machines: other scripts stand in for those that boot and fetch.

# shunit2 calls the functions.
# shellcheck disable=SC2317
# Scripts that stand in for others expand what is quoted here.
# shellcheck disable=SC2016

source=${abs_srcdir:-.}

setUp() {
	tmp=$(mktemp -d "$SHUNIT_TMPDIR/XXXXXX")
	mkdir -p "$tmp/tests/vm" "$tmp/tests/kernel" "$tmp/build" "$tmp/cache/6.1" "$tmp/cache/6.12"
	cp "$source/tests/program.sh" "$tmp/tests/"
	for script in matrix table verdicts results; do cp "$source/tests/vm/$script" "$tmp/tests/vm/"; done
	: >"$tmp/build/config.status"
	: >"$tmp/tests/kernel/load.sh"
	echo '1 linux-image-6.1.0-50-cloud-amd64' >"$tmp/cache/6.1/version"
	is pack 'for last; do :; done; : >"$last"'
	is fetch 'echo "${0%/tests/*}/cache/$1/vmlinuz"'
	is run 'echo "$*" >>"${0%/tests/*}/runs"; echo "PASS: tests/kernel/load.sh"
		case $* in */6.12/*) echo "FAIL: tests/kernel/watch.sh"; exit 1 ;; esac
		echo "PASS: tests/kernel/watch.sh"'
	printf '%s\n' '# a list' '' '6.1 bookworm cloud amd64 - cpus=1,test=load' \
		'6.12 trixie cloud amd64 hide=/sys/kernel/btf' >"$tmp/tests/vm/kernels"
}

# is SCRIPT TEXT
is() {
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/tests/vm/$1"
	chmod +x "$tmp/tests/vm/$1"
}

matrix() {
	out=$("$tmp/tests/vm/matrix" --build "$tmp/build" "$@" 2>&1 </dev/null)
	status=$?
}

assert_line() {
	echo "$out" | tr -s ' ' | grep -q -x -F -e "$1" || fail "no '$1' in: $out"
}

test_all_of_the_list() {
	matrix --jobs 1 --all
	assertEquals "$out" 1 $status
	assertEquals 3 "$(wc -l <"$tmp/runs")"
	assertContains "$(sed -n 2p "$tmp/runs")" "--cpus 1 "
	assertContains "$(sed -n 2p "$tmp/runs")" " tests/kernel/load.sh"
	assertContains "$(sed -n 3p "$tmp/runs")" "--hide /sys/kernel/btf"
	assert_line "matrix: 2 of 3 done; 6.1,cpus=1: 2 passed, 0 failed"
	assert_line "test 6.1 6.1,cpus=1 6.12,hide=/sys/kernel/btf"
	assert_line "watch PASS PASS FAIL"
	assertEquals "5 passed, 1 failed, 0 skipped" "$(echo "$out" | tail -n 1)"
}

test_two_at_a_time() {
	matrix --jobs 2 --all
	assertEquals "$out" 1 $status
	assertEquals 3 "$(wc -l <"$tmp/runs")"
	assertEquals "5 passed, 1 failed, 0 skipped" "$(echo "$out" | tail -n 1)"
}

test_files() {
	matrix --json "$tmp/json" --markdown "$tmp/table" 6.1 6.12
	assertEquals "$out" 1 $status
	assertEquals '[{"kernel":"6.1","release":"6.1.0-50-cloud-amd64","tests":{"load":"PASS","watch":"PASS"}},
{"kernel":"6.12","release":"","tests":{"load":"PASS","watch":"FAIL"}}]' "$(cat "$tmp/json")"
	assertEquals '| kernel | release | passed | failed | skipped | |
|---|---|---|---|---|---|
| 6.1 | 6.1.0-50-cloud-amd64 | 2 | 0 | 0 |  |
| 6.12 |  | 1 | 1 | 0 | fail: watch |' "$(cat "$tmp/table")"
}

# Killed in its second machine, it runs the first no more; what has failed has been run.
test_goes_on() {
	is run 'echo "$*" >>"${0%/tests/*}/runs"; echo "PASS: tests/kernel/load.sh"
		case $* in *--cpus*) echo >"${0%/tests/*}/begun"; exec sleep 600 ;; esac'
	mkfifo "$tmp/begun"
	"$tmp/tests/vm/matrix" --build "$tmp/build" --keep "$tmp/kept" --jobs 1 --all >"$tmp/out" 2>&1 &
	child=$!
	read -r _ <"$tmp/begun"
	kill $child
	wait $child
	assertEquals 143 $?
	is run 'echo "$*" >>"${0%/tests/*}/runs"; echo "PASS: tests/kernel/load.sh"'
	rm "$tmp/runs"
	matrix --keep "$tmp/kept" --jobs 1 --all
	assertEquals "$out" 0 $status
	assertEquals "$(cat "$tmp/runs")" 2 "$(wc -l <"$tmp/runs")"
	assert_line "[6.1] is kept in $tmp/kept"
	assertEquals "3 passed, 0 failed, 0 skipped" "$(echo "$out" | tail -n 1)"
	matrix --keep "$tmp/kept" --all
	assertEquals "$out" 0 $status
	assertEquals 2 "$(wc -l <"$tmp/runs")"
}

# The list of the tree is one that matrix takes: its tests are there, and so is each option.
test_list_of_the_tree() {
	cp "$source/tests/vm/kernels" "$tmp/tests/vm/kernels"
	for test in "$source"/tests/kernel/*.sh; do : >"$tmp/tests/kernel/${test##*/}"; done
	matrix --jobs 2 --all
	assertEquals "5 words" "" "$(grep -v -E '^(#|$)' "$tmp/tests/vm/kernels" | awk 'NF < 5')"
	assertEquals "variations" "$(grep -v -E '^(#|$)' "$tmp/tests/vm/kernels" | awk '{ n += NF - 4 } END { print n }')" \
		"$(wc -l <"$tmp/runs")"
}

test_misuse() {
	matrix --all 6.1
	assertEquals "matrix: either --all or KERNELs (see matrix --help)" "$out"
	assertEquals 2 $status
	out=$(echo 'x y' | "$source/tests/vm/results" text 2>&1)
	assertEquals "$out" 1 $?
	assertContains "$out" "results: not KERNEL VERDICT TEST: x y"
	out=$("$source/tests/vm/results" html 2>&1 </dev/null)
	assertEquals "$out" 2 $?
}

# shellcheck source=/dev/null
. shunit2
