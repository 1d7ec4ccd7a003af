/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The description of a trace that is being loaded. */
#ifndef TCPT_META_WRITE_H
#define TCPT_META_WRITE_H

struct tcpt_load_opts;
struct tcpt_trace;

/* Writes the description into the map meta. */
int meta_write(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts);

#endif
