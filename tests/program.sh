# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# How the programs among the tests refuse. Each has its name in $me, and in $died the
# exit status of a failure, if that is not 1.

die() {
	echo "$me: $*" >&2
	exit "${died:-1}"
}

misuse() {
	echo "$me: $* (see $me --help)" >&2
	exit 2
}
