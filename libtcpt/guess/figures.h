/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What changes with every packet. */
#ifndef TCPT_FIGURES_H
#define TCPT_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

/* What changes with every packet: known only if it is the same before and after. */
struct figures {
	unsigned char state;
	bool has_bytes;
	uint32_t rtt; /* microseconds */
	uint32_t total_retrans;
	uint64_t bytes_acked;
	uint64_t bytes_received;
	uint32_t unacked; /* segments */
};

int figures_read(struct figures *figures, int fd);
bool figures_equal(const struct figures *a, const struct figures *b);

#endif
