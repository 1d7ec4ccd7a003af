/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The description of a trace. */
#ifndef TCPT_META_H
#define TCPT_META_H

#include <stddef.h>
#include <stdint.h>

struct tcpt_abi_meta;

/*
 * Reads the description from a pinned map. Returns -EPROTO if it is of another layout; then
 * only the members that all layouts have are filled in.
 */
int meta_read(const char *path, struct tcpt_abi_meta *meta);
/*
 * Reads the description from the bytes of a map. Returns -EPROTO as above; -EBADMSG if it
 * has values that are not possible.
 */
int meta_take(struct tcpt_abi_meta *meta, const void *value, size_t size);
/* Returns a number that changes when the trace is replaced; 0 if there is no trace. */
uint64_t meta_identity(const char *dir);

#endif
