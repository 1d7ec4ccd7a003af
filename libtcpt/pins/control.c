// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The map control as memory, and whose turn it is. */
#include <sys/mman.h>

#include "base/wait.h"
#include "internal.h"
#include "pins/control.h"
#include "pins/pin.h"

struct tcpt_abi_control *control_map_fd(int fd)
{
	void *control = mmap(NULL, sizeof(struct tcpt_abi_control), PROT_READ | PROT_WRITE,
			     MAP_SHARED, fd, 0);

	return control == MAP_FAILED ? NULL : control;
}

struct tcpt_abi_control *control_map(const char *dir)
{
	int fd = pin_open_map(dir, "control");
	struct tcpt_abi_control *control;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	control = control_map_fd(fd);
	close(fd);
	return control;
}

void control_set_turn(struct tcpt_abi_control *control, uint32_t turn)
{
	__atomic_store_n(&control->turn, turn, __ATOMIC_SEQ_CST);
	wait_ns(TCPT_ABI_TURN_NS);
}
