// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Pinned arrays as memory. A look at memory is no system call. During a system call on a
 * map the kernel skips kprobe programs on this CPU (bpf/maps.h).
 */
#include <bpf/bpf.h>
#include <sys/mman.h>

#include "internal.h"
#include "pins/mapped.h"
#include "pins/pin.h"

int mapped_entries(int fd, unsigned int *entries)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	*entries = info.max_entries;
	return 0;
}

static int map_shared(int fd, int protection, size_t size, void **out)
{
	void *at = mmap(NULL, size, protection, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	*out = at;
	return 0;
}

int mapped_renew(int fd, unsigned int from, unsigned int to, size_t size, void *copy)
{
	for (__u32 i = from; i < to; i++)
		if (bpf_map_lookup_elem(fd, &i, (char *)copy + i * size))
			return -errno;
	return 0;
}

static int copy_array(const char *dir, const char *map, size_t size, unsigned int *entries,
		      void **out)
{
	int fd = pin_open_map_to_read(dir, map), err;
	void *copy = MAP_FAILED;

	if (fd < 0)
		return fd;
	err = mapped_entries(fd, entries);
	if (!err) {
		copy = mmap(NULL, *entries * size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		err = copy == MAP_FAILED ? -errno : mapped_renew(fd, 0, *entries, size, copy);
	}
	close(fd);
	if (!err)
		*out = copy;
	else if (copy != MAP_FAILED)
		munmap(copy, *entries * size);
	return err ? err : 1;
}

/* The kernel maps an array only for those who may write it, even if they only read. */
int mapped_array(const char *dir, const char *map, int protection, size_t size,
		 unsigned int *entries, void **out)
{
	int fd = pin_open_map(dir, map), err;

	if (fd == -EACCES && !(protection & PROT_WRITE))
		return copy_array(dir, map, size, entries, out);
	if (fd < 0)
		return fd;
	err = mapped_entries(fd, entries);
	if (!err)
		err = map_shared(fd, protection, *entries * size, out);
	close(fd);
	return err;
}
