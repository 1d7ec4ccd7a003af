// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that write to a flight recorder, and the helpers that they call. */
/* The compiler for BPF does not mind what this one does. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>
#include <linux/bpf.h>
#include <time.h>

#include "slots.h"
#include "writer.h"

void *writer_ring;
unsigned int writer_slots, writer_cpus;

static __thread unsigned int processor;

void writer_begin(unsigned int cpu)
{
	processor = cpu;
}

/* ---- helpers ---- */

void *map_lookup(void *map, const void *key)
{
	__u32 at = *(const __u32 *)key;

	if (map != &ring || at >= writer_cpus * (writer_slots + 1))
		return NULL;
	return (struct tcpt_abi_slot *)writer_ring + at;
}

__u32 helper_cpu(void)
{
	return processor;
}

__u64 helper_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

__u64 helper_add(void *number, __u32 size, __u64 value)
{
	return __atomic_fetch_add((__u64 *)number, value, __ATOMIC_SEQ_CST);
}

long read_copy(void *to, __u32 size, const void *from)
{
	return -1; /* there is one tap */
}

int offset_is_known(const char *field)
{
	return 1; /* it is a recorder */
}

__u32 constant_of(const char *type)
{
	return type[sizeof("struct tcpt_") - 1] == 't' ? 1 : writer_slots;
}

/* ---- a program ---- */

struct tcpt_abi_event *writer_reserve(void)
{
	return store_reserve(sizeof(struct tcpt_abi_close));
}

void writer_submit(struct tcpt_abi_event *event, __u64 (*number)(unsigned int cpu), int discards)
{
	volatile __u64 *members = (volatile __u64 *)&event->id;
	void *end = (struct tcpt_abi_close *)event + 1;

	if (discards) {
		store_discard(event);
		return;
	}
	event->size = sizeof(struct tcpt_abi_close);
	event->cpu = processor;
	event->seq = number(processor);
	for (unsigned int i = 0; (void *)&members[i] < end; i++)
		members[i] = writer_mix(event->seq, i);
	store_submit(event);
}

int writer_write(__u64 (*number)(unsigned int cpu), int discards)
{
	struct tcpt_abi_event *event = writer_reserve();

	if (event)
		writer_submit(event, number, discards);
	else
		number(processor);
	return event != NULL;
}
