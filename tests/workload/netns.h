/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef NETNS_H
#define NETNS_H

/* Moves this thread to a network namespace of its own, with lo up. */
void netns_enter_new(void);
/* Moves this thread to the one of a descriptor. */
void netns_enter(int fd);
/* Returns the inode of this thread's, 0 where the kernel has none. */
unsigned long long netns_inode(void);

#endif
