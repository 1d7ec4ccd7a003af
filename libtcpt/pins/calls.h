/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps of what threads do: shutdowns, fd_calls and fds_reported (bpf/maps.h). */
#ifndef TCPT_CALLS_H
#define TCPT_CALLS_H

/*
 * Removes the entries that programs have left which were detached while threads were in
 * such calls. It does nothing if the trace goes on with programs that see these calls end.
 */
int calls_clear(const char *dir);
/*
 * Does so after a replacement, if the programs that it has ended can have left some. Their
 * links have gone, and their pins are still there.
 */
int calls_clear_replaced(const char *dir);
/*
 * Empties fds_reported before a replacement. Only an LRU hash, which kernels have since Linux
 * 4.10, forgets what another replacement has left there.
 */
void calls_clear_fds(const char *dir);

#endif
