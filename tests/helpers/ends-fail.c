/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connects that fail. The local port is bound before, so that it is known. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ends.h"

static void connect_must_fail(int fd, const union address *to, int error)
{
	if (!connect(fd, &to->sa, address_size()) || errno != error)
		die("connect does not fail as it should");
}

static void begin_connect(int fd, const union address *to)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		die("fcntl");
	connect_must_fail(fd, to, EINPROGRESS);
}

static void await_failure(int fd, int expected)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error;

	if (poll(&pfd, 1, 20000) != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		die("connect goes on");
	errno = error;
	if (error != expected)
		die("connect fails with another error");
}

void fail_refused(void)
{
	union address local, remote;
	int taken = new_bound(&remote), fd = new_bound(&local);

	record_fail(&local, &remote, "ECONNREFUSED");
	connect_must_fail(fd, &remote, ECONNREFUSED);
	close(fd);
	close(taken);
}

void fail_refused_later(void)
{
	union address local, remote;
	int taken = new_bound(&remote), fd = new_bound(&local);

	record_fail(&local, &remote, "ECONNREFUSED");
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		die("fcntl");
	if (connect(fd, &remote.sa, address_size()) && errno == EINPROGRESS)
		await_failure(fd, ECONNREFUSED);
	close(fd);
	close(taken);
}

void fail_timed_out(void)
{
	union address local, remote;
	int listener = new_listener(&remote), fd = new_bound(&local);
	unsigned int ms = 500;
	int count = 1;

	drop_input(listener);
	if (setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &count, sizeof(count)))
		die("TCP_USER_TIMEOUT");
	record_fail(&local, &remote, "ETIMEDOUT");
	connect_must_fail(fd, &remote, ETIMEDOUT);
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

/* What a router would answer: the segment's headers come back in an ICMP message. */
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
	union address local, remote;
	int listener = new_listener(&remote), fd = new_bound(&local);
	int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
	struct segment syn;

	if (raw < 0)
		die("raw socket");
	drop_input(listener);
	record_fail(&local, &remote, "EHOSTUNREACH");
	begin_connect(fd, &remote);
	await_syn(raw, remote.in.sin_port, &syn);
	answer_unreachable(&syn, &local);
	await_failure(fd, EHOSTUNREACH);
	close(raw);
	close(fd);
	close(listener);
}

void fail_closed(void)
{
	union address local, remote;
	int listener = new_listener(&remote), fd = new_bound(&local);

	drop_input(listener);
	record_fail(&local, &remote, "ECANCELED");
	begin_connect(fd, &remote);
	close(fd);
	close(listener);
}

/* The blocked connect of a process that is killed. */
void fail_killed(void)
{
	union address local, remote;
	int listener = new_listener(&remote), fd = new_bound(&local), sync[2];
	pid_t pid;
	char byte;

	drop_input(listener);
	if (pipe2(sync, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		begin_connect(fd, &remote);
		if (write(sync[1], "", 1) != 1 || fcntl(fd, F_SETFL, 0))
			die("write");
		connect(fd, &remote.sa, address_size()); /* blocks now */
		_exit(1);
	}
	close(fd);
	record_pid(pid);
	record_fail(&local, &remote, "ECANCELED");
	record_pid(0);
	if (read(sync[0], &byte, 1) != 1 || kill(pid, SIGKILL) || waitpid(pid, NULL, 0) != pid)
		die("cannot kill the child");
	close(sync[0]);
	close(sync[1]);
	close(listener);
}

/* A socket that connects to itself, and that another user closes: it is to be hidden. */
void self_handed_on(void)
{
	union address own;
	pid_t pid = fork();
	int fd, status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		fd = new_bound(&own);
		if (connect(fd, &own.sa, address_size()) || setuid(1))
			die("cannot connect to itself as one user, and be another");
		close(fd);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("the child has failed");
}
