/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rings as BPF ring buffers (Linux 5.8). A wakeup from inside a program raises an
 * interrupt, and the kernel skips the programs on what runs in that interrupt. So nothing
 * here wakes a reader that looks at the ring by itself. It sleeps only after some time
 * without an event, and then the first one wakes it: nothing else is going on.
 */
#ifndef TCPT_RING_H
#define TCPT_RING_H

#include "counters.h"

#define STORE_STAMPS_FIRST 0 /* a record has its time when it is submitted */

/*
 * Makes a record in the first ring that has room. The last byte of a record is its size: a
 * reader walks back from the newest one by it (libtcpt/maps/ring.c).
 */
static __always_inline struct tcpt_abi_event *store_reserve(__u32 size)
{
	struct tcpt_abi_event *event = bpf_ringbuf_reserve(&ring, size, 0);
	__u8 home = 1;

	if (!event && TAPS > 1) {
		event = bpf_ringbuf_reserve(&ring2, size, 0);
		home = 2;
		if (!event && TAPS > 2) {
			event = bpf_ringbuf_reserve(&ring3, size, 0);
			home = 3;
		}
		if (!event && TAPS > 3) {
			event = bpf_ringbuf_reserve(&ring4, size, 0);
			home = 4;
		}
	}
	if (!event)
		return NULL;
	event->home = home;
	((__u8 *)event)[size - 1] = size;
	return event;
}

/* Returns how to submit a record to the ring of this tap. */
static __always_inline __u64 wake(__u32 tap)
{
	struct tcpt_abi_cursor *first;
	__u32 zero = 0, at = (tap - 1) & (TCPT_ABI_TAPS_MAX - 1);

	first = bpf_map_lookup_elem(&cursor, &zero);
	if (!first || !*(volatile __u8 *)&first->asleep[at])
		return BPF_RB_NO_WAKEUP;
	first->asleep[at] = 0;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void store_discard(void *record)
{
	bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
}

/* Returns 0 if the ring of that tap had room. */
#define store_copy(ring, tap, event, size) bpf_ringbuf_output((ring), (event), (size), wake(tap))

static __always_inline void store_submit(struct tcpt_abi_event *event)
{
	bpf_ringbuf_submit(event, wake(TAPS > 1 ? event->home : 1));
}

#endif
