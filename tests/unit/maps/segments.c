// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A ring of slots for tests. */
#include "segments.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../test.h"
#include "internal.h"

struct slots_layout segments_layout = { CPUS, 1, SLOTS, false };
struct tcpt_abi_cursor *segments_cursors;
uint64_t segments_made;

static int map = -1, cursor_map = -1;
static struct tcpt_abi_slot *memory;

static void *make_file(int *fd, size_t size)
{
	void *at;

	*fd = memfd_create("slots", 0);
	if (*fd < 0 || ftruncate(*fd, size))
		abort();
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (at == MAP_FAILED)
		abort();
	return at;
}

struct tcpt_abi_segment *segments_head(unsigned int i)
{
	return (struct tcpt_abi_segment *)&memory[i * (segments_layout.slots + 1)];
}

__u64 *segments_position(unsigned int cpu)
{
	return &segments_cursors[(TAP - 1) * CPUS + cpu].position[0];
}

void segments_make(void)
{
	memory = make_file(&map, slots_layout_entries(&segments_layout) * sizeof(*memory));
	segments_cursors = make_file(&cursor_map, CPUS * TAPS * sizeof(*segments_cursors));
	for (unsigned int i = 0; i < CPUS * segments_layout.levels; i++)
		*segments_head(i) = (struct tcpt_abi_segment){
			.head = FIRST,
			.tail = FIRST,
			.first = FIRST,
			.slots = segments_layout.slots,
			.levels = segments_layout.levels,
			.is_recorder = segments_layout.is_recorder,
		};
	segments_made = 0;
}

void segments_drop(void)
{
	munmap(memory, slots_layout_entries(&segments_layout) * sizeof(*memory));
	munmap(segments_cursors, CPUS * TAPS * sizeof(*segments_cursors));
	close(map);
	close(cursor_map);
}

struct tcpt_abi_slot *segments_slot(unsigned int i, uint64_t position)
{
	return &memory[i * (segments_layout.slots + 1) + 1 + position % segments_layout.slots];
}

void segments_set_state(unsigned int i, uint64_t position, unsigned int state)
{
	segments_slot(i, position)->state = position << TCPT_ABI_SLOT_BITS | state;
}

uint64_t segments_put(unsigned int i, uint64_t ts, uint64_t seq, unsigned int state)
{
	uint64_t position = segments_head(i)->head++;
	struct tcpt_abi_event *event = &segments_slot(i, position)->record.event;

	memset(event, 0, sizeof(*event));
	event->size = sizeof(*event);
	event->cpu = i / segments_layout.levels;
	event->ts = ts;
	event->seq = seq;
	segments_made++;
	segments_set_state(i, position, state);
	return position;
}

struct slots *segments_open(void)
{
	struct slots *slots = NULL;

	if (slots_open_laid_out(&slots, map, cursor_map, TAP, NUMBER + 1, &segments_layout,
				CPUS * TAPS))
		abort();
	return slots;
}

uint64_t segments_next(struct slots *slots)
{
	size_t size = 0;
	const struct tcpt_abi_event *event = slots_next(slots, &size);

	if (event)
		CHECK_INT(size, sizeof(*event));
	return event ? event->ts : 0;
}

void segments_expect_fault(struct slots *slots, const char *fault)
{
	const char *found = slots_fault(slots);

	CHECK_STR(found ? found : "right", fault ? fault : "right");
}

void segments_expect_none(struct slots *slots)
{
	CHECK_INT(segments_next(slots), 0);
	CHECK(!slots_fault(slots));
}
