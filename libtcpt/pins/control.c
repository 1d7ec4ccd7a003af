// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The map control: whose turn it is, how many older connections there are, the filters. */
#include "base/wait.h"
#include "internal.h"
#include "maps/words.h"
#include "pins/control.h"
#include "pins/arrays.h"

int control_open_fd(struct words *control, int fd)
{
	return words_open(control, fd, true, sizeof(struct tcpt_abi_control), 1);
}

int control_open(struct words *control, const char *dir)
{
	return arrays_open(control, dir, "control", true, sizeof(struct tcpt_abi_control));
}

static struct tcpt_abi_control *memory(const struct words *control)
{
	return control->at;
}

const struct tcpt_abi_control *control_look(const struct words *control)
{
	words_renew(control, 0, 1);
	return memory(control);
}

void control_set_turn(const struct words *control, uint32_t turn)
{
	words_store_32(control, &memory(control)->turn, turn);
	wait_ns(TCPT_ABI_TURN_NS);
}

void control_add_existing(const struct words *control, uint64_t addend)
{
	words_add(control, &memory(control)->existing, addend);
}

/* Both members are one word. */
void control_set_filters(const struct words *control, struct tcpt_abi_switches on)
{
	uint64_t word;

	memcpy(&word, &on, sizeof(word));
	words_store(control, (__u64 *)(void *)&memory(control)->filters, word);
}
