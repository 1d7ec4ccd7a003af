/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel says of a descriptor of BPF, and of a map. */
#ifndef TCPT_FACTS_H
#define TCPT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

struct facts {
	uint32_t type, flags, key_size, value_size, entries;
};

/* Returns true if fd is a "map", "prog" or "link" of BPF, or if /proc does not say. */
bool facts_is_kind(int fd, const char *kind);
/*
 * Fills facts. Returns -EPROTO if fd is not a map, and -ENODATA if the kernel does not say
 * (before Linux 4.5, and before 4.13 without /proc).
 */
int facts_read(int fd, struct facts *facts);
/* Sets *entries to the number of a map's elements. Of an array this is always known. */
int facts_entries(int fd, uint32_t *entries);

#endif
