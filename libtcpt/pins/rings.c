// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The rings of a trace, one for each tap: DIR/maps/ring, DIR/maps/ring2 and so on. A ring
 * that was replaced becomes DIR/maps/ring-N, and stays until it has been read to its end.
 * The numbers give the order.
 */
#include <dirent.h>

#include "internal.h"
#include "maps/ring-name.h"
#include "maps/shapes.h"
#include "maps/store.h"
#include "pins/pin.h"
#include "pins/rings.h"

static struct pin_path path_of(const char *dir, uint32_t tap, uint32_t number, uint32_t current)
{
	struct ring_name name = number < current ? ring_name_old(tap, number) : ring_name(tap);

	return pin_join(dir, "maps", name.text);
}

/* Finds the least number from the given one on. */
static int find_oldest(const char *dir, uint32_t tap, uint32_t from, uint32_t current,
		       uint32_t *oldest)
{
	DIR *maps = opendir(pin_join(dir, "maps", NULL).text);
	struct ring_name name = ring_name(tap);
	size_t size = strlen(name.text);
	const struct dirent *entry;
	unsigned int number;

	if (!maps)
		return -errno;
	*oldest = current;
	while ((entry = readdir(maps)))
		if (!strncmp(entry->d_name, name.text, size) &&
		    sscanf(entry->d_name + size, "-%u", &number) == 1 && number >= from &&
		    number < *oldest)
			*oldest = number;
	closedir(maps);
	return 0;
}

int rings_open_pin(struct store **out, const char *dir, uint32_t tap, uint32_t current,
		   const char *path)
{
	int fd = shape_open(path, 0), cursor, err;

	if (fd < 0)
		return fd;
	cursor = err = pin_open_map(dir, "cursor");
	if (cursor >= 0) {
		err = store_open(out, fd, cursor, tap, current);
		close(cursor);
	}
	close(fd);
	return err;
}

int rings_open(struct store **out, const char *dir, uint32_t tap, uint32_t current,
	       uint32_t *number)
{
	int err = find_oldest(dir, tap, *number, current, number);

	return err ? err :
		     rings_open_pin(out, dir, tap, current,
				    path_of(dir, tap, *number, current).text);
}

void rings_remove(const char *dir, uint32_t tap, uint32_t number)
{
	unlink(path_of(dir, tap, number, number + 1).text);
}

void rings_remove_read(const char *dir, uint32_t taps, uint32_t current)
{
	for (uint32_t tap = 1; tap <= taps; tap++) {
		uint32_t number = 0;
		struct store *ring;
		bool is_read;

		for (;; number++) {
			if (find_oldest(dir, tap, number, current, &number) || number >= current ||
			    rings_open_pin(&ring, dir, tap, current,
					   path_of(dir, tap, number, current).text))
				break;
			is_read = store_is_drained(ring);
			store_close(ring);
			if (is_read)
				rings_remove(dir, tap, number);
		}
	}
}

size_t rings_waiting(const char *dir, uint32_t tap, uint32_t current)
{
	size_t waiting = 0;
	struct store *ring;

	for (uint32_t number = 0;; number++) {
		if (find_oldest(dir, tap, number, current, &number) || number >= current ||
		    rings_open_pin(&ring, dir, tap, current,
				   path_of(dir, tap, number, current).text))
			return waiting;
		waiting += store_waiting(ring);
		store_close(ring);
	}
}
