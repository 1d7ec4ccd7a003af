#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpt-watch in a terminal, which tmux makes.

. "${0%/*}/trace-lib.sh"
need root bpf netns raw_tp
command -v tmux >/dev/null || {
	echo "tmux is not here"
	exit 77
}

screens=0

# Each screen has a server of its own: the last one may not have gone yet.
tmux() {
	command tmux -u -S "$dir/tmux$screens" -f /dev/null "$@"
}

# screen WIDTH HEIGHT OPTION...: what a terminal of that size shows of the events that wait.
screen() {
	width=$1
	height=$2
	shift 2
	screens=$((screens + 1))
	tmux new-session -d -x "$width" -y "$height" \
		"env -u COLUMNS -u NO_COLOR $colored tcpt-watch --drain $* 2>'$dir/err'; echo end; sleep 600"
	await shows_end
	# shellcheck disable=SC2086 # an option or none
	tmux capture-pane -p $escapes -S - >"$dir/screen"
	tmux kill-server
	assertNull "$(cat "$dir/err")"
}

shows_end() {
	tmux capture-pane -p -S - 2>"$dir/tmux.err" | grep -q '^end$'
}

setUp() {
	colored=NO_COLOR=1
	escapes=
	[ -d $pin ] || load_own auto
	tcpt-watch --drain >/dev/null
}

tearDown() {
	tmux kill-server 2>/dev/null || true
}

headings() {
	grep -c '^TIME ' "$dir/screen"
}

# Each event has one line of the screen: none is broken in two.
assert_lines() {
	assertEquals "lines of events: $(cat "$dir/screen")" "$1" \
		"$(grep -c -E ' (connect|accept|close) .* (->|<-|--) ' "$dir/screen")"
	assertEquals "lines: $(cat "$dir/screen")" "$1" "$(grep -c -v -E '^(TIME .*|end|)$' "$dir/screen")"
}

test_fits() {
	for width in 80 120 200; do
		run_peer --cycles 3
		screen $width 50
		assert_lines "$(wc -l <"$dir/record")"
		assertEquals "headings" 1 "$(headings)"
		assertNotContains "one namespace only" "$(cat "$dir/screen")" NETNS
	done
	assertContains "$(cat "$dir/screen")" "ROLE"
}

# named NAME OPTION...: a process of this name holds two connections, and closes them.
named() {
	ln -s "$(command -v holder)" "$dir/$1"
	name=$1
	shift
	"$dir/$name" --count 2 --go-file "$dir/go" "$@" >"$dir/held" 2>&1 || fail "$(cat "$dir/held")"
}

# Where the arrow of each line is. A character of these names takes two columns.
arrows() {
	sed -n 's/日/xx/g; s/本/xx/g; s/語/xx/g; s/ \(->\|<-\) .*//p' "$dir/screen" | awk '{ print length }' | sort -u
}

# Names of 15 bytes: narrow and wide ones keep to their column, as IPv6 addresses do.
test_names() {
	touch "$dir/go"
	for width in 80 120 200; do
		named fifteen-letters --families 4
		named 日本語日本 --families 4
		events=16 # each connection: connect, accept, two closes
		if [ $families != 4 ]; then
			named 日本語 --families 6
			events=24
		fi
		screen $width 50
		assert_lines $events
		assertEquals "columns of the arrows: $(cat "$dir/screen")" 1 "$(arrows | wc -l)"
		[ "$width" = 80 ] || assertContains "$(cat "$dir/screen")" ' 日本語日本 '
		[ "$width" = 80 ] || assertContains "$(cat "$dir/screen")" ' fifteen-letters '
		rm "$dir"/fifteen-letters "$dir"/日*
	done
}

# Two rows for each connection, narrower than their ends, which keep their ports.
test_count_fits() {
	run_peer --families 4 --cycles 3
	screen 36 20 --count=local,remote
	assertEquals "rows: $(cat "$dir/screen")" 6 "$(grep -c -E '^ +2 [0-9.~]+:[0-9]+ +[0-9.~]+:[0-9]+$' "$dir/screen")"
	assertEquals "lines: $(cat "$dir/screen")" 8 "$(grep -c . "$dir/screen")"
	assertContains "$(cat "$dir/screen")" "~"
}

test_heading_again_each_screen() {
	run_peer --cycles 20
	screen 80 24
	events=$(wc -l <"$dir/record")
	assert_lines "$events"
	assertEquals "headings" $(((events + 21) / 22)) "$(headings)"
	run_peer --cycles 20
	screen 80 24 --no-heading
	assertEquals "headings" 0 "$(headings)"
}

test_summary() {
	run_peer --cycles 2
	screen 80 24 --summary
	assertEquals "$(cat "$dir/screen")" "$(grep -c ^close "$dir/record")" \
		"$(grep -c -E '(->|<-) .* (local|peer|reset)$' "$dir/screen")"
}

test_color() {
	escapes=-e
	esc=$(printf '\033')
	run_peer --cycles 1
	screen 80 24
	assertNotContains "$(cat "$dir/screen")" "${esc}[32m"
	colored=
	run_peer --cycles 1
	screen 80 24
	assertContains "$(cat "$dir/screen")" "${esc}[32mconnect${esc}"
	run_peer --cycles 1
	screen 80 24 --color=never
	assertNotContains "$(cat "$dir/screen")" "${esc}[32m"
}

# Where no terminal is, the lines are as they are for scripts, unless columns are asked for.
test_no_terminal() {
	run_peer --cycles 1
	COLUMNS=80 tcpt-watch --drain >"$dir/lines"
	assertContains "$(head -n 1 "$dir/lines")" NETNS
	run_peer --cycles 1
	tcpt-watch --drain --no-heading >"$dir/lines"
	assertEquals "$(wc -l <"$dir/record")" "$(wc -l <"$dir/lines")"
	run_peer --cycles 1
	tcpt-watch --drain --no-heading --columns=type,dport >"$dir/lines"
	assertEquals "$(awk '{ print $1, $7 }' "$dir/record" | sort)" "$(awk '{ print $1, $2 }' "$dir/lines" | sort)"
}

# shellcheck source=/dev/null
. shunit2
