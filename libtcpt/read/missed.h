/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel has skipped programs: it says how often, program by program. */
#ifndef TCPT_MISSED_H
#define TCPT_MISSED_H

#include "internal.h"

/*
 * Reads what the programs of the trace at dir have missed. Returns their number, or an
 * error with a message; -EACCES has none: members of the trace's group do not see its
 * programs.
 */
int missed_list(const char *dir, struct tcpt_missed *missed, size_t max,
		const struct tcpt_log *log);

#endif
