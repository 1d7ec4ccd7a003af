#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What all programs do alike: help, version, misuse, what they say and where.

# shunit2 calls the functions.
# shellcheck disable=SC2317

programs="tcpt-audit tcpt-check tcpt-filter tcpt-guess tcpt-list tcpt-load tcpt-map tcpt-stat tcpt-trace tcpt-unload tcpt-watch"

for program in $programs; do
	command -v "$program" >/dev/null || {
		echo "$program is not in PATH"
		exit 1
	}
done

# run COMMAND...: its exit status in $status, what it writes in two files.
run() {
	"$@" >"$SHUNIT_TMPDIR/out" 2>"$SHUNIT_TMPDIR/err" </dev/null
	status=$?
	out=$(cat "$SHUNIT_TMPDIR/out")
	err=$(cat "$SHUNIT_TMPDIR/err")
}

lines() {
	wc -l <"$SHUNIT_TMPDIR/$1" | tr -d ' '
}

assert_begins() {
	case $2 in
	"$1"*) ;;
	*) fail "'$2' does not begin with '$1'" ;;
	esac
}

# assert_misuse PROGRAM ARGUMENT...
assert_misuse() {
	run "$@"
	assertEquals "$*: exit status" 2 "$status"
	assertNull "$*: stdout" "$out"
	assertEquals "$*: lines on stderr: $err" 2 "$(lines err)"
	assert_begins "$1: " "$(head -n 1 "$SHUNIT_TMPDIR/err")"
	assertEquals "$*: hint" "Try '$1 --help'." "$(tail -n 1 "$SHUNIT_TMPDIR/err")"
}

# assert_fails PROGRAM ARGUMENT...: with one line.
assert_fails() {
	run "$@"
	assertEquals "$*: exit status" 1 "$status"
	assertNull "$*: stdout" "$out"
	assertEquals "$*: lines on stderr: $err" 1 "$(lines err)"
	assert_begins "$1: " "$err"
}

test_help_goes_to_stdout() {
	for program in $programs; do
		run "$program" --help
		assertEquals "$program --help: exit status" 0 "$status"
		assertNull "$program --help: stderr" "$err"
		assert_begins "Usage: $program " "$out"
		help=$out
		run "$program" -h
		assertEquals "$program -h: exit status" 0 "$status"
		assertNull "$program -h: stderr" "$err"
		assertEquals "$program -h: stdout" "$help" "$out"
	done
}

test_version_names_program_and_version() {
	for program in $programs; do
		for option in --version -V; do
			run "$program" "$option"
			assertEquals "$program $option: exit status" 0 "$status"
			assertNull "$program $option: stderr" "$err"
			assertEquals "$program $option: lines" 1 "$(lines out)"
			expr "$out" : "$program [0-9][0-9]*\.[0-9][0-9]*\.[0-9][0-9]*\$" >/dev/null ||
				fail "$program $option prints '$out'"
		done
	done
}

test_programs_agree_on_the_version() {
	versions=$(for program in $programs; do "$program" --version; done | cut -d ' ' -f 2 | sort -u)
	assertEquals "$versions" 1 "$(echo "$versions" | wc -l | tr -d ' ')"
}

test_unknown_options_and_operands() {
	for program in $programs; do
		assert_misuse "$program" --no-such-option
		assert_misuse "$program" -Z
		assert_misuse "$program" --help=value
		case $program in tcpt-map | tcpt-trace) continue ;; esac # they have operands
		assert_misuse "$program" operand
		assert_misuse "$program" -- operand
	done
}

test_missing_values() {
	assert_misuse tcpt-guess --via
	assert_misuse tcpt-guess -f
	assert_misuse tcpt-guess --output
	assert_misuse tcpt-load --pin
	assert_misuse tcpt-unload --pin
	assert_misuse tcpt-filter --add
	assert_misuse tcpt-filter --watch
	assert_misuse tcpt-watch -f
	assert_misuse tcpt-stat -f
	assert_misuse tcpt-stat --output
}

