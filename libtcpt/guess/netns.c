// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Network namespaces of the guess's own. */
#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "guess/netns.h"
#include "internal.h"

#define LOOPBACK_INDEX 1 /* in every network namespace (drivers/net/loopback.c) */

static int bring_up_loopback(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = ioctl(fd, SIOCSIFFLAGS, &ifr) ? -errno : 0;
	close(fd);
	return err;
}

struct route_request {
	struct nlmsghdr header;
	struct rtmsg route;
	struct rtattr to;
	unsigned char address[16];
	struct rtattr out;
	int interface;
};

struct route_reply {
	struct nlmsghdr header;
	struct nlmsgerr error;
};

static int ask_kernel(const struct route_request *request, struct route_reply *reply)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	bool answered;

	if (fd < 0)
		return -errno;
	answered = send(fd, request, sizeof(*request), 0) == sizeof(*request) &&
		   recv(fd, reply, sizeof(*reply), 0) >= (ssize_t)NLMSG_LENGTH(sizeof(int));
	close(fd);
	return answered ? reply->error.error : -EPROTO;
}

/*
 * Makes all of fd00::/8 the namespace's own, so that any address of it can be used at
 * once. An address that is added to an interface, even to lo, cannot be used before a
 * worker thread has handled it (addrconf_dad_work()).
 */
static bool own_unique_local6(void)
{
	struct route_request request = {
		.header = { sizeof(request), RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE,
			    1, 0 },
		.route = { .rtm_family = AF_INET6,
			   .rtm_dst_len = 8,
			   .rtm_table = RT_TABLE_LOCAL,
			   .rtm_protocol = RTPROT_STATIC,
			   .rtm_scope = RT_SCOPE_HOST,
			   .rtm_type = RTN_LOCAL },
		.to = { RTA_LENGTH(16), RTA_DST },
		.address = { 0xfd },
		.out = { RTA_LENGTH(4), RTA_OIF },
		.interface = LOOPBACK_INDEX,
	};
	struct route_reply reply = {};

	return !ask_kernel(&request, &reply);
}

/* Finds the namespace through a socket, without /proc. This needs Linux 4.9 and CAP_NET_ADMIN. */
static int stat_by_socket(struct stat *st)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), ns, err;

	if (fd < 0)
		return -1;
	ns = ioctl(fd, SIOCGSKNS);
	close(fd);
	if (ns < 0)
		return -1;
	err = fstat(ns, st);
	close(ns);
	return err;
}

int netns_current(struct netns *ns)
{
	struct stat st;
	bool seen = !stat("/proc/thread-self/ns/net", &st) || !stat_by_socket(&st);

	ns->inode = seen ? st.st_ino : 0;
	return 0;
}

int netns_enter_new(struct netns *ns)
{
	int err;

	if (unshare(CLONE_NEWNET))
		return -errno;
	ns->is_private = true;
	err = bring_up_loopback();
	if (err)
		return err;
	ns->any_ipv6 = own_unique_local6();
	return netns_current(ns);
}
