/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The names of users. */
#ifndef TCPT_USERS_H
#define TCPT_USERS_H

#include <stdbool.h>
#include <stdint.h>

#define USERS_MAX 256 /* kept at once; a power of two */
#define USER_NAME_SIZE 256

/* A zeroed one is empty. */
struct users {
	struct user {
		uint64_t looked; /* CLOCK_MONOTONIC, ns; 0: never */
		uint32_t uid;
		char name[USER_NAME_SIZE]; /* empty: there is none */
	} known[USERS_MAX];
};

/*
 * Returns the name of a user, which lasts until the next call for another one with the same
 * place; NULL if there is none. A name is looked up again after a minute.
 */
const char *users_name(struct users *users, uint32_t uid);
/* Returns whether user ids of this process are those of the kernel, and thus of events. */
bool users_are_of_the_kernel(void);

#endif
