// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "stream.h"
#include "tcpt.h"

#define FINISH_MS 1000

uint64_t stream_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int stream_left_ms(uint64_t limit_ms, uint64_t since_ms, int most_ms)
{
	uint64_t passed = stream_now_ms() - since_ms;
	uint64_t left = passed < limit_ms ? limit_ms - passed : 0;

	return limit_ms && left < (uint64_t)most_ms ? (int)left : most_ms;
}

/* ---- beginning ---- */

/* Returns true if the file has an unfinished line before at. It may be open only for writing. */
static bool is_unfinished(off_t at)
{
	int fd = at > 0 ? open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC) : -1;
	char last = '\n';

	if (fd < 0)
		return false;
	if (pread(fd, &last, 1, at - 1) != 1)
		last = '\n';
	close(fd);
	return last != '\n';
}

/*
 * Opens stdout anew so that it does not block, if that is possible. Its own flags are
 * shared with other processes.
 */
static int open_unblocked(void)
{
	int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? STDOUT_FILENO : fd;
}

static void set_kind(struct stream *out)
{
	struct stat st = {};
	bool is_terminal = isatty(STDOUT_FILENO), is_known = !fstat(STDOUT_FILENO, &st);

	out->fd = STDOUT_FILENO;
	out->may_block = !is_known || !S_ISREG(st.st_mode);
	out->is_socket = S_ISSOCK(st.st_mode);
	out->is_pipe = S_ISFIFO(st.st_mode);
	out->limit = is_terminal ? out->line_max : out->may_block ? PIPE_BUF : sizeof(out->buf);
	if (is_terminal || out->is_pipe)
		out->fd = open_unblocked();
}

void stream_begin(struct stream *out)
{
	bool appends = fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND;
	struct stat st = {};

	out->used = 0;
	set_kind(out);
	if (!out->may_block && !fstat(STDOUT_FILENO, &st) &&
	    is_unfinished(appends ? st.st_size : lseek(STDOUT_FILENO, 0, SEEK_CUR)))
		out->buf[out->used++] = '\n';
}

void stream_open(struct stream *out, size_t line_max, uint64_t duration_ms, const sigset_t *waiting,
		 const volatile sig_atomic_t *ended)
{
	out->line_max = line_max;
	out->waiting = waiting;
	out->ended = ended;
	out->deadline_ms = duration_ms ? stream_now_ms() + duration_ms : 0;
}

/* ---- writing ---- */

/* Waits until something can be written. Returns 0 if that takes too long. */
static int await_room(const struct stream *out, short events)
{
	const struct timespec look = { .tv_nsec = STREAM_LOOK_NS };
	struct pollfd pfd = { .fd = out->fd, .events = events };

	return ppoll(&pfd, 1, &look, out->waiting);
}

/* Writes some of it. A pipe or a local socket takes up to PIPE_BUF bytes whole or not at all. */
static ssize_t write_some(const struct stream *out, size_t done)
{
	const char *from = out->buf + done;
	size_t size = out->used - done;
	int ready = out->may_block ? await_room(out, POLLOUT) : 1;
	ssize_t n;

	if (ready <= 0)
		return ready;
	n = out->is_socket ? send(out->fd, from, size, MSG_DONTWAIT) : write(out->fd, from, size);
	if (n >= 0 || errno != EAGAIN)
		return n;
	return await_room(out, 0) < 0 ? -1 : 0; /* a pause before the next try */
}

/* Returns true if it is time to stop waiting. A line that has begun gets some time to end. */
static bool gives_up(const struct stream *out, size_t done, uint64_t *until_ms)
{
	uint64_t now = stream_now_ms();

	if (!*out->ended && !(out->deadline_ms && now >= out->deadline_ms))
		return false;
	if (!*until_ms)
		*until_ms = now + (done ? FINISH_MS : 0);
	return now >= *until_ms;
}

/*
 * Cuts the file back to start, if it still ends in what was written from there on, and
 * nobody else has written. A full disk takes only a part, and without this the rest would
 * follow the half line when there is room again.
 */
static void take_back(const struct stream *out, off_t start, size_t done)
{
	struct stat st;

	if (out->may_block || !done || fstat(STDOUT_FILENO, &st) ||
	    st.st_size != start + (off_t)done)
		return;
	if (!ftruncate(STDOUT_FILENO, start))
		lseek(STDOUT_FILENO, start, SEEK_SET);
}

int stream_flush(struct stream *out)
{
	uint64_t until_ms = 0;
	off_t start = 0;
	size_t done = 0;
	ssize_t n;

	while (done < out->used) {
		n = write_some(out, done);
		if (n < 0 && errno != EINTR) {
			int err = -errno;

			take_back(out, start, done);
			return err;
		}
		if (n > 0 && !done && !out->may_block)
			start = lseek(STDOUT_FILENO, 0, SEEK_CUR) - n;
		if (n > 0)
			done += n;
		else if (gives_up(out, done, &until_ms))
			return -EINTR;
	}
	out->used = 0;
	if (out->is_pipe)
		out->limit = PIPE_BUF;
	return 0;
}

void stream_end(struct stream *out)
{
	if (out->fd != STDOUT_FILENO)
		close(out->fd);
	out->fd = STDOUT_FILENO;
}

/* Returns how much the pipe takes at once: an empty one takes all that it has room for. */
static size_t limit_of_pipe(const struct stream *out)
{
	int waiting, room = fcntl(out->fd, F_GETPIPE_SZ);

	if (room <= PIPE_BUF || ioctl(out->fd, FIONREAD, &waiting) || waiting)
		return PIPE_BUF;
	return (size_t)room < sizeof(out->buf) ? (size_t)room : sizeof(out->buf);
}

bool stream_is_full(struct stream *out)
{
	if (out->used + out->line_max <= out->limit)
		return false;
	if (!out->is_pipe || out->limit > PIPE_BUF)
		return true;
	out->limit = limit_of_pipe(out);
	return out->used + out->line_max > out->limit;
}
