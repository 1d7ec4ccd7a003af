/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sockets that are more than TCP, and programs of another kind */
#include <errno.h>
#include <linux/tls.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "odd.h"
#include "odd32.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef TCP_ULP
#define TCP_ULP 31
#endif
#ifndef SOL_TLS
#define SOL_TLS 282
#endif

static int mptcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd < 0)
		absent("no MPTCP: %s", strerror(errno));
	return fd;
}

/* In fentry mode its close passes no hook: what comes later reports it. */
static void close_mptcp(struct odd_end *end, const char *comm)
{
	step(comm);
	if (close(end->fd))
		die("close");
	record_known(EVENT_CLOSE, end, NULL, "kprobe", KNOWN_TRUE);
	record_known(EVENT_CLOSE, end, NULL, "tracepoint", KNOWN_TRUE);
	record_known(EVENT_CLOSE, end, NULL, "fentry", KNOWN_LATE);
	record_known(EVENT_CLOSE, end, NULL, "cgroup", KNOWN_LATE);
}

static void mptcp(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = mptcp_socket();

	socket_bind(listener, V4, &addr, 0);
	if (listen(listener, 8))
		die("listen");
	for (int i = 0; i < 10; i++) {
		memset(&client, 0, sizeof(client));
		step("odd-connect");
		client.fd = mptcp_socket();
		if (connect(client.fd, &addr.sa, address_size(&addr)))
			die("cannot connect");
		connected(&client);
		accept_end(&server, listener);
		exchange(&client, &server, 10, 10);
		client.counted = server.counted = false;
		close_mptcp(&client, "odd-close-c");
		socket_await(server.fd, POLLIN);
		close_mptcp(&server, "odd-close-s");
	}
}

/* It asked for MPTCP, the listener knows only TCP. */
static void mptcp_fallback(void)
{
	struct odd_end client = { 0 }, server;
	union address addr;
	int listener = socket_listen(V4, &addr);

	step("odd-connect");
	client.fd = mptcp_socket();
	if (connect(client.fd, &addr.sa, address_size(&addr)))
		die("cannot connect");
	connected(&client);
	accept_end(&server, listener);
	close_mptcp(&client, "odd-close-c");
	close_after(&server, "odd-close-s");
}

static void keys(int fd, int direction)
{
	struct tls12_crypto_info_aes_gcm_128 info = {
		.info = { .version = TLS_1_2_VERSION, .cipher_type = TLS_CIPHER_AES_GCM_128 },
	};

	/*
	 * The cipher may be a module that is not loaded. The socket is another one even without
	 * keys.
	 */
	if (setsockopt(fd, SOL_TLS, direction, &info, sizeof(info)) && errno != ENOENT)
		die("cannot set a key");
}

static void use_tls(const struct odd_end *client, const struct odd_end *server)
{
	if (setsockopt(client->fd, IPPROTO_TCP, TCP_ULP, "tls", 3))
		absent("no kTLS: %s", strerror(errno));
	if (setsockopt(server->fd, IPPROTO_TCP, TCP_ULP, "tls", 3))
		die("kTLS at one end only");
	keys(client->fd, TLS_TX);
	keys(server->fd, TLS_RX);
}

static void ktls(void)
{
	struct odd_end client, server;
	char data[16];

	pair(&client, &server, V4);
	use_tls(&client, &server);
	step("odd-send");
	if (send(client.fd, "secret", 6, MSG_NOSIGNAL) != 6)
		die("send");
	if (recv(server.fd, data, sizeof(data), 0) != 6 || memcmp(data, "secret", 6))
		die("what was sent did not arrive");
	close_pair(&client, &server);
}

static void i386_event(const struct odd32_event *seen, pid_t child)
{
	struct odd_end end = { .at.local.in = seen->local,
			       .at.remote.in = seen->remote,
			       .opener = child,
			       .netns = netns_inode() };
	enum event event = (enum event)seen->event;

	if (seen->pid != child)
		die("the program says that its pid is %d", seen->pid);
	if (event == EVENT_ACCEPT) {
		record_for(child, ODD32_NAME, event, &end, NULL, "tracepoint", KNOWN_LATE);
		record_for(child, ODD32_NAME, event, &end, NULL, "!tracepoint", KNOWN_TRUE);
		return;
	}
	record_for(child, ODD32_NAME, event, &end,
		   seen->how == ODD32_NONE  ? NULL :
		   event == EVENT_FAIL	    ? errno_name(seen->how) :
		   seen->how == ODD32_LOCAL ? "local" :
					      "peer",
		   ALL, KNOWN_TRUE);
}

/* A program next to this one that calls a 64-bit kernel by its 32-bit system calls */
static void i386(void)
{
	struct odd32_event seen;
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 3);
	int ends[2], events = 0;
	pid_t child;

	if (length < 0)
		die("cannot find myself");
	strcpy(path + length, "32");
	if (access(path, X_OK))
		absent("no 32-bit program was built");
	channel(ends);
	child = fork_child();
	if (!child) {
		dup2(ends[1], STDOUT_FILENO);
		execl(path, ODD32_NAME, (char *)NULL);
		_exit(ABSENT);
	}
	close(ends[1]);
	while (recv(ends[0], &seen, sizeof(seen), MSG_WAITALL) == sizeof(seen)) {
		i386_event(&seen, child);
		events++;
	}
	if (!events)
		absent("this kernel runs no 32-bit programs");
	reap(child);
}

#define MAY_MISS .may_miss = "fentry cgroup", .unless = "mptcp_set_state"

const struct odd_workload special_workloads[] = {
	{ .name = "mptcp", .run = mptcp, MAY_MISS },
	{ .name = "mptcp-fallback", .run = mptcp_fallback, MAY_MISS },
	{ .name = "ktls", .run = ktls },
	{ .name = "i386", .run = i386 },
	{ 0 },
};
