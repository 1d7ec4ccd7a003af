/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the socket calls say. */
#ifndef TCPT_NEEDLES_H
#define TCPT_NEEDLES_H

#include <stdbool.h>

struct figures;
struct snapshot;

/* Of any socket: its family and cookie. */
void needles_of_socket(struct snapshot *snap, int fd);
void needles_of_protocol(struct snapshot *snap, int fd);
/* Of one end of a connection. */
int needles_of_end(struct snapshot *snap, int fd, bool is_client);
void needles_of_figures(struct snapshot *snap, const struct figures *figures, bool with_retrans);

#endif
