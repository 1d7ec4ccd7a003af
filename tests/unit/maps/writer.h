/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs that write to a flight recorder: bpf/slots.h itself, compiled for user space. */
#ifndef WRITER_H
#define WRITER_H

#include "tcpt_abi.h"

/* What the programs find in their maps. The tests set this before they write. */
extern void *writer_ring; /* an array of struct tcpt_abi_slot */
extern unsigned int writer_slots; /* of a segment */
extern unsigned int writer_cpus;

/* The calling thread is on this processor. Several can be, as if they preempted each other. */
void writer_begin(unsigned int cpu);
/* Makes a record with this number, or discards it. Returns false if it is lost. */
int writer_write(__u64 (*number)(unsigned int cpu), int discards);
/* The same in two steps, between which the program is preempted. */
struct tcpt_abi_event *writer_reserve(void);
void writer_submit(struct tcpt_abi_event *event, __u64 (*number)(unsigned int cpu), int discards);
/* Returns what a member of the record with that number is. */
static inline __u64 writer_mix(__u64 seq, unsigned int member)
{
	return seq * 0x9e3779b97f4a7c15ULL + member;
}

#endif
