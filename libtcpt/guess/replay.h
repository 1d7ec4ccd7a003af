/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The keys of an index of snapshots, and their sections. */
#ifndef TCPT_REPLAY_H
#define TCPT_REPLAY_H

#include "base/lines.h"
#include "guess/guess.h"

struct snapshot;

struct replay {
	struct tcpt_guess *guess;
	struct lines lines; /* of the index */
	int dir;
	uint64_t seen; /* bit N is set once key N of the section's table was given */
	const struct section *section;
	bool big_endian;
	unsigned int pointer_size;
	struct snapshot *snap; /* the one that is read now */
	struct memory *mem; /* the one that is read now */
	int memory_file;
	bool has_ended;
};

/* Sends a message that names the line. Returns -EINVAL. */
#define refuse(r, fmt, ...) lines_refuse(&(r)->lines, fmt, ##__VA_ARGS__)

/* Each reads the value of a key. Returns -EINVAL, with a message, if it is none of its kind. */
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

/* Each section begins with its first key. The heading comes before all keys of the others. */
extern const struct section replay_heading, replay_snapshot, replay_memory;

/* Reads a dump that tcpt_guess_dump() wrote. */
int replay_read(struct tcpt_guess *guess, const char *dir);
/* Reads an index, whose text it changes. Opens the files of the dump in dir. */
int replay_parse(struct tcpt_guess *guess, char *text, size_t size, int dir, const char *name);

#endif
