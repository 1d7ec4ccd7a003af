/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Threads whose connections no trace tells: those of guesses. */
#ifndef TCPT_LEFT_OUT_H
#define TCPT_LEFT_OUT_H

struct left_out;

/*
 * The calling thread, which has this name of TCPT_COMM_LEN bytes, is left out of all
 * traces that it can find, until it leaves. NULL: of none.
 */
struct left_out *left_out_enter(const char *comm);
/* To be called before each connection: for some seconds more, and of new traces too. */
void left_out_renew(struct left_out *out);
/* By whichever thread. */
void left_out_leave(struct left_out *out);

/* Before it is attached: its map left_out has who is in the others. */
int left_out_begin(int map);
/* Lets guesses that are under way come to their end, for some seconds. */
void left_out_await(int map);

#endif
