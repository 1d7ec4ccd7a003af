/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A sock as it was at one moment, and what is known of it. */
#ifndef TCPT_SNAPSHOT_H
#define TCPT_SNAPSHOT_H

#include <stdint.h>

#include "offsets/fields.h"

#define NEEDLES_MAX 32
#define NEEDLE_SIZE 16

enum needle_kind {
	NEEDLE_IS, /* the field holds this value */
	NEEDLE_UNLIKE, /* a copy that is not the field holds this value */
	NEEDLE_SOFT, /* decides only between candidates that the others leave */
};

/* What a field is known to hold, or not to hold, in one snapshot. */
struct needle {
	unsigned char field;
	unsigned char kind;
	unsigned char bytes[NEEDLE_SIZE]; /* in the machine's own order */
};

struct snapshot {
	char label[48];
	int connection; /* number, for people */
	int netns; /* which of the guess's network namespaces: 0, 1 */
	int fdtable; /* which of its descriptor tables */
	int fd; /* the socket's descriptor in that table; -1: do not look */
	uint64_t sock;
	uint64_t task;
	unsigned char sock_bytes[SOCK_WINDOW];
	uint32_t sock_missing; /* bit N: chunk N of the window could not be read */
	unsigned char *task_bytes; /* TASK_WINDOW of them, or NULL */
	bool is_overfull; /* one more is known of it than there is room for */
	unsigned int needles;
	struct needle needle[NEEDLES_MAX];
};

struct snapshot *snapshot_new(const char *label);
void snapshot_free(struct snapshot *snap);
void snapshot_need(struct snapshot *snap, enum field field, const void *bytes);
void snapshot_need_soft(struct snapshot *snap, enum field field, const void *bytes);
void snapshot_need_unlike(struct snapshot *snap, enum field field, const void *bytes);
/* The value that the field is known to hold; NULL if that is not known. */
const struct needle *snapshot_needle(const struct snapshot *snap, enum field field);

#endif
