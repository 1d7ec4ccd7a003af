/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connects that fail. The local port is bound before, so that it is known. */
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>

#include "ends.h"

static void connect_must_fail(int fd, const union address *to, int error)
{
	if (!connect(fd, &to->sa, address_size(to)) || errno != error)
		die("connect does not fail as it should");
}

static void begin_connect(int fd, const union address *to)
{
	socket_nonblock(fd);
	connect_must_fail(fd, to, EINPROGRESS);
}

/* Makes both ends of a connect that fails, the remote one by `make`. */
static int prepare(struct tuple *at, int (*make)(enum family, union address *), int *other)
{
	*other = make(family, &at->remote);
	return socket_reserve(family, &at->local);
}

void fail_refused(void)
{
	struct tuple at;
	int taken, fd = prepare(&at, socket_reserve, &taken);

	record_fail(&at, "ECONNREFUSED");
	connect_must_fail(fd, &at.remote, ECONNREFUSED);
	close(fd);
	close(taken);
}

void fail_refused_later(void)
{
	struct tuple at;
	int taken, fd = prepare(&at, socket_reserve, &taken);

	record_fail(&at, "ECONNREFUSED");
	socket_nonblock(fd);
	if (connect(fd, &at.remote.sa, address_size(&at.remote)) && errno == EINPROGRESS)
		socket_await_connect(fd, ECONNREFUSED);
	close(fd);
	close(taken);
}

void fail_timed_out(void)
{
	struct tuple at;
	int listener, fd = prepare(&at, socket_listen, &listener);

	socket_drop(listener);
	socket_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 500);
	socket_option(fd, IPPROTO_TCP, TCP_SYNCNT, 1);
	record_fail(&at, "ETIMEDOUT");
	connect_must_fail(fd, &at.remote, ETIMEDOUT);
	close(fd);
	close(listener);
}

static unsigned short checksum(const void *data, size_t size)
{
	const unsigned short *word = data;
	unsigned long sum = 0;

	for (size_t i = 0; i < size / 2; i++)
		sum += word[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned short)~sum;
}

struct segment {
	struct iphdr ip;
	struct tcphdr tcp;
};

/* The SYN to this port, as the raw socket has it. */
static void await_syn(int raw, unsigned short port, struct segment *syn)
{
	char packet[512];

	for (;;) {
		ssize_t got = recv(raw, packet, sizeof(packet), 0);

		if (got < (ssize_t)sizeof(*syn))
			die("recv from a raw socket");
		memcpy(syn, packet, sizeof(*syn));
		if (syn->ip.ihl == 5 && syn->tcp.syn && syn->tcp.dest == port)
			return;
	}
}

/* Answers as a router would: the segment's headers come back in an ICMP message. */
static void answer_unreachable(const struct segment *syn, const union address *to)
{
	struct {
		struct icmphdr icmp;
		struct segment quoted;
	} answer = { .icmp = { .type = ICMP_DEST_UNREACH, .code = ICMP_HOST_UNREACH },
		     .quoted = *syn };
	int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);

	answer.icmp.checksum = checksum(&answer, sizeof(answer));
	if (raw < 0 || sendto(raw, &answer, sizeof(answer), 0, &to->sa, sizeof(to->in)) < 0)
		die("ICMP");
	close(raw);
}

void fail_unreachable(void)
{
	struct tuple at;
	int listener, fd = prepare(&at, socket_listen, &listener);
	int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
	struct segment syn;

	if (raw < 0)
		die("raw socket");
	socket_drop(listener);
	record_fail(&at, "EHOSTUNREACH");
	begin_connect(fd, &at.remote);
	await_syn(raw, at.remote.in.sin_port, &syn);
	answer_unreachable(&syn, &at.local);
	socket_await_connect(fd, EHOSTUNREACH);
	close(raw);
	close(fd);
	close(listener);
}

void fail_closed(void)
{
	struct tuple at;
	int listener, fd = prepare(&at, socket_listen, &listener);

	socket_drop(listener);
	record_fail(&at, "ECANCELED");
	begin_connect(fd, &at.remote);
	close(fd);
	close(listener);
}

/* The blocked connect of a process that is killed. */
void fail_killed(void)
{
	struct tuple at;
	int listener, fd = prepare(&at, socket_listen, &listener), sync[2];
	pid_t pid;

	socket_drop(listener);
	channel(sync);
	pid = fork_child();
	if (!pid) {
		begin_connect(fd, &at.remote);
		tell(sync[1]);
		if (fcntl(fd, F_SETFL, 0))
			die("fcntl");
		connect(fd, &at.remote.sa, address_size(&at.remote)); /* blocks now */
		_exit(1);
	}
	close(fd);
	record_pid(pid);
	record_fail(&at, "ECANCELED");
	record_pid(0);
	await_told(sync[0]);
	kill_and_reap(pid);
	close(sync[0]);
	close(sync[1]);
	close(listener);
}

/* A socket that connects to itself, and that another user closes: it is to be hidden. */
void self_handed_on(void)
{
	union address own;
	pid_t pid = fork_child();
	int fd;

	if (!pid) {
		fd = socket_reserve(family, &own);
		if (connect(fd, &own.sa, address_size(&own)) || setuid(1))
			die("cannot connect to itself as one user, and be another");
		close(fd);
		_exit(0);
	}
	reap(pid);
}
