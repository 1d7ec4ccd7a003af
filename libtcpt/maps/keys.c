// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Walks over the keys of a map. */
#include <bpf/bpf.h>

#include "base/knobs.h"
#include "internal.h"
#include "maps/keys.h"

/* To a key that is not there, the kernel says the first one. */
static int find_first(int map, void *next, size_t size)
{
	unsigned char none[KEY_MOST];

	if (size > sizeof(none))
		return -E2BIG;
	memset(none, 0xff, size);
	return bpf_map_get_next_key(map, none, next) ? -errno : 0;
}

/* Before Linux 4.12 one cannot ask for the first key. */
int key_next(int map, const void *at, void *next, size_t size)
{
	int err = -EFAULT;

	if (at || !knob_without("first_key"))
		err = bpf_map_get_next_key(map, at, next) ? -errno : 0;
	return !at && err == -EFAULT ? find_first(map, next, size) : err;
}
