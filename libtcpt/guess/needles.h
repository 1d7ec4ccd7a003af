/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Needles: what the socket calls say of a socket. */
#ifndef TCPT_NEEDLES_H
#define TCPT_NEEDLES_H

#include <stdbool.h>

struct figures;
struct snapshot;

/* Adds the needles of any socket: its family and its cookie. */
void needles_of_socket(struct snapshot *snap, int fd);
/* Adds the needle of its protocol. */
void needles_of_protocol(struct snapshot *snap, int fd);
/* Adds the needles of one end of a connection: addresses, ports and those of any socket. */
int needles_of_end(struct snapshot *snap, int fd, bool is_client);
/* Adds the needles of the figures. */
void needles_of_figures(struct snapshot *snap, const struct figures *figures, bool with_retrans);

#endif