test_unexpected_values() {
	assert_misuse tcpt-guess --explain=yes
	assert_misuse tcpt-load --hold=yes
	assert_misuse tcpt-load --cached=yes
	assert_misuse tcpt-load --cached --offsets=-
	assert_misuse tcpt-load --cached --force
	assert_misuse tcpt-load --cache-dir=/tmp
	assert_misuse tcpt-load --offsets=btf --force
	assert_misuse tcpt-watch --drain=yes
}

# An option that would say nothing beside another one is not taken.
test_options_that_do_not_go_together() {
	for edit in --add=pid=1 --remove=pid=1 --clear --watch=1 --unwatch=1; do
		assert_misuse tcpt-filter --format=json $edit
		assert_misuse tcpt-filter $edit -f text
	done
	for option in --attach=auto --offsets=btf --cached --hold --ring-size=4 --recorder --taps=1 \
		--filter=pid=1 --watch=1 --existing --no-existing --group=0 --replace --force \
		--no-verify --verbose; do
		assert_misuse tcpt-load --probe $option
		assert_misuse tcpt-load $option --probe --pin=/nonexistent
	done
	assert_refused tcpt-load --store=ring --recorder "--recorder and --store=ring exclude each other"
	assert_refused tcpt-load --recorder=4K --ring-size=8M "--recorder and --ring-size exclude each other"
	assert_refused tcpt-load --recorder 64M "unexpected operand '64M'"
}

test_values_that_are_none_of_a_list() {
	assert_misuse tcpt-guess --via=fentry
	assert_misuse tcpt-guess --via=
	assert_misuse tcpt-guess --format=tsv
	assert_misuse tcpt-guess --format=
	assert_misuse tcpt-load --attach=kprobes
	assert_misuse tcpt-load --attach=
	assert_misuse tcpt-watch --format=xml
	assert_misuse tcpt-watch --format=
	assert_misuse tcpt-watch --type=open
	assert_misuse tcpt-watch --type=connect,lost
	assert_misuse tcpt-watch --type=
	assert_misuse tcpt-watch --type=,
	assert_misuse tcpt-watch --columns=
	assert_misuse tcpt-watch --columns=pid,
	assert_misuse tcpt-watch --columns=pid,port
	assert_misuse tcpt-watch --count=
	assert_misuse tcpt-watch --count=comm,
	assert_misuse tcpt-watch --count=comm,time
	assert_misuse tcpt-watch --count=comm,comm
	assert_misuse tcpt-watch --count=type,role,pid,tid,uid,comm,netns,cpu,seq
	assert_misuse tcpt-watch --interval=1
	assert_misuse tcpt-watch --count=comm --interval=0
	for option in --columns=pid --summary --format=tcptracer --time=unix --color=always; do
		assert_misuse tcpt-watch --count=comm $option
	done
	assert_misuse tcpt-watch --color=yes
	assert_misuse tcpt-watch --summary --type=close
	assert_misuse tcpt-watch --follow --drain
	assert_misuse tcpt-watch --peek --follow
	assert_misuse tcpt-watch --peek --drain
	for option in --columns=pid --summary --no-heading --color=always; do
		assert_misuse tcpt-watch --format=json $option
	done
	assert_misuse tcpt-filter --format=tsv
	assert_misuse tcpt-stat --format=tsv
	assert_misuse tcpt-stat --format=
	assert_misuse tcpt-stat --format=json --all
}

test_a_choice_is_explained() {
	run tcpt-watch --format=xml
	assertEquals "tcpt-watch: --format: 'xml' is none of text, json, tsv, tcptracer" \
		"$(head -n 1 "$SHUNIT_TMPDIR/err")"
}

