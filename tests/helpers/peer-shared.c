/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "peer.h"

/*
 * Connections that may wait in a listener's backlog; below the smallest
 * somaxconn (128 before Linux 5.4), so that no handshake is ever dropped.
 */
#define LANE_ROOM 64

struct shared {
	atomic_long retries;
	sem_t *lanes; /* room left in each lane */
	atomic_int *acceptors; /* thread ids, 0 until about to accept */
};

static struct shared *shared;
static size_t shared_size;

void shared_open(const struct peer_plan *plan)
{
	size_t lanes = (size_t)plan->n_lanes * sizeof(sem_t);

	shared_size = sizeof(*shared) + lanes + (size_t)plan->n_acceptors * sizeof(atomic_int);
	shared = mmap(NULL, shared_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("cannot map %zu bytes", shared_size);
	shared->lanes = (sem_t *)(shared + 1);
	shared->acceptors = (atomic_int *)((char *)shared->lanes + lanes);
	for (long i = 0; i < plan->n_lanes; i++)
		if (sem_init(&shared->lanes[i], 1, LANE_ROOM))
			die("cannot make a semaphore");
}

void shared_close(void)
{
	munmap(shared, shared_size);
}

void lane_enter(long lane)
{
	while (sem_wait(&shared->lanes[lane]))
		if (errno != EINTR)
			die("cannot wait for a semaphore");
}

void lane_leave(long lane)
{
	if (sem_post(&shared->lanes[lane]))
		die("cannot post a semaphore");
}

/* To be called right before accept(): nothing in between may sleep. */
void acceptor_is_waiting(long acceptor)
{
	atomic_store(&shared->acceptors[acceptor], (int)syscall(SYS_gettid));
}

/* It said that it was about to accept, and the kernel says that it sleeps. */
bool acceptor_is_blocked(long acceptor)
{
	int tid = atomic_load(&shared->acceptors[acceptor]);
	char path[64], line[256];
	const char *state;
	FILE *file;

	if (!tid)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	file = fopen(path, "re");
	if (!file)
		return false;
	state = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	fclose(file);
	return state && !strncmp(state, ") S", 3);
}

void retry_count(void)
{
	atomic_fetch_add(&shared->retries, 1);
}

long retries_counted(void)
{
	return atomic_load(&shared->retries);
}
