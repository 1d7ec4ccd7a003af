/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Compares what a trace reports with what was done. */
#ifndef SELF_TEST_H
#define SELF_TEST_H

#include "cli.h"
#include "comparison.h"
#include "private.h"

struct self_test {
	enum tcpt_attach attach; /* the mode in which it was; AUTO: it was not loaded */
	struct comparison of;
};

/*
 * Loads a private trace in this mode, has connections made, and compares. This process has
 * entered private namespaces. offsets are guessed if there are none yet. Returns 0, also
 * if something is wrong; a negative errno, after a message, if it could not be tried.
 */
int self_test_run(struct self_test *test, enum tcpt_attach attach, const struct tcpt_probe *probe,
		  struct private_offsets *offsets, const struct cli_log *log);

#endif
