#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Help, manual and completion tell the same, and the manual is well formed.

# shunit2 calls the functions.
# shellcheck disable=SC2317

programs="tcpt-audit tcpt-check tcpt-filter tcpt-guess tcpt-list tcpt-load tcpt-map tcpt-stat tcpt-trace tcpt-unload tcpt-watch"
man=${abs_srcdir:-.}/man
completion=${abs_srcdir:-.}/utils/completion/tcpt.bash

for program in $programs bash; do
	command -v "$program" >/dev/null || {
		echo "$program is not in PATH"
		exit 1
	}
done

# Where mandoc is the host's man, man --version fails.
judges=
! command -v mandoc >/dev/null || judges=mandoc
! man --version >/dev/null 2>&1 || judges="$judges man_db"
if [ -z "$judges" ]; then
	echo "neither man-db nor mandoc is here to judge the manual"
	exit 77
fi

# "-f, --format=FORMAT" of each option, as the program shows it.
help_options() {
	"$1" --help | sed -n -e 's/^  \(-., --[^ ]*\).*/\1/p' -e 's/^      \(--[^ ]*\).*/\1/p' | sort
}

# The same from the manual.
manual_options() {
	sed -n '/^\.Sh OPTIONS/,/^\.Sh [^O]/s/^\.It Fl //p' "$man/$1.8" |
		sed -e 's/^\([A-Za-z]\) , Fl \\-/-\1, --/' -e 's/^\\-/--/' -e 's/ Ns = Ns Ar /=/' \
			-e 's/ Ns Oo Ns = Ns Ar \(.*\) Oc/[=\1]/' -e 's/ Ns Oo\(=.*\) Oc/[\1]/' | sort
}

# "--format=" or "--drain" of each option, and both if its value may be left out.
long_options() {
	help_options "$1" | sed -e 's/^-., //' -e '/\[=/{s/\[.*//;p;s/$/=/}' -e 's/=.*/=/' | sort
}

# offered WORD...: what the completion offers for the last one.
offered() {
	bash -u -c '
		source "$1"
		compopt() { :; }
		shift
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		"$(complete -p "$1" | sed "s/.*-F \([^ ]*\).*/\1/")" "$1"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$completion" "$@" | sort
}

# The words of a list, one a line.
sorted() {
	printf '%s\n' "$@" | sort
}

# A section of a manual page's source.
section() {
	sed -n "/^\.Sh $2\$/,/^\.Sh /p" "$man/$1" | sed -e 1d -e '/^\.Sh /d'
}

judge_mandoc() {
	mandoc -T lint -W warning "$1" 2>&1
}

judge_man_db() {
	{ LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
		man --warnings -E UTF-8 -l -Tutf8 -Z "$1" >/dev/null; } 2>&1
}

test_manual_has_the_options_of_the_help() {
	for program in $programs; do
		assertContains "$program: options" "$(help_options "$program")" "-h, --help"
		assertEquals "$program" "$(help_options "$program")" "$(manual_options "$program")"
	done
}

test_completion_has_the_options_of_the_help() {
	for program in $programs; do
		assertEquals "$program" "$(long_options "$program")" "$(offered "$program" --)"
	done
}

# A path that is too long has a line of its own.
test_help_fits_80_columns() {
	for program in $programs; do
		assertNull "$program" "$("$program" --help | awk 'length > 80 && NF > 1')"
		assertContains "$program" "$("$program" --help)" "
Other:
  -h, --help "
	done
}

# --help behind the options of each example succeeds only if those are options.
test_examples_of_the_help() {
	for program in $programs; do
		"$program" --help | sed -n '/^Examples:/,/^$/s/^  \(tcpt-.*\)/\1/p' |
			sed -e 's/   *.*//' -e 's/ | jq .*//' -e 's/ | dot .*//' -e 's/>>.*//' -e 's/ -- .*//' -e 's/&&/|/' | tr '|' '\n' >"$SHUNIT_TMPDIR/examples"
		assertTrue "$program has no two examples" "[ $(wc -l <"$SHUNIT_TMPDIR/examples") -ge 2 ]"
		while read -r command; do
			assertContains "$command" "$($command --help 2>&1 </dev/null)" "Usage: ${command%% *} "
		done <"$SHUNIT_TMPDIR/examples"
	done
}

