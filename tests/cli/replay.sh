#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Dumps of real kernels, replayed without privileges, against the offsets that
# these kernels' own BTF had when the dumps were made (tests/data/README).

# shunit2 calls the functions.
# shellcheck disable=SC2317

data=${abs_srcdir:-.}/tests/data

for program in tcpt-guess tar xz; do
	command -v "$program" >/dev/null || {
		echo "$program is not in PATH"
		exit 77
	}
done

oneTimeSetUp() {
	dir=$SHUNIT_TMPDIR/data
	mkdir "$dir"
	for archive in "$data"/*.tar.xz; do
		name=$(basename "$archive" .tar.xz)
		mkdir "$dir/$name"
		tar -xJf "$archive" -C "$dir/$name" --strip-components=1
	done
	names=$(ls "$dir")
	one=${names%%[!0-9a-z.-]*}
}

# What BTF does not call a place the guess has to call absent, and no more, but for
# what only MPTCP shows (262 is 0601 in memory) where the kernel has none, and for a
# field that is younger than the dump.
truth() {
	hidden='sock\.sk_protocol'
	! grep -q "^needle=$hidden is 0601$" "$dir/$1/snapshots" || hidden=nothing
	{
		cat "$data/$1.btf"
		grep -q '^sock\.sk_err_soft=' "$data/$1.btf" || echo sock.sk_err_soft=absent
	} | sed -e 's/=\(bitfield\|absent\)$/=absent/' -e "s/^\($hidden\)=.*/\1=absent/" | sort
}

fields_of() {
	grep -v '^#\|^kernel\.\|^source=' "$1" | sort
}

test_there_are_six_kernels() {
	count=$(echo "$names" | wc -l)
	assertTrue "$count dumps" "[ $count -ge 6 ]"
}

test_replay_equals_btf() {
	for name in $names; do
		tcpt-guess --replay "$dir/$name" >"$SHUNIT_TMPDIR/document"
		assertEquals "$name: exit status" 0 $?
		fields_of "$SHUNIT_TMPDIR/document" >"$SHUNIT_TMPDIR/fields"
		truth "$name" >"$SHUNIT_TMPDIR/btf"
		assertEquals "$name" "" "$(diff "$SHUNIT_TMPDIR/btf" "$SHUNIT_TMPDIR/fields")"
		grep -q '^source=replay$' "$SHUNIT_TMPDIR/document"
		assertEquals "$name: source" 0 $?
	done
}

test_a_document_of_another_kernel_is_told() {
	tcpt-guess --replay "$dir/$one" >"$SHUNIT_TMPDIR/document"
	for name in $names; do
		tcpt-guess --replay "$dir/$name" --verify "$SHUNIT_TMPDIR/document" >"$SHUNIT_TMPDIR/table"
		status=$?
		expected=1
		[ "$name" != "$one" ] || expected=0
		assertEquals "$name: $(tail -n 1 "$SHUNIT_TMPDIR/table")" $expected $status
	done
}

# Of the needles of one optional field only the first is left, a zero among many:
# that field is left out of a document, but not when it is asked for by its name.
test_an_ambiguous_field_is_absent() {
	cp -r "$dir/$one" "$SHUNIT_TMPDIR/vague"
	awk 'index($0, "needle=sock.sk_err is") != 1 || !met++' "$dir/$one/snapshots" \
		>"$SHUNIT_TMPDIR/vague/snapshots"
	tcpt-guess --replay "$SHUNIT_TMPDIR/vague" --explain >"$SHUNIT_TMPDIR/document" 2>"$SHUNIT_TMPDIR/err"
	status=$?
	assertEquals "$(tail -n 1 "$SHUNIT_TMPDIR/err")" 0 $status
	fields_of "$SHUNIT_TMPDIR/document" >"$SHUNIT_TMPDIR/fields"
	truth "$one" | sed 's/^\(sock.sk_err\)=.*/\1=absent/' >"$SHUNIT_TMPDIR/btf"
	assertEquals "fields" "" "$(diff "$SHUNIT_TMPDIR/btf" "$SHUNIT_TMPDIR/fields")"
	assertTrue "explained" "grep -q '^sock.sk_err is ambiguous, [0-9]* candidates: ' '$SHUNIT_TMPDIR/err'"
	tcpt-guess --replay "$SHUNIT_TMPDIR/vague" --only sock.sk_err >"$SHUNIT_TMPDIR/document" 2>"$SHUNIT_TMPDIR/err"
	assertEquals "named" 1 $?
	assertEquals "stdout" "" "$(cat "$SHUNIT_TMPDIR/document")"
	assertTrue "$(cat "$SHUNIT_TMPDIR/err")" "grep -q '^tcpt-guess: sock.sk_err is ambiguous: ' '$SHUNIT_TMPDIR/err'"
}

