/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Standard output as a stream of lines, which are written before they are acknowledged. */
#ifndef STREAM_H
#define STREAM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The time between two looks while nothing can be written. */
#define STREAM_LOOK_NS (10 * 1000 * 1000)

struct stream {
	char buf[64 * 1024];
	size_t used;
	size_t line_max; /* bytes that the next line may need */
	size_t limit; /* of used; a pipe or a socket takes this whole or not at all */
	int fd; /* stdout, opened anew if then it does not block */
	bool may_block; /* it is not a file */
	bool is_socket;
	bool is_pipe;
	uint64_t deadline_ms; /* when to stop waiting for the reader of the output; 0: never */
	const sigset_t *waiting; /* the signals blocked while it waits */
	const volatile sig_atomic_t *ended; /* a signal has come */
};

uint64_t stream_now_ms(void);
/*
 * Returns how long to wait, at most most_ms, until limit_ms have passed since since_ms. If
 * limit_ms is 0 there is no limit.
 */
int stream_left_ms(uint64_t limit_ms, uint64_t since_ms, int most_ms);

/* Prepares the stream; stream_begin() comes next. */
void stream_open(struct stream *out, size_t line_max, uint64_t duration_ms, const sigset_t *waiting,
		 const volatile sig_atomic_t *ended);

/*
 * Begins the buffer anew, for what stdout is now. If it is a file that ends in the middle
 * of a line, as after a reader was killed, the buffer begins with the end of that line.
 */
void stream_begin(struct stream *out);

/*
 * Writes the buffer, which has whole lines. -EINTR: a signal or the deadline came while
 * nobody read the output, and nothing was written; on a terminal, on a network
 * connection that stays blocked, or on a pipe into which others write too, a part may
 * have been. If a file has no room for all of
 * it, the file is cut back to where it was.
 */
int stream_flush(struct stream *out);

/* Closes what stream_begin() has opened, so that stdout can be closed as a whole. */
void stream_end(struct stream *out);

/* Returns true if there is no room for one more line. */
bool stream_is_full(struct stream *out);

#endif
