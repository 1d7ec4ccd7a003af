// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Observes a bound socket, which shows the difference between the copies of its address
 * and port.
 *
 * A socket that is bound to a multicast address receives on it but does not send from
 * it: inet_bind() sets inet_rcv_saddr and clears inet_saddr (net/ipv4/af_inet.c). From
 * then on this socket is also the bell: see kmem.c.
 */
#include <arpa/inet.h>

#include "base/random.h"
#include "guess/guess.h"
#include "guess/kmem.h"
#include "guess/needles.h"
#include "guess/snapshot.h"
#include "internal.h"
#include "tcpt_abi.h"

#define MULTICAST 239 /* first byte of the addresses for private use (RFC 2365) */

static void random_multicast(struct sockaddr_in *address)
{
	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(random_port()) };
	random_bytes(&address->sin_addr, sizeof(address->sin_addr));
	*(unsigned char *)&address->sin_addr = MULTICAST;
}

static int bind_multicast(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP), err;

	if (fd < 0)
		return -errno;
	for (int tries = 0; tries < 16; tries++) {
		random_multicast(address);
		if (!bind(fd, (struct sockaddr *)address, sizeof(*address)))
			return fd;
		if (errno != EADDRINUSE)
			break;
	}
	err = -errno;
	close(fd);
	return err;
}

static void need_bound(struct snapshot *snap, const struct sockaddr_in *address)
{
	uint16_t num = ntohs(address->sin_port);
	unsigned char state = TCPT_LISTEN; /* the hook runs before the change to CLOSE */
	unsigned char not_shut_down = 0;
	int no_error = 0;

	needles_of_socket(snap, snap->fd);
	needles_of_protocol(snap, snap->fd);
	snapshot_need(snap, F_SKC_STATE, &state);
	snapshot_need(snap, F_SKC_RCV_SADDR, &address->sin_addr);
	snapshot_need(snap, F_SKC_NUM, &num);
	snapshot_need(snap, F_INET_SPORT, &address->sin_port);
	snapshot_need(snap, F_SK_ERR, &no_error);
	snapshot_need(snap, F_SK_SHUTDOWN, &not_shut_down);
}

static int observe_bell(struct tcpt_guess *guess, int fd, const struct sockaddr_in *address)
{
	struct snapshot *snap = observe_snapshot(guess, "bound socket");

	if (!snap)
		return -ENOMEM;
	snap->fd = fd;
	need_bound(snap, address);
	return observe_keep(guess, snap, kmem_read_bell(guess->kmem, snap));
}

/*
 * Observes the bell after a connect to a multicast address. TCP refuses that after it
 * has looked up the route, and before the sock gets the address (tcp_v4_connect()). The
 * route's key, a copy of addresses and ports in inet_sock.cork, now holds other values
 * than the sock. No packet is sent.
 */
static int observe_refused(struct tcpt_guess *guess, int fd)
{
	struct sockaddr_in to;
	struct snapshot *snap;

	random_multicast(&to);
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)) || errno != ENETUNREACH)
		return 0;
	snap = observe_snapshot(guess, "connect refused by the route");
	if (!snap)
		return -ENOMEM;
	snapshot_need_unlike(snap, F_SKC_DADDR, &to.sin_addr);
	snapshot_need_unlike(snap, F_SKC_DPORT, &to.sin_port);
	return observe_keep(guess, snap, kmem_read_bell(guess->kmem, snap));
}

int observe_bound(struct tcpt_guess *guess)
{
	struct sockaddr_in address;
	int fd = bind_multicast(&address), err;

	if (fd < 0)
		return log_error(guess->log, fd, "cannot bind a TCP socket: %s", strerror(-fd));
	kmem_use_bell(guess->kmem, fd);
	err = observe_bell(guess, fd, &address);
	if (!err)
		err = observe_refused(guess, fd);
	if (err)
		log_error(guess->log, err, "the %s hook does not see a socket change its state: %s",
			  guess->via, strerror(-err));
	return err;
}