# The document has the whole name.
test_a_field_is_found_by_its_member() {
	for fields in skc_dport:sock_common.skc_dport inum,fd:net.ns.inum,fdtable.fd \
		sk,sk_err:socket.sk,sock.sk_err; do
		tcpt-guess --replay "$dir/$one" --only="${fields%:*}" >"$SHUNIT_TMPDIR/members"
		assertEquals "$fields" 0 $?
		tcpt-guess --replay "$dir/$one" --only="${fields#*:}" >"$SHUNIT_TMPDIR/fields"
		assertContains "$fields" "$(cat "$SHUNIT_TMPDIR/members")" "
${fields##*,}="
		assertEquals "$fields" "" "$(diff "$SHUNIT_TMPDIR/members" "$SHUNIT_TMPDIR/fields")"
	done
}

# A window in which one port was changed contradicts it.
test_a_changed_window_is_noticed() {
	cp -r "$dir/$one" "$SHUNIT_TMPDIR/changed"
	at=$(tcpt-guess --replay "$dir/$one" --only sock_common.skc_dport | sed -n 's/.*skc_dport=//p')
	snapshot=$(awk -F= '$1 == "snapshot" { n = $2 } /skc_dport is/ { last = n } END { print last }' \
		"$SHUNIT_TMPDIR/changed/snapshots")
	printf 'ab' | dd of="$SHUNIT_TMPDIR/changed/$snapshot.sock" bs=1 seek="$at" conv=notrunc 2>/dev/null
	tcpt-guess --replay "$SHUNIT_TMPDIR/changed" >"$SHUNIT_TMPDIR/document" 2>"$SHUNIT_TMPDIR/err"
	assertEquals "exit status" 1 $?
	assertEquals "stdout" "" "$(cat "$SHUNIT_TMPDIR/document")"
	assertContains "$(cat "$SHUNIT_TMPDIR/err")" "skc_dport"
	assertEquals "lines" 1 "$(wc -l <"$SHUNIT_TMPDIR/err")"
}

test_explain_names_needles_and_offset() {
	tcpt-guess --replay "$dir/$one" --only sock_common.skc_dport --explain 2>"$SHUNIT_TMPDIR/page" \
		>"$SHUNIT_TMPDIR/document"
	at=$(sed -n 's/.*skc_dport=//p' "$SHUNIT_TMPDIR/document")
	assertContains "$(cat "$SHUNIT_TMPDIR/page")" "sock_common.skc_dport = $at"
	assertContains "$(cat "$SHUNIT_TMPDIR/page")" "1 left: $at"
	assertContains "$(cat "$SHUNIT_TMPDIR/page")" "confirmed: holds in"
	assertNotContains "$(cat "$SHUNIT_TMPDIR/page")" "skc_num"
}

# The candidates never become more, and the last one is the offset.
test_explanation_as_json() {
	command -v python3 >/dev/null || return 0
	tcpt-guess --replay "$dir/$one" --format=json --explain 2>"$SHUNIT_TMPDIR/json" \
		>"$SHUNIT_TMPDIR/document"
	python3 - "$SHUNIT_TMPDIR/json" "$SHUNIT_TMPDIR/document" <<'END'
import json, sys
page = json.load(open(sys.argv[1]))
offsets = json.load(open(sys.argv[2]))["offsets"]
assert len(page["fields"]) == len(offsets)
for field in page["fields"]:
    assert field["verdict"] == "found" or offsets[field["field"]] is None, field
    if field["verdict"] != "found":
        continue
    assert field["offset"] == offsets[field["field"]], field
    assert field["confirmed"] > 0, field
    assert field["steps"], field
assert page["cost"]["connections"] <= 32
END
	assertEquals "python3" 0 $?
}

test_misuse() {
	for arguments in "--replay $dir/$one --dump x" "--replay $dir/$one --via=kprobe" \
		"--replay $dir/$one --fields=all" "--only sock.nothing" "--only ," "operand" \
		"--verify --format=json $dir/x" "--fields=some"; do
		# shellcheck disable=SC2086 # a list
		tcpt-guess $arguments >"$SHUNIT_TMPDIR/out" 2>"$SHUNIT_TMPDIR/err" </dev/null
		assertEquals "$arguments: exit status" 2 $?
		assertEquals "$arguments: stdout" "" "$(cat "$SHUNIT_TMPDIR/out")"
		assertEquals "$arguments: lines" 2 "$(wc -l <"$SHUNIT_TMPDIR/err")"
	done
}

test_what_is_no_dump() {
	mkdir "$SHUNIT_TMPDIR/empty"
	for what in "$SHUNIT_TMPDIR/empty" "$SHUNIT_TMPDIR/nothing" "$data"; do
		tcpt-guess --replay "$what" >"$SHUNIT_TMPDIR/out" 2>"$SHUNIT_TMPDIR/err"
		assertEquals "$what: exit status" 1 $?
		assertEquals "$what: lines" 1 "$(wc -l <"$SHUNIT_TMPDIR/err")"
		assertContains "$(cat "$SHUNIT_TMPDIR/err")" "$what"
	done
}

# shellcheck source=/dev/null
. shunit2
