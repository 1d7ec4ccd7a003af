/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Maps with the kernel's semantics, for programs and for tools. */
#ifndef MODEL_MAPS_H
#define MODEL_MAPS_H

#include <stddef.h>

#include "world.h"

enum map_id {
	MAP_PENDING,
	MAP_CONNS,
	MAP_HIDDEN,
	MAP_EXISTING,
	MAP_UNANNOUNCED,
	MAP_FILTERS,
	MAP_VALUES,
	MAP_MARKS,
	MAP_NETWORKS,
	MAP_LEFT_OUT,
	MAP_FDS_REPORTED,
	MAP_CONTROL,
	MAP_FD_CALLS,
	MAP_COUNTERS,
	MAP_SHUTDOWNS,
	MAP_CONNECTS,
	MAP_CONNECTORS,
	MAP_RELEASED,
	MAP_LEFT_OUT_ENDS,
	MAP_RING,
	MAP_RING2,
	MAP_RING3,
	MAP_RING4,
	MAP_IDS,
};

/* tracer.c knows the variables. */
struct map_shape {
	void *variable; /* its first member is set to point here */
	const char *name;
	uint32_t key_size; /* 0: a ring */
	uint32_t value_size;
	uint32_t type;
};
extern struct map_shape map_shapes[MAP_IDS];

void maps_begin(void);
size_t map_count(enum map_id id);
const void *map_next(enum map_id id, int *at, const void **value); /* the key, or NULL */

/* As a tool does it, by a system call or in mapped memory. */
void *tool_lookup(enum map_id id, const void *key);
long tool_update(enum map_id id, const void *key, const void *value, int no_exist);
long tool_delete(enum map_id id, const void *key);
struct tcpt_abi_control *tool_control(void);
struct tcpt_abi_counters *tool_counters(int cpu);

void *ring_lookup(uint32_t at); /* what a program finds in a ring of slots */
extern int judge_tap; /* whose events these are */
const struct tcpt_abi_event *event_next(int *at);
int any_event_is_unfinished(void); /* neither submitted nor discarded */

#endif
