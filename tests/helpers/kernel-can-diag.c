/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel-can.h"

static int diag_answers(int fd)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 diag;
	} request = {
		.header = { sizeof(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1,
			    0 },
		.diag = { .sdiag_family = AF_INET,
			  .sdiag_protocol = IPPROTO_TCP,
			  .idiag_states = 1 << 10 },
	};
	union {
		struct nlmsghdr header;
		char bytes[8192];
	} reply;
	ssize_t n;

	if (send(fd, &request, sizeof(request), 0) < 0)
		return can_not("cannot ask for TCP sockets");
	n = recv(fd, &reply, sizeof(reply), 0);
	if (n < (ssize_t)sizeof(reply.header))
		return can_not("no answer about TCP sockets");
	if (reply.header.nlmsg_type == NLMSG_ERROR) {
		errno = -((struct nlmsgerr *)NLMSG_DATA(&reply.header))->error;
		return can_not("no diagnosis of TCP sockets");
	}
	return 0;
}

int can_tcp_diag(const char *unused)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), result;

	if (fd < 0)
		return can_not("no sockets of NETLINK_SOCK_DIAG");
	result = diag_answers(fd);
	close(fd);
	return result;
}
