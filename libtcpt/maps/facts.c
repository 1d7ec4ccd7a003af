// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the kernel says of a map: to a call since Linux 4.13, in /proc since 4.5. Before, an
 * array is asked for elements until it has none.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "base/files.h"
#include "base/knobs.h"
#include "internal.h"
#include "maps/facts.h"
#include "tcpt_abi.h"
#include "tcpt_abi_process.h"

/* Returns -EINVAL if the kernel has no such call. */
static int ask(int fd, struct facts *facts)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	if (knob_without("getinfo"))
		return -EINVAL;
	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	*facts = (struct facts){ info.type, info.map_flags, info.key_size, info.value_size,
				 info.max_entries };
	return 0;
}

/* The symbolic link reads anon_inode:bpf-map for a map, and similarly for the others. */
bool facts_is_kind(int fd, const char *kind)
{
	char path[64], target[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, target, sizeof(target) - 1) < 0 || strstr(target, kind);
}

/* The lines are "NAME:<tab>NUMBER". */
static int find_line(const char *text, const char *name, uint32_t *number)
{
	const char *line = strstr(text, name);

	if (!line)
		return -ENODATA;
	*number = strtoul(line + strlen(name), NULL, 0);
	return 0;
}

static int read_proc(int fd, struct facts *facts)
{
	char path[64], text[1024];

	if (!facts_is_kind(fd, "map"))
		return -EPROTO;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (knob_without("fdinfo") || file_read_path(path, text, sizeof(text)) < 0)
		return -ENODATA;
	facts->flags = 0; /* Linux 4.5 has no line for them */
	find_line(text, "map_flags:", &facts->flags);
	return find_line(text, "map_type:", &facts->type)		  ?:
		       find_line(text, "key_size:", &facts->key_size)	  ?:
		       find_line(text, "value_size:", &facts->value_size) ?:
		       find_line(text, "max_entries:", &facts->entries);
}

int facts_read(int fd, struct facts *facts)
{
	int err = ask(fd, facts);

	return err == -EINVAL ? read_proc(fd, facts) : err;
}

/* ---- entries ---- */

static bool has_element(int fd, uint32_t key)
{
	union {
		struct tcpt_abi_counters counters;
		struct tcpt_abi_cursor cursor;
		struct tcpt_abi_process process;
		struct tcpt_abi_slot slot;
	} value; /* has room for an element of each array that a loader sizes */

	return !bpf_map_lookup_elem(fd, &key, &value);
}

/* Returns the number of an array's elements; 0 if it is not an array. */
static uint32_t count_elements(int fd)
{
	uint32_t count = 0;

	for (uint32_t step = 1U << 31; step; step >>= 1)
		if (has_element(fd, count + step - 1))
			count += step;
	return count;
}

int facts_entries(int fd, uint32_t *entries)
{
	struct facts facts = {};
	int err = facts_read(fd, &facts);

	*entries = err == -ENODATA ? count_elements(fd) : facts.entries;
	return err == -ENODATA && *entries ? 0 : err;
}
