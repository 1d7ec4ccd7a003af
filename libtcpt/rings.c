// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The rings of a trace. DIR/maps/ring is the one in use; those that a
 * replacement has put another one in the place of are DIR/maps/ring-N, in the
 * order of their numbers, until they have been read to the end.
 */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define OLD_RING "ring-"

static struct pin_path path_of(const char *dir, uint32_t number, uint32_t current)
{
	char name[24];

	snprintf(name, sizeof(name), number < current ? OLD_RING "%u" : "ring", number);
	return pin_join(dir, "maps", name);
}

/* The least number, from the given one on. */
static int find_oldest(const char *dir, uint32_t from, uint32_t current, uint32_t *oldest)
{
	DIR *maps = opendir(pin_join(dir, "maps", NULL).text);
	const struct dirent *entry;
	unsigned int number;

	if (!maps)
		return -errno;
	*oldest = current;
	while ((entry = readdir(maps)))
		if (sscanf(entry->d_name, OLD_RING "%u", &number) == 1 && number >= from &&
		    number < *oldest)
			*oldest = number;
	closedir(maps);
	return 0;
}

static int open_ring(struct ring **out, const char *path)
{
	int fd = bpf_obj_get(path), err;
	unsigned int size = 0;

	if (fd < 0)
		return -errno;
	err = mapped_entries(fd, &size);
	if (!err)
		err = ring_open(out, fd, size);
	close(fd);
	return err;
}

int rings_open(struct ring **out, const char *dir, uint32_t current, uint32_t *number)
{
	int err = find_oldest(dir, *number, current, number);

	return err ? err : open_ring(out, path_of(dir, *number, current).text);
}

void rings_remove(const char *dir, uint32_t number)
{
	unlink(path_of(dir, number, number + 1).text);
}
