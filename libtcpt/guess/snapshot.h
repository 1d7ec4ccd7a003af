/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A snapshot: a copy of a sock at one moment, and its needles. */
#ifndef TCPT_SNAPSHOT_H
#define TCPT_SNAPSHOT_H

#include <stdint.h>

#include "offsets/fields.h"

#define NEEDLES_MAX 32
#define NEEDLE_SIZE 16

enum needle_kind {
	NEEDLE_IS, /* the field holds this value */
	NEEDLE_UNLIKE, /* a place that is not the field holds this value */
	NEEDLE_SOFT, /* decides only between candidates that the other needles leave */
};

/* A needle is a value that a field is known to hold in one snapshot, or not to hold. */
struct needle {
	unsigned char field;
	unsigned char kind;
	unsigned char bytes[NEEDLE_SIZE]; /* in the machine's byte order */
};

struct snapshot {
	char label[48];
	int connection; /* its number, for people */
	int netns; /* which of the guess's network namespaces: 0, 1 */
	int fdtable; /* which of its descriptor tables */
	int fd; /* the socket's descriptor in that table; -1 if there is none to look for */
	uint64_t sock;
	uint64_t task;
	unsigned char sock_bytes[SOCK_WINDOW];
	uint32_t sock_missing; /* bit N is set if chunk N of the window could not be read */
	unsigned char *task_bytes; /* TASK_WINDOW bytes, or NULL */
	bool is_overfull; /* there are more needles than there is room for */
	unsigned int needles;
	struct needle needle[NEEDLES_MAX];
};

struct snapshot *snapshot_new(const char *label);
void snapshot_free(struct snapshot *snap);
/* Each adds a needle of its kind: NEEDLE_IS, NEEDLE_SOFT, NEEDLE_UNLIKE. */
void snapshot_need(struct snapshot *snap, enum field field, const void *bytes);
void snapshot_need_soft(struct snapshot *snap, enum field field, const void *bytes);
void snapshot_need_unlike(struct snapshot *snap, enum field field, const void *bytes);
/* Returns the needle that the field holds; NULL if there is none. */
const struct needle *snapshot_needle(const struct snapshot *snap, enum field field);

#endif
