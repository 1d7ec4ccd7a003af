/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TCP Fast Open: data before the handshake is over */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "odd.h"

/* Both sides, and neither wants a cookie: there are none over loopback. */
#define SYSCTL "/proc/sys/net/ipv4/tcp_fastopen"
#define ENABLED "519\n"

static int listen_fast(union address *addr)
{
	int fd = open(SYSCTL, O_WRONLY | O_CLOEXEC), listener = socket_listen(V4, addr);
	const ssize_t size = sizeof(ENABLED) - 1;

	if (fd < 0 || write(fd, ENABLED, sizeof(ENABLED) - 1) != size)
		absent("cannot enable TCP Fast Open: %s", strerror(errno));
	close(fd);
	socket_option(listener, IPPROTO_TCP, TCP_FASTOPEN, 16);
	return listener;
}

static void begin(struct odd_end *end)
{
	memset(end, 0, sizeof(*end));
	step("odd-connect");
	end->fd = socket_new(V4, 0);
}

static ssize_t send_fast(struct odd_end *end, const union address *to, int flags)
{
	return sendto(end->fd, "data", 4, MSG_FASTOPEN | MSG_NOSIGNAL | flags, &to->sa,
		      address_size(to));
}

static void was_fast(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	errno = 0;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) ||
	    !(info.tcpi_options & TCPI_OPT_SYN_DATA))
		die("the SYN had no data that was accepted");
}

static void end_fast(struct odd_end *client, struct odd_end *server)
{
	char data[4];

	step("odd-read");
	if (recv(server->fd, data, 4, MSG_WAITALL) != 4)
		die("recv");
	close_pair(client, server);
}

static void fast(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = listen_fast(&addr);

	for (int i = 0; i < 2; i++) {
		begin(&client);
		if (send_fast(&client, &addr, 0) != 4)
			die("cannot send with the SYN");
		connected(&client);
		was_fast(client.fd);
		accept_end(&server, listener);
		end_fast(&client, &server);
	}
}

/* The client hears no SYN-ACK for a while: the server accepts what is not established. */
static void fast_accepted_early(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = listen_fast(&addr);

	begin(&client);
	socket_drop(client.fd);
	if (send_fast(&client, &addr, MSG_DONTWAIT) < 0 && errno != EINPROGRESS)
		die("cannot send with the SYN");
	accept_end(&server, listener);
	socket_undrop(client.fd);
	socket_await(client.fd, POLLOUT);
	step("odd-connect");
	connected(&client);
	was_fast(client.fd);
	end_fast(&client, &server);
}

static void connect_later(struct odd_end *end, const union address *to)
{
	begin(end);
	socket_option(end->fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
	if (connect(end->fd, &to->sa, address_size(to)))
		die("cannot connect");
}

/* connect returns at once, the first write sends the SYN. */
static void fast_deferred(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = listen_fast(&addr);

	connect_later(&client, &addr);
	step("odd-send");
	if (send(client.fd, "data", 4, MSG_NOSIGNAL) != 4)
		die("send");
	end_local(&client);
	client.at.remote = addr;
	record_for(getpid(), "odd-connect", EVENT_CONNECT, &client, NULL, ALL, KNOWN_TRUE);
	was_fast(client.fd);
	accept_end(&server, listener);
	end_fast(&client, &server);
}

/* Closed before the first write: nothing was ever sent. */
static void fast_never_sent(void)
{
	struct odd_end client;
	union address addr;

	listen_fast(&addr);
	connect_later(&client, &addr);
	end_local(&client);
	client.at.remote = addr;
	record_known(EVENT_FAIL, &client, "ECANCELED", "kprobe", KNOWN_TRUE);
	record_known(EVENT_FAIL, &client, "ECANCELED", "fentry", KNOWN_TRUE);
	record_known(EVENT_FAIL, &client, NULL, "tracepoint", KNOWN_OTHER);
	step("odd-close");
	close(client.fd);
}

static void fast_refused(void)
{
	struct odd_end client;
	union address addr;

	close(listen_fast(&addr));
	socket_reserve(V4, &addr);
	begin(&client);
	socket_bind(client.fd, V4, &client.at.local, 0);
	if (send_fast(&client, &addr, 0) >= 0 || errno != ECONNREFUSED)
		die("not refused");
	end_local(&client);
	connect_failed(&client, &addr, ECONNREFUSED);
	step("odd-close");
	close(client.fd);
}

const struct odd_workload fastopen_workloads[] = {
	{ .name = "fastopen", .run = fast },
	{ .name = "fastopen-accepted-early", .run = fast_accepted_early, .waits = true },
	{ .name = "fastopen-deferred", .run = fast_deferred },
	{ .name = "fastopen-never-sent", .run = fast_never_sent },
	{ .name = "fastopen-refused", .run = fast_refused },
	{ 0 },
};
