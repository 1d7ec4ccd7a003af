/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connections that are older than the trace. */
#ifndef TCPT_EXISTING_H
#define TCPT_EXISTING_H

#include <stddef.h>
#include <stdint.h>

struct bpf_object;
struct tcpt_abi_control;
struct words;
struct tcpt_load_opts;

/* Returns the number of entries that the map existing needs. */
unsigned int existing_room(const struct tcpt_load_opts *opts);
/* Notes in control, before anything is attached, that stock will be taken. */
void existing_begin(struct tcpt_abi_control *control, const struct tcpt_load_opts *opts);
/* Notes that taking stock has ended. */
void existing_end(const struct words *control);
/*
 * Takes stock: makes older connections known to the trace. Warns if it cannot. room is the
 * number of events that one processor can put into the ring.
 */
void existing_seed(struct bpf_object *object, enum tcpt_attach mode,
		   const struct tcpt_load_opts *opts, size_t room);

#endif