# The refusal comes before anything is asked of the kernel.
test_no_binary_on_a_terminal() {
	command -v script >/dev/null || return 0
	for to in '' ' -o -' ' -o /dev/stdout' ' -o /dev/tty'; do
		script -q -e -c "tcpt-guess --format=btf$to" /dev/null >"$SHUNIT_TMPDIR/out" </dev/null
		assertEquals "exit status with$to" 2 $?
		assertContains "$(cat "$SHUNIT_TMPDIR/out")" "is not written to a terminal; use --output=FILE"
	done
}

test_values_that_are_no_number() {
	for value in '' 0 -1 +1 1x 'x' ' 1' 1.5 99999999999999999999; do
		assert_misuse tcpt-watch --num-events="$value"
	done
	for value in '' 0 3 -4 -4K 4k 4KB 4KiB 4B '4 K' K .5M 4Kx 1048577 1.1G 2G 1025M 3K 3.9 0x10 1e99G \
		99999999999999999999 nan inf; do
		assert_misuse tcpt-load --ring-size="$value"
		assert_misuse tcpt-load --recorder="$value"
	done
	for value in '' 0 -1 -1s +1 1x x s .5 5M 5min '5 s' 5sec 1ms1 0.4ms 0x1d 20000d 1000000001 1e99 1e400d inf \
		nan infinity ' 1'; do
		assert_misuse tcpt-watch --duration="$value"
		assert_misuse tcpt-watch --idle-timeout="$value"
	done
}

# Option, value, and all that is allowed.
test_a_number_is_explained() {
	assert_refused tcpt-watch --num-events=0 \
		"--num-events: '0' is not a number from 1 to 18446744073709551615"
	assert_refused tcpt-load --ring-size=4k \
		"--ring-size: '4k' is not a size from 4K to 1G (a number of KiB, or with K, M or G)"
	for option in duration idle-timeout; do
		assert_refused tcpt-watch --$option=5min \
			"--$option: '5min' is not a time from 1ms to 1000000000s (a number of seconds, or with ms, s, m, h or d)"
	done
}

# Behind it --help still succeeds.
test_values_with_units() {
	for value in 4 4096 1048576 4K 64K 8M 1G 0.5G 1024M; do
		assertContains "$value" "$(tcpt-load --ring-size=$value --help 2>&1)" "Usage: "
	done
	for value in 1 0.5 1.5 1e3 1ms 500ms 5s 5m 1h 1d 0.5d 11574d; do
		assertContains "$value" "$(tcpt-watch --duration=$value --idle-timeout=$value --help 2>&1)" "Usage: "
	done
}

test_values_that_are_no_filter() {
	for value in '' = pid pid= =1 port=80 pid=0 'pid=1,' sport=65536 family=5 type=lost type=overwritten type= \
		watch=1 netns=/nonexistent netns=/proc/self/ns/pid cgroup=/proc daddr=10.0.0.1/8 daddr=::/129 dport=2-1 comm= comm=sixteen-letters- role=unknown 'type!='; do
		assert_misuse tcpt-filter --add="$value"
		assert_misuse tcpt-filter --remove="$value"
		assert_misuse tcpt-load --filter="$value"
	done
	for value in '' 0 '1,' ',1' x 1.5 2147483648; do
		assert_misuse tcpt-filter --watch="$value"
		assert_misuse tcpt-filter --unwatch="$value"
		assert_misuse tcpt-load --watch="$value"
	done
}

test_a_filter_is_explained() {
	run tcpt-filter --add=port=80
	assertEquals "tcpt-filter: --add: 'port=80' is no filter; a filter is KEY=VALUE or KEY!=VALUE, and KEY is one of pid, uid, comm, cgroup, netns, family, role, saddr, sport, daddr, dport, type" \
		"$(head -n 1 "$SHUNIT_TMPDIR/err")"
	run tcpt-filter --add=cgroup=/proc
	head -n 1 "$SHUNIT_TMPDIR/err" | grep -q -x -E \
		"tcpt-filter: --add: cgroup=/proc: not a directory of the cgroup v2 hierarchy, which is (at /.*|mounted nowhere; run: mount -t cgroup2 cgroup2 DIRECTORY)" ||
		fail "$(cat "$SHUNIT_TMPDIR/err")"
	run tcpt-filter --add=type=open
	assertEquals "tcpt-filter: --add: type=open: 'open' is not an event type" \
		"$(head -n 1 "$SHUNIT_TMPDIR/err")"
}

