// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Network namespaces of the guesser's own. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/ipv6.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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

int netns_current(struct netns *ns)
{
	struct stat st;

	ns->inode = stat("/proc/thread-self/ns/net", &st) ? 0 : st.st_ino;
	return 0;
}

int netns_enter_new(struct netns *ns)
{
	int err;

	if (unshare(CLONE_NEWNET))
		return -errno;
	err = bring_up_loopback();
	if (err)
		return err;
	ns->is_private = true;
	return netns_current(ns);
}

bool netns_add_address6(const void *address)
{
	struct in6_ifreq ifr = { .ifr6_prefixlen = 128, .ifr6_ifindex = LOOPBACK_INDEX };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool done;

	if (fd < 0)
		return false;
	memcpy(&ifr.ifr6_addr, address, sizeof(ifr.ifr6_addr));
	done = !ioctl(fd, SIOCSIFADDR, &ifr);
	close(fd);
	return done;
}
