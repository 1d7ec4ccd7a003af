/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Figures: what changes with every packet. */
#ifndef TCPT_FIGURES_H
#define TCPT_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

/* Figures are known of a snapshot only if they are the same before and after it. */
struct figures {
	unsigned char state;
	bool has_bytes;
	uint32_t rtt; /* microseconds */
	uint32_t total_retrans;
	uint64_t bytes_acked;
	uint64_t bytes_received;
	uint32_t unacked; /* segments */
};

/* Reads the figures of a TCP socket. Returns 0 or a negative errno. */
int figures_read(struct figures *figures, int fd);
bool figures_equal(const struct figures *a, const struct figures *b);

#endif
