// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "stream.h"
#include "tcpt.h"

uint64_t stream_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- beginning ---- */

/* Whether the file, which may be open for writing only, has an unfinished line before at. */
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

void stream_open(struct stream *out, uint64_t duration_ms, const sigset_t *waiting,
		 const volatile sig_atomic_t *ended)
{
	bool appends = fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND;
	struct stat st;

	out->waiting = waiting;
	out->ended = ended;
	out->deadline_ms = duration_ms ? stream_now_ms() + duration_ms : 0;
	out->may_block = fstat(STDOUT_FILENO, &st) || !S_ISREG(st.st_mode);
	if (!out->may_block &&
	    is_unfinished(appends ? st.st_size : lseek(STDOUT_FILENO, 0, SEEK_CUR)))
		out->buf[out->used++] = '\n';
}

/* ---- writing ---- */

/* Waits until PIPE_BUF bytes can be written; 0 if they still cannot after a while. */
static int await_room(const struct stream *out)
{
	const struct timespec look = { .tv_nsec = STREAM_LOOK_NS };
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return ppoll(&pfd, 1, &look, out->waiting);
}

static ssize_t write_some(const struct stream *out, size_t done)
{
	size_t size = out->used - done;
	int ready = out->may_block ? await_room(out) : 1;

	if (ready <= 0)
		return ready;
	if (out->may_block && size > PIPE_BUF)
		size = PIPE_BUF;
	return write(STDOUT_FILENO, out->buf + done, size);
}

/*
 * A full disk takes part of what is written, and the rest would follow the half
 * line whenever there is room again. Only if the file still ends in what was
 * written from start on, and in nothing of others.
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
		else if (*out->ended || (out->deadline_ms && stream_now_ms() >= out->deadline_ms))
			return -EINTR;
	}
	out->used = 0;
	return 0;
}

bool stream_is_full(const struct stream *out)
{
	return out->used + TCPT_LINE_MAX > sizeof(out->buf);
}