test_no_trace_to_filter() {
	assert_fails tcpt-filter --pin=/nonexistent
	assertEquals "tcpt-filter: no trace is loaded at /nonexistent, and none can be: / is not in a bpffs; choose the --pin that it was loaded with" "$err"
	assert_fails tcpt-filter --pin=/nonexistent --add=pid=1
}

# What nobody sees, or what a terminal obeys, is not passed on to it.
test_arguments_with_escapes() {
	odd=$(printf '/x\033[31m\ny\342\200\256z')
	seen='/x\x1b[31m\x0ay\xe2\x80\xaez'
	for program in tcpt-filter tcpt-stat tcpt-unload tcpt-watch; do
		assert_fails "$program" --pin="$odd"
		assertContains "$program" "$err" "$seen"
	done
	assert_fails tcpt-load --offsets="$odd"
	assertContains "$err" "$seen"
	assert_misuse tcpt-watch --format="$odd"
	assertContains "$err" "$seen"
	assert_misuse tcpt-guess "$odd"
	assertContains "$err" "$seen"
	for program in $programs; do
		assert_misuse "$program" "--$odd"
		assertContains "$program" "$err" "unrecognized option '--$seen'"
		assert_misuse "$program" "-$(printf '\033')"
		assertContains "$program" "$err" "invalid option '-\x1b'"
		assert_misuse "$program" "--help=$odd"
		assertContains "$program" "$err" "option '--help' takes no argument"
	done
}

# assert_refused PROGRAM ARGUMENT... MESSAGE
assert_refused() {
	for message; do :; done
	said=
	for argument; do
		[ "$argument" = "$message" ] || said="$said $argument"
	done
	# shellcheck disable=SC2086 # words
	assert_misuse $said
	assertEquals "$said" "${1}: $message" "$(head -n 1 "$SHUNIT_TMPDIR/err")"
}

test_refused_options_are_named() {
	assert_refused tcpt-load --nope "unrecognized option '--nope'"
	assert_refused tcpt-load --hold --nope=v "unrecognized option '--nope=v'"
	assert_refused tcpt-load --no "option '--no' is ambiguous: --no-verify, --no-existing"
	assert_refused tcpt-load --no=v "option '--no=v' is ambiguous: --no-verify, --no-existing"
	assert_refused tcpt-load --hold=yes "option '--hold' takes no argument"
	assert_refused tcpt-load --help=yes "option '--help' takes no argument"
	assert_refused tcpt-load --hold --pin "option '--pin' requires an argument"
	assert_refused tcpt-load -Z "invalid option '-Z'"
	assert_refused tcpt-load --hold -vZv "invalid option '-Z'"
	assert_refused tcpt-guess --format "option '--format' requires an argument"
	assert_refused tcpt-guess --form "option '--form' requires an argument"
	assert_refused tcpt-guess -f "option '-f' requires an argument"
	assert_refused tcpt-guess --explain=yes -f "option '--explain' takes no argument"
}

