/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kernel memory, as BPF reads it. */
#ifndef TCPT_KMEM_H
#define TCPT_KMEM_H

#include "tcpt.h"

struct snapshot;

/* Reads kernel memory through the guess's BPF program. Only one thread may use it. */
struct kmem;

/* Loads the program, and attaches it to the hook that via names. Has messages of its own. */
int kmem_open(struct kmem **out, enum tcpt_via via, const struct tcpt_log *log);
void kmem_close(struct kmem *kmem);
/* Returns the name of the hook in use. */
const char *kmem_via(const struct kmem *kmem);
/* Returns whether some request was never served. If so, what could not be read proves nothing. */
bool kmem_has_failed(const struct kmem *kmem);
/* Gives the calling thread the name by which the program knows it. */
void kmem_adopt_thread(struct kmem *kmem);
/* Asks for a copy of the sock's window at the thread's next change to one of states. */
void kmem_arm_sock(struct kmem *kmem, unsigned int states);
/* Takes that copy, and puts it into snap. Returns -ETIME if the hook did not run. */
int kmem_take_sock(struct kmem *kmem, struct snapshot *snap);
/* Copies the window of the bell's own sock. */
int kmem_read_bell(struct kmem *kmem, struct snapshot *snap);
/* Copy the windows of a known sock, and of the thread's task. */
int kmem_read_sock(struct kmem *kmem, uint64_t sock, struct snapshot *snap);
int kmem_read_task(struct kmem *kmem, struct snapshot *snap);
/* Reads a chunk for struct memory. Returns false if it cannot be read. */
bool kmem_fetch(void *kmem, uint64_t address, unsigned char *chunk);
/* Sets the bell: the socket, in the thread's descriptor table, whose state kmem changes at will. */
void kmem_use_bell(struct kmem *kmem, int fd);

#endif
