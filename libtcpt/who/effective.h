/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The effective users of threads that are still there. */
#ifndef TCPT_EFFECTIVE_H
#define TCPT_EFFECTIVE_H

#include <stdbool.h>
#include <stdint.h>

#define EFFECTIVE_MAX 256 /* kept at once; a power of two */

struct tcpt_event;

/* A zeroed one is empty. */
struct effective {
	struct effective_user {
		uint64_t looked; /* CLOCK_MONOTONIC, ns; 0: never */
		uint64_t started; /* the thread, CLOCK_BOOTTIME, ns */
		uint32_t tid;
		uint32_t uid;
		uint32_t euid;
		bool is_known;
	} known[EFFECTIVE_MAX];
};

/*
 * Returns whether the event's thread is still there, has the user of the event and another
 * effective one, which euid is set to. What it was when the event happened nobody knows.
 */
bool effective_user_of(struct effective *effective, const struct tcpt_event *event, uint32_t *euid);

#endif
