/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel-can.h"

/* The kernel's answer: 0, or -1 with errno. */
static int netlink_ask(int protocol, const void *request, size_t size)
{
	union {
		struct nlmsghdr header;
		char bytes[1024];
	} reply;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	ssize_t got = -1;

	if (fd < 0)
		return -1;
	if (send(fd, request, size, 0) == (ssize_t)size)
		got = recv(fd, &reply, sizeof(reply), 0);
	close(fd);
	if (got < (ssize_t)NLMSG_LENGTH(sizeof(int)))
		return -1;
	if (reply.header.nlmsg_type != NLMSG_ERROR)
		return 0;
	errno = -((struct nlmsgerr *)NLMSG_DATA(&reply.header))->error;
	return errno ? -1 : 0;
}

int can_nftables(const char *unused)
{
	struct {
		struct nlmsghdr header;
		struct nfgenmsg what;
	} request = {
		.header = { sizeof(request), NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN,
			    NLM_F_REQUEST, 1, 0 },
		.what = { .version = NFNETLINK_V0 },
	};

	(void)unused;
	if (netlink_ask(NETLINK_NETFILTER, &request, sizeof(request)))
		return can_not("asking for the generation of the nf_tables rules");
	return 0;
}

static int veth_make(void)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
		struct nlattr info;
		struct nlattr kind;
		char name[8];
	} request = {
		.header = { sizeof(request), RTM_NEWLINK,
			    NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 1, 0 },
		.info = { sizeof(request.info) + sizeof(request.kind) + sizeof(request.name),
			  IFLA_LINKINFO },
		.kind = { sizeof(request.kind) + sizeof("veth"), IFLA_INFO_KIND },
		.name = "veth",
	};

	return netlink_ask(NETLINK_ROUTE, &request, sizeof(request));
}

/* Tries it in a child. The interfaces go with its namespace. */
int can_veth(const char *unused)
{
	pid_t child = fork();
	int status;

	(void)unused;
	if (!child)
		_exit(unshare(CLONE_NEWNET) || veth_make() ? errno : 0);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return can_not("fork");
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno ? can_not("making a veth") : 0;
}
