/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The description of a trace. */
#ifndef TCPT_META_H
#define TCPT_META_H

#include <stddef.h>
#include <stdint.h>

struct tcpt_abi_meta;

/* Of one map. -EPROTO: another layout; then only what all have is filled in. */
int meta_read(const char *path, struct tcpt_abi_meta *meta);
/*
 * The description out of the bytes of a map. -EPROTO as above; -EBADMSG: what is
 * in it cannot be.
 */
int meta_take(struct tcpt_abi_meta *meta, const void *value, size_t size);
/* A number that changes when the trace is replaced. */
uint64_t meta_identity(const char *dir);

#endif
