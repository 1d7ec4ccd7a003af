/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A replacement. */
#ifndef TCPT_REPLACE_H
#define TCPT_REPLACE_H

#include "trace/filters-check.h"

struct tcpt_load_opts;
struct tcpt_log;
struct tcpt_trace;

/*
 * Opens the trace to be replaced, and locks it, so that nobody else loads or unloads.
 * -ENOENT: there is none.
 */
int replace_open(struct tcpt_trace *trace, const struct tcpt_load_opts *opts);
/*
 * Returns -EOPNOTSUPP, with a message, if filters of the old trace stay for which the new
 * programs do not reach far enough.
 */
int replace_check_filters(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
			  struct filters_reach reach, const struct tcpt_log *log);
/* Replaces the filters by those given, after the replacement is done and unlocked. */
void replace_filters(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts);
/* Returns -EOPNOTSUPP, with a message, if this mode cannot go on with the old trace. */
int replace_check_mode(const struct tcpt_trace *trace, const struct tcpt_log *log);
void replace_close(struct tcpt_trace *trace);
/* Gives the object the maps of the old trace. It is called before the object is loaded. */
int replace_reuse_maps(struct tcpt_trace *trace);
/* Pins the new programs, which are attached and idle, and passes the turn on to them. */
int replace_take_over(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		      const struct tcpt_log *log);

#endif
