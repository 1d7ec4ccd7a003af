/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Has the programs report connections that are older than the trace. */
#ifndef TCPT_EXISTING_ANNOUNCE_H
#define TCPT_EXISTING_ANNOUNCE_H

#include <stdint.h>

struct bpf_object;

struct announcer {
	int prog; /* a program that can be run, or negative */
	int packet; /* one that can be run for a packet, or negative */
	int link; /* of a program that looks at the arguments of system calls, or -1 */
};

/* Begins to announce. Returns -ENOTSUP before Linux 4.12. */
int existing_announce_begin(struct announcer *announcer, const struct bpf_object *object);
/* Has the connection with this cookie reported. */
int existing_announce(const struct announcer *announcer, uint64_t cookie);
void existing_announce_end(struct announcer *announcer);

#endif
