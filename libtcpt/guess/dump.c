// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writes all that the solver looks at into files: tcpt-snapshots(5). */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "base/arguments.h"
#include "guess/dump.h"
#include "guess/guess.h"
#include "guess/snapshot.h"
#include "internal.h"

struct dump {
	const struct tcpt_guess *guess;
	int dir;
	FILE *index;
	FILE *memory;
	char name[32]; /* of the file that is written now */
};

/* ---- files ---- */

static FILE *create(struct dump *d, const char *name)
{
	int fd = openat(d->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	snprintf(d->name, sizeof(d->name), "%s", name);
	if (!file && fd >= 0)
		close(fd);
	return file;
}

/*
 * Flushes and closes a file, because what was written may be lost only now. If an
 * earlier write failed, fflush() tries the rest again, and so sets errno.
 */
static int finish(FILE *file)
{
	int err = 0;

	errno = 0;
	if (fflush(file) || ferror(file))
		err = errno ? -errno : -EIO;
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

static int write_file(struct dump *d, const char *name, const void *bytes, size_t size)
{
	FILE *file = create(d, name);
	int err = 0, finished;

	if (!file)
		return -errno;
	if (fwrite(bytes, 1, size, file) != size)
		err = -errno;
	finished = finish(file);
	return err ? err : finished;
}

/* ---- the index ---- */

static const char *netns_kind(const struct tcpt_guess *guess)
{
	return !guess->has_netns ? "none" : guess->is_single_netns ? "present" : "private";
}

static void write_heading(const struct dump *d)
{
	const struct tcpt_guess *guess = d->guess;
	const struct kernel_id *kernel = &guess->offsets->kernel;

	fprintf(d->index, "%s\n", DUMP_FIRST_LINE);
	fprintf(d->index, "kernel.release=%s\n", kernel->release);
	fprintf(d->index, "kernel.machine=%s\n", kernel->machine);
	if (kernel->build_id[0])
		fprintf(d->index, "kernel.build_id=%s\n", kernel->build_id);
	fprintf(d->index, "byte_order=%s\n", guess->mem.machine.big_endian ? "big" : "little");
	fprintf(d->index, "pointer_size=%u\n", guess->mem.machine.pointer_size);
	fprintf(d->index, "via=%s\n", guess->via);
	fprintf(d->index, "netns=%s\n", netns_kind(guess));
	fprintf(d->index, "ipv6=%s\n", guess->has_ipv6 ? "yes" : "no");
	fprintf(d->index, "connections=%u\n", guess->connections);
}

static void write_needle(const struct dump *d, const struct needle *needle)
{
	static const char *const kinds[] = {
		[NEEDLE_IS] = "is",
		[NEEDLE_UNLIKE] = "unlike",
		[NEEDLE_SOFT] = "soft",
	};
	unsigned int size = field_size(needle->field, d->guess->mem.machine.pointer_size);

	fprintf(d->index, "needle=%s %s ", fields[needle->field].key, kinds[needle->kind]);
	for (unsigned int i = 0; i < size; i++)
		fprintf(d->index, "%02x", needle->bytes[i]);
	fputc('\n', d->index);
}

static void write_unread(const struct dump *d, const struct snapshot *snap)
{
	for (unsigned int i = 0; i < SOCK_WINDOW / MEMORY_CHUNK; i++)
		if (snap->sock_missing >> i & 1)
			fprintf(d->index, "unread=%u\n", i * MEMORY_CHUNK);
}

static int write_windows(struct dump *d, const struct snapshot *snap, unsigned int number)
{
	char name[sizeof(d->name)];
	int err;

	snprintf(name, sizeof(name), "%02u.sock", number);
	err = write_file(d, name, snap->sock_bytes, SOCK_WINDOW);
	if (err || !snap->task_bytes)
		return err;
	snprintf(name, sizeof(name), "%02u.task", number);
	return write_file(d, name, snap->task_bytes, TASK_WINDOW);
}

static int write_snapshot(struct dump *d, unsigned int s)
{
	const struct snapshot *snap = d->guess->snap[s];

	fprintf(d->index, "\nsnapshot=%u\n", s + 1);
	fprintf(d->index, "label=%s\n", snap->label);
	fprintf(d->index, "purpose=%s\n", s < d->guess->solving ? "solve" : "confirm");
	fprintf(d->index, "connection=%d\n", snap->connection);
	fprintf(d->index, "netns=%d\n", snap->netns);
	fprintf(d->index, "fdtable=%d\n", snap->fdtable);
	if (snap->fd >= 0)
		fprintf(d->index, "fd=%d\n", snap->fd);
	fprintf(d->index, "sock=%" PRIx64 "\n", snap->sock);
	fprintf(d->index, "task=%" PRIx64 "\n", snap->task);
	fprintf(d->index, "windows=%s\n", snap->task_bytes ? "sock,task" : "sock");
	write_unread(d, snap);
	for (unsigned int n = 0; n < snap->needles; n++)
		write_needle(d, &snap->needle[n]);
	return write_windows(d, snap, s + 1);
}

static void write_block(void *arg, const struct block *block)
{
	struct dump *d = arg;

	fprintf(d->index, "%s=%" PRIx64 "\n", block->missing ? "missing" : "chunk", block->address);
	if (!block->missing)
		fwrite(block->bytes, 1, MEMORY_CHUNK, d->memory);
}

static int write_memory(struct dump *d, const char *purpose, const struct memory *mem)
{
	char name[sizeof(d->name)];

	snprintf(name, sizeof(name), "%s.memory", purpose);
	d->memory = create(d, name);
	if (!d->memory)
		return -errno;
	fprintf(d->index, "\nmemory=%s\n", purpose);
	memory_walk(mem, write_block, d);
	return finish(d->memory);
}

static int write_all(struct dump *d)
{
	int err = 0, finished;

	d->index = create(d, DUMP_INDEX);
	if (!d->index)
		return -errno;
	write_heading(d);
	for (unsigned int s = 0; !err && s < d->guess->snapshots; s++)
		err = write_snapshot(d, s);
	if (!err)
		err = write_memory(d, "solve", &d->guess->mem);
	if (!err)
		err = write_memory(d, "confirm", &d->guess->fresh);
	fprintf(d->index, "\nend=%u\n", d->guess->snapshots);
	finished = finish(d->index);
	return err ? err : finished;
}

/* ---- the directory ---- */

/* Visits each name in the directory besides . and .., and returns how many there are. */
static unsigned int each_file(int dir, void (*visit)(int dir, const char *name))
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	unsigned int n = 0;
	struct dirent *entry;

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while ((entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (visit)
			visit(dir, entry->d_name);
		n++;
	}
	closedir(stream);
	return n;
}

static void remove_file(int dir, const char *name)
{
	unlinkat(dir, name, 0);
}

static int write_into(const struct tcpt_guess *guess, int fd, const char *dir,
		      const struct tcpt_log *log)
{
	struct dump d = { .guess = guess, .dir = fd };
	struct stat st;
	int err;

	if (!fstat(fd, &st) && (st.st_mode & S_IWOTH || (st.st_uid && st.st_uid != geteuid())))
		return log_error(log, -EACCES,
				 "cannot dump into %s: others can change it (owner uid %u, mode "
				 "%04o); name a directory that does not exist yet",
				 dir, st.st_uid, st.st_mode & 07777);
	if (each_file(fd, NULL))
		return log_error(log, -ENOTEMPTY, "cannot dump into %s: it is not empty", dir);
	err = write_all(&d);
	if (!err)
		return 0;
	each_file(fd, remove_file);
	return log_error(log, err, "cannot write %s/%s: %s", dir, d.name, strerror(-err));
}

TCPT_API int tcpt_guess_dump(const struct tcpt_guess *guess, const char *dir,
			     const struct tcpt_log *log)
{
	int err = argument_check(guess, "guess", log) ?: argument_check(dir, "directory", log), fd;
	bool made;

	if (err)
		return err;
	made = !mkdir(dir, 0700);
	if (!made && errno != EEXIST)
		return log_error(log, -errno, "cannot make the directory %s: %s", dir,
				 strerror(errno));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (made ? O_NOFOLLOW : 0));
	if (fd < 0)
		return log_error(log, -errno, "cannot dump into %s: %s", dir, strerror(errno));
	err = write_into(guess, fd, dir, log);
	close(fd);
	if (err && made)
		rmdir(dir);
	return err;
}
