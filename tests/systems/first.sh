#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# From a Debian that has nothing of tcpt to the first event. The commands are those of the
# README, and each is printed with the seconds that it took. Steps:
#
#   first.sh build      what can be done before it is booted: the packages, and the tree
#   first.sh packages   installs the packages and starts the services; purges them
#   first.sh source     the same with make install; what is installed stays

# What is called by a name is not unreachable; what lib.sh sets has no blanks.
# shellcheck disable=SC2317,SC2086,SC2154

packages=$(pwd)/first-packages # /tmp does not outlast a boot

# commands SECTION: the first ones of that section of the README, a line each.
commands() {
	awk -v section="## $1" '$0 == section { on = 1; next } /^## / { on = 0 }
		on && /^    / { sub(/^    (# )?/, ""); print; found = 1; next }
		found { exit }' README.md
}

now() {
	cut -d ' ' -f 1 /proc/uptime
}

# seconds SINCE
seconds() {
	awk -v since="$1" -v now="$(now)" 'BEGIN { printf "%.1f", now - since }'
}

# follow COMMAND: in this shell, since it may go to another folder. Root needs no sudo.
follow() {
	began=$(now)
	eval "${1#sudo }" || return 1
	echo "FIGURE: $(seconds $began) s: $1"
}

build() {
	while read -r command; do
		follow "$command" </dev/null
	done <<END
$(commands Installing | grep '^scripts/package ')
$(commands Building | grep -v -e '^make check' -e '^sudo ')
END
	mv /tmp/tcpt "$packages"
}

first_event() {
	[ "$(reported_on $port connect)" = "$(cat "$tmp/record-$port")" ]
}

# reach NAME PORT COMMAND: by that command, and those by which services are started, to an event.
reach() {
	began_all=$(now)
	port=$2
	: >"$tmp/record-$port"
	follow "$3" >"$tmp/out" 2>&1 || { fail "$1: $3" "$(tail -n 3 "$tmp/out")"; return; }
	grep FIGURE "$tmp/out"
	follow "$(commands 'As a service' | grep '^systemctl ')" || { fail "$1: start"; return; }
	connect $port 1
	check "$1: the first event" await first_event
	echo "FIGURE: $(seconds $began_all) s to the first event, $1"
}

is_gone() {
	! command -v tcpt-load && [ ! -e /sys/fs/bpf/tcpt ] && [ "$(systemctl is-active tcpt-watch)" = inactive ] &&
		[ -z "$(find /etc/systemd /var/lib/tcpt -name '*tcpt*' ! -name 'tcpt-job*')" ]
}

step_packages() {
	cp -r "$packages" /tmp/tcpt
	reach packages 3991 "$(commands Installing | grep '^apt-get install /')"
	check "purge" apt-get -y purge tcpt libtcpt0 libtcpt-dev
	check "nothing is left" is_gone
}

step_source() {
	cd build || exit 1
	command=$(sed -n '/^## Building/,$s/^    \(sudo make install\)$/\1/p' ../README.md)
	cd ..
	reach source 3992 "cd build; $command && cd .."
	systemctl disable --now $reader tcpt
}

if [ "${1-}" = build ]; then
	set -eu
	build
	exit
fi
# shellcheck source=tests/systems/lib.sh
. "${0%/*}/lib.sh"
case ${1-} in
packages) step_packages ;;
source) step_source ;;
*)
	echo "usage: first.sh build | packages | source" >&2
	exit 2
	;;
esac
exit $failed
