/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a file is, found once: whoever exchanges a part of its path later changes nothing. */
#ifndef PLACE_H
#define PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

struct place {
	int dir; /* that the file is in, or is going to be */
	int file; /* O_PATH; -1: there is none */
	struct stat st; /* of the file */
	char name[NAME_MAX + 1]; /* in dir */
	const char *why; /* others could have put it there, which -EACCES then is */
};

/* Whether it is root's or the caller's. */
bool place_is_own(const struct stat *st);

/*
 * Follows symbolic links, but none that another user than root and the caller
 * has made. 0 or a negative errno; -ENOENT also where a link leads to nothing.
 * Close it in any case.
 */
int place_find(struct place *place, const char *path);
/* Opens the file that was found. Negative errno. */
int place_open(const struct place *place, int flags);
/* Whether a file made in dir stays there: -EACCES and *why if anybody could exchange it. */
int place_check(struct place *place);
void place_close(struct place *place);

#endif
