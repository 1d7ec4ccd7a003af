/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The place of a file, found once. A later exchange of a part of its path has no effect. */
#ifndef PLACE_H
#define PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

struct place {
	int dir; /* the directory that the file is in, or will be in */
	int file; /* O_PATH; -1: there is none */
	struct stat st; /* of the file */
	char name[NAME_MAX + 1]; /* in dir */
	const char *why; /* with -EACCES: why others could have put it there; else NULL */
};

/* Returns true if root or the caller owns it. */
bool place_is_own(const struct stat *st);

/*
 * Finds a file. It follows symbolic links, but none that another user than root and the
 * caller has made. Returns 0 or a negative errno; -ENOENT also if a symbolic link leads to
 * nothing. Close the place in any case.
 */
int place_find(struct place *place, const char *path);
/* Opens the file that was found. Returns a descriptor or a negative errno. */
int place_open(const struct place *place, int flags);
/* Checks that nobody else can exchange the file in dir. Returns -EACCES, and sets why. */
int place_check(struct place *place);
void place_close(struct place *place);

#endif
