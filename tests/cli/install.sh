#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What make install installs works where nothing but that has been done: no
# ldconfig. And what configure decides for other prefixes and systems.

# shunit2 calls the functions.
# shellcheck disable=SC2317

build=${abs_builddir:-.}
source=${abs_srcdir:-.}

if [ ! -e "$build/config.status" ] || [ ! -e "$source/configure" ]; then
	echo "no build tree here"
	exit 77
fi

if "$build/config.status" --config | grep -q -- '--disable-rpath'; then
	echo "the programs are configured to need ldconfig"
	exit 77
fi

# As root of a namespace for those who are none.
private="unshare --mount"
[ "$(id -u)" = 0 ] || private="unshare --mount --map-root-user"
if ! $private true 2>/dev/null; then
	echo "no mount namespace can be made here"
	exit 77
fi

# configured NAME: what config.status puts in for it.
configured() {
	sed -n "s/^S\[\"$1\"\]=\"\(.*\)\"/\1/p" "${2-$build}/config.status"
}

# make_root DIR: the tree installed there, and the libraries that it needs besides
# its own.
make_root() {
	make -s -C "$build" install DESTDIR="$1" >"$log" 2>&1 || {
		fail "make install: $(tail -n 3 "$log")"
		return
	}
	mkdir "$1/proc"
	for file in "$build"/utils/.libs/tcpt-load "$build"/libtcpt/.libs/libtcpt.so; do
		[ ! -e "$file" ] || ldd "$file"
	done | grep -v 'libtcpt\.so' | grep -o '/[^ ]*' | sort -u | while read -r library; do
		mkdir -p "$1${library%/*}"
		cp -L "$library" "$1$library"
	done
}

# in_root DIR COMMAND...
in_root() {
	# shellcheck disable=SC2016 # $1 is the inner shell's
	$private sh -c 'mount --rbind /proc "$1/proc" && exec chroot "$@"' sh "$@"
}

# By folder: bin for what needs no privileges, sbin.
programs_of() {
	for folder in "$(configured bindir)" "$(configured sbindir)"; do
		(cd "$1" && find . ! -type d -name 'tcpt-*' -path "*/${folder##*/}/*") | sed 's|.*/||' | sort
	done
}

# assert_starts DIR
assert_starts() {
	assertEquals "installed" \
		"tcpt-audit tcpt-guess tcpt-map tcpt-stat tcpt-watch tcpt-check tcpt-filter tcpt-list tcpt-load tcpt-trace tcpt-unload" "$(programs_of "$1" | xargs)"
	for program in $(programs_of "$1"); do
		path=$(find "$1" ! -type d -name "$program" -path '*bin/*')
		assertEquals "$program: $(in_root "$1" "${path#"$1"}" --version 2>&1)" \
			"$program $(configured PACKAGE_VERSION)" \
			"$(in_root "$1" "${path#"$1"}" --version 2>/dev/null)"
	done
}

oneTimeSetUp() {
	log=$SHUNIT_TMPDIR/log
	decided=$build/tests/cli/install.dir
	rm -rf "$decided"
	mkdir -p "$decided"
	fake_pkg_config
}

test_programs_start() {
	make_root "$SHUNIT_TMPDIR/root"
	assert_starts "$SHUNIT_TMPDIR/root"
}

# Also into a folder whose name has a blank; and all of it goes again.
test_blank_in_destdir() {
	make_root "$SHUNIT_TMPDIR/a b"
	assert_starts "$SHUNIT_TMPDIR/a b"
	make -s -C "$build" uninstall DESTDIR="$SHUNIT_TMPDIR/a b" >"$log" 2>&1
	status=$?
	assertEquals "make uninstall: $(tail -n 3 "$log")" 0 $status
	assertNull "left" "$(find "$SHUNIT_TMPDIR/a b" ! -type d -name '*tcpt*')"
	assertNull "outside" "$(find "$SHUNIT_TMPDIR" -maxdepth 1 -name 'b*')"
}

# ---- what configure decides ----

# One that knows of no systemd; configure takes no blanks in its path either.
fake_pkg_config() {
	cat >"$decided/pkg-config" <<-END
	#!/bin/sh
	case "\$*" in *systemd*) exit 1 ;; esac
	exec $(configured PKG_CONFIG) "\$@"
	END
	chmod +x "$decided/pkg-config"
}

# decide OPTION...: what it has found out once it need not find out again. The way
# to configure is relative, since it takes no blanks there.
decide() {
	(cd "$decided" && "$(realpath --relative-to=. "$source")/configure" --no-create --cache-file=cache \
		CC="$(configured CC)" "$@") >"$log" 2>&1 ||
		fail "configure $*: $(tail -n 3 "$log")"
}

# assert_decided RPATH UNITS OPTION...
assert_decided() {
	rpath=$1
	units=$2
	shift 2
	decide "$@"
	assertEquals "rpath: $*" "$rpath" "$(configured RPATH_LDFLAGS "$decided")"
	# shellcheck disable=SC2016 # make's
	assertEquals "units: $*" "$units" "$(configured systemdsystemunitdir "$decided" | sed 's/\${prefix}/PREFIX/')"
}

# shellcheck disable=SC2016 # make's
test_decisions() {
	system=$(pkg-config --variable=systemdsystemunitdir systemd 2>/dev/null)
	multiarch=$(gcc -print-multiarch)
	assert_decided '-R $(libdir)' PREFIX/lib/systemd/system --with-systemdsystemunitdir
	assert_decided '-R $(libdir)' PREFIX/lib/systemd/system --prefix=/opt/tcpt --with-systemdsystemunitdir
	assert_decided '' PREFIX/lib/systemd/system --disable-rpath --with-systemdsystemunitdir
	assert_decided '' "${system:-/usr/lib/systemd/system}" --prefix=/usr --with-systemdsystemunitdir
	[ -z "$multiarch" ] ||
		assert_decided '' no --prefix=/usr --libdir=/usr/lib/"$multiarch" --without-systemdsystemunitdir
	assert_decided '-R $(libdir)' /a/b --prefix=/usr --libdir=/usr/lib/private --with-systemdsystemunitdir=/a/b
}

# The program keeps offsets where the units do (%S is /var/lib) and the manual says,
# whatever the prefix is.
test_one_place_for_kept_offsets() {
	decide --prefix=/opt/tcpt
	assertEquals /var "$(configured localstatedir "$decided")"
	for unit in tcpt tcpt-hold; do
		assertContains "$unit" "$(cat "$source/systemd/$unit.service.in")" " --cache-dir=%S/tcpt/offsets "
	done
	assertContains "$(cat "$source/man/tcpt-load.8")" ".Pa /var/lib/tcpt/offsets ,"
	decide --localstatedir=/srv/var
	assertEquals /srv/var "$(configured localstatedir "$decided")"
}

# Where there is a systemd, but not the package that tells pkg-config of it.
test_systemd_without_pkg_config() {
	for dir in /usr/lib/systemd /lib/systemd; do
		[ ! -x $dir/systemd ] || { there=$dir/system && break; }
	done
	rm -f "$decided/cache" # of another PKG_CONFIG
	if [ -n "${there-}" ]; then
		assert_decided '' "$there" --prefix=/usr PKG_CONFIG=./pkg-config
	else
		assert_decided '' no --prefix=/usr PKG_CONFIG=./pkg-config
	fi
}

oneTimeTearDown() {
	rm -rf "$decided"
}

# shellcheck source=/dev/null
. shunit2
