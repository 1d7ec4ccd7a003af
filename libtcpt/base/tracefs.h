/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files of tracefs. */
#ifndef TCPT_TRACEFS_H
#define TCPT_TRACEFS_H

/* A file below tracefs, wherever that is mounted, or not. A descriptor. */
int tracefs_open(const char *name, int flags);
/* Of a tracepoint. Negative errno if unknown. */
int tracefs_event_id(const char *category, const char *event);
/* Where a field lies in the tracepoint's record. */
int tracefs_field_offset(const char *category, const char *event, const char *field);

#endif
