/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Threads whose connections no trace reports: those of guesses. */
#ifndef TCPT_LEFT_OUT_H
#define TCPT_LEFT_OUT_H

struct left_out;

/*
 * Leaves the calling thread out of all traces that it can find, until it leaves. comm is
 * its name, of TCPT_COMM_LEN bytes. Returns NULL if no trace leaves it out.
 */
struct left_out *left_out_enter(const char *comm);
/* Extends that by some seconds, and to new traces. It is called before each connection. */
void left_out_renew(struct left_out *out);
/* Ends that. Any thread may call it. */
void left_out_leave(struct left_out *out);

/* Enters in the map left_out of a new trace, before it is attached, the guesses that run. */
int left_out_begin(int map);
/* Waits some seconds for guesses that are under way to end. */
void left_out_await(int map);

#endif
