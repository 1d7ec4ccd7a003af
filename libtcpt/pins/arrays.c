// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Pinned arrays as memory. A look at memory is no system call. During a system call on a
 * map the kernel skips kprobe programs on this CPU (bpf/maps.h).
 */
#include "internal.h"
#include "maps/facts.h"
#include "maps/words.h"
#include "pins/arrays.h"
#include "pins/pin.h"

/* The kernel maps an array only for those who may write it, even if they only read. */
int arrays_open(struct words *words, const char *dir, const char *map, bool writes, size_t size)
{
	bool is_to_copy = false;
	unsigned int entries = 0;
	int fd = pin_open_map(dir, map), err;

	if (fd == -EACCES && !writes) {
		fd = pin_open_map_to_read(dir, map);
		is_to_copy = true;
	}
	if (fd < 0)
		return fd;
	err = facts_entries(fd, &entries);
	if (!err)
		err = is_to_copy ? words_open_copy(words, fd, size, entries) :
				   words_open(words, fd, writes, size, entries);
	close(fd);
	return err;
}
