/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connections that are older than the trace. */
#ifndef TCPT_EXISTING_H
#define TCPT_EXISTING_H

#include <stdint.h>

struct bpf_object;
struct tcpt_abi_control;
struct tcpt_load_opts;

/* How large the map existing is to be. */
unsigned int existing_room(const struct tcpt_load_opts *opts);
/* Before anything is attached: stock will be taken. */
int existing_begin(struct bpf_object *object, const struct tcpt_load_opts *opts, uint32_t turn);
/* Stock is not being taken any more. */
void existing_end(struct tcpt_abi_control *control);
/* Makes the trace know the connections that are open already; says so if it cannot. */
void existing_seed(struct bpf_object *object, const struct tcpt_load_opts *opts);

#endif