test_completion_of_values() {
	assertEquals "$(sorted auto raw_tp kprobe)" "$(offered tcpt-guess --via = '')"
	assertEquals "$(sorted sock.sk_err sock.sk_err_soft)" "$(offered tcpt-guess --only = sock.sk_e)"
	assertEquals "$(sorted skc_daddr skc_dport)" "$(offered tcpt-guess --only = skc_d)"
	assertEquals "$(sorted auto cgroup fentry kprobe tracepoint)" "$(offered tcpt-load --attach =)"
	assertEquals "$(sorted json tcptracer text tsv)" "$(offered tcpt-watch -f '')"
	assertEquals "$(sorted btf c json shell text)" "$(offered tcpt-guess -f '')"
	assertEquals btf "$(offered tcpt-load --offsets = bt)"
	assertEquals "$(sorted tcptracer text tsv)" "$(offered tcpt-watch --format = t)"
	assertEquals "$(sorted accept close connect existing fail fdinstall)" "$(offered tcpt-watch --type = '')"
	assertEquals "$(sorted close,accept close,connect close,existing close,fail close,fdinstall)" "$(offered tcpt-watch -t close,)"
	assertEquals "$(sorted always auto never)" "$(offered tcpt-watch --color = '')"
	assertEquals "$(sorted pid,remote pid,role pid,rtt pid,received pid,reason pid,retransmits pid,runtime)" \
		"$(offered tcpt-watch --columns = pid,r)"
	assertEquals "$(sorted user,cgroup user,container)" "$(offered tcpt-watch --resolve = user,c)"
	assertEquals "$(sorted comm,netns comm,netns_cookie)" "$(offered tcpt-watch --count = comm,n)"
	assertEquals "$(sorted rate received recvq remote retransmits role rtt)" "$(offered tcpt-list --sort = r)"
	assertEquals "$(sorted age,sendq age,sent age,service age,sport age,saddr age,state)" "$(offered tcpt-list --columns = age,s)"
	assertEquals "$(sorted text json)" "$(offered tcpt-filter --format = '')"
	assertEquals "$(sorted text json prometheus)" "$(offered tcpt-stat -f '')"
	assertEquals "$(sorted sport= sport!= saddr= saddr!=)" "$(offered tcpt-filter --add = s)"
	assertEquals "$(sorted client server)" "$(offered tcpt-filter --add = role! = '')"
	assertEquals "$(sorted close connect)" "$(offered tcpt-load --filter = type! = c)"
	assertEquals "$(sorted 4 6)" "$(offered tcpt-load --filter = family = '')"
	assertEquals "$(sorted close connect)" "$(offered tcpt-filter -a type = c)"
	assertEquals "$(sorted 8M 64K 64M 1G 1M)" "$(offered tcpt-load --ring-size = '')"
	assertEquals "$(sorted 8M 64K 64M 1G 1M)" "$(offered tcpt-load --recorder = '')"
	assertEquals "$(sorted 64K 64M)" "$(offered tcpt-load --recorder = 64)"
	assertEquals "--taps=" "$(offered tcpt-load --recorder --ta)"
	assertEquals "$(sorted 500ms 10s 5m 1h 1d)" "$(offered tcpt-watch --duration = '')"
	assertEquals "5m 500ms" "$(offered tcpt-watch --idle-timeout = 5 | sort -r | xargs)"
	assertEquals "--attach=kprobe" "$(offered tcpt-load --attach=k)"
}

# Each value offered is one that the program takes: --help behind it succeeds.
test_completed_values_are_accepted() {
	for option in tcpt-audit:--format tcpt-check:--attach tcpt-check:--format tcpt-map:--by tcpt-map:--format tcpt-filter:--format tcpt-guess:--via tcpt-guess:--format tcpt-list:--format tcpt-list:--color tcpt-list:--columns tcpt-list:--interval tcpt-load:--attach \
		tcpt-load:--ring-size tcpt-load:--recorder tcpt-watch:--duration tcpt-watch:--idle-timeout tcpt-stat:--format tcpt-trace:--format tcpt-trace:--attach tcpt-trace:--duration tcpt-watch:--format tcpt-watch:--type tcpt-watch:--color tcpt-watch:--columns tcpt-watch:--count tcpt-watch:--interval; do
		for value in $(offered "${option%:*}" "${option#*:}" = ''); do
			"${option%:*}" "${option#*:}=$value" --help >/dev/null ||
				fail "${option%:*} refuses ${option#*:}=$value"
		done
	done
}

# The program has told above that it knows those that are offered.
test_manual_has_all_columns() {
	assertEquals "$(offered tcpt-watch --columns = '')" \
		"$(sed -n '/^\.Ss Columns/,/^\.S[hs] [^C]/s/^\.It \([a-z_]*\) Ta.*/\1/p' "$man/tcpt-watch.8" | sort)"
	assertEquals "$(offered tcpt-list --columns = '')" \
		"$(sed -n '/^\.Ss Columns/,/^\.S[hs] [^C]/s/^\.It \([a-z_]*\) Ta.*/\1/p' "$man/tcpt-list.8" | sort)"
	assertEquals "$(offered tcpt-list --columns = '')" "$(offered tcpt-list --sort = '')"
}

