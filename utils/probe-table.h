/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What tcpt-load --probe prints. */
#ifndef PROBE_TABLE_H
#define PROBE_TABLE_H

#include "tcpt.h"

/* Hooks and what the modes make of them; then one line a mode, and the choice. */
void probe_table_print(const struct tcpt_probe *probe);

/* The reason why no mode works at all, for a message that is to be freed; NULL if one does. */
char *probe_table_why_none(const struct tcpt_probe *probe);

/* What the programs of the trace that is pinned there have missed; nothing if there is none. */
int missed_table_print(const char *pin, const struct tcpt_log *log);

#endif
