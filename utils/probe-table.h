/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables that tcpt-load --probe prints. */
#ifndef PROBE_TABLE_H
#define PROBE_TABLE_H

#include <stdbool.h>

#include "cli.h"
#include "tcpt.h"

/*
 * Prints the hooks and how each mode uses them; then one line for each mode, and the choice.
 * Returns 0 or, after a message, a negative errno.
 */
int probe_table_print(const struct tcpt_probe *probe, const struct cli *cli);

/* Returns the reason why no mode works; NULL if one does. The caller frees it. */
char *probe_table_why_none(const struct tcpt_probe *probe);

/*
 * Prints what the programs of the trace pinned there have missed. Without a trace it prints
 * nothing, which is an error if one is required.
 */
int missed_table_print(const char *pin, bool is_required, const struct tcpt_log *log,
		       const struct cli *cli);

#endif
