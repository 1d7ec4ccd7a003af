// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values in the memory of a kernel, this machine's or another's. */
#include <sys/utsname.h>

#include "base/machine.h"
#include "internal.h"

void machine_init(struct machine *machine, const char *name, bool big_endian,
		  unsigned int pointer_size)
{
	machine->big_endian = big_endian;
	machine->pointer_size = pointer_size;
	machine->any_pointer = !strcmp(name, "s390x");
}

void machine_native(struct machine *machine)
{
	struct utsname name;

	machine_init(machine, uname(&name) ? "" : name.machine,
		     __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, sizeof(void *));
}

uint64_t machine_value(const struct machine *machine, const unsigned char *bytes, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value = value << 8 | bytes[machine->big_endian ? i : size - 1 - i];
	return value;
}

/*
 * Kernel addresses begin with 0xff on 64-bit machines, and with 0x40000000 or above on
 * 32-bit ones. The last page is left out: it stands for errors. Below is user memory,
 * where a guess would find its own needles. On s390x the kernel has an address space to
 * itself, and the BPF helper that reads memory stays in it.
 */
bool machine_is_pointer(const struct machine *machine, uint64_t value)
{
	if (value % machine->pointer_size)
		return false;
	if (machine->any_pointer)
		return value != 0;
	if (machine->pointer_size == 8)
		return value >> 56 == 0xff && value < UINT64_MAX - 4096;
	return value >= 0x40000000 && value < UINT32_MAX - 4096;
}
