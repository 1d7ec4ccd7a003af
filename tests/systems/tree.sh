# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh

# copy_tree FROM TO: what belongs to the project, of a checkout or of an unpacked
# tarball, which may lie in another checkout.
copy_tree() {
	mkdir -p "$2" || return 1
	if up=$(git -c safe.directory="$1" -C "$1" rev-parse --show-cdup 2>/dev/null) && [ -z "$up" ]; then
		git -c safe.directory="$1" -C "$1" ls-files -z --cached --others --exclude-standard
	else
		(cd "$1" && find . -type f ! -path './build*' ! -path './_build/*' -print0)
	fi | tar -C "$1" --null -T - --ignore-failed-read -cf - 2>/dev/null | tar -C "$2" -xf -
}
