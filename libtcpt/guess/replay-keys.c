// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads the value of each key of tcpt-snapshots(5). */
#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/files.h"
#include "guess/replay.h"
#include "guess/snapshot.h"
#include "internal.h"

/* ---- the heading ---- */

static int read_release(struct replay *r, const char *text)
{
	struct kernel_id *kernel = &r->guess->offsets->kernel;

	return replay_value_text(r, text, kernel->release, sizeof(kernel->release));
}

static int read_machine(struct replay *r, const char *text)
{
	struct kernel_id *kernel = &r->guess->offsets->kernel;

	return replay_value_text(r, text, kernel->machine, sizeof(kernel->machine));
}

static int read_build_id(struct replay *r, const char *text)
{
	struct kernel_id *kernel = &r->guess->offsets->kernel;

	return replay_value_text(r, text, kernel->build_id, sizeof(kernel->build_id));
}

static int read_byte_order(struct replay *r, const char *text)
{
	static const char *const orders[] = { "little", "big", NULL };
	int which = 0, err = replay_value_choice(r, text, orders, &which);

	r->big_endian = which;
	return err;
}

static int read_pointer_size(struct replay *r, const char *text)
{
	static const char *const sizes[] = { "4", "8", NULL };
	int which = 0, err = replay_value_choice(r, text, sizes, &which);

	r->pointer_size = which ? 8 : 4;
	return err;
}

static int read_via(struct replay *r, const char *text)
{
	return replay_value_text(r, text, r->guess->via, sizeof(r->guess->via));
}

static int read_netns_kind(struct replay *r, const char *text)
{
	static const char *const kinds[] = { "none", "present", "private", NULL };
	int which = 0, err = replay_value_choice(r, text, kinds, &which);

	r->guess->has_netns = which > 0;
	r->guess->is_single_netns = which == 1;
	r->guess->netns.is_private = which == 2;
	return err;
}

static int read_ipv6(struct replay *r, const char *text)
{
	static const char *const answers[] = { "no", "yes", NULL };
	int which = 0, err = replay_value_choice(r, text, answers, &which);

	r->guess->has_ipv6 = which;
	return err;
}

static int read_connections(struct replay *r, const char *text)
{
	int number = 0, err = replay_value_whole(r, text, &number);

	r->guess->connections = number;
	return err;
}

static int end_heading(struct replay *r)
{
	struct machine *machine = &r->guess->mem.machine;

	machine_init(machine, r->guess->offsets->kernel.machine, r->big_endian, r->pointer_size);
	r->guess->fresh.machine = *machine;
	return 0;
}

/* ---- a snapshot ---- */

static int no_memory(const struct replay *r)
{
	return log_error(r->guess->log, -ENOMEM, "cannot keep what is in the dump: %s",
			 strerror(ENOMEM));
}

static int start_snapshot(struct replay *r, const char *text)
{
	struct tcpt_guess *guess = r->guess;
	int number, err = replay_value_whole(r, text, &number);

	if (err)
		return err;
	if (number != (int)guess->snapshots + 1)
		return refuse(r, "expected snapshot %u", guess->snapshots + 1);
	if (guess->snapshots == SNAPSHOTS_MAX)
		return refuse(r, "there are more than %d snapshots", SNAPSHOTS_MAX);
	r->snap = snapshot_new("");
	if (!r->snap)
		return no_memory(r);
	guess->snap[guess->snapshots++] = r->snap;
	return 0;
}

static int read_label(struct replay *r, const char *text)
{
	return replay_value_text(r, text, r->snap->label, sizeof(r->snap->label));
}

static int read_purpose(struct replay *r, const char *text)
{
	static const char *const purposes[] = { "solve", "confirm", NULL };
	int which = 0, err = replay_value_choice(r, text, purposes, &which);

	if (err || which)
		return err;
	if (r->guess->solving + 1 != r->guess->snapshots)
		return refuse(r, "a snapshot to solve from follows one that confirms");
	r->guess->solving++;
	return 0;
}

