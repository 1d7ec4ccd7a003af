/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connects that a rule of this host's own firewall refuses. Which one a socket
 * meets is told by its mark; tests/kernel/ends.sh makes the rules.
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "ends.h"

enum mark {
	MARK_REJECT_FIRST = 1, /* with ICMP of several types, on the way out and in */
	MARK_REJECT_LAST = 10,
	MARK_RESET = 11, /* with a TCP reset */
	MARK_DROP = 12, /* without a word */
};

struct attempt {
	int fd, taken;
	struct tuple at;
};

/* Nobody listens there. */
static void prepare(struct attempt *attempt, int mark)
{
	attempt->taken = socket_reserve(family, &attempt->at.remote);
	attempt->fd = socket_new(family, protocol);
	socket_bind(attempt->fd, family, &attempt->at.local, 0);
	socket_option(attempt->fd, SOL_SOCKET, SO_MARK, mark);
}

static void begin(struct attempt *attempt, int mark)
{
	const union address *to = &attempt->at.remote;

	prepare(attempt, mark);
	socket_nonblock(attempt->fd);
	if (!connect(attempt->fd, &to->sa, address_size(to)) || errno != EINPROGRESS)
		die("connect is not under way");
}

static void end(struct attempt *attempt, const char *error)
{
	record_fail(&attempt->at, error);
	close(attempt->fd);
	close(attempt->taken);
}

/* The kernel wakes nobody over IPv6: whoever asks by himself is told. */
static const char *ask(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	int error = 0;

	for (int i = 0; !error && i < 2000; i++) {
		if (i)
			poll(&pfd, 1, 10);
		error = socket_error(fd);
	}
	errno = 0;
	if (!error)
		die("connect is not refused");
	return strerrorname_np(error);
}

void rejected(void)
{
	struct attempt attempt;

	for (int mark = MARK_REJECT_FIRST; mark <= MARK_RESET; mark++) {
		begin(&attempt, mark);
		end(&attempt, ask(attempt.fd));
	}
}

/* The error is the one that another socket got, which met the same rule. */
void rejected_unasked(void)
{
	struct attempt attempt, other;
	const char *error;

	for (int mark = MARK_REJECT_FIRST; mark <= MARK_REJECT_LAST; mark++) {
		begin(&other, mark);
		error = ask(other.fd);
		end(&other, error);
		begin(&attempt, mark);
		end(&attempt, error);
	}
}

void rejected_shut(void)
{
	struct attempt attempt;
	const char *error;

	begin(&attempt, MARK_REJECT_FIRST);
	error = ask(attempt.fd);
	if (shutdown(attempt.fd, SHUT_RDWR))
		die("shutdown");
	end(&attempt, error);
}

static void wait_for(int mark)
{
	struct attempt attempt;

	prepare(&attempt, mark);
	if (!connect(attempt.fd, &attempt.at.remote.sa, address_size(&attempt.at.remote)))
		die("connect does not fail");
	end(&attempt, strerrorname_np(errno));
}

/* Only the next try of the kernel, after a second, ends it. */
void rejected_waiting(void)
{
	wait_for(MARK_REJECT_FIRST);
}

/* Until the rule is taken away: nobody listens there. */
void dropped_waiting(void)
{
	wait_for(MARK_DROP);
}

void dropped_closed(void)
{
	struct attempt attempt;

	begin(&attempt, MARK_DROP);
	end(&attempt, "ECANCELED");
}

/*
 * An MPTCP socket gets its error only at its next try. A TCP socket that met the same
 * rule gets it sooner, and it is the same one.
 */
void mptcp_rejected(void)
{
	struct attempt attempt, other;
	const char *error;

	for (int mark = MARK_REJECT_FIRST; mark <= MARK_RESET; mark++) {
		begin(&other, mark);
		error = ask(other.fd);
		end(&other, error);
		protocol = IPPROTO_MPTCP;
		begin(&attempt, mark);
		protocol = 0;
		if (mark == MARK_RESET)
			error = ask(attempt.fd);
		end(&attempt, error);
	}
}

/* That next try ends it, and the program learns of it. */
void mptcp_waiting(void)
{
	protocol = IPPROTO_MPTCP;
	rejected_waiting();
	protocol = 0;
}

void mptcp_closed(void)
{
	protocol = IPPROTO_MPTCP;
	dropped_closed();
	protocol = 0;
}

/*
 * Begun by sendto(), refused and asked; then the same thread makes a call of
 * connect() that fails, and has nothing to do with it.
 */
void rejected_fastopen(void)
{
	const struct sockaddr nobody = { .sa_family = AF_UNIX };
	struct attempt attempt;
	const char *error;
	int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	prepare(&attempt, MARK_REJECT_FIRST);
	socket_nonblock(attempt.fd);
	if (sendto(attempt.fd, "x", 1, MSG_FASTOPEN, &attempt.at.remote.sa,
		   address_size(&attempt.at.remote)) >= 0 ||
	    errno != EINPROGRESS)
		die("sendto does not begin to connect");
	error = ask(attempt.fd);
	if (other < 0 || !connect(other, &nobody, sizeof(nobody)))
		die("connect to nobody");
	close(other);
	end(&attempt, error);
}
