# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# Sourced by what fetches from Debian's archive: where from, and where it is kept.

# shellcheck disable=SC2034 # for those who source it
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# cache_of KIND
cache_of() {
	echo "${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tcpt/$1"
}

# The machine knows a mirror that works from here: let apt itself read its
# sources, whatever their format. Prints the archive and the security archive.
# A repository of somebody else may carry Debian's suite names, but hardly
# the -updates suites.
mirrors() {
	# shellcheck disable=SC2016 # for apt to expand
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk '
			$3 != "main" { next }
			$2 ~ /-security$/ && !security { security = $1 }
			$2 ~ /^[a-z]+-updates$/ && !archive { archive = $1 }
			$2 ~ /^(bullseye|bookworm|trixie|forky|sid)$/ && !maybe { maybe = $1 }
			END { print archive ? archive : maybe ? maybe : "-", security ? security : "-" }'
}
