// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How a ring of slots is laid out: its sizes, and the heads of its segments. */
#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "internal.h"
#include "maps/facts.h"
#include "maps/slots-layout.h"
#include "tcpt_abi.h"

#define DEFAULT_BYTES (8 << 20)
#define DEFAULT_SLOTS 2048 /* at least, of each segment */
#define SLOTS_MOST (1U << 22)

uint32_t slots_layout_round(size_t wanted, uint32_t cpus, uint32_t levels)
{
	size_t segment = cpus * levels * sizeof(struct tcpt_abi_slot);
	uint32_t slots = wanted ? TCPT_ABI_SLOTS_LEAST : DEFAULT_SLOTS;

	while (slots * segment < (wanted ? wanted : DEFAULT_BYTES) && slots < SLOTS_MOST)
		slots <<= 1;
	return slots;
}

uint32_t slots_layout_entries(const struct slots_layout *layout)
{
	return layout->cpus * layout->levels * (layout->slots + 1);
}

int slots_layout_begin(int map_fd, const struct slots_layout *layout, uint32_t number)
{
	struct tcpt_abi_segment head = {
		.first = (uint64_t)number << TCPT_ABI_FIRST,
		.slots = layout->slots,
		.levels = layout->levels,
		.is_recorder = layout->is_recorder,
	};

	head.head = head.tail = head.first;
	for (__u32 i = 0; i < slots_layout_entries(layout); i += layout->slots + 1)
		if (bpf_map_update_elem(map_fd, &i, &head, BPF_ANY))
			return -errno;
	/* Before Linux 5.2 this cannot be. There root alone has descriptors to write by. */
	return bpf_map_freeze(map_fd) && errno != EINVAL ? -errno : 0;
}

int slots_layout_look(int map_fd, struct slots_layout *layout)
{
	struct tcpt_abi_segment head;
	uint32_t entries = 0, zero = 0;
	uint64_t cpu;
	int err = facts_entries(map_fd, &entries);

	if (err)
		return err;
	if (bpf_map_lookup_elem(map_fd, &zero, &head))
		return -errno;
	cpu = head.levels * ((uint64_t)head.slots + 1);
	if (!head.levels || head.levels > TCPT_ABI_LEVELS_MAX || head.slots > SLOTS_MOST ||
	    head.slots < TCPT_ABI_SLOTS_LEAST || head.slots & (head.slots - 1) || entries % cpu)
		return -EPROTO;
	layout->cpus = entries / cpu;
	layout->levels = head.levels;
	layout->slots = head.slots;
	layout->is_recorder = head.is_recorder;
	return 0;
}
