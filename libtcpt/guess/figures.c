// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Figures: what changes with every packet, as TCP_INFO shows it. */
#include <linux/tcp.h>
#include <stddef.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "guess/figures.h"
#include "internal.h"

#define HAS(info, size, member) \
	((size) >= offsetof(struct tcp_info, member) + sizeof((info).member))

int figures_read(struct figures *figures, int fd)
{
	struct tcp_info info = {};
	socklen_t size = sizeof(info);

	memset(figures, 0, sizeof(*figures));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size))
		return -errno;
	figures->state = info.tcpi_state;
	figures->rtt = info.tcpi_rtt;
	figures->total_retrans = info.tcpi_total_retrans;
	figures->unacked = info.tcpi_unacked;
	figures->has_bytes = HAS(info, size, tcpi_bytes_received);
	figures->bytes_acked = info.tcpi_bytes_acked;
	figures->bytes_received = info.tcpi_bytes_received;
	return 0;
}

bool figures_equal(const struct figures *a, const struct figures *b)
{
	return a->state == b->state && a->rtt == b->rtt && a->total_retrans == b->total_retrans &&
	       a->bytes_acked == b->bytes_acked && a->bytes_received == b->bytes_received;
}
