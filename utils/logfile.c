// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "place.h"

#define FLAGS (O_WRONLY | O_APPEND | O_NOCTTY)
#define MODE 0640 /* who connects where is not for everybody */
#define TRIES 16

/* Returns a descriptor. -EAGAIN: the file was made, removed or exchanged meanwhile. */
static int open_found(struct place *place)
{
	int fd = place_check(place);

	if (fd)
		return fd;
	if (place->file >= 0 && !S_ISREG(place->st.st_mode)) {
		place->why = "it is no regular file; leave --output out, and redirect stdout to it";
		return -EACCES;
	}
	if (place->file >= 0)
		return place_open(place, FLAGS);
	fd = openat(place->dir, place->name, FLAGS | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
	if (fd < 0)
		return errno == EEXIST ? -EAGAIN : -errno;
	return fd;
}

static const char *explain(const struct place *place, int err)
{
	if (place->why)
		return place->why;
	return err == -ENOENT ? "its directory is missing, or what a symbolic link there leads to; "
				"make that first" :
				strerror(-err);
}

int logfile_open(const struct cli *cli, const char *path)
{
	int fd = -EAGAIN;

	for (int tries = 0; fd == -EAGAIN && tries < TRIES; tries++) {
		struct place place;

		fd = place_find(&place, path);
		if (!fd)
			fd = open_found(&place);
		if (fd < 0 && (fd != -EAGAIN || tries == TRIES - 1))
			cli_error(cli, "cannot open %s: %s; the events stay in the trace", path,
				  explain(&place, fd));
		place_close(&place);
	}
	if (fd < 0)
		return -EIO;
	dup2(fd, STDOUT_FILENO);
	close(fd);
	return 0;
}
