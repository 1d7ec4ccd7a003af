/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "peer.h"

static struct record own;

void record_as(enum peer_role role)
{
	static const char *const names[] = { "peer-client", "peer-server" };

	own.pid = getpid();
	own.netns = netns_inode();
	strcpy(own.comm, names[role]);
	if (prctl(PR_SET_NAME, own.comm))
		die("cannot set the process name");
}

void record(enum event event, const struct tuple *tuple)
{
	struct record added = own;

	added.event = event;
	added.tuple = *tuple;
	record_add(&added, NULL);
}
