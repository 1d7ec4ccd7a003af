// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The map control as memory, and whose turn it is. */
#include <errno.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "trace/trace.h"

struct tcpt_abi_control *control_map(const char *dir)
{
	int fd = pin_open_map(dir, "control");
	void *control;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	control = mmap(NULL, sizeof(struct tcpt_abi_control), PROT_READ | PROT_WRITE, MAP_SHARED,
		       fd, 0);
	close(fd);
	return control == MAP_FAILED ? NULL : control;
}

void control_set_turn(struct tcpt_abi_control *control, uint32_t turn)
{
	struct timespec left = { .tv_nsec = TCPT_ABI_TURN_NS };

	__atomic_store_n(&control->turn, turn, __ATOMIC_SEQ_CST);
	while (nanosleep(&left, &left) && errno == EINTR)
		;
}
