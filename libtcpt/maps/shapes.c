// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The shape of each map of a trace. The compiler decides the sizes of elements, here and
 * in the programs. With a pinned map of another shape the kernel would write past their
 * end. So this opens every pin, and compares it before it is used.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "base/files.h"
#include "base/knobs.h"
#include "internal.h"
#include "maps/facts.h"
#include "maps/keys.h"
#include "maps/shapes.h"
#include "tcpt_abi.h"
#include "tcpt_abi_filter.h"
#include "tcpt_abi_process.h"

/* The ring of a tap is of one of two kinds. */
#define RING(name)                                                                           \
	{ name, BPF_MAP_TYPE_RINGBUF, 0, 0, 0, 0 },                                          \
	{                                                                                    \
		name, BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, 4, sizeof(struct tcpt_abi_slot), 0 \
	}

/* bpf/maps.h with the sizes filled in; tests/unit/maps/test-shapes.c compares the two. */
const struct shape shapes[] = {
	{ "pending", BPF_MAP_TYPE_HASH, 0, 8, sizeof(struct tcpt_abi_pending), 0 },
	{ "conns", BPF_MAP_TYPE_HASH, 0, 8, sizeof(struct tcpt_abi_conn), 0 },
	{ "hidden", BPF_MAP_TYPE_HASH, 0, 8, sizeof(struct tcpt_abi_tuple), 0 },
	{ "existing", BPF_MAP_TYPE_HASH, 0, 8, sizeof(struct tcpt_abi_conn), 0 },
	{ "unannounced", BPF_MAP_TYPE_HASH, 0, 8, 1, 0 },
	{ "filters", BPF_MAP_TYPE_HASH, 0, sizeof(struct tcpt_abi_filter), 1,
	  TCPT_ABI_FILTERS_MAX },
	{ "values", BPF_MAP_TYPE_HASH, 0, sizeof(struct tcpt_abi_filter), 4, TCPT_ABI_FILTERS_MAX },
	{ "marks", BPF_MAP_TYPE_ARRAY, 0, 4, 4, TCPT_ABI_MARKS_WORDS },
	{ "networks", BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC, sizeof(struct tcpt_abi_network), 4,
	  TCPT_ABI_FILTERS_MAX },
	{ "networks", BPF_MAP_TYPE_HASH, 0, sizeof(struct tcpt_abi_network), 4,
	  TCPT_ABI_FILTERS_MAX }, /* where the kernel has no tries */
	{ "left_out", BPF_MAP_TYPE_HASH, 0, sizeof(struct tcpt_abi_thread), 8,
	  TCPT_ABI_LEFT_OUT_MAX },
	{ "fds_reported", BPF_MAP_TYPE_LRU_HASH, 0, 8, sizeof(struct tcpt_abi_fd_report), 0 },
	{ "control", BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, 4, sizeof(struct tcpt_abi_control), 1 },
	{ "fd_calls", BPF_MAP_TYPE_HASH, 0, 4, 1, 0 },
	{ "counters", BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, 4, sizeof(struct tcpt_abi_counters), 0 },
	RING("ring"),
	RING("ring2"),
	RING("ring3"),
	RING("ring4"),
	{ "cursor", BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, 4, sizeof(struct tcpt_abi_cursor), 0 },
	{ "shutdowns", BPF_MAP_TYPE_HASH, 0, 8, 1, 0 },
	{ "connects", BPF_MAP_TYPE_ARRAY, 0, 4, sizeof(struct tcpt_abi_connect),
	  TCPT_ABI_CONNECTS },
	{ "connectors", BPF_MAP_TYPE_LRU_HASH, 0, 8, sizeof(struct tcpt_abi_task), 0 },
	{ "released", BPF_MAP_TYPE_LRU_HASH, 0, 8, 4, 0 },
	{ "left_out_ends", BPF_MAP_TYPE_LRU_HASH, 0, sizeof(struct tcpt_abi_tuple), 1, 0 },
	{ "processes", BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, 4, sizeof(struct tcpt_abi_process), 0 },
	{ "meta", BPF_MAP_TYPE_ARRAY, 0, 4, 0, 1 },
	{},
};

/* Returns true if the name has this shape. Rings that were replaced are called ring-N. */
static bool is_of(const struct shape *shape, const char *name)
{
	size_t size = strcspn(name, "-");

	return strlen(shape->name) == size && !strncmp(shape->name, name, size);
}

/* An array is made so that it can be mapped, where the kernel can do that. */
static bool has_flags(const struct shape *shape, uint32_t flags)
{
	return flags == shape->flags || (shape->flags == BPF_F_MMAPABLE && !flags);
}

/* Before Linux 4.10 no hash forgets what was used least recently. */
static bool has_type(const struct shape *shape, uint32_t type)
{
	return type == shape->type ||
	       (shape->type == BPF_MAP_TYPE_LRU_HASH && type == BPF_MAP_TYPE_HASH);
}

/* The map meta may have any size, because meta.c recognises other layouts by it. */
static bool fits(const struct shape *shape, const struct facts *facts)
{
	return has_type(shape, facts->type) && facts->key_size == shape->key_size &&
	       (facts->value_size == shape->value_size || !strcmp(shape->name, "meta")) &&
	       has_flags(shape, facts->flags) &&
	       (!shape->entries || facts->entries == shape->entries);
}

/*
 * Returns true if fd is a map. The kernel's description of a program or a link may look
 * like that of a map, but it refuses this call for them. The size of the map's key was
 * compared before.
 */
static bool is_map(int fd)
{
	unsigned char key[KEY_MOST];

	return !bpf_map_get_next_key(fd, NULL, key) || (errno != EINVAL && errno != EBADF);
}

/*
 * Before Linux 4.5 the kernel says nothing of a map. There root alone can have pinned it,
 * where trust.c looks, and only meta is of another size where tcpt was another.
 */
int shape_check(int fd, const char *name)
{
	struct facts facts;
	int err = facts_read(fd, &facts);

	if (err == -ENODATA)
		return facts_is_kind(fd, "map") ? 0 : -EPROTO;
	if (err)
		return err;
	for (const struct shape *shape = shapes; shape->name; shape++)
		if (is_of(shape, name) && fits(shape, &facts))
			return is_map(fd) ? 0 : -EPROTO;
	return -EPROTO;
}

/* Before Linux 4.15 a pin cannot be opened for reading alone. */
static int open_pin(const char *path, uint32_t flags)
{
	LIBBPF_OPTS(bpf_obj_get_opts, opts, .file_flags = flags);
	int fd = -1;

	errno = EINVAL;
	if (!flags || !knob_without("rdonly"))
		fd = bpf_obj_get_opts(path, &opts);
	return fd < 0 && flags && errno == EINVAL ? bpf_obj_get(path) : fd;
}

int shape_open(const char *path, uint32_t flags)
{
	int fd = open_pin(path, flags), err;

	if (fd < 0) /* links are never opened for reading alone */
		return errno == EINVAL ? -EPROTO : -errno;
	err = shape_check(fd, file_name(path));
	if (!err)
		return fd;
	close(fd);
	return err;
}
