/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rings as arrays of slots, for kernels without the BPF ring buffer. tcpt_abi.h says
 * how they are laid out; the reader is libtcpt/maps/slots.c.
 *
 * A program takes the next position of its segment, marks the slot as busy, fills it, and
 * marks it as ready. It takes no position if the reader is a whole segment behind.
 * Programs of one CPU can interrupt each other. Where an atomic operation returns a value,
 * each takes a position of its own all the same. Several can have looked for room before
 * the first takes its position, so some slots are spare for them: more than a trace has
 * programs that report events, of which none runs inside itself.
 *
 * Before Linux 5.12 no atomic operation returns a value. But then a program that
 * interrupts another ends before that one goes on. So each level of nesting has a segment
 * of its own, and the level can be read after it was counted up: whoever came meanwhile
 * has counted it down again. TCP runs in tasks and in soft interrupts, and so there are
 * two levels.
 *
 * In a flight recorder a program takes a position whatever the reader has read. Where
 * programs can be preempted, the one that had this slot before may not have finished. The
 * event is then lost, and the slot gets the mark that it is held, with the new position:
 * nobody writes to it, and the reader passes over it, until the older program has finished.
 *
 * The mark has to be seen after the record. x86 stores in order. Elsewhere the exchange is
 * a full barrier; before Linux 5.12 there is none, and the reader waits for one (slots.c).
 * The busy mark is stored before the program changes any other map, which has barriers: a
 * reader that sees what the program has brought about can see the mark. In a recorder the
 * busy mark also has to be seen before the record changes. There the exchange that sets it
 * is a full barrier, and before Linux 5.12 the reader leaves the oldest records alone: the
 * maps that programs change between two turns have barriers (segment.c).
 */
#ifndef TCPT_SLOTS_H
#define TCPT_SLOTS_H

#include "counters.h"

#define STORE_STAMPS_FIRST 1 /* a record has its time since before its slot was taken */

/* These are constants: the loader puts them into the BTF as offsets of the members. */
struct tcpt_segments {
	__u8 slots; /* of each segment */
	__u8 cpus;
	__u8 recorder; /* it is there if the rings are a flight recorder */
} __attribute__((preserve_access_index));

#define SLOTS bpf_core_field_offset(struct tcpt_segments, slots)
#define ALL_CPUS bpf_core_field_offset(struct tcpt_segments, cpus)
#define RECORDS bpf_core_field_exists(((struct tcpt_segments *)0)->recorder)

#ifdef TCPT_ATOMICS
#define LEVELS 1
#define enter() 0
#define leave() ((void)0)
#else
#define LEVELS 2

/* Returns the level on which this program writes; LEVELS or more: on none. */
static __always_inline __u64 enter(void)
{
	struct tcpt_abi_counters *own = own_counters();

	return own ? draw(own, nesting) - 1 : LEVELS;
}

static __always_inline void leave(void)
{
	struct tcpt_abi_counters *own = own_counters();

	if (own)
		add(own, nesting, -1);
}
#endif

/* The level of a program that has entered. */
static __always_inline __u64 own_level(void)
{
#ifdef TCPT_ATOMICS
	return 0;
#else
	struct tcpt_abi_counters *own = own_counters();

	return own ? *(volatile __u64 *)&own->nesting - 1 : LEVELS;
#endif
}

static __always_inline __u64 position_read(__u32 tap, __u32 cpu, __u64 level)
{
	__u32 key = (tap - 1) * ALL_CPUS + cpu;
	struct tcpt_abi_cursor *at = bpf_map_lookup_elem(&cursor, &key);
	__u64 first, second;

	if (!at)
		return 0;
	first = *(volatile __u64 *)&at->position[0];
	second = *(volatile __u64 *)&at->position[1];
	return level ? second : first;
}

/*
 * Returns true if the segment has no room. A reader that has not come to this ring yet has
 * a position before it, and one that somebody has moved ahead counts as one: the
 * difference is too large.
 */
static __always_inline int is_full(struct tcpt_abi_segment *own, __u32 tap, __u32 cpu, __u64 level)
{
	__u64 head = *(volatile __u64 *)&own->head, tail;

	if (head - own->tail < SLOTS - TCPT_ABI_SLOTS_SPARE)
		return 0;
	tail = position_read(tap, cpu, level);
	if (head - tail >= SLOTS - TCPT_ABI_SLOTS_SPARE)
		return 1;
	own->tail = tail;
	return 0;
}

