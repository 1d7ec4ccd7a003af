// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads tcpt-snapshots(5). It is strict, because the solver's answer is to be trusted. */
#include <fcntl.h>
#include <limits.h>

#include "base/files.h"
#include "guess/dump.h"
#include "guess/replay.h"
#include "internal.h"

#define INDEX_MAX (4 << 20)

/* ---- sections ---- */

static int end_section(struct replay *r)
{
	for (unsigned int k = 0; k < r->section->keys; k++)
		if (r->section->key[k].times == ONCE && !(r->seen >> k & 1))
			return refuse(r, "%s is missing before this line", r->section->key[k].name);
	return r->section->end ? r->section->end(r) : 0;
}

/* Enters the next section if its first key comes: "snapshot" or "memory". */
static int enter_section(struct replay *r, const char *name)
{
	const struct section *next = !strcmp(name, replay_snapshot.key[0].name) ? &replay_snapshot :
				     !strcmp(name, replay_memory.key[0].name)	? &replay_memory :
										  NULL;
	int err;

	if (!next)
		return 0;
	if (r->section == &replay_memory && next == &replay_snapshot)
		return refuse(r, "a snapshot follows memory");
	err = end_section(r);
	r->section = next;
	r->seen = 0;
	return err;
}

static int read_pair(void *arg, char *line)
{
	char *value = strchr(line, '=');
	struct replay *r = arg;
	int err;

	if (!value)
		return refuse(r, "expected key=value, found '%s'", line);
	if (r->has_ended)
		return refuse(r, "'%s' follows the end", line);
	*value++ = '\0';
	err = enter_section(r, line);
	if (err)
		return err;
	for (unsigned int k = 0; k < r->section->keys; k++) {
		const struct key *key = &r->section->key[k];

		if (strcmp(line, key->name))
			continue;
		if (key->times != ANY_NUMBER && r->seen >> k & 1)
			return refuse(r, "%s is given twice", line);
		if (k && r->section != &replay_heading && !(r->seen & 1))
			return refuse(r, "%s comes before %s", line, r->section->key[0].name);
		r->seen |= 1ULL << k;
		return key->read(r, value);
	}
	return refuse(r, "unknown key '%s'", line);
}

/*
 * Checks that the dump is not cut off. If the guess failed early, its dump has no
 * snapshots to confirm by, but it has both memories.
 */
static int check_complete(struct replay *r)
{
	int err = end_section(r);

	if (!err && (!r->has_ended || r->mem != &r->guess->fresh || !r->guess->solving))
		err = refuse(r, "the dump is cut off: memory=confirm and end come last");
	return err;
}

int replay_parse(struct tcpt_guess *guess, char *text, size_t size, int dir, const char *name)
{
	struct replay r = { .guess = guess,
			    .lines = { .name = name, .log = guess->log, .first = DUMP_FIRST_LINE },
			    .dir = dir,
			    .section = &replay_heading,
			    .memory_file = -1 };
	int err;

	guess->offsets->kernel.build_id[0] = '\0';
	err = lines_read(&r.lines, text, size, read_pair, &r);
	if (!err)
		err = check_complete(&r);
	if (r.memory_file >= 0)
		close(r.memory_file);
	return err;
}

/* ---- the directory ---- */

static int read_index(struct tcpt_guess *guess, int dir, const char *name)
{
	int fd = openat(dir, DUMP_INDEX, O_RDONLY | O_CLOEXEC), err;
	char *text = fd < 0 ? NULL : malloc(INDEX_MAX);
	ssize_t size;

	if (!text) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return log_error(guess->log, err, "cannot read %s: %s", name, strerror(-err));
	}
	size = file_read(fd, text, INDEX_MAX);
	if (size < 0 || size == INDEX_MAX)
		err = log_error(guess->log, -EINVAL, "cannot read %s: %s", name,
				size < 0 ? strerror(-size) : "too long for an index of snapshots");
	else
		err = replay_parse(guess, text, size, dir, name);
	free(text);
	close(fd);
	return err;
}

int replay_read(struct tcpt_guess *guess, const char *dir)
{
	char name[PATH_MAX];
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return log_error(guess->log, -errno, "cannot open the dump %s: %s", dir,
				 strerror(errno));
	snprintf(name, sizeof(name), "%s/%s", dir, DUMP_INDEX);
	err = read_index(guess, fd, name);
	close(fd);
	return err;
}
