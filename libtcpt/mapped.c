// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Pinned arrays as memory. A look then is no system call, during which the
 * kernel would skip kprobe programs on this CPU (bpf/maps.h).
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

int mapped_entries(int fd, unsigned int *entries)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	*entries = info.max_entries;
	return 0;
}

int mapped_array(const char *dir, const char *map, int protection, size_t size,
		 unsigned int *entries, void **out)
{
	int fd = pins_open_map(dir, map), err;

	if (fd < 0)
		return fd;
	err = mapped_entries(fd, entries);
	if (!err) {
		*out = mmap(NULL, *entries * size, protection, MAP_SHARED, fd, 0);
		if (*out == MAP_FAILED) {
			err = -errno;
			*out = NULL;
		}
	}
	close(fd);
	return err;
}
