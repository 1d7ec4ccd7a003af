/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pins that take the place of others. */
#ifndef TCPT_SWAP_H
#define TCPT_SWAP_H

#include <stdint.h>

struct bpf_object;
struct links;
struct tcpt_abi_meta;
struct tcpt_log;

/*
 * Pins the new links, programs and description beside those of dir, and as many new rings
 * as rings says. Pins all of them or nothing.
 */
int swap_add(const char *dir, struct bpf_object *object, const struct links *links, uint32_t rings,
	     int *hold_lock, const struct tcpt_log *log);
/* The directories of what was added. */
#define SWAP_ADDED 3
extern const char *const swap_added[SWAP_ADDED];
/* Removes what was added. */
void swap_drop(const char *dir);
/* Puts all that was added into the place of the old. */
int swap_forward(const char *dir, const struct tcpt_abi_meta *old);
/* Returns 1 or 0; a negative errno if it cannot be known. */
int swap_exists(const char *path);

#endif
