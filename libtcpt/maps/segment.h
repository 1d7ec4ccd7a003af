/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A segment of a ring of slots, as its reader sees it. */
#ifndef TCPT_SEGMENT_H
#define TCPT_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "tcpt_abi.h"

#define SEGMENT_NONE UINT64_MAX

struct words;

struct segment {
	const struct tcpt_abi_segment *head; /* in memory, with the slots behind it; or NULL, */
	int map; /* which is then looked up, */
	uint32_t number; /* from this element on, */
	struct tcpt_abi_segment seen_head; /* into these */
	struct tcpt_abi_slot seen;
	uint64_t first; /* the position of the first record of the ring */
	uint32_t mask; /* number of its slots, less one */
	const struct words *cursors;
	__u64 *cursor; /* the position that is kept for the next reader */
	uint64_t position; /* of the next record */
	uint64_t acked;
	uint64_t kept; /* the cursor as this reader has left it */
	uint64_t end; /* no record from this position on is taken before the next look */
	uint64_t ts; /* of the next record, or of what was in its slot before; or SEGMENT_NONE */
	bool is_recorder;
	uint32_t margin; /* of its oldest records, this number is not believed */
	bool is_lapped; /* records were overwritten before this reader had taken them */
	bool is_settled; /* and oldest is known: */
	uint64_t oldest; /* the least number of the events that are left; 0: none is */
	uint64_t floor; /* events with lesser numbers are not taken */
	bool is_faulty; /* the kept position was wrong, and is not corrected yet */
	const char *fault; /* the text for slots_fault() */
};

/*
 * Goes to where the last reader has left it; the caller has set head, or map and number, and
 * the cursor. A position in a ring before this one is its beginning, and one in a later
 * ring, up to number newest, its end. In a recorder one that has been overwritten is the
 * oldest that is left.
 */
int segment_open(struct segment *segment, uint32_t newest);
/* Returns the position behind the newest record. */
uint64_t segment_newest(struct segment *segment);
/* Looks for the next record, and sets ts. Returns its state; 0 if there is none yet. */
unsigned int segment_see(struct segment *segment);
/*
 * Sets oldest, if the segment is lapped. Returns false if a program is still writing one of
 * the records that decide.
 */
bool segment_settle(struct segment *segment);
/*
 * Copies the next record, which is ready, and goes on to the one behind it. Returns false if
 * the programs have gone on over it: this is a recorder, or the position that they saw was
 * not the reader's.
 */
bool segment_take(struct segment *segment, struct tcpt_abi_close *record);
/* Keeps the position for the next reader. */
void segment_ack(struct segment *segment);

#endif
