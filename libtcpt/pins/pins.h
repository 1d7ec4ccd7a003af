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

/* Copies pin into dir without trailing slashes; NULL is the default. Checks its ending. */
int pins_normalise(char *dir, const char *pin, const struct tcpt_log *log);
/*
 * Checks that a trace can be pinned in dir. With hold the bpffs may be of this process
 * alone, which stays.
 */
int pins_prepare(const char *dir, bool hold, const struct tcpt_log *log);
/*
 * Pins a trace in dir. If hold_lock is not NULL, the links are not pinned, and *hold_lock
 * is set to the lock of the keeper. *lock is set to the lock of pins_lock().
 */
int pins_create(const char *dir, struct bpf_object *object, uint32_t taps,
		const struct links *links, int *hold_lock, int *lock, const struct tcpt_log *log);
/*
 * Removes a trace. If hold_lock is not -1, it is the lock of a keeper, and the trace is
 * removed only if the lock is still that of the trace.
 */
int pins_remove(const char *dir, int hold_lock, const struct tcpt_log *log);
/* Removes what a load or an unload has left that was killed. */
int pins_remove_remains(const char *dir, const struct tcpt_log *log);
/*
 * Locks dir, so that there is one load, unload or replacement of it at a time. Waits for
 * another one, and returns a descriptor.
 */
int pins_lock(const char *dir, const struct tcpt_log *log);
/* Locks dir, but does not wait. */
int pins_try_lock(const char *dir);
void pins_unlock(const char *dir, int lock);
/* These pin in the directory part. */
int pins_pin_map(const char *part, const struct bpf_map *map, const struct tcpt_log *log);
int pins_pin_progs(const char *part, struct bpf_object *object, const struct tcpt_log *log);
/* Pins the links in DIR/PART; or if hold_lock is not NULL, locks DIR/PART instead. */
int pins_keep_links(const char *dir, const char *part, const struct links *links, int *hold_lock,
		    const struct tcpt_log *log);

#endif
