#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The units for systemd, as systemd itself reads them.

# shunit2 calls the functions.
# shellcheck disable=SC2317

units="tcpt tcpt-hold tcpt-watch tcpt-log"
built=${abs_builddir:-.}/systemd

if ! command -v systemd-analyze >/dev/null; then
	echo "systemd-analyze is not installed"
	exit 77
fi
if [ ! -e "$built/tcpt.service" ]; then
	echo "no units in a build tree here"
	exit 77
fi

# Where the programs are now, in place of where they will be installed: the current
# directory of those who run them, whose own name may have blanks in it.
oneTimeSetUp() {
	programs=/proc/self/cwd
	place=$(dirname "$(command -v tcpt-load)")
	dir=$SHUNIT_TMPDIR/units
	mkdir "$dir"
	cp "${abs_srcdir:-.}/systemd/tcpt-boot.service" "$dir"
	for unit in $units; do
		sed "s|/[^ =']*/\(tcpt-[a-z]*\)|$programs/\1|g" "$built/$unit.service" >"$dir/$unit.service"
	done
}

# verify UNIT: what systemd finds wrong with it.
verify() {
	(cd "$place" && SYSTEMD_UNIT_PATH=$dir: systemd-analyze verify --man=no "$dir/$1" 2>&1) ||
		echo "failed"
}

test_systemd_takes_them() {
	for file in "$dir"/*; do
		assertNull "$file: $(verify "${file##*/}")" "$(verify "${file##*/}")"
	done
}

# begins READER TRACE: what systemd says of a boot that starts both.
begins() {
	rm -rf "${SHUNIT_TMPDIR:?}/boot"
	mkdir -p "$SHUNIT_TMPDIR/boot/multi-user.target.wants"
	cp "$dir"/tcpt* "$SHUNIT_TMPDIR/boot"
	for unit in tcpt-boot.service "$1" "$2"; do
		ln -s "../$unit" "$SHUNIT_TMPDIR/boot/multi-user.target.wants/"
	done
	(cd "$place" && SYSTEMD_UNIT_PATH=$SHUNIT_TMPDIR/boot: systemd-analyze verify --man=no multi-user.target 2>&1)
}

# Early as they are, they wait for nothing that waits for them.
test_boot() {
	for reader in tcpt-watch tcpt-log; do
		for trace in tcpt tcpt-hold; do
			assertNull "$reader, $trace" "$(begins $reader.service $trace.service | grep cycle)"
		done
	done
	cp "$dir/tcpt.service" "$SHUNIT_TMPDIR/kept"
	echo "[Unit]
Before=local-fs.target" >>"$dir/tcpt.service"
	assertContains "$(begins tcpt-watch.service tcpt.service)" "ordering cycle"
	mv "$SHUNIT_TMPDIR/kept" "$dir/tcpt.service"
}

# in_root COMMAND...: systemctl for a system that is not booted, and has the units.
in_root() {
	systemctl --root="$SHUNIT_TMPDIR/root" "$@" >/dev/null 2>"$SHUNIT_TMPDIR/said"
}

# What is enabled, but for what is wanted at boot in any case.
enabled() {
	for unit in $units; do
		! in_root is-enabled "$unit" || echo "$unit"
	done | xargs
}

# The units that are started at boot, by a systemctl that knows which ones are enabled.
started_at_boot() {
	command=$(sed -n "s/^ExecStart=.bin.sh -c '\(.*\)'\$/\1/p" "$dir/tcpt-boot.service" | sed 's/\$\$/$/g')
	sh -c "
		systemctl() {
			case \$2 in
			is-enabled) command systemctl --root='$root' \"\$@\" >/dev/null 2>&1 ;;
			start) readlink '$root/etc/systemd/system/'\$3 ;;
			esac
		}
		$command" | xargs -r -n 1 basename
}

# To try the second one changes nothing, and neither does to disable what is not enabled.
test_one_of_two_is_enabled() {
	root=$SHUNIT_TMPDIR/root
	mkdir -p "$root/usr/lib/systemd/system" "$root/etc/systemd/system"
	cp "$dir"/*.service "$root/usr/lib/systemd/system"
	for pair in "tcpt tcpt-hold" "tcpt-hold tcpt" "tcpt-watch tcpt-log" "tcpt-log tcpt-watch"; do
		one=${pair% *}
		other=${pair#* }
		in_root enable "$one"
		assertEquals "enable $one" 0 $?
		in_root enable "$other"
		assertEquals "enable $other too" 1 $?
		assertContains "$(cat "$SHUNIT_TMPDIR/said")" "already exists and is a symlink to"
		assertContains "$(cat "$SHUNIT_TMPDIR/said")" "/usr/lib/systemd/system/$one.service"
		in_root disable "$other"
		assertEquals "$one" "$(enabled)"
		assertEquals "$one.service" "$(started_at_boot)"
		in_root disable "$one"
		assertNull "$(enabled)"
		assertNull "$(started_at_boot)"
	done
}

# systemd would take a name that a unit depends on for another unit than its alias.
test_no_unit_names_an_alias() {
	aliases=$(sed -n 's/^Alias=//p' "$dir"/*.service | sort -u)
	assertNotNull "$aliases"
	assertNull "$(grep -F "$aliases" "$dir"/*.service | grep -v 'service:\(Alias=\|ExecStart=\|#\)')"
}

# What the test above would say of a mistake.
test_mistakes_are_found() {
	for mistake in 's/^NoNewPrivileges=/NoNewPrivilege=/' 's/^ExecStart=.*/ExecStart=\/nonexistent/' \
		's/^Type=.*/Type=oneshoot/'; do
		sed "$mistake" "$dir/tcpt.service" >"$dir/mistake.service"
		assertNotNull "$mistake" "$(verify mistake.service)"
	done
}

