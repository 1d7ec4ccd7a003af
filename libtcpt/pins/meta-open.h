/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The description of a trace, for those who will use the trace. */
#ifndef TCPT_META_OPEN_H
#define TCPT_META_OPEN_H

struct tcpt_abi_meta;
struct tcpt_log;

/*
 * Reads the trace's description, and changes nothing: swap_settle_open() is for those who
 * use the trace. Returns -EPROTO, with a message, if it is of another layout; -ENOENT if
 * there is no trace.
 */
int meta_open(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log);
/* Says why opening the trace failed, also after meta_open(). Returns an error. */
int meta_open_explain(int err, const char *dir, const struct tcpt_log *log);

#endif
