// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "deeds.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000

/* ---- in the worker ---- */

static struct deeds *deeds;

/* A step that fails ends the worker. */
static void must(bool is_done, const char *what)
{
	if (is_done)
		return;
	snprintf(deeds->why, sizeof(deeds->why), "%s: %s", what, strerror(errno));
	deeds->failed = true;
	_exit(1);
}

static struct deed *record(enum tcpt_event_type type)
{
	struct deed *deed = &deeds->of[deeds->n++];

	errno = ENOSPC;
	must(deeds->n < DEEDS_MAX, "recording");
	*deed = (struct deed){ .type = type };
	return deed;
}

enum family {
	V4,
	V6,
	MAPPED,
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t loopback(enum family family, unsigned int port, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (family == V4) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address->v4.sin_port = htons(port);
		return sizeof(address->v4);
	}
	address->v6.sin6_family = AF_INET6;
	inet_pton(AF_INET6, family == V6 ? "::1" : "::ffff:127.0.0.1", &address->v6.sin6_addr);
	address->v6.sin6_port = htons(port);
	return sizeof(address->v6);
}

/* Sets an end of a deed, where IPv4-mapped is IPv4. */
static void set_end(struct deed *deed, const union address *address, uint8_t *to, uint16_t *port)
{
	const uint8_t *from = (const uint8_t *)&address->v6.sin6_addr;

	deed->family = 4;
	*port = ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port :
							  address->v6.sin6_port);
	if (address->any.sa_family == AF_INET)
		memcpy(to, &address->v4.sin_addr, 4);
	else if (IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr))
		memcpy(to, from + 12, 4);
	else {
		memcpy(to, from, 16);
		deed->family = 6;
	}
}

/* Records that of a socket, whose ends the kernel says. */
static struct deed *record_socket(enum tcpt_event_type type, int fd, enum tcpt_role role)
{
	struct deed *deed = record(type);
	union address local, remote;
	socklen_t size = sizeof(local);

	must(!getsockname(fd, &local.any, &size), "getsockname");
	size = sizeof(remote);
	must(!getpeername(fd, &remote.any, &size), "getpeername");
	set_end(deed, &local, deed->saddr, &deed->sport);
	set_end(deed, &remote, deed->daddr, &deed->dport);
	deed->role = role;
	return deed;
}

static int make_socket(enum family family, bool is_recorded)
{
	union address address;
	socklen_t size = loopback(family, 0, &address);
	int fd = socket(address.any.sa_family, SOCK_STREAM, 0);

	must(fd >= 0, "socket");
	if (is_recorded)
		record(TCPT_EVENT_FDINSTALL)->fd = fd;
	must(!bind(fd, &address.any, size), "bind");
	return fd;
}

static unsigned int port_of(int fd)
{
	union address local;
	socklen_t size = sizeof(local);

	must(!getsockname(fd, &local.any, &size), "getsockname");
	return ntohs(local.any.sa_family == AF_INET ? local.v4.sin_port : local.v6.sin6_port);
}

struct pair {
	int client, server;
};

/* Connects to the listener, and accepts. is_older: the trace comes later. */
static struct pair make_pair(enum family family, int listener, bool is_older)
{
	struct pair pair = { .client = make_socket(family, !is_older) };
	union address address;
	socklen_t size = loopback(family, port_of(listener), &address);

	must(!connect(pair.client, &address.any, size), "connect");
	record_socket(is_older ? TCPT_EVENT_EXISTING : TCPT_EVENT_CONNECT, pair.client,
		      TCPT_ROLE_CLIENT);
	pair.server = accept(listener, NULL, NULL);
	must(pair.server >= 0, "accept");
	if (!is_older)
		record(TCPT_EVENT_FDINSTALL)->fd = pair.server;
	record_socket(is_older ? TCPT_EVENT_EXISTING : TCPT_EVENT_ACCEPT, pair.server,
		      TCPT_ROLE_SERVER);
	return pair;
}

static void await(int fd)
{
	struct pollfd poll_for = { .fd = fd, .events = POLLIN };

	must(poll(&poll_for, 1, PATIENCE_MS) == 1, "waiting for the other end");
}

static void send_all(int from, int to, size_t bytes)
{
	char buf[1000] = "";

	must(send(from, buf, bytes, MSG_NOSIGNAL) == (ssize_t)bytes, "send");
	await(to);
	must(recv(to, buf, bytes, MSG_WAITALL) == (ssize_t)bytes, "recv");
}

/* Records the closes of both ends. */
static void record_closes(struct pair pair, enum tcpt_reason client, enum tcpt_reason server,
			  uint64_t up, uint64_t down, bool has_bytes)
{
	struct deed *deed = record_socket(TCPT_EVENT_CLOSE, pair.client, TCPT_ROLE_CLIENT);

	deed->reason = client;
	deed->sent = up;
	deed->received = down;
	deed->has_bytes = has_bytes;
	deed = record_socket(TCPT_EVENT_CLOSE, pair.server, TCPT_ROLE_SERVER);
	deed->reason = server;
	deed->sent = down;
	deed->received = up;
	deed->has_bytes = has_bytes;
}

/* The first end waits for the acknowledgement of all it has sent: the other end has closed. */
static void end_pair(struct pair pair, bool client_first, bool has_bytes)
{
	int first = client_first ? pair.client : pair.server;
	int last = client_first ? pair.server : pair.client;
	char byte;

	record_closes(pair, client_first ? TCPT_REASON_LOCAL : TCPT_REASON_PEER,
		      client_first ? TCPT_REASON_PEER : TCPT_REASON_LOCAL, 321, 123, has_bytes);
	send_all(pair.client, pair.server, 321);
	send_all(pair.server, pair.client, 123);
	close(first);
	await(last);
	must(!recv(last, &byte, 1, 0), "the end of the stream");
	close(last);
}

