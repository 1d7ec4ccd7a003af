/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "odd.h"

#define BACKLOG 256
#define WAIT_MS 120000

/* What is done from here on is done under this name. */
void step(const char *comm)
{
	if (prctl(PR_SET_NAME, comm))
		die("cannot set the name");
}

int socket_of(enum odd_family family, int protocol)
{
	int fd = socket(family == V4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	if (fd < 0 && errno == EAFNOSUPPORT)
		absent("no IPv6");
	if (fd < 0)
		die("cannot make a socket");
	if (family == MAPPED)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	return fd;
}

void loopback(enum odd_family family, union odd_address *addr)
{
	static const char *const texts[] = { "", "::1", "::ffff:127.0.0.1" };

	memset(addr, 0, sizeof(*addr));
	if (family == V4) {
		addr->in.sin_family = AF_INET;
		addr->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return;
	}
	addr->in6.sin6_family = AF_INET6;
	inet_pton(AF_INET6, texts[family], &addr->in6.sin6_addr);
}

socklen_t address_size(const union odd_address *addr)
{
	return addr->sa.sa_family == AF_INET ? sizeof(addr->in) : sizeof(addr->in6);
}

/* Port 0: any. addr becomes what it is bound to. */
void bind_to(int fd, enum odd_family family, union odd_address *addr, unsigned int port)
{
	socklen_t size = sizeof(*addr);

	loopback(family, addr);
	addr->in.sin_port = htons((in_port_t)port); /* at the same place in IPv6 */
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, port != 0);
	if (bind(fd, &addr->sa, address_size(addr))) {
		if (errno == EADDRNOTAVAIL && family == V6)
			absent("no IPv6 address");
		die("cannot bind");
	}
	if (getsockname(fd, &addr->sa, &size))
		die("getsockname");
}

int listen_at(enum odd_family family, union odd_address *addr)
{
	int fd = socket_of(family, 0);

	bind_to(fd, family, addr, 0);
	if (listen(fd, BACKLOG))
		die("cannot listen");
	return fd;
}

/* Bound and not listening: nobody else gets the port, and it refuses. */
void reserve(enum odd_family family, union odd_address *addr)
{
	bind_to(socket_of(family, 0), family, addr, 0);
}

void filter_all(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &drop };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		die("cannot attach a filter");
}

void filter_none(int fd)
{
	set_option(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
}

void set_option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		die("cannot set option %d of level %d", name, level);
}

int error_of(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		die("cannot get the socket's error");
	return error;
}

void await_poll(int fd, short events)
{
	struct pollfd one = { .fd = fd, .events = events };
	int got = poll(&one, 1, WAIT_MS);

	if (got < 0)
		die("poll");
	errno = 0;
	if (!got)
		die("nothing happened to a socket in time");
}

/* A socket of this namespace in the state, or at the port, if these are not 0. */
static bool is_there(unsigned int state, unsigned int port)
{
	FILE *file = fopen("/proc/thread-self/net/tcp", "re");
	unsigned int its_port, its_state;
	bool found = false;
	char line[256];

	if (!file)
		die("cannot read /proc/net/tcp");
	while (!found && fgets(line, sizeof(line), file))
		found = sscanf(line, " %*u: %*8x:%4x %*8x:%*4x %x", &its_port, &its_state) == 2 &&
			(!state || state == its_state) && (!port || port == its_port);
	fclose(file);
	return found;
}

static bool comes_true(bool wanted, unsigned int state, unsigned int port)
{
	const struct timespec nap = { .tv_nsec = 2000000 };

	for (int i = 0; i < WAIT_MS / 2; i++) {
		if (is_there(state, port) == wanted)
			return true;
		nanosleep(&nap, NULL);
	}
	errno = 0;
	return false;
}

void await_state(unsigned int state)
{
	if (!comes_true(true, state, 0))
		die("no socket came to state %u in time", state);
}

void await_no_port(unsigned int port)
{
	if (!comes_true(false, 0, port))
		die("a socket was at port %u for too long", port);
}
