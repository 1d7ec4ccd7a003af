// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Needles: what the socket calls say of a socket, and the kernel keeps in its sock. */
#include <sys/socket.h>

#include "guess/cookie.h"
#include "guess/figures.h"
#include "guess/needles.h"
#include "guess/pair.h"
#include "guess/snapshot.h"
#include "internal.h"

/* ---- any socket ---- */

void needles_of_socket(struct snapshot *snap, int fd)
{
	socklen_t size = sizeof(int);
	uint64_t cookie;
	uint16_t family;
	int domain;

	if (!getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size)) {
		family = domain;
		snapshot_need(snap, F_SKC_FAMILY, &family);
	}
	if (!cookie_of(fd, &cookie))
		snapshot_need(snap, F_SKC_COOKIE, &cookie);
}

void needles_of_protocol(struct snapshot *snap, int fd)
{
	socklen_t size = sizeof(int);
	uint16_t protocol;
	int number;

	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &number, &size))
		return;
	protocol = number;
	snapshot_need(snap, F_SK_PROTOCOL, &protocol);
}

/* ---- an end of a connection ---- */

struct ends {
	union address local;
	union address remote;
};

static int read_ends(int fd, struct ends *ends)
{
	socklen_t size = sizeof(ends->local);

	memset(ends, 0, sizeof(*ends));
	if (getsockname(fd, &ends->local.any, &size))
		return -errno;
	size = sizeof(ends->remote);
	return getpeername(fd, &ends->remote.any, &size) ? -errno : 0;
}

static void need_ipv4(struct snapshot *snap, const void *local, const void *remote)
{
	snapshot_need(snap, F_SKC_DADDR, remote);
	snapshot_need(snap, F_SKC_RCV_SADDR, local);
}

/*
 * The kernel fills the IPv6 members of IPv4 sockets with the mapped addresses
 * (sk_daddr_set(), sk_rcv_saddr_set() of include/net/sock.h, and net/ipv4, since 4.1).
 * It does not do so with the address to which a client was bound (inet_bind()). A copy
 * in the part that only IPv6 sockets have does not hold these needles.
 */
static void need_mapped(struct snapshot *snap, const struct ends *ends, bool is_client)
{
	unsigned char mapped[16] = { [10] = 0xff, [11] = 0xff };

	memcpy(mapped + 12, &ends->remote.in.sin_addr, 4);
	snapshot_need_soft(snap, F_SKC_V6_DADDR, mapped);
	memcpy(mapped + 12, &ends->local.in.sin_addr, 4);
	if (!is_client)
		snapshot_need_soft(snap, F_SKC_V6_RCV_SADDR, mapped);
}

static void need_ports(struct snapshot *snap, uint16_t local, uint16_t remote)
{
	uint16_t num = ntohs(local);

	snapshot_need(snap, F_SKC_DPORT, &remote);
	snapshot_need(snap, F_SKC_NUM, &num);
	snapshot_need(snap, F_INET_SPORT, &local);
}

int needles_of_end(struct snapshot *snap, int fd, bool is_client)
{
	struct ends ends;
	int err = read_ends(fd, &ends);

	if (err)
		return err;
	needles_of_socket(snap, fd);
	needles_of_protocol(snap, fd);
	if (ends.local.any.sa_family == AF_INET) {
		need_ports(snap, ends.local.in.sin_port, ends.remote.in.sin_port);
		need_ipv4(snap, &ends.local.in.sin_addr, &ends.remote.in.sin_addr);
		need_mapped(snap, &ends, is_client);
		return 0;
	}
	need_ports(snap, ends.local.in6.sin6_port, ends.remote.in6.sin6_port);
	snapshot_need(snap, F_SKC_V6_DADDR, &ends.remote.in6.sin6_addr);
	snapshot_need(snap, F_SKC_V6_RCV_SADDR, &ends.local.in6.sin6_addr);
	if (IN6_IS_ADDR_V4MAPPED(&ends.local.in6.sin6_addr))
		need_ipv4(snap, ends.local.in6.sin6_addr.s6_addr + 12,
			  ends.remote.in6.sin6_addr.s6_addr + 12);
	return 0;
}

/* ---- figures ---- */

void needles_of_figures(struct snapshot *snap, const struct figures *figures, bool with_retrans)
{
	snapshot_need(snap, F_SKC_STATE, &figures->state);
	snapshot_need(snap, F_SRTT_US, &figures->rtt);
	if (with_retrans)
		snapshot_need(snap, F_TOTAL_RETRANS, &figures->total_retrans);
	if (!figures->has_bytes)
		return;
	snapshot_need(snap, F_BYTES_ACKED, &figures->bytes_acked);
	snapshot_need(snap, F_BYTES_RECEIVED, &figures->bytes_received);
}
