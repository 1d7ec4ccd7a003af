/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connections that do not end by a FIN */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "odd.h"

#define CHILDREN 8

static void reset_by_client(void)
{
	struct odd_end client, server;

	pair(&client, &server, V4);
	socket_reset_on_close(client.fd);
	close_end(&client, "odd-close-c", "reset");
	socket_await(server.fd, POLLIN);
	close_end(&server, "odd-close-s", "reset");
}

static void reset_by_server(void)
{
	struct odd_end client, server;

	pair(&client, &server, V6);
	socket_reset_on_close(server.fd);
	close_end(&server, "odd-close-s", "reset");
	socket_await(client.fd, POLLIN);
	close_end(&client, "odd-close-c", "reset");
}

static void reset_before_accept(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = socket_listen(V4, &addr);

	for (int i = 0; i < 2; i++) {
		connect_end(&client, V4, &addr);
		socket_reset_on_close(client.fd);
		close_end(&client, "odd-close-c", "reset");
		accept_end(&server, listener);
		close_end(&server, "odd-close-s", "reset");
	}
}

/* Data that nobody has read make a reset of the close. */
static void unread_data(void)
{
	struct odd_end client, server;

	pair(&client, &server, V4);
	step("odd-send");
	if (send(client.fd, "unread", 6, MSG_NOSIGNAL) != 6)
		die("send");
	socket_await(server.fd, POLLIN);
	close_end(&server, "odd-close-s", "reset");
	socket_await(client.fd, POLLIN);
	close_end(&client, "odd-close-c", "reset");
}

/* Whoever was not accepted is reset. */
static void listener_closed(void)
{
	struct odd_end clients[CHILDREN];
	union address addr;
	int listener = socket_listen(V4, &addr);

	for (int i = 0; i < CHILDREN; i++)
		connect_end(&clients[i], V4, &addr);
	step("odd-listener");
	close(listener);
	for (int i = 0; i < CHILDREN; i++) {
		socket_await(clients[i].fd, POLLIN);
		close_end(&clients[i], "odd-close-c", "reset");
	}
}

/* connect to no address takes the connection away from the socket: the next may come. */
static void disconnect(void)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct odd_end client, server;
	union address addr;
	int listener = pair(&client, &server, V4);

	step("odd-disconnect");
	if (connect(client.fd, &none, sizeof(none)))
		die("cannot disconnect");
	record(EVENT_CLOSE, &client, "reset");
	socket_await(server.fd, POLLIN);
	close_end(&server, "odd-close-s", "reset");
	close(listener);
	listener = socket_listen(V4, &addr);
	step("odd-again");
	if (connect(client.fd, &addr.sa, address_size(&addr)))
		die("cannot connect a socket that was disconnected");
	connected(&client);
	accept_end(&server, listener);
	close_pair(&client, &server);
}

static void timeout(void)
{
	struct odd_end client, server;

	pair(&client, &server, V4);
	socket_drop(server.fd);
	socket_option(client.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 300);
	step("odd-send");
	if (send(client.fd, "lost", 4, MSG_NOSIGNAL) != 4)
		die("send");
	socket_await(client.fd, POLLIN);
	if (socket_error(client.fd) != ETIMEDOUT)
		die("the connection did not time out");
	close_end(&client, "odd-close-c", "timeout");
	socket_undrop(server.fd);
	close_end(&server, "odd-close-s", "local");
}

static void request_destroy(int netlink, const struct inet_diag_sockid *id)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} message = {
		.header = { .nlmsg_len = sizeof(message),
			    .nlmsg_type = SOCK_DESTROY,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.request = { .sdiag_family = AF_INET,
			     .sdiag_protocol = IPPROTO_TCP,
			     .idiag_states = ~0U,
			     .id = *id },
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;

	if (send(netlink, &message, sizeof(message), 0) != sizeof(message) ||
	    recv(netlink, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer))
		die("cannot talk to sock_diag");
	errno = -answer.error.error;
	if (errno == EOPNOTSUPP || errno == ENOENT || errno == EINVAL)
		absent("sock_diag cannot destroy sockets: %s", strerror(errno));
	if (errno)
		die("cannot destroy a socket");
}

/* Does what ss -K does. */
static void destroy(const struct odd_end *end)
{
	struct inet_diag_sockid id = { .idiag_sport = end->at.local.in.sin_port,
				       .idiag_dport = end->at.remote.in.sin_port,
				       .idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } };
	int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (netlink < 0)
		absent("no sock_diag");
	id.idiag_src[0] = end->at.local.in.sin_addr.s_addr;
	id.idiag_dst[0] = end->at.remote.in.sin_addr.s_addr;
	step("odd-destroy");
	request_destroy(netlink, &id);
	close(netlink);
}

static void destroyed(void)
{
	struct odd_end client, server;

	pair(&client, &server, V4);
	destroy(&client);
	close_end(&client, "odd-close-c", "reset");
	socket_await(server.fd, POLLIN);
	close_end(&server, "odd-close-s", "reset");
}

static void destroyed_connecting(void)
{
	struct odd_end client = { 0 };

	socket_drop(socket_listen(V4, &client.at.remote));
	step("odd-connect");
	client.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (!connect(client.fd, &client.at.remote.sa, sizeof(client.at.remote.in)) ||
	    errno != EINPROGRESS)
		die("connect");
	end_local(&client);
	connect_failed(&client, &client.at.remote, ECONNABORTED);
	destroy(&client);
	socket_await(client.fd, POLLOUT);
	if (socket_error(client.fd) != ECONNABORTED)
		die("the connect was not aborted");
	close(client.fd);
}

const struct odd_workload end_workloads[] = {
	{ .name = "reset-by-client", .run = reset_by_client },
	{ .name = "reset-by-server", .run = reset_by_server },
	{ .name = "reset-before-accept", .run = reset_before_accept },
	{ .name = "unread-data", .run = unread_data },
	{ .name = "listener-closed", .run = listener_closed },
	{ .name = "disconnect", .run = disconnect },
	{ .name = "timeout", .run = timeout, .waits = true },
	{ .name = "destroyed", .run = destroyed },
	{ .name = "destroyed-connecting", .run = destroyed_connecting },
	{ 0 },
};
