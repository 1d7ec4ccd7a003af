// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel's socket diagnosis (sock_diag(7)) of TCP. It gives each socket that it shows a
 * cookie, by which the programs recognise the socket.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* setns */
#endif
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "base/array.h"
#include "base/netns-set.h"
#include "internal.h"
#include "trace/existing-diag.h"

#define PROTOCOL_MPTCP 262 /* IPPROTO_MPTCP */
#define NLA_ID (NLA_TYPE_MASK)

#define OPEN_STATES                                                          \
	(1 << TCPT_ESTABLISHED | 1 << TCPT_FIN_WAIT1 | 1 << TCPT_FIN_WAIT2 | \
	 1 << TCPT_CLOSE_WAIT | 1 << TCPT_LAST_ACK | 1 << TCPT_CLOSING)

/* A connection in SYN_RECV that a task holds was accepted, by TCP Fast Open. */
#define STATES (OPEN_STATES | 1 << TCPT_SYN_SENT | 1 << TCPT_SYN_RECV)

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 diag;
	struct rtattr protocol_of;
	uint32_t protocol; /* too large for the request itself */
};

static int ask(int fd, int family, int protocol)
{
	struct request request = {
		.header = { sizeof(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1,
			    0 },
		.diag = { .sdiag_family = family,
			  .sdiag_protocol = protocol > UINT8_MAX ? 0 : protocol,
			  .idiag_ext = 1 << (INET_DIAG_INFO -
					     1), /* this brings the name of a subflow too */
			  .idiag_states = STATES | 1 << TCPT_LISTEN },
		.protocol_of = { RTA_LENGTH(sizeof(uint32_t)), INET_DIAG_REQ_PROTOCOL },
		.protocol = protocol,
	};

	if (protocol <= UINT8_MAX)
		request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.diag));
	return send(fd, &request, request.header.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* ---- one socket ---- */

static int add_listener(struct stock *stock, uint32_t netns, uint16_t port)
{
	struct listener *listeners =
		array_grow(stock->listeners, stock->listener_count, sizeof(*listeners));

	if (!listeners)
		return -ENOMEM;
	stock->listeners = listeners;
	listeners[stock->listener_count++] = (struct listener){ netns, port };
	return 0;
}

static struct older *add_older(struct stock *stock)
{
	struct older *older = array_grow(stock->older, stock->count, sizeof(*older));

	if (!older)
		return NULL;
	stock->older = older;
	older = &stock->older[stock->count++];
	memset(older, 0, sizeof(*older));
	return older;
}

static bool is_v4_mapped(const __be32 *address)
{
	return !address[0] && !address[1] && address[2] == htonl(0xffff);
}

static void fill_tuple(struct tcpt_abi_tuple *tuple, const struct inet_diag_msg *message,
		       uint32_t netns, uint32_t netns_cookie)
{
	bool mapped = message->idiag_family == AF_INET6 && is_v4_mapped(message->id.idiag_dst);

	tuple->family = message->idiag_family == AF_INET6 && !mapped ? 6 : 4;
	tuple->sport = ntohs(message->id.idiag_sport);
	tuple->dport = ntohs(message->id.idiag_dport);
	tuple->netns = netns;
	tuple->netns_cookie = netns_cookie;
	if (tuple->family == 6) {
		memcpy(tuple->saddr, message->id.idiag_src, sizeof(tuple->saddr));
		memcpy(tuple->daddr, message->id.idiag_dst, sizeof(tuple->daddr));
	} else {
		tuple->saddr[0] = message->id.idiag_src[mapped ? 3 : 0];
		tuple->daddr[0] = message->id.idiag_dst[mapped ? 3 : 0];
	}
}

static const struct rtattr *find_attr(const struct nlmsghdr *header, int id)
{
	const struct inet_diag_msg *message = NLMSG_DATA(header);
	const struct rtattr *attr = (const struct rtattr *)(message + 1);
	int size = header->nlmsg_len - NLMSG_LENGTH(sizeof(*message));

	for (; RTA_OK(attr, size); attr = RTA_NEXT(attr, size))
		if ((attr->rta_type & NLA_ID) == id)
			return attr;
	return NULL;
}

/* Returns true for a subflow of an MPTCP connection: its upper layer has that name. */
static bool is_subflow(const struct nlmsghdr *header)
{
	const struct rtattr *attr = find_attr(header, INET_DIAG_ULP_INFO), *name;
	int rest;

	if (!attr)
		return false;
	rest = RTA_PAYLOAD(attr);
	for (name = RTA_DATA(attr); RTA_OK(name, rest); name = RTA_NEXT(name, rest))
		if ((name->rta_type & NLA_ID) == INET_ULP_INFO_NAME && RTA_PAYLOAD(name) >= 5 &&
		    !memcmp(RTA_DATA(name), "mptcp", 5))
			return true;
	return false;
}

/* Older kernels have a shorter tcp_info. That of an MPTCP socket is another struct. */
static void fill_diag(struct diag *diag, const struct nlmsghdr *header, int protocol)
{
	const struct inet_diag_msg *message = NLMSG_DATA(header);
	const struct rtattr *attr = find_attr(header, INET_DIAG_INFO);
	struct tcp_info info = {};

	diag->state = message->idiag_state;
	diag->receive_queue = message->idiag_rqueue;
	diag->send_queue = message->idiag_wqueue;
	if (!attr || protocol != IPPROTO_TCP ||
	    RTA_PAYLOAD(attr) < offsetof(struct tcp_info, tcpi_segs_out))
		return;
	memcpy(&info, RTA_DATA(attr),
	       RTA_PAYLOAD(attr) < sizeof(info) ? RTA_PAYLOAD(attr) : sizeof(info));
	diag->has_figures = true;
	diag->bytes_acked = info.tcpi_bytes_acked;
	diag->bytes_received = info.tcpi_bytes_received;
	diag->srtt_us = info.tcpi_rtt;
	diag->retransmits = info.tcpi_total_retrans;
}

/*
 * No descriptor refers to a connection without an inode. Either it waits to be accepted,
 * and the accept will be reported; or it was closed.
 */
static bool is_wanted(const struct stock *stock, const struct nlmsghdr *header)
{
	const struct inet_diag_msg *message = NLMSG_DATA(header);
	unsigned int states = STATES | (stock->wants_all ? 1 << TCPT_LISTEN : 0);

	return (message->idiag_inode || stock->wants_all) && (states >> message->idiag_state & 1) &&
	       !is_subflow(header);
}

static int take_socket(struct stock *stock, const struct nlmsghdr *header, uint32_t netns)
{
	const struct inet_diag_msg *message = NLMSG_DATA(header);
	struct older *older;

	if (header->nlmsg_len < NLMSG_LENGTH(sizeof(*message)))
		return -EPROTO;
	if (message->idiag_state == TCPT_LISTEN && !stock->wants_all)
		return add_listener(stock, netns, ntohs(message->id.idiag_sport));
	if (!is_wanted(stock, header))
		return 0;
	older = add_older(stock);
	if (!older)
		return -ENOMEM;
	older->inode = message->idiag_inode;
	older->conn.connecting = message->idiag_state == TCPT_SYN_SENT;
	older->conn.cookie = message->id.idiag_cookie[0] | (uint64_t)message->id.idiag_cookie[1]
								   << 32;
	fill_tuple(&older->conn.tuple, message, netns, stock->netns_cookie);
	fill_diag(&older->diag, header, stock->protocol);
	return 0;
}

/* ---- one network namespace ---- */

/* Returns 1 after the last message. */
static int take_message(struct stock *stock, const struct nlmsghdr *header, uint32_t netns)
{
	if (header->nlmsg_type == NLMSG_DONE)
		return 1;
	if (header->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = NLMSG_DATA(header);

		return error->error ? error->error : 1;
	}
	return header->nlmsg_type == SOCK_DIAG_BY_FAMILY ? take_socket(stock, header, netns) : 0;
}

#define ANSWER_MOST 32768

static int receive_into(struct stock *stock, int fd, uint32_t netns, void *buf)
{
	const struct nlmsghdr *header;
	ssize_t n;
	int err = 0;

	while (!err) {
		n = recv(fd, buf, ANSWER_MOST, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EPROTO;
		for (header = buf; !err && NLMSG_OK(header, n); header = NLMSG_NEXT(header, n))
			err = take_message(stock, header, netns);
	}
	return err < 0 ? err : 0;
}

static int receive_all(struct stock *stock, int fd, uint32_t netns)
{
	void *buf = malloc(ANSWER_MOST);
	int err = buf ? receive_into(stock, fd, netns, buf) : -ENOMEM;

	free(buf);
	return err;
}

/* A kernel without this protocol or family has no such sockets either. */
static int take_kind(struct stock *stock, int family, int protocol, uint32_t netns)
{
	const struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	stock->netns_cookie = netns_set_cookie(fd);
	stock->protocol = protocol;
	err = ask(fd, family, protocol);
	if (!err)
		err = receive_all(stock, fd, netns);
	close(fd);
	return err;
}

static int take_netns(struct stock *stock, uint32_t netns)
{
	int err = take_kind(stock, AF_INET, IPPROTO_TCP, netns);

	if (!err)
		err = take_kind(stock, AF_INET6, IPPROTO_TCP, netns);
	if (!err && !access("/proc/sys/net/mptcp", F_OK)) {
		err = take_kind(stock, AF_INET, PROTOCOL_MPTCP, netns);
		if (!err)
			err = take_kind(stock, AF_INET6, PROTOCOL_MPTCP, netns);
		if (err == -ENOENT)
			err = 0;
	}
	return err;
}

/* ---- all network namespaces ---- */

/* here is the namespace that this thread is in; it needs no privileges. */
static int take_each(struct stock *stock, const struct netns_set *set, uint64_t here)
{
	int err = 0;

	for (size_t i = 0; !err && i < set->count; i++) {
		const struct netns_known *known = &set->known[i];

		if (known->inode != here && (known->fd < 0 || setns(known->fd, CLONE_NEWNET))) {
			stock->unreached++;
			continue;
		}
		here = known->inode;
		err = take_netns(stock, here);
	}
	return err;
}

static int take_all(struct stock *stock, const struct netns_set *set)
{
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st)) /* no network namespaces in this kernel */
		return take_netns(stock, 0);
	return take_each(stock, set, st.st_ino);
}

struct job {
	struct stock *stock;
	const struct netns_set *set;
	int err;
};

static void *run(void *arg)
{
	struct job *job = arg;

	job->err = take_all(job->stock, job->set);
	return NULL;
}

/* Runs a thread, because a change of namespace is a thread's own and ends with it. */
int existing_diag_take(struct stock *stock, const struct netns_set *set)
{
	struct job job = { .stock = stock, .set = set };
	pthread_t thread;
	int err = pthread_create(&thread, NULL, run, &job);

	if (err)
		return -err;
	pthread_join(thread, NULL);
	return job.err;
}

void existing_diag_free(struct stock *stock)
{
	free(stock->older);
	free(stock->listeners);
}
