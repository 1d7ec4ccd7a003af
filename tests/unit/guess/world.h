/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Worlds: made-up kernels, and the snapshots that a guess would take there. */
#ifndef WORLD_H
#define WORLD_H

#include "guess/memory.h"
#include "guess/snapshot.h"
#include "guess/solution.h"
#include "layout.h"

struct world_opts {
	uint64_t seed;
	bool one_netns; /* no private namespaces could be made */
	bool no_netns; /* the kernel has no namespaces */
	bool no_ipv6; /* no IPv6 sockets could be made */
	bool no_task; /* the task was not seen */
	bool no_mptcp; /* no MPTCP socket could be made */
	bool no_figures; /* no connection failed or lost packets, TCP_INFO was short */
	bool big_endian;
	bool is_32bit;
	bool no_decoys;
	int missing; /* a field that the kernel does not have, or NO_FIELD */
	int missing_too;
	int perfect; /* a field that a perfect decoy is made for, or NO_FIELD */
};

#define SOCKS_MAX 36
#define JUNK 32

/* All memory that pointers lead to. */
struct arena {
	uint64_t address;
	unsigned int used;
	unsigned char bytes[256 * 1024];
};

/* The values that the fields really hold in a snapshot. */
struct facts {
	unsigned int sock; /* number */
	bool ipv6_socket;
	unsigned char value[FIELD_COUNT][16];
};

struct world {
	struct world_opts opts;
	struct rng rng;
	struct layout layout;
	unsigned int perfect; /* the offset of the perfect decoy */
	struct memory mem;
	struct arena arena;
	uint64_t junk[JUNK];
	unsigned char noise[TASK_WINDOW / 8];
	uint64_t constant[TASK_WINDOW / 8];
	uint64_t task;
	/* These are indexed by the number of the namespace or the descriptor table. */
	uint64_t net[2];
	uint64_t files[2];
	uint64_t fdtable[2];
	uint64_t array[2];
	uint32_t inode[2];
	/* These are indexed by the number of the sock. */
	unsigned int socks;
	unsigned int solving_socks; /* how many have a descriptor and are used to solve */
	unsigned int bell;
	uint64_t sock[SOCKS_MAX];
	uint64_t socket[SOCKS_MAX];
	uint64_t file[SOCKS_MAX];
	/*
	 * These are indexed by the snapshot. First come those to solve with, then the
	 * fresh ones.
	 */
	unsigned int now; /* the present namespace and descriptor table */
	unsigned int count;
	unsigned int all;
	struct snapshot *snap[SNAPSHOTS_MAX];
	struct facts facts[SNAPSHOTS_MAX];
};

/* Read and write a value in the world's own byte order. */
uint64_t world_value(const struct world *world, const void *bytes, unsigned int size);
void world_store(const struct world *world, void *bytes, unsigned int size, uint64_t value);
void world_store_pointer(const struct world *world, unsigned char *bytes, uint64_t value);
unsigned int world_size(const struct world *world, enum field field);

/* Make a world, and take its snapshots. A test may change the layout in between. */
struct world *world_new(const struct world_opts *opts);
void world_observe(struct world *world);
void world_free(struct world *world);

/* ---- noise.c ---- */

void noise_choose(struct world *world);
/* Fills bytes with noise. self is the address of the object that they belong to. */
void noise_add(struct world *world, unsigned char *bytes, unsigned int size, uint64_t self);

/* ---- between world.c and snapshots.c ---- */

unsigned int world_new_sock(struct world *world);
void world_install(struct world *world, unsigned int sock, int fd);
void world_take_snapshots(struct world *world);

#endif
