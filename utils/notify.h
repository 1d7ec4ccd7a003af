/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages to the service manager that has started the program, see sd_notify(3). */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "cli.h"

/*
 * Sends state, which is assignments with newlines between, to the socket that
 * NOTIFY_SOCKET names. Does nothing if that is not set. If it cannot send, it warns, and
 * the program goes on.
 */
void notify(const struct cli *cli, const char *state);

#endif