/*
 * Marks the slot of a position as busy. Returns 0 if a program still writes an older record
 * there, or if this one was preempted until a newer record was there.
 */
static __always_inline int claim_slot(struct tcpt_abi_slot *slot, __u64 position)
{
	__u64 state = position << TCPT_ABI_SLOT_BITS | TCPT_ABI_SLOT_BUSY;
#ifdef TCPT_ATOMICS
	__u64 old = *(volatile __u64 *)&slot->state;

	if (RECORDS) {
		int is_held = (old & (TCPT_ABI_SLOT_HELD - 1)) == TCPT_ABI_SLOT_BUSY;

		if (old > state)
			return 0;
		if (is_held)
			state += TCPT_ABI_SLOT_HELD;
		return __sync_val_compare_and_swap(&slot->state, old, state) == old && !is_held;
	}
#endif
	*(volatile __u64 *)&slot->state = state;
	barrier();
	return 1;
}

/* Takes the next slot of a tap's ring, and marks it as busy. Returns NULL if it is full. */
static __always_inline struct tcpt_abi_slot *take_slot(void *map, __u32 tap, __u64 level)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 at = (cpu * LEVELS + level) * (SLOTS + 1);
	struct tcpt_abi_segment *own = bpf_map_lookup_elem(map, &at);
	struct tcpt_abi_slot *slot;
	__u64 position;

	if (!own || (!RECORDS && is_full(own, tap, cpu, level)))
		return NULL;
	position = draw(own, head) - 1;
	at += 1 + (position & (SLOTS - 1));
	slot = bpf_map_lookup_elem(map, &at);
	if (!slot || !claim_slot(slot, position))
		return NULL;
	return slot;
}

/* Marks a busy slot as something else. One that is held gets free. */
static __always_inline void mark_slot(struct tcpt_abi_slot *slot, __u64 as)
{
#ifdef TCPT_ATOMICS
	if (RECORDS) {
		__u64 old = __sync_fetch_and_add(&slot->state, as - TCPT_ABI_SLOT_BUSY);

		barrier_var(old); /* one whose result is used is a full barrier */
		return;
	}
#endif
	as += slot->state - TCPT_ABI_SLOT_BUSY;
	barrier();
#if defined(TCPT_ATOMICS) && !defined(__TARGET_ARCH_x86)
	__sync_lock_test_and_set(&slot->state, as);
#else
	*(volatile __u64 *)&slot->state = as;
#endif
}

/*
 * Takes a slot in the first ring that has room. The time comes first: what a segment has
 * before a record is not later than what that record brings about.
 */
static __always_inline struct tcpt_abi_event *store_reserve(__u32 size)
{
	__u64 now = bpf_ktime_get_ns(), level = enter();
	struct tcpt_abi_slot *slot = level < LEVELS ? take_slot(&ring, 1, level) : NULL;
	__u8 home = 1;

	if (!slot && TAPS > 1 && level < LEVELS) {
		slot = take_slot(&ring2, 2, level);
		home = 2;
		if (!slot && TAPS > 2) {
			slot = take_slot(&ring3, 3, level);
			home = 3;
		}
		if (!slot && TAPS > 3) {
			slot = take_slot(&ring4, 4, level);
			home = 4;
		}
	}
	if (!slot) {
		leave();
		return NULL;
	}
	slot->record.event.ts = now;
	slot->record.event.home = home;
	return &slot->record.event;
}

static __always_inline void store_discard(void *record)
{
	mark_slot(record, TCPT_ABI_SLOT_DISCARDED);
	leave();
}

/* Returns 0 if the ring of that tap had room. */
static __always_inline int store_copy(void *map, __u32 tap, struct tcpt_abi_event *event,
				      __u32 size)
{
	struct tcpt_abi_slot *slot = take_slot(map, tap, own_level());

	if (!slot)
		return 1;
	bpf_probe_read_kernel(&slot->record, size, event);
	mark_slot(slot, TCPT_ABI_SLOT_READY);
	return 0;
}

static __always_inline void store_submit(struct tcpt_abi_event *event)
{
	mark_slot((struct tcpt_abi_slot *)event, TCPT_ABI_SLOT_READY);
	leave();
}

#endif
