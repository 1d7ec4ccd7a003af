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
 * Pins what replaces the programs of dir beside what is to be replaced: links,
 * programs, description, and so many rings if they are others. All or nothing.
 */
int swap_add(const char *dir, struct bpf_object *object, const struct links *links, uint32_t rings,
	     int *hold_lock, const struct tcpt_log *log);
/* The directories of what was added; removing them takes it back. */
#define SWAP_ADDED 3
extern const char *const swap_added[SWAP_ADDED];
void swap_drop(const char *dir);
/* Gives all that was added the place of the old. */
int swap_forward(const char *dir, const struct tcpt_abi_meta *old);
/* 1 or 0, or why that cannot be told. */
int swap_exists(const char *path);

#endif
