#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the units for systemd let their programs do is enough for them.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp tracepoint

# As built, or in a virtual machine as installed.
units=${abs_builddir:-.}/systemd
for place in /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
	[ -e "$units/tcpt.service" ] || units=$place
done
if [ ! -e "$units/tcpt.service" ]; then
	echo "no units are installed here"
	exit 77
fi

hold=--hold
unit=tcpt-hold
for mode in $(attach_modes); do
	! can_pin "$mode" || { hold= && unit=tcpt; }
done

# value UNIT KEY
value() {
	sed -n "s/^$2=//p" "$units/$1.service"
}

# as UNIT COMMAND...: as privileged as that.
as() {
	bounding=$(value "$1" CapabilityBoundingSet | tr '[:upper:]' '[:lower:]' | sed 's/ *cap_/,+/g')
	memlock=65536
	[ "$(value "$1" LimitMEMLOCK)" != infinity ] || memlock=unlimited
	# Some containers may not raise it.
	prlimit --memlock=$memlock true 2>/dev/null || memlock=65536
	shift
	exec prlimit --memlock=$memlock setpriv --no-new-privs --inh-caps=-all --bounding-set="-all$bounding" "$@"
}

# The options that the unit gives, but for the place of what it keeps.
# shellcheck disable=SC2016 # systemd's variable
options() {
	value "$unit" ExecStart | sed 's/[^ ]* *//; s/--cache-dir=[^ ]*//; s/\$TCPT_LOAD_OPTIONS//'
}

# Another user's connection, in another network namespace.
hold_connection() {
	mkdir -p "$dir/host"
	chmod 711 "$dir" "$dir/host"
	new_host
	# shellcheck disable=SC2086 # a command
	start held $on setpriv --reuid=12345 --clear-groups holder --count 1 --go-file "$dir/host/go"
	load=$started
}

# As root has it, but with less: the trace, older connections and events.
test_capabilities() {
	assertNotNull "$(value $unit CapabilityBoundingSet)"
	assertNotNull "$(value tcpt-watch CapabilityBoundingSet)"
	hold_connection
	# shellcheck disable=SC2046 # options
	keep as $unit tcpt-load $(options) --cache-dir="$dir/kept"
	[ -n "$hold" ] || { wait "$keeper" && keeper=; }
	assertEquals "messages: $(cat "$dir/load")" 2 "$(wc -l <"$dir/load")"
	: >"$dir/banner"
	(as tcpt-watch tcpt-watch --format=tsv --banner --follow) >"$dir/ev" 2>"$dir/banner" &
	reader=$!
	await says "$dir/banner" ready
	(as tcpt-log tcpt-watch --format=tsv --tap=2 --follow --output="$dir/log") 2>"$dir/log.err" &
	log_reader=$!
	run_peer --cycles 10
	: >"$dir/host/go"
	await_end "$load" held
	load=
	stop_reader "$dir/ev"
	assert_exact "as $unit and tcpt-watch" "$dir/ev" "$dir/record"
	await lines_reach "$dir/log" "$(wc -l <"$dir/ev")"
	kill "$log_reader"
	wait "$log_reader"
	assert_exit 0 $? "tcpt-log: $(cat "$dir/log.err")"
	assert_exact "as tcpt-log, at the other tap" "$dir/log" "$dir/record"
	assertEquals "older connections" 2 \
		"$(awk -F'\t' -v n="$netns" '$5 == "existing" && $10 == "holder" && $16 != n' "$dir/ev" | wc -l)"
	if [ -n "$hold" ]; then
		unload_trace
	else
		(as $unit tcpt-unload)
		assertEquals "unload" 0 $?
	fi
	assertFalse "pins left" "[ -e $pin ]"
}

# has_taps N OPTION...: an administrator's options behind those of the unit
has_taps() {
	taps=$1
	shift
	# shellcheck disable=SC2046 # options
	keep tcpt-load $(options) --cache-dir="$dir/kept" "$@"
	[ -n "$hold" ] || { wait "$keeper" && keeper=; }
	tcpt-stat --tap="$taps" >/dev/null 2>"$dir/err"
	assert_exit 0 $? "$(cat "$dir/err")"
	assert_refusal 1 "has no tap $((taps + 1)), but $taps" tcpt-stat --tap=$((taps + 1))
	unload_trace
}

test_taps() {
	if kernel-can long_programs >/dev/null; then
		has_taps 2
		has_taps 3 --taps=3
	fi
	has_taps 1 --taps=1
	TCPT_TEST_WITHOUT=long_programs
	export TCPT_TEST_WITHOUT
	has_taps 1
	unset TCPT_TEST_WITHOUT
}

tearDown() {
	kill_load_and_host
}

# shellcheck source=/dev/null
. shunit2
