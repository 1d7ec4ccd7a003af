/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

/* Moves this process to a network namespace of its own, with lo up. */
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