# Nothing is suggested where nothing is near.
test_the_nearest_name_is_suggested() {
	assert_refused tcpt-watch --fromat=json "unrecognized option '--fromat=json'; did you mean --format?"
	assert_refused tcpt-watch --Drain "unrecognized option '--Drain'; did you mean --drain?"
	assert_refused tcpt-watch --idletimeout=1 \
		"unrecognized option '--idletimeout=1'; did you mean --idle-timeout?"
	assert_refused tcpt-load --exsting "unrecognized option '--exsting'; did you mean --existing?"
	assert_refused tcpt-load --verison "unrecognized option '--verison'; did you mean --version?"
	assert_refused tcpt-load --sock "unrecognized option '--sock'"
	assert_refused tcpt-load --=x "unrecognized option '--=x'"
	assert_refused tcpt-watch --format=JSON \
		"--format: 'JSON' is none of text, json, tsv, tcptracer; did you mean json?"
	assert_refused tcpt-load --attach=kprobes \
		"--attach: 'kprobes' is none of auto, kprobe, fentry, tracepoint, cgroup; did you mean kprobe?"
	assert_refused tcpt-watch --type=connect,clsoe \
		"--type: 'clsoe' is none of connect, accept, close, fail, fdinstall, existing; did you mean close?"
	assert_refused tcpt-guess --only=skc_dprot \
		"--only: no field is named 'skc_dprot'; did you mean skc_dport?"
	assert_refused tcpt-guess --only=sock.sk_prot \
		"--only: no field is named 'sock.sk_prot'; did you mean sock.sk_protocol?"
	assert_refused tcpt-stat --format=prom "--format: 'prom' is none of text, json, prometheus; did you mean prometheus?"
	assert_refused tcpt-watch --columns=time,remot \
		"--columns: 'remot' is no column, see Columns in tcpt-watch(8); did you mean remote?"
	assert_refused tcpt-guess --only=nothing "--only: no field is named 'nothing'"
}

test_full_stdout_is_a_failure() {
	for program in $programs; do
		for option in --help --version; do
			"$program" "$option" >/dev/full 2>"$SHUNIT_TMPDIR/err"
			assertEquals "$program $option: exit status" 1 $?
			assertEquals "$program $option: lines" 1 "$(lines err)"
			assert_begins "$program: cannot write to stdout: " "$(cat "$SHUNIT_TMPDIR/err")"
		done
	done
}

test_closed_stdout_is_a_failure() {
	for program in $programs; do
		"$program" --help >&- 2>"$SHUNIT_TMPDIR/err"
		assertEquals "$program: exit status" 1 $?
		assertEquals "$program: lines" 1 "$(lines err)"
	done
}

test_no_trace_to_watch() {
	assert_fails tcpt-watch --pin=/nonexistent
	assertEquals "tcpt-watch: no trace is loaded at /nonexistent, and none can be: / is not in a bpffs; choose the --pin that it was loaded with" "$err"
}

test_pin_of_the_environment() {
	for program in tcpt-filter tcpt-stat tcpt-unload tcpt-watch; do
		TCPT_PIN=/nonexistent assert_fails "$program"
		assertContains "$program" "$err" "no trace is loaded at /nonexistent"
		TCPT_PIN=/elsewhere assert_fails "$program" --pin=/nonexistent
		assertContains "$program" "$err" "no trace is loaded at /nonexistent"
	done
}

# Nothing is written then, and what was there stays.
test_no_trace_to_show() {
	echo old >"$SHUNIT_TMPDIR/stat"
	assert_fails tcpt-stat --pin=/nonexistent --output="$SHUNIT_TMPDIR/stat"
	assertEquals "tcpt-stat: no trace is loaded at /nonexistent, and none can be: / is not in a bpffs; choose the --pin that it was loaded with" "$err"
	assertEquals old "$(cat "$SHUNIT_TMPDIR/stat")"
}

test_no_trace_to_unload() {
	assert_fails tcpt-unload --pin=/nonexistent
	assertEquals "tcpt-unload: no trace is loaded at /nonexistent" "$err"
}

test_no_offsets() {
	assert_fails tcpt-load
	assertContains "$err" "is empty"
	assert_fails tcpt-load --offsets=/nonexistent
	assertContains "$err" "cannot open /nonexistent"
	assert_fails tcpt-load --offsets=/
}

# shellcheck source=/dev/null
. shunit2
