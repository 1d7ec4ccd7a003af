#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# suite.sh [TEST...]: runs the tests of the build tree (as tests/cli/docs.sh; default:
# all) as root does who has just built it, and says why those skip that do.

set -u

began=$(date +%s)
# The model needs no kernel, and so is no other here.
DEPTH=1 make -s -k -C build -j "$(nproc)" check VERBOSE=1 ${1:+TESTS="$*"}
status=$?
find build/tests -name '*.trs' -exec grep -l '^:test-result: SKIP' {} + | sort | while read -r trs; do
	echo "skipped ${trs#build/}: $(grep -v '^SKIP ' "${trs%.trs}.log" | tail -n 1)"
done
echo "FIGURE: $(($(date +%s) - began)) s: make check on $(uname -r), up since $(uptime -s)"
exit $status
