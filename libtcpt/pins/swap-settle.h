/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The end of a replacement. */
#ifndef TCPT_SWAP_SETTLE_H
#define TCPT_SWAP_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

struct tcpt_abi_meta;
struct tcpt_log;

/*
 * Ends a replacement that is under way or was interrupted, forward or back. The caller has
 * pins_lock().
 */
int swap_settle_finish(const char *dir);
/*
 * Ends a replacement for a caller that does not have the lock. If the caller may not, it
 * waits for somebody else. -EINPROGRESS: nobody has ended it.
 */
int swap_settle(const char *dir);
/* Returns true if no replacement is under way, or was interrupted. */
bool swap_settle_is_done(const char *dir);
/* Ends a replacement that was interrupted. Otherwise as meta_open(), for users of the trace. */
int swap_settle_open(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log);
/* Waits for somebody else to end it. -EINPROGRESS: nobody has, see swap_settle_explain(). */
int swap_settle_await(const char *dir);
/* Says that a replacement was interrupted, and how it ends. Returns -EINPROGRESS. */
int swap_settle_explain(const char *dir, const struct tcpt_log *log);
/*
 * Returns a number that is the same before and after something is opened if no names have
 * changed meanwhile; 0 while they change. So readers need no lock that would keep others
 * from changing them.
 */
uint64_t swap_settle_names(const char *dir);
/* Ends a replacement that was interrupted, if the caller may and need not wait. */
void swap_settle_mend(const char *dir);

#endif
