/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "netns.h"

void netns_enter_new(void)
{
	struct ifreq request = { .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET))
		die("cannot make a network namespace");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strcpy(request.ifr_name, "lo");
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		die("cannot bring lo up");
	close(fd);
}

void netns_enter(int fd)
{
	if (setns(fd, CLONE_NEWNET))
		die("cannot enter a network namespace");
}

unsigned long long netns_inode(void)
{
	struct stat st;

	return stat("/proc/thread-self/ns/net", &st) ? 0 : st.st_ino;
}
