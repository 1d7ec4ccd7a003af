/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Locks on parts of a pinned trace. */
#ifndef TCPT_LOCKS_H
#define TCPT_LOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "maps/ring-name.h"

struct tcpt_log;

/* Returns the name of the directory, in DIR, that the reader of a tap locks. */
struct ring_name locks_of_tap(uint32_t tap);
/*
 * These take the lock of a reader, of one of so many taps, and of a keeper, and return a
 * descriptor. They return -EBUSY, with a message that names the process, if another one has
 * the lock.
 */
int locks_take_reader(const char *dir, uint32_t tap, uint32_t taps, const struct tcpt_log *log);
int locks_take_keeper(const char *dir, const struct tcpt_log *log);
/* Takes LOCK_SH or LOCK_EX on any directory, and returns a descriptor. Does not wait. */
int locks_try(const char *path, int kind);
/*
 * Takes it too, but waits up to 10 s for the process that has it. Then returns -EBUSY, with
 * a message that names the process.
 */
int locks_await(const char *path, int kind, const struct tcpt_log *log);
/* Returns true if lock is a descriptor of what is at path now. */
bool locks_are_on(const char *path, int lock);
/*
 * Makes a directory of the caller's own and locks it; locks_release() removes it. Returns
 * a descriptor, or -EBUSY as above.
 */
int locks_take(const char *path, unsigned int tries, const struct tcpt_log *log);
void locks_release(const char *path, int lock);
/* Returns true if the keeper still keeps the links of the trace. */
bool locks_are_kept(const char *dir, pid_t keeper);
/* Returns true if a process may be alive, as far as that is known without its lock. */
bool locks_may_live(pid_t pid);
/* Returns true if lock is the keeper's lock of this very directory. */
bool locks_are_of(const char *dir, int lock);
/*
 * Finds the process that has the lock on a part of the directory, without taking it.
 * Returns its pid and sets name to its command. 0: nobody has it, or a process of another
 * pid namespace; -errno: the caller may not see that.
 */
int locks_holder(const char *dir, const char *part, char *name, size_t size);
/* Sets name to the command of a process, without control characters. */
void locks_name(int pid, char *name, size_t size);

#endif
