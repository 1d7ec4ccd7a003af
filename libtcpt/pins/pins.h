/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The directory of a pinned trace. */
#ifndef TCPT_PINS_H
#define TCPT_PINS_H

#include <stdbool.h>
#include <stdint.h>

struct bpf_map;
struct bpf_object;
struct links;
struct tcpt_log;

struct ring;
int pins_normalise(char *dir, const char *pin, const struct tcpt_log *log);
/* hold: a process stays that has the bpffs. */
int pins_prepare(const char *dir, bool hold, const struct tcpt_log *log);
/*
 * With hold_lock the links are not pinned, and *hold_lock is set to a lock that says
 * who keeps them. *lock is set to that of pins_lock().
 */
int pins_create(const char *dir, struct bpf_object *object, uint32_t taps,
		const struct links *links, int *hold_lock, int *lock, const struct tcpt_log *log);
/* With the lock of a keeper, or -1: only if it is the lock of this trace still. */
int pins_remove(const char *dir, int hold_lock, const struct tcpt_log *log);
int pins_remove_remains(const char *dir, const struct tcpt_log *log);
/* One load, unload or replacement of dir at a time: waits, and returns a descriptor. */
int pins_lock(const char *dir, const struct tcpt_log *log);
int pins_try_lock(const char *dir);
void pins_unlock(const char *dir, int lock);
/* part is a directory. */
int pins_pin_map(const char *part, const struct bpf_map *map, const struct tcpt_log *log);
int pins_pin_progs(const char *part, struct bpf_object *object, const struct tcpt_log *log);
/* Pins them in DIR/PART, or keeps that locked. */
int pins_keep_links(const char *dir, const char *part, const struct links *links, int *hold_lock,
		    const struct tcpt_log *log);

#endif
