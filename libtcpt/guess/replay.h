/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The keys of an index of snapshots, and the sections they stand in. */
#ifndef TCPT_REPLAY_H
#define TCPT_REPLAY_H

#include "guess/guess.h"

struct snapshot;

struct replay {
	struct tcpt_guess *guess;
	const char *name; /* of the index, for messages */
	int dir;
	unsigned int line;
	uint64_t seen; /* bit N: line N of the section's table has been given */
	const struct section *section;
	bool big_endian;
	unsigned int pointer_size;
	struct snapshot *snap; /* being read */
	struct memory *mem; /* likewise */
	int memory_file;
	bool has_ended;
};

/* -EINVAL and a message with the line. */
#define refuse(r, fmt, ...) \
	log_error((r)->guess->log, -EINVAL, "%s:%u: " fmt, (r)->name, (r)->line, ##__VA_ARGS__)

/* Values of keys. */
int replay_value_whole(struct replay *r, const char *text, int *number);
int replay_value_address(struct replay *r, const char *text, uint64_t *address);
int replay_value_choice(struct replay *r, const char *text, const char *const *choices, int *which);
int replay_value_text(struct replay *r, const char *text, char *to, size_t size);

struct key {
	const char *name;
	int (*read)(struct replay *r, const char *text);
	enum {
		ONCE,
		MAY_BE,
		ANY_NUMBER
	} times;
};

struct section {
	unsigned int keys;
	const struct key *key;
	int (*end)(struct replay *r);
};

/* The first key of a section begins it; the heading has none before it. */
extern const struct section replay_heading, replay_snapshot, replay_memory;

/* Reads what tcpt_guess_dump() wrote. */
int replay_read(struct tcpt_guess *guess, const char *dir);
/* The index alone; files are opened relative to dir. text is changed. */
int replay_parse(struct tcpt_guess *guess, char *text, size_t size, int dir, const char *name);

#endif
