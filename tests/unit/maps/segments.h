/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A ring of slots for tests: files that look like the maps. */
#ifndef SEGMENTS_H
#define SEGMENTS_H

#include "maps/slots-layout.h"
#include "maps/slots.h"
#include "tcpt_abi.h"

#define CPUS 3
#define SLOTS 16
#define TAPS 2
#define TAP 2
#define NUMBER 3UL /* of the ring; there were others before it */
#define FIRST (NUMBER << TCPT_ABI_FIRST)

extern struct slots_layout segments_layout;
extern struct tcpt_abi_cursor *segments_cursors;
extern uint64_t segments_made; /* records in all */

/* Makes an empty ring with the layout. The caller has changed that before, or leaves it. */
void segments_make(void);
void segments_drop(void);
/* Of several levels, segment i belongs to processor i / levels. */
struct tcpt_abi_segment *segments_head(unsigned int i);
struct tcpt_abi_slot *segments_slot(unsigned int i, uint64_t position);
/* Returns the reader's position on a processor, which is kept. */
__u64 *segments_position(unsigned int cpu);
void segments_set_state(unsigned int i, uint64_t position, unsigned int state);
/* Puts a record of that time and number into the next slot. Returns its position. */
uint64_t segments_put(unsigned int i, uint64_t ts, uint64_t seq, unsigned int state);
struct slots *segments_open(void);

/* Returns the time of the next event; 0 if there is none. */
uint64_t segments_next(struct slots *slots);
/* NULL: nothing is wrong with the position. */
void segments_expect_fault(struct slots *slots, const char *fault);
void segments_expect_none(struct slots *slots);

#endif
