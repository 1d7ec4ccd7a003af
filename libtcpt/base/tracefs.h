/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files of tracefs. */
#ifndef TCPT_TRACEFS_H
#define TCPT_TRACEFS_H

/*
 * Opens a file of tracefs, also if that is not mounted. Returns a descriptor or a
 * negative errno. -ENOENT: there is no such file; -ENODEV: this kernel has no tracefs.
 */
int tracefs_open(const char *name, int flags);
/* Returns what such an error means, and what to do. */
const char *tracefs_explain(int err);
/* Returns the id of a tracepoint; a negative errno if it is not known. */
int tracefs_event_id(const char *category, const char *event);
/* Returns the offset of a field in the tracepoint's record; a negative errno if it is not known. */
int tracefs_field_offset(const char *category, const char *event, const char *field);

#endif
