/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Putting a trace in the place of another. */
#ifndef TCPT_REPLACE_H
#define TCPT_REPLACE_H

struct tcpt_load_opts;
struct tcpt_log;
struct tcpt_trace;

/*
 * Opens the trace that is pinned there, and lets nobody else load or unload. -ENOENT:
 * there is none.
 */
int replace_open(struct tcpt_trace *trace, const struct tcpt_load_opts *opts);
/* Once it is done and unlocked: the filters that are given, in the place of those set. */
void replace_filters(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts);
void replace_close(struct tcpt_trace *trace);
/* The object's maps are to be the old ones, before it is loaded. */
int replace_reuse_maps(struct tcpt_trace *trace, const struct tcpt_load_opts *opts);
/* The programs are attached, and idle: pins them, and passes the turn on. */
int replace_take_over(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		      const struct tcpt_log *log);

#endif
