/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ends of connections, as streams of events tell of them. */
#ifndef ENDS_H
#define ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli.h"

enum ends_by {
	ENDS_BY_COMM,
	ENDS_BY_EXE,
	ENDS_BY_CONTAINER,
	ENDS_BY_HOST,
};

struct end {
	const char *host; /* empty: not known. Equal names are one string */
	const char *name; /* the node's */
	const char *local, *remote; /* addresses */
	const char *netns;
	unsigned int local_port, remote_port;
	bool is_client;
	bool is_failed; /* the connect failed */
	bool is_broken; /* it was reset, or timed out */
	bool has_bytes, has_latency;
	uint64_t sent, received, latency_us;
	uint64_t stream, id; /* who it is, until it is closed */
	size_t order; /* in which it came */
};

struct ends {
	enum ends_by by;
	struct end **of;
	size_t used, room;
	void *open; /* a tree of those that are open */
	void *names; /* a tree of all strings */
	const char *host; /* of the stream that is read */
	uint64_t stream; /* its number; another boot is another stream */
	uint64_t lost;
	bool lacks_memory;
};

/* Takes an object, which is a line of a stream. Returns false if it is none. */
bool ends_take(struct ends *ends, char *line);

/* Begins another stream. */
void ends_begin(struct ends *ends);

/* Returns the one string with this content. */
const char *ends_name(struct ends *ends, const char *text);

void ends_free(struct ends *ends);

#endif
