/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values in the memory of a kernel. */
#ifndef TCPT_MACHINE_H
#define TCPT_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* The form of a kernel's values. That kernel need not be the running one. */
struct machine {
	bool big_endian;
	unsigned char pointer_size;
	bool any_pointer; /* any address may be the kernel's: it has an address space to itself */
};

/*
 * Sets machine from the machine's name, as uname() has it, its byte order and its size
 * of pointers.
 */
void machine_init(struct machine *machine, const char *name, bool big_endian,
		  unsigned int pointer_size);
/* Sets machine to this one. */
void machine_native(struct machine *machine);
/* Reads a value of size bytes in the machine's byte order. */
uint64_t machine_value(const struct machine *machine, const unsigned char *bytes,
		       unsigned int size);
/* Returns whether value can be the address of a kernel object. */
bool machine_is_pointer(const struct machine *machine, uint64_t value);

#endif
