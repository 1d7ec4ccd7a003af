/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values as a kernel keeps them. */
#ifndef TCPT_MACHINE_H
#define TCPT_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* How the kernel that was looked at keeps its values; it need not be the running one. */
struct machine {
	bool big_endian;
	unsigned char pointer_size;
	bool any_pointer; /* every address may be the kernel's: it has an address space to itself */
};

/* By the machine's name, as uname() has it, and what it does not tell. */
void machine_init(struct machine *machine, const char *name, bool big_endian,
		  unsigned int pointer_size);
void machine_native(struct machine *machine);
uint64_t machine_value(const struct machine *machine, const unsigned char *bytes,
		       unsigned int size);
void machine_store(const struct machine *machine, unsigned char *bytes, unsigned int size,
		   uint64_t value);
bool machine_is_pointer(const struct machine *machine, uint64_t value);

#endif
