// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Observes errors that a connection survives. ICMP reports that a host on the way does
 * not pass packets on. The kernel notes the error in sk_err_soft, and goes on
 * (tcp_v4_err() of net/ipv4/tcp_ipv4.c). Here a raw socket sends such messages over
 * loopback. SO_ERROR returns what was noted and clears it, so each one is seen with the
 * error and without it.
 */
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>

#include "base/random.h"
#include "guess/guess.h"
#include "guess/snapshot.h"
#include "internal.h"

/*
 * This is an ICMP error. The kernel finds the connection by the head of the packet that
 * it quotes.
 */
struct message {
	struct icmphdr icmp;
	struct iphdr ip;
	uint16_t ports[2];
	uint32_t seq;
};

static uint16_t checksum(const void *data, size_t size)
{
	const unsigned char *byte = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i += 2) {
		uint16_t word;

		memcpy(&word, byte + i, sizeof(word));
		sum += word;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

/*
 * Reads the sequence number of the next byte that the socket sends. The kernel ignores
 * a message that quotes another number.
 */
static int next_seq(int fd, uint32_t *seq)
{
	int on = TCP_REPAIR_ON, queue = TCP_SEND_QUEUE, off = TCP_REPAIR_OFF_NO_WP;
	socklen_t size = sizeof(*seq);
	int err = 0;

	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)))
		return -errno;
	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue)) ||
	    getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, seq, &size))
		err = -errno;
	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off)) && !err)
		err = -errno;
	return err;
}

static int quote(struct message *message, int fd, struct sockaddr_in *local)
{
	socklen_t size = sizeof(*local);
	struct sockaddr_in remote;
	uint32_t seq = 0;
	int err = next_seq(fd, &seq);

	if (!err && (getsockname(fd, (struct sockaddr *)local, &size) ||
		     getpeername(fd, (struct sockaddr *)&remote, &size)))
		err = -errno;
	if (err)
		return err;
	*message = (struct message){
		.ip = { .version = 4,
			.ihl = sizeof(message->ip) / 4,
			.ttl = 64,
			.protocol = IPPROTO_TCP,
			.tot_len = htons(sizeof(struct iphdr) + sizeof(struct tcphdr)),
			.saddr = local->sin_addr.s_addr,
			.daddr = remote.sin_addr.s_addr },
		.ports = { local->sin_port, remote.sin_port },
		.seq = htonl(seq),
	};
	local->sin_port = 0;
	return 0;
}

static int send_icmp(int raw, void *data, size_t size, const struct sockaddr_in *to)
{
	struct icmphdr *icmp = data;

	icmp->checksum = 0;
	icmp->checksum = checksum(data, size);
	return sendto(raw, data, size, 0, (const struct sockaddr *)to, sizeof(*to)) < 0 ? -errno :
											  0;
}

/*
 * Waits until the packets that were sent before are handled. A loopback delivers the
 * packets of one processor in their order, and a raw socket gets a copy of each: once this
 * one has come, those before it have had their effect. A thread that the scheduler moved
 * in between may be too early: observe_error() sees that.
 */
static int await_delivery(int raw, const struct sockaddr_in *to)
{
	struct icmphdr mark = { .type = ICMP_ECHOREPLY };
	unsigned char packet[256];
	ssize_t size;
	int err;

	random_bytes(&mark.un, sizeof(mark.un));
	err = send_icmp(raw, &mark, sizeof(mark), to);
	while (!err) {
		err = pair_await(raw, POLLIN);
		size = recv(raw, packet, sizeof(packet), MSG_DONTWAIT);
		if (size == sizeof(struct iphdr) + sizeof(mark) &&
		    !memcmp(packet + sizeof(struct iphdr), &mark, sizeof(mark)))
			return 0;
	}
	return err;
}

static struct snapshot *soft_snapshot(struct tcpt_guess *guess, const char *what, int fd)
{
	struct snapshot *snap = observe_socket(guess, what, fd);
	int no_error = 0;

	if (snap)
		snapshot_need(snap, F_SK_ERR, &no_error);
	return snap;
}

static int observe_both(struct tcpt_guess *guess, int fd, uint64_t sock)
{
	struct snapshot *snap = soft_snapshot(guess, "ICMP error", fd);
	int err = observe_error(guess, snap, sock, F_SK_ERR_SOFT, true);

	if (err)
		return err;
	snap = soft_snapshot(guess, "no ICMP error", fd);
	return observe_error(guess, snap, sock, F_SK_ERR_SOFT, false);
}

static int observe_messages(struct tcpt_guess *guess, int raw, int fd, uint64_t sock)
{
	static const unsigned char codes[] = { ICMP_HOST_UNREACH, ICMP_PORT_UNREACH,
					       ICMP_PROT_UNREACH };
	struct sockaddr_in to;
	struct message message;
	int err = quote(&message, fd, &to);

	for (size_t i = 0; !err && i < ARRAY_SIZE(codes); i++) {
		message.icmp = (struct icmphdr){ .type = ICMP_DEST_UNREACH, .code = codes[i] };
		err = send_icmp(raw, &message, sizeof(message), &to);
		if (!err)
			err = await_delivery(raw, &to);
		if (!err)
			err = observe_both(guess, fd, sock);
	}
	return err;
}

static int observe_icmp(struct tcpt_guess *guess, struct pair *pair)
{
	int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP), err;
	uint64_t sock;

	if (raw < 0)
		return -errno;
	err = observe_new_pair(guess, pair, &sock);
	if (!err)
		err = observe_messages(guess, raw, pair->client, sock);
	close(raw);
	return err;
}

int observe_icmp_errors(struct tcpt_guess *guess)
{
	return observe_try(guess, observe_icmp);
}
