/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A layout: where the fields of a made-up kernel lie, and what looks like them. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "../rng.h"
#include "offsets/fields.h"

#define NO_FIELD (-1)

/* The values that a decoy shares with the field that it looks like. */
enum decoy_kind {
	DECOY_PERFECT, /* everything */
	DECOY_ONCE_OTHER, /* all but one snapshot or object */
	DECOY_ONCE_CLOSE, /* all but one, and there it is off by one */
	DECOY_ONCE_RIGHT, /* one snapshot or object only */
	DECOY_STALE, /* the value of the snapshot or object before */
	DECOY_ROUTE, /* inet_sock.cork: set by each lookup of a route, also by the refused one */
	DECOY_SENDER, /* inet_sock.inet_saddr: not set in a socket bound to multicast */
	DECOY_IPV6_ONLY, /* ipv6_pinfo: there is none in IPv4 sockets */
	DECOY_INSIDE, /* points into the struct instead of at its start */
};

struct decoy {
	enum field field;
	enum decoy_kind kind;
	unsigned int at;
	unsigned int which; /* the one snapshot or object */
	unsigned int inside; /* how many bytes into the struct it points */
};

#define DECOYS_MAX 112

struct layout {
	unsigned int pointer_size;
	int at[FIELD_COUNT];
	unsigned int decoys;
	struct decoy decoy[DECOYS_MAX];
	unsigned int end[BASE_COUNT]; /* the end of the last field or decoy */
	unsigned char used[BASE_COUNT][TASK_WINDOW];
};

/* Takes a free place for the field, at its natural alignment and below limit. */
unsigned int layout_place(struct layout *layout, struct rng *rng, enum field field,
			  unsigned int limit);
void layout_make(struct layout *layout, struct rng *rng, unsigned int pointer_size);
struct decoy *layout_add_decoy(struct layout *layout, struct rng *rng, enum field field,
			       enum decoy_kind kind);
/* Adds the decoys that real kernels have, and some of every kind. */
void layout_add_decoys(struct layout *layout, struct rng *rng);

#endif
