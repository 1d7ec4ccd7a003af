/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The end of a replacement. */
#ifndef TCPT_SWAP_SETTLE_H
#define TCPT_SWAP_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

struct tcpt_abi_meta;
struct tcpt_log;

/*
 * Ends a replacement that is under way, or was interrupted, forward or back: by
 * whoever has pins_lock(); and by whoever has not. -EINPROGRESS: somebody else
 * would have to.
 */
int swap_settle_finish(const char *dir);
int swap_settle(const char *dir);
bool swap_settle_is_done(const char *dir);
/* meta_open() for those who are to use the trace; first ends what was interrupted. */
int swap_settle_open(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log);
/* Waits for somebody else to end it. -EINPROGRESS: nobody does, see swap_settle_explain(). */
int swap_settle_await(const char *dir);
int swap_settle_explain(const char *dir, const struct tcpt_log *log);
/*
 * A number that is the same before and after something is opened if no names have
 * changed meanwhile; 0 while they do. So readers need no lock that would keep
 * others from changing them.
 */
uint64_t swap_settle_names(const char *dir);
/* The same if it was interrupted, and the caller may; without waiting for anybody. */
void swap_settle_mend(const char *dir);

#endif
