// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Waiting without a notice. */
#include <time.h>

#include "base/wait.h"
#include "internal.h"

#define LOOK_NS 10000000

void wait_ns(long ns)
{
	struct timespec left = { .tv_nsec = ns };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

bool wait_again(unsigned int *looks)
{
	if (*looks <= 1)
		return false;
	--*looks;
	wait_ns(LOOK_NS);
	return true;
}
