/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps of the program that reads memory for a guess. It and libtcpt share this. */
#ifndef TCPT_ABI_GUESS_H
#define TCPT_ABI_GUESS_H

#include <linux/types.h>

#include "tcpt_abi.h"

/*
 * A request of the guess names up to TCPT_GUESS_SLOTS pieces of memory. The program
 * copies them when a socket of the requesting thread changes to one of the wanted
 * states.
 */
#define TCPT_GUESS_SLOTS 32
#define TCPT_GUESS_CHUNK 256

enum tcpt_guess_base {
	TCPT_GUESS_ABSOLUTE = 0, /* slots hold addresses */
	TCPT_GUESS_SOCK = 1, /* slots hold offsets from the sock of the event */
	TCPT_GUESS_TASK = 2, /* slots hold offsets from the current task */
};

struct tcpt_guess_request {
	char comm[TCPT_COMM_LEN]; /* the thread's own, random name */
	__u32 states; /* bit N: a change to state N is wanted */
	__u32 base;
	__u32 count; /* slots in use */
	__u32 pad;
	__u64 slot[TCPT_GUESS_SLOTS];
};
_Static_assert(sizeof(struct tcpt_guess_request) == 288, "tcpt_guess_request");

struct tcpt_guess_reply {
	__u64 sk;
	__u64 task;
	__u32 state;
	__u32 done; /* the requester clears it, the program sets it */
	__u32 failed; /* bit N: slot N could not be read */
	__u32 pad;
};
_Static_assert(sizeof(struct tcpt_guess_reply) == 32, "tcpt_guess_reply");

#endif
