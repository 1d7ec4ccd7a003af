/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connects that a rule of this host's own firewall refuses. Which one a socket
 * meets is told by its mark; tests/kernel/ends.sh makes the rules.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"

enum mark {
	MARK_REJECT_FIRST = 1, /* with ICMP of several types, on the way out and in */
	MARK_REJECT_LAST = 10,
	MARK_RESET = 11, /* with a TCP reset */
	MARK_DROP = 12, /* without a word */
};

struct attempt {
	int fd, taken;
	union address local, remote;
};

/* Nobody listens there. */
static void prepare(struct attempt *attempt, int mark)
{
	attempt->taken = new_bound(&attempt->remote);
	attempt->fd = new_bound(&attempt->local);
	if (setsockopt(attempt->fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		die("SO_MARK");
}

static void begin(struct attempt *attempt, int mark)
{
	prepare(attempt, mark);
	if (fcntl(attempt->fd, F_SETFL, O_NONBLOCK))
		die("fcntl");
	if (!connect(attempt->fd, &attempt->remote.sa, address_size()) || errno != EINPROGRESS)
		die("connect is not under way");
}

static void end(struct attempt *attempt, const char *error)
{
	record_fail(&attempt->local, &attempt->remote, error);
	close(attempt->fd);
	close(attempt->taken);
}

/* The kernel wakes nobody over IPv6: whoever asks by himself is told. */
static const char *ask(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;

	for (int i = 0; !error && i < 2000; i++) {
		if (i)
			poll(&pfd, 1, 10);
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
			die("SO_ERROR");
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

/* What another one that met the same rule has been told. */
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

/* Only the next try of the kernel, after a second, ends it. */
void rejected_waiting(void)
{
	struct attempt attempt;

	prepare(&attempt, MARK_REJECT_FIRST);
	if (!connect(attempt.fd, &attempt.remote.sa, address_size()))
		die("connect does not fail");
	end(&attempt, strerrorname_np(errno));
}

/* Until the rule is taken away: nobody listens there. */
void dropped_waiting(void)
{
	struct attempt attempt;

	prepare(&attempt, MARK_DROP);
	if (!connect(attempt.fd, &attempt.remote.sa, address_size()))
		die("connect does not fail");
	end(&attempt, strerrorname_np(errno));
}

void dropped_closed(void)
{
	struct attempt attempt;

	begin(&attempt, MARK_DROP);
	end(&attempt, "ECANCELED");
}

/*
 * Of MPTCP. The kernel tells such a socket only at its next try; what a TCP socket
 * that met the same rule has been told is known sooner.
 */
void mptcp_rejected(void)
{
	struct attempt attempt, other;
	const char *error;

	for (int mark = MARK_REJECT_FIRST; mark <= MARK_RESET; mark++) {
		begin(&other, mark);
		error = ask(other.fd);
		end(&other, error);
		use_protocol(IPPROTO_MPTCP);
		begin(&attempt, mark);
		use_protocol(0);
		if (mark == MARK_RESET)
			error = ask(attempt.fd);
		end(&attempt, error);
	}
}

/* That next try ends it, and the program learns of it. */
void mptcp_waiting(void)
{
	use_protocol(IPPROTO_MPTCP);
	rejected_waiting();
	use_protocol(0);
}

void mptcp_closed(void)
{
	use_protocol(IPPROTO_MPTCP);
	dropped_closed();
	use_protocol(0);
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
	if (fcntl(attempt.fd, F_SETFL, O_NONBLOCK))
		die("fcntl");
	if (sendto(attempt.fd, "x", 1, MSG_FASTOPEN, &attempt.remote.sa, address_size()) >= 0 ||
	    errno != EINPROGRESS)
		die("sendto does not begin to connect");
	error = ask(attempt.fd);
	if (other < 0 || !connect(other, &nobody, sizeof(nobody)))
		die("connect to nobody");
	close(other);
	end(&attempt, error);
}
