/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The description of a trace that is going to be used. */
#ifndef TCPT_META_OPEN_H
#define TCPT_META_OPEN_H

struct tcpt_abi_meta;
struct tcpt_log;

/*
 * The trace's description, without touching the trace: swap_settle_open() is for those who use
 * it. -EPROTO and a message if it is of another layout, -ENOENT if there is none.
 */
int meta_open(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log);
/* For what fails afterwards. */
int meta_open_explain(int err, const char *dir, const struct tcpt_log *log);

#endif
