/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of processes of a trace that is being loaded. */
#ifndef TCPT_PROCESSES_H
#define TCPT_PROCESSES_H

struct bpf_object;
struct tcpt_load_opts;
struct tcpt_log;
struct tcpt_trace;

/*
 * Decides whether the trace has a table. A replacement cannot change that: -EINVAL, with a
 * message.
 */
int processes_choose(struct tcpt_trace *trace, const struct tcpt_load_opts *opts);
/* Writes the processes that are older than the trace, after its programs are attached. */
void processes_seed(struct bpf_object *object, const struct tcpt_log *log);

#endif
