/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kernel memory. */
#ifndef TCPT_KMEM_H
#define TCPT_KMEM_H

#include "tcpt.h"

struct snapshot;

/* Reads kernel memory through the guesser's BPF program. One thread uses it. */
struct kmem;

int kmem_open(struct kmem **out, enum tcpt_via via, const struct tcpt_log *log);
void kmem_close(struct kmem *kmem);
const char *kmem_via(const struct kmem *kmem);
/* Some request was never served: what could not be read proves nothing. */
bool kmem_has_failed(const struct kmem *kmem);
/* Gives the calling thread the name by which the program knows it. */
void kmem_adopt_thread(struct kmem *kmem);
/* Copies the sock's window at the thread's next change to one of states. */
void kmem_arm_sock(struct kmem *kmem, unsigned int states);
/* What came of it: the window goes into snap. -ETIME if the hook did not fire. */
int kmem_take_sock(struct kmem *kmem, struct snapshot *snap);
/* Copies the bell socket's own window. */
int kmem_read_bell(struct kmem *kmem, struct snapshot *snap);
int kmem_read_sock(struct kmem *kmem, uint64_t sock, struct snapshot *snap);
int kmem_read_task(struct kmem *kmem, struct snapshot *snap);
bool kmem_fetch(void *kmem, uint64_t address, unsigned char *chunk);
/* fd is the socket whose state is changed at will, in the thread's descriptor table. */
void kmem_use_bell(struct kmem *kmem, int fd);

#endif
