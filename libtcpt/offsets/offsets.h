/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The offsets of one kernel build. */
#ifndef TCPT_OFFSETS_H
#define TCPT_OFFSETS_H

#include <stdbool.h>

#include "base/kernel.h"
#include "offsets/fields.h"

struct tcpt_log;

#define OFFSET_UNSET (-2)
#define OFFSET_MAX 65535

struct tcpt_offsets {
	struct kernel_id kernel;
	char source[8];
	int at[FIELD_COUNT]; /* byte offset, TCPT_ABSENT or OFFSET_UNSET */
};

/* Makes all fields absent, and says so in the source. */
void offsets_forget(struct tcpt_offsets *offsets);
bool offsets_are_none(const struct tcpt_offsets *offsets);
/* Returns -EINVAL, with a message that names the first field that has no value. */
int offsets_check_known(const struct tcpt_offsets *offsets, const struct tcpt_log *log);

#endif
