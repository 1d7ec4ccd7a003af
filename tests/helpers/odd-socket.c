/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>

#include "odd.h"

void step(const char *comm)
{
	if (prctl(PR_SET_NAME, comm))
		die("cannot set the name");
}

/* A socket of this namespace in the state, or at the port, if these are not 0. */
static bool is_there(unsigned int state, unsigned int port)
{
	FILE *file = fopen("/proc/thread-self/net/tcp", "re");
	unsigned int its_port, its_state;
	bool found = false;
	char line[256];

	if (!file)
		die("cannot read /proc/net/tcp");
	while (!found && fgets(line, sizeof(line), file))
		found = sscanf(line, " %*u: %*8x:%4x %*8x:%*4x %x", &its_port, &its_state) == 2 &&
			(!state || state == its_state) && (!port || port == its_port);
	fclose(file);
	return found;
}

static bool comes_true(bool wanted, unsigned int state, unsigned int port)
{
	const struct timespec nap = { .tv_nsec = 2000000 };

	for (int i = 0; i < PATIENCE_MS / 2; i++) {
		if (is_there(state, port) == wanted)
			return true;
		nanosleep(&nap, NULL);
	}
	errno = 0;
	return false;
}

void await_state(unsigned int state)
{
	if (!comes_true(true, state, 0))
		die("no socket came to state %u in time", state);
}

void await_no_port(unsigned int port)
{
	if (!comes_true(false, 0, port))
		die("a socket was at port %u for too long", port);
}
