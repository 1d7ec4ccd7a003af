/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Locks on parts of a pinned trace. */
#ifndef TCPT_LOCKS_H
#define TCPT_LOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "maps/ring-name.h"

struct tcpt_log;

/* What the reader of a tap locks, in DIR. */
struct ring_name locks_of_tap(uint32_t tap);
/* These return a descriptor. Taking one that is held: -EBUSY and a message naming the holder. */
int locks_take_reader(const char *dir, uint32_t tap, const struct tcpt_log *log);
int locks_take_keeper(const char *dir, const struct tcpt_log *log);
/* LOCK_SH or LOCK_EX on any directory. Its lock says who keeps links that are not in it. */
int locks_try(const char *path, int kind);
/* The same, but waits for the holder, up to 10 s; then -EBUSY and a message naming him. */
int locks_await(const char *path, int kind, const struct tcpt_log *log);
bool locks_are_on(const char *path, int lock);
/*
 * On a directory of the caller's alone that is made for it and removed on release;
 * -EBUSY as above.
 */
int locks_take(const char *path, unsigned int tries, const struct tcpt_log *log);
void locks_release(const char *path, int lock);
/* Whether this process keeps the links; and whether lock is the keeper's of this very directory. */
bool locks_are_kept(const char *dir, pid_t keeper);
/* Whether a process may be there, without asking for its lock. */
bool locks_may_live(pid_t pid);
bool locks_are_of(const char *dir, int lock);
/*
 * Who has the lock on a part of the directory, without asking for it, and its
 * command's name. 0 if nobody has, or a process of another pid namespace; -errno
 * if that may not be seen.
 */
int locks_holder(const char *dir, const char *part, char *name, size_t size);
/* The command's name of a process, without control characters. */
void locks_name(int pid, char *name, size_t size);

#endif