test_nothing_is_left_to_replace() {
	assertNull "$(grep -n '@[a-z]*@' "$built"/*.service)"
}

# commands UNIT: with the options, without what the shell does.
# shellcheck disable=SC2016 # systemd's variable
commands() {
	sed -n 's/^Exec[A-Za-z]*=-\{0,1\}//p' "$dir/$1.service" | grep -v '^/bin/sh ' | sed 's/ \$TCPT_LOAD_OPTIONS$//'
}

# --help behind the other options succeeds only if those are options.
test_programs_take_the_options() {
	for unit in $units; do
		assertNotNull "$unit" "$(commands "$unit")"
		commands "$unit" | while read -r command; do
			(cd "$place" && $command --help >/dev/null 2>&1) || echo "$command"
		done >"$SHUNIT_TMPDIR/refused"
		assertNull "$unit" "$(cat "$SHUNIT_TMPDIR/refused")"
	done
}

# value UNIT KEY
value() {
	sed -n "s/^$2=//p" "$dir/$1.service"
}

# What an administrator edits in one place is in force at each load and at a reload, which
# cannot change the taps.
test_options_are_the_same() {
	# shellcheck disable=SC2016 # systemd's variable
	assertEquals "$(value tcpt ExecStart | sed 's/ --taps=auto \$TCPT_LOAD_OPTIONS$/ --replace \$TCPT_LOAD_OPTIONS/')" "$(value tcpt ExecReload)"
	for unit in tcpt tcpt-hold; do
		# shellcheck disable=SC2016 # likewise
		assertEquals "$unit" 1 "$(value $unit ExecStart | grep -c ' \$TCPT_LOAD_OPTIONS$')"
		assertEquals "$unit" TCPT_LOAD_OPTIONS= "$(value $unit Environment)"
	done
	# With TCPT_PIN for all.
	for unit in $units; do
		assertEquals "$unit" -/etc/default/tcpt "$(value "$unit" EnvironmentFile)"
	done
}

# Its pins are removed if the keeper was killed, and left alone if it could not load.
test_killed_keeper() {
	command=$(sed -n "s/^ExecStopPost=-.bin.sh -c '\(.*\)'\$/\1/p" "$dir/tcpt-hold.service" |
		sed "s/\\$\\$/\$/g; s|exec [^ ]*/|echo |")
	assertEquals tcpt-unload "$(EXIT_CODE=killed sh -c "$command")"
	assertNull "$(EXIT_CODE=exited sh -c "$command")"
}

# What rotates the log is told of its file, and tells the unit that writes it.
test_log() {
	conf=${abs_srcdir:-.}/systemd/logrotate.d/tcpt
	assertEquals "%L/$(value tcpt-log LogsDirectory)/events.json" \
		"$(value tcpt-log ExecStart | sed -n 's/.* --output=//p')"
	assertEquals "/var/log/$(value tcpt-log LogsDirectory)/*.json {" "$(grep '{$' "$conf")"
	assertEquals "systemctl try-reload-or-restart tcpt-log.service" "$(sed -n '/postrotate/{ n; s/^\t*//p }' "$conf")"
	! command -v logrotate >/dev/null || assert_logrotate_takes "$conf"
}

# It takes a file of root only, or of who runs it, that others cannot write.
assert_logrotate_takes() {
	cp "$1" "$SHUNIT_TMPDIR/conf"
	chmod 644 "$SHUNIT_TMPDIR/conf"
	logrotate --debug --state "$SHUNIT_TMPDIR/state" "$SHUNIT_TMPDIR/conf" >"$SHUNIT_TMPDIR/said" 2>&1
	status=$?
	assertEquals "$(cat "$SHUNIT_TMPDIR/said")" 0 $status
	assertNull "$(grep '^error' "$SHUNIT_TMPDIR/said")"
}

# A reload sends a signal to the reader, with the variable as systemd sets it.
test_reload_of_the_log() {
	command=$(sed -n "s/^ExecReload=.bin.sh -c '\(.*\)'\$/\1/p" "$dir/tcpt-log.service" | sed 's/\$\$/$/g')
	assertEquals "-HUP 4711" "$(MAINPID=4711 sh -c "kill() { echo \"\$@\"; }; $command")"
}

# shellcheck source=/dev/null
. shunit2