static void reset_pair(struct pair pair)
{
	const struct linger linger = { .l_onoff = 1 };
	char byte;

	record_closes(pair, TCPT_REASON_RESET, TCPT_REASON_RESET, 0, 0, false);
	must(!setsockopt(pair.client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)),
	     "setsockopt");
	close(pair.client);
	await(pair.server);
	must(recv(pair.server, &byte, 1, 0) < 0 && errno == ECONNRESET, "the reset");
	close(pair.server);
}

/* A port that is bound, and where nobody listens, refuses. */
static void refuse(enum family family)
{
	int bound = make_socket(family, true), fd = make_socket(family, true);
	union address address, local;
	socklen_t size = sizeof(local);
	struct deed *deed = record(TCPT_EVENT_FAIL);

	must(!getsockname(fd, &local.any, &size), "getsockname");
	size = loopback(family, port_of(bound), &address);
	set_end(deed, &local, deed->saddr, &deed->sport);
	set_end(deed, &address, deed->daddr, &deed->dport);
	deed->role = TCPT_ROLE_CLIENT;
	deed->error = ECONNREFUSED;
	must(connect(fd, &address.any, size) < 0 && errno == ECONNREFUSED, "a refused connect");
	close(fd);
	close(bound);
}

static int listen_on(enum family family, bool is_recorded)
{
	int fd = make_socket(family, is_recorded);

	must(!listen(fd, 8), "listen");
	return fd;
}

static void enter_namespace(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	struct stat st;
	int fd;

	deeds->is_private = !unshare(CLONE_NEWNET);
	if (!stat("/proc/self/ns/net", &st))
		deeds->netns = st.st_ino;
	if (!deeds->is_private)
		return;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	must(fd >= 0 && !ioctl(fd, SIOCGIFFLAGS, &lo), "lo");
	lo.ifr_flags |= IFF_UP;
	must(!ioctl(fd, SIOCSIFFLAGS, &lo), "lo");
	close(fd);
}

static bool has_ipv6(void)
{
	union address address;
	socklen_t size = loopback(V6, 0, &address);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has = fd >= 0 && !bind(fd, &address.any, size);

	if (fd >= 0)
		close(fd);
	return has;
}

static void do_all(enum family family, struct pair older)
{
	int listener;

	end_pair(older, family != V6, false);
	listener = listen_on(family, true);
	end_pair(make_pair(family, listener, false), true, true);
	end_pair(make_pair(family, listener, false), false, true);
	reset_pair(make_pair(family, listener, false));
	refuse(family);
	close(listener);
}

__attribute__((noreturn)) static void work(int go, int done)
{
	struct pair older[MAPPED + 1];
	int listeners[MAPPED + 1], families;
	char byte;

	enter_namespace();
	families = has_ipv6() ? MAPPED + 1 : 1;
	for (int family = 0; family < families; family++) {
		listeners[family] = listen_on(family, false);
		older[family] = make_pair(family, listeners[family], true);
	}
	must(write(done, "", 1) == 1 && read(go, &byte, 1) == 1, "waiting for the trace");
	for (int family = 0; family < families; family++)
		do_all(family, older[family]);
	must(write(done, "", 1) == 1, "saying that it is done");
	if (read(go, &byte, 1) < 0) /* until deeds_end(): its end closes listeners */
		_exit(1);
	_exit(0);
}

/* ---- in the program ---- */

/* Waits for the worker's word. Its end is one too. */
static int hear(const struct deeds_worker *worker, const struct cli *cli)
{
	struct pollfd done = { .fd = worker->done, .events = POLLIN };
	char byte;

	if (poll(&done, 1, 2 * PATIENCE_MS) == 1 && read(worker->done, &byte, 1) == 1)
		return 0;
	cli_error(cli, "the connections of the self-test could not be made: %s",
		  worker->deeds->failed ? worker->deeds->why :
					  "the process that makes them is stuck");
	return -EIO;
}

int deeds_begin(struct deeds_worker *worker, const struct cli *cli)
{
	int go[2] = { -1, -1 }, done[2] = { -1, -1 };

	*worker = (struct deeds_worker){ .go = -1, .done = -1 };
	worker->deeds = mmap(NULL, sizeof(*worker->deeds), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (worker->deeds == MAP_FAILED)
		worker->deeds = NULL;
	if (worker->deeds && !pipe2(go, O_CLOEXEC) && !pipe2(done, O_CLOEXEC))
		worker->pid = fork();
	if (worker->pid < 0 || !worker->deeds || done[0] < 0) {
		cli_error(cli, "cannot make a process for the self-test: %s", strerror(errno));
		return -EIO;
	}
	if (!worker->pid) {
		deeds = worker->deeds;
		close(go[1]);
		close(done[0]);
		work(go[0], done[1]);
	}
	close(go[0]);
	close(done[1]);
	worker->go = go[1];
	worker->done = done[0];
	worker->deeds->worker = worker->pid;
	return hear(worker, cli);
}

int deeds_go_on(struct deeds_worker *worker, const struct cli *cli)
{
	if (write(worker->go, "", 1) != 1)
		return -EIO;
	return hear(worker, cli);
}

void deeds_end(struct deeds_worker *worker)
{
	if (worker->go >= 0)
		close(worker->go);
	if (worker->done >= 0)
		close(worker->done);
	if (worker->pid > 0) {
		kill(worker->pid, SIGKILL);
		while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (worker->deeds)
		munmap(worker->deeds, sizeof(*worker->deeds));
}
