/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages to the service manager that has started the program, sd_notify(3). */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "cli.h"

/*
 * Sends state, assignments with newlines between, to the socket that
 * NOTIFY_SOCKET names; does nothing if that is not set. If it cannot be sent, a
 * warning says why: it is the manager's loss, not the program's.
 */
void notify(const struct cli *cli, const char *state);

#endif