static int read_connection(struct replay *r, const char *text)
{
	return replay_value_whole(r, text, &r->snap->connection);
}

static int read_netns(struct replay *r, const char *text)
{
	return replay_value_whole(r, text, &r->snap->netns);
}

static int read_fdtable(struct replay *r, const char *text)
{
	return replay_value_whole(r, text, &r->snap->fdtable);
}

static int read_fd(struct replay *r, const char *text)
{
	return replay_value_whole(r, text, &r->snap->fd);
}

static int read_sock(struct replay *r, const char *text)
{
	return replay_value_address(r, text, &r->snap->sock);
}

static int read_task(struct replay *r, const char *text)
{
	return replay_value_address(r, text, &r->snap->task);
}

static int open_file(struct replay *r, const char *name, int *fd)
{
	struct stat st;

	/* The dump may be anybody's: follow no link, and do not wait for a pipe. */
	*fd = openat(r->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (*fd < 0)
		return refuse(r, "cannot open %s: %s", name, strerror(errno));
	if (!fstat(*fd, &st) && S_ISREG(st.st_mode))
		return 0;
	close(*fd);
	*fd = -1;
	return refuse(r, "%s is not a regular file", name);
}

static int read_window(struct replay *r, const char *kind, void *bytes, size_t size)
{
	char name[32], more;
	int fd, err;

	snprintf(name, sizeof(name), "%02u.%s", r->guess->snapshots, kind);
	err = open_file(r, name, &fd);
	if (err)
		return err;
	if (file_read(fd, bytes, size) != (ssize_t)size || read(fd, &more, 1))
		err = refuse(r, "%s does not have %zu bytes", name, size);
	close(fd);
	return err;
}

static int read_windows(struct replay *r, const char *text)
{
	static const char *const kinds[] = { "sock", "sock,task", NULL };
	int which = 0, err = replay_value_choice(r, text, kinds, &which);

	if (!err)
		err = read_window(r, "sock", r->snap->sock_bytes, SOCK_WINDOW);
	if (err || !which)
		return err;
	r->snap->task_bytes = calloc(1, TASK_WINDOW);
	if (!r->snap->task_bytes)
		return no_memory(r);
	return read_window(r, "task", r->snap->task_bytes, TASK_WINDOW);
}

static int read_unread(struct replay *r, const char *text)
{
	int at, err = replay_value_whole(r, text, &at);

	if (err)
		return err;
	if (at % MEMORY_CHUNK || at >= SOCK_WINDOW)
		return refuse(r, "%d is not a multiple of %d below %d", at, MEMORY_CHUNK,
			      SOCK_WINDOW);
	r->snap->sock_missing |= 1U << at / MEMORY_CHUNK;
	return 0;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_bytes(struct replay *r, const char *text, unsigned char *bytes, unsigned int size)
{
	if (strlen(text) != 2 * size)
		return refuse(r, "expected %u bytes, found '%s'", size, text);
	for (unsigned int i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return refuse(r, "'%s' is not hexadecimal", text);
		bytes[i] = high << 4 | low;
	}
	return 0;
}

/* Reads a needle: FIELD KIND BYTES */
static int read_needle(struct replay *r, const char *text)
{
	static const char *const kinds[] = { "is", "unlike", "soft", NULL };
	char key[64], kind[8], bytes[2 * NEEDLE_SIZE + 2];
	struct snapshot *snap = r->snap;
	struct needle *needle = &snap->needle[snap->needles];
	int f, which = 0, used = 0, err;

	if (sscanf(text, "%63[^ ] %7[^ ] %33[^ ]%n", key, kind, bytes, &used) != 3 || text[used])
		return refuse(r, "expected FIELD KIND BYTES, found '%s'", text);
	f = field_find(key);
	if (f < 0)
		return refuse(r, "unknown field '%s'", key);
	if (snap->needles == NEEDLES_MAX)
		return refuse(r, "there are more than %d needles", NEEDLES_MAX);
	err = replay_value_choice(r, kind, kinds, &which);
	if (!err)
		err = parse_bytes(r, bytes, needle->bytes, field_size(f, r->pointer_size));
	if (err)
		return err;
	needle->field = f;
	needle->kind = which;
	snap->needles++;
	return 0;
}

/* ---- memory ---- */

static int start_memory(struct replay *r, const char *text)
{
	static const char *const purposes[] = { "solve", "confirm", NULL };
	char name[32];
	int which = 0, err = replay_value_choice(r, text, purposes, &which);

	if (err)
		return err;
	r->mem = which ? &r->guess->fresh : &r->guess->mem;
	if (r->mem->blocks)
		return refuse(r, "memory=%s is given twice", text);
	snprintf(name, sizeof(name), "%s.memory", text);
	if (r->memory_file >= 0)
		close(r->memory_file);
	return open_file(r, name, &r->memory_file);
}

static int add_chunk(struct replay *r, const char *text, const unsigned char *bytes)
{
	uint64_t address;
	int err = replay_value_address(r, text, &address);

	if (err)
		return err;
	if (address % MEMORY_CHUNK)
		return refuse(r, "%s is not a multiple of %d", text, MEMORY_CHUNK);
	err = memory_add(r->mem, address, bytes);
	if (err == -ENOMEM)
		return no_memory(r);
	return err ? refuse(r, "%s is given twice", text) : 0;
}

static int read_chunk(struct replay *r, const char *text)
{
	unsigned char bytes[MEMORY_CHUNK];

	if (file_read(r->memory_file, bytes, sizeof(bytes)) != sizeof(bytes))
		return refuse(r, "the memory file ends before this chunk");
	return add_chunk(r, text, bytes);
}

static int read_missing(struct replay *r, const char *text)
{
	return add_chunk(r, text, NULL);
}

/*
 * Reads the number of snapshots once more. Without this line nothing would show that a
 * dump was cut off.
 */
static int read_end(struct replay *r, const char *text)
{
	int number, err = replay_value_whole(r, text, &number);

	if (!err && number != (int)r->guess->snapshots)
		err = refuse(r, "there are %u snapshots, not %d", r->guess->snapshots, number);
	r->has_ended = true;
	return err;
}

/* ---- the tables ---- */

static const struct key heading_keys[] = {
	{ "kernel.release", read_release, ONCE },     { "kernel.machine", read_machine, ONCE },
	{ "kernel.build_id", read_build_id, MAY_BE }, { "byte_order", read_byte_order, ONCE },
	{ "pointer_size", read_pointer_size, ONCE },  { "via", read_via, ONCE },
	{ "netns", read_netns_kind, ONCE },	      { "ipv6", read_ipv6, ONCE },
	{ "connections", read_connections, ONCE },
};

static const struct key snapshot_keys[] = {
	{ "snapshot", start_snapshot, ONCE },
	{ "label", read_label, ONCE },
	{ "purpose", read_purpose, ONCE },
	{ "connection", read_connection, ONCE },
	{ "netns", read_netns, ONCE },
	{ "fdtable", read_fdtable, ONCE },
	{ "fd", read_fd, MAY_BE },
	{ "sock", read_sock, ONCE },
	{ "task", read_task, ONCE },
	{ "windows", read_windows, ONCE },
	{ "unread", read_unread, ANY_NUMBER },
	{ "needle", read_needle, ANY_NUMBER },
};

static const struct key memory_keys[] = {
	{ "memory", start_memory, ONCE },
	{ "chunk", read_chunk, ANY_NUMBER },
	{ "missing", read_missing, ANY_NUMBER },
	{ "end", read_end, MAY_BE },
};

const struct section replay_heading = { ARRAY_SIZE(heading_keys), heading_keys, end_heading };
const struct section replay_snapshot = { ARRAY_SIZE(snapshot_keys), snapshot_keys, NULL };
const struct section replay_memory = { ARRAY_SIZE(memory_keys), memory_keys, NULL };
