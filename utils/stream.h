/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Standard output as a stream of lines, which are there before they are acknowledged. */
#ifndef STREAM_H
#define STREAM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How long to look away while nothing can be written. */
#define STREAM_LOOK_NS (10 * 1000 * 1000)

struct stream {
	char buf[64 * 1024];
	size_t used;
	size_t limit; /* of used; what goes into a pipe or a socket whole or not at all */
	int fd; /* stdout, opened once more where that makes it one that does not block */
	bool may_block; /* not a file */
	bool is_socket;
	uint64_t deadline_ms; /* when to give up on who does not read; 0: never */
	const sigset_t *waiting; /* the signals blocked while it waits */
	const volatile sig_atomic_t *ended; /* a signal has come */
};

uint64_t stream_now_ms(void);
/* How long to wait at most until limit_ms have passed since then; 0: there is no limit. */
int stream_left_ms(uint64_t limit_ms, uint64_t since_ms, int most_ms);

/*
 * Where a file ends in the middle of a line, as after a reader was killed, the
 * buffer begins with the end of that.
 */
void stream_open(struct stream *out, uint64_t duration_ms, const sigset_t *waiting,
		 const volatile sig_atomic_t *ended);

/*
 * Writes the buffer, whole lines. -EINTR: a signal or the deadline came while
 * nobody read the output, and nothing of it was written; only on a terminal, or a
 * network connection that stays blocked, part of a line. What a file has no room
 * for is not written in part: it is cut back to where it was.
 */
int stream_flush(struct stream *out);

/* There is no room for one more line. */
bool stream_is_full(const struct stream *out);

#endif