test_completion_of_paths() {
	mkdir -p "$SHUNIT_TMPDIR/paths/sub"
	: >"$SHUNIT_TMPDIR/paths/some"
	assertEquals "$(sorted "$SHUNIT_TMPDIR/paths/some" "$SHUNIT_TMPDIR/paths/sub")" \
		"$(offered tcpt-load --offsets = "$SHUNIT_TMPDIR/paths/s")"
	assertEquals "$(sorted "$SHUNIT_TMPDIR/paths/some" "$SHUNIT_TMPDIR/paths/sub")" \
		"$(offered tcpt-guess -o "$SHUNIT_TMPDIR/paths/s")"
	assertEquals "$(sorted "$SHUNIT_TMPDIR/paths/some" "$SHUNIT_TMPDIR/paths/sub")" \
		"$(offered tcpt-stat -o "$SHUNIT_TMPDIR/paths/s")"
	assertEquals "$(sorted "$SHUNIT_TMPDIR/paths/some" "$SHUNIT_TMPDIR/paths/sub")" \
		"$(offered tcpt-watch -o "$SHUNIT_TMPDIR/paths/s")"
	assertEquals "$SHUNIT_TMPDIR/paths/sub" \
		"$(offered tcpt-load --cache-dir = "$SHUNIT_TMPDIR/paths/s")"
	assertEquals "$(sorted "$SHUNIT_TMPDIR/paths/some" "$SHUNIT_TMPDIR/paths/sub")" \
		"$(offered tcpt-trace --expect = "$SHUNIT_TMPDIR/paths/s")"
	for program in tcpt-load tcpt-stat tcpt-unload tcpt-watch; do
		assertEquals "$program" "$SHUNIT_TMPDIR/paths/sub" \
			"$(offered "$program" --pin = "$SHUNIT_TMPDIR/paths/s")"
	done
}

test_manual_pages_are_well_formed() {
	for judge in $judges; do
		for page in "$man"/*.[1-9]; do
			assertNull "$judge: $page" "$("judge_$judge" "$page")"
		done
	done
}

test_manual_pages_have_a_name() {
	for page in "$man"/*.[1-9]; do
		file=${page##*/}
		name=${file%.*}
		assertContains "$file" "$(section "$file" NAME)" ".Nm $name"
		assertContains "$file" "$(section "$file" NAME)" ".Nd "
	done
}

test_manual_has_all_exit_statuses() {
	for program in $programs; do
		statuses="0 1 2 3"
		[ "$program" != tcpt-watch ] || statuses="$statuses 4"
		[ "$program" != tcpt-trace ] || statuses="$statuses 4 5"
		[ "$program" != tcpt-map ] || statuses="0 1 2"
		assertEquals "$program" "$statuses" \
			"$(section "$program.8" "EXIT STATUS" | sed -n 's/^\.It //p' | xargs)"
	done
}

test_manual_has_examples() {
	for page in "$man"/*.[1-9]; do
		assertNotNull "$page" "$(section "${page##*/}" EXAMPLES)"
	done
}

# The example is whole and well formed: all that is left to refuse is its kernel.
test_example_document() {
	section tcpt-offsets.5 EXAMPLES |
		sed -n '/^# tcpt-offsets 1$/,/^\.Ed$/p' | sed '$d' >"$SHUNIT_TMPDIR/offsets"
	assertContains "$(load_document "$SHUNIT_TMPDIR/offsets")" "of another kernel build"
	sed -i '$d' "$SHUNIT_TMPDIR/offsets"
	assertContains "$(load_document "$SHUNIT_TMPDIR/offsets")" "is missing"
}

# What tcpt-load has to say of a document. Its file may be where others can exchange
# it, such as a build tree of theirs, so it comes through a pipe.
load_document() {
	# shellcheck disable=SC2002 # a pipe it is to be
	cat "$1" | tcpt-load 2>&1
}

# The field that tcpt-load misses first in a document.
missing_field() {
	load_document "$1" | sed -n 's/.*: \([^ ]*\) is missing:.*/\1/p'
}

# A document is asked for one field after another until it is complete.
test_manual_has_all_fields() {
	document=$SHUNIT_TMPDIR/document
	printf '# tcpt-offsets 1\nkernel.release=0\nkernel.machine=0\nsource=hand\n' >"$document"
	at=0
	fields=
	while field=$(missing_field "$document") && [ -n "$field" ] && [ $at -lt 4096 ]; do
		at=$((at + 16))
		echo "$field=$at" >>"$document"
		fields="$fields $field"
	done
	assertNotNull "no field is asked for" "$fields"
	# shellcheck disable=SC2086 # a list
	assertEquals "$(sorted $fields)" \
		"$(sed -n '/^FIELD/,/^\.Ed/s/^\([a-z_0-9]*\.[^ ]*\) .*/\1/p' "$man/tcpt-offsets.5" | sort)"
}

# shellcheck source=/dev/null
. shunit2
