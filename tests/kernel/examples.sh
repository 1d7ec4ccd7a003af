#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The examples of the manual and of README.md, as they stand there. Each page's are run
# in their order, while others connect; where lines below a command can be known
# beforehand, it has to print them.

. "${0%/*}/workload-lib.sh"
need root bpf netns raw_tp
top=$(readlink -f "${0%/*}/../..")
[ -e "$top/man/tcpt-watch.8" ] || {
	echo "the manual is not here"
	exit 77
}

# "# COMMAND" or "$ COMMAND" and the lines below it, from the source of a page.
examples_of_page() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh [^E]/p' "$1" |
		sed 's/^\.Dl //; s/\\e$/\\/; s/\\e/\\/g; /^\.Bd/d; s/^\.Ed/# :/; /^\.[A-Z]/d' | grep -v '^[A-Z][a-z]* .*[:,]$'
}

# Those of README.md that are of tcpt's programs.
examples_of_readme() {
	sed -n 's/^    //p' "$top/README.md" | awk '/^[#$] / { is_ours = /^[#$] tcpt-/ } is_ours' | sed 's/ *# and the new.*//'
}

# What no machine has, or tests of their own show: a pattern a line.
elsewhere() {
	cat <<-END
		sed -n 's/.sock_common
		diff offsets.old offsets.new
		od -A d
		dot -Tsvg
		web.json db.json
		^TIME\|^[0-9:.]* *\(connect\|accept\|close\) .
	END
}

unload_all() {
	for trace in /sys/fs/bpf/*/; do
		[ ! -d "$trace" ] || tcpt-unload --pin="${trace%/}"
	done
}

# shorter COMMAND: what ends by itself only after a while ends sooner.
shorter() {
	printf '%s\n' "$1" | sed "s/1234/$process/
		s|/proc/1/ns/net|/proc/self/ns/net|
		s/--duration=60/--duration=2/
		s/--duration=1m/--duration=2/
		s/--duration=10m/--duration=5/
		s/timeout 60/timeout -s INT 2/"
}

# runs COMMAND: in the folder and the trace of its page. One that never ends is interrupted.
# Each load is a beginning, unless it replaces.
runs() {
	case $1 in *--replace*) ;; *tcpt-load*) unload_all ;; esac
	[ -z "$is_loaded" ] || [ -d $pin ] || load
	limit=600
	case $1 in *tcpt-watch* | *--hold* | *tcpt-trace\ --type* | *tcpt-list\ --interval*) limit=4 ;; esac
	(cd "$dir/page" && exec timeout -s INT -k 600 $limit bash -c "$1") >"$dir/out" 2>"$dir/err"
	status=$?
	case $status,$1 in
	0,* | 1,*diff* | 124,*tcpt-watch* | 124,*--hold* | 124,*tcpt-trace\ --type* | 124,*tcpt-list\ --interval*) ;;
	5,*tcpt-trace*\ --\ *) ;; # the command needs what is not here
	*) fail "$page: $1: status $status: $(cat "$dir/err")" ;;
	esac
	if grep -q "Try '" "$dir/err"; then fail "$page: $1: $(cat "$dir/err")"; fi
	ran=$((ran + 1))
}

# Whether the lines below the command are the same everywhere.
# shellcheck disable=SC2016 # as it stands there
is_known() {
	case $1 in
	tcpt-filter | tcpt-filter\ *jq* | *--replay=*diff* | 'echo "$TCPT_SOCK_COMMON'*) return 0 ;;
	esac
	return 1
}

# A command is run together with one before that goes on in the background, or that sets
# variables.
run_and_compare() {
	case $1 in
	'') return ;;
	eval\ *) before=$1 ;;
	*\&) before="trap 'kill %1' EXIT; $1
sleep 1" ;;
	*)
		runs "$before
$(shorter "$1")"
		before=
		! is_known "$1" || assertEquals "$page: $1" "$(shorter "$(cat "$dir/below")" | sort)" "$(sort "$dir/out")"
		;;
	esac
}

# run_all: a command goes on behind a line that ends in | or \, and "if" up to "fi".
run_all() {
	command=
	before=
	is_open=
	: >"$dir/below"
	while IFS= read -r line; do
		case $line in
		'# '* | '$ '* | 'if '*)
			run_and_compare "$command"
			command=${line#[#\$] }
			: >"$dir/below"
			is_open=
			;;
		*) [ -z "$is_open" ] || command="$command
$line" ;;
		esac
		case $line in
		'if '* | *'|' | *\\) is_open=yes ;;
		'# '* | '$ '* | fi | '      '*) is_open= ;;
		*) [ -n "$is_open" ] || printf '%s\n' "$line" >>"$dir/below" ;;
		esac
	done
	run_and_compare "$command"
}

setUp() {
	mkdir "$dir/page"
	ran=0
	sleep 300 &
	process=$!
	while :; do
		peer --families 4 --cycles 1 --record /dev/null
		peer --families 4 --refused 1 --record /dev/null
		sleep 0.2
	done >/dev/null 2>&1 &
	load=$!
}

tearDown() {
	kill "$process" "$load" 2>/dev/null
	wait "$process" "$load" 2>/dev/null
	load=
	unload_all
	rm -rf "$dir/page"
}

load() {
	tcpt-guess | tcpt-load 2>"$dir/err" || fail "$(cat "$dir/err")"
}

# run_page NAME [IS-LOADED]: of a trace that is there.
run_page() {
	page=$1
	is_loaded=${2-}
	elsewhere >"$dir/elsewhere"
	case $page in
	README.md) examples_of_readme ;;
	*) examples_of_page "$top/man/$page" ;;
	esac | grep -v -f "$dir/elsewhere" >"$dir/examples"
	run_all <"$dir/examples"
	assertTrue "$page has $ran examples" "[ $ran -gt 0 ]"
	echo "  $page: $ran commands"
}

test_tcpt() { run_page tcpt.7; }
test_guess() { run_page tcpt-guess.8; }
test_audit() { run_page tcpt-audit.8; }
test_check() { run_page tcpt-check.8; }
test_list() { run_page tcpt-list.8 loaded; }
test_load() { run_page tcpt-load.8; }
test_filter() { run_page tcpt-filter.8 loaded; }
test_map() { run_page tcpt-map.8; }
test_stat() { run_page tcpt-stat.8 loaded; }
test_watch() { run_page tcpt-watch.8 loaded; }
test_trace() { run_page tcpt-trace.8; }
test_unload() { run_page tcpt-unload.8 loaded; }
test_readme() { run_page README.md; }

if [ -n "${TCPT_INSIDE-}" ]; then
	mkdir -p /var/lib/tcpt /var/lib/prometheus
	for there in /var/lib/tcpt /var/lib/prometheus /var/log; do mount -t tmpfs tmpfs $there; done
	mkdir -p /var/lib/prometheus/node-exporter
fi

# shellcheck source=/dev/null
. shunit2
