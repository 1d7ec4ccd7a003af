// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * forger: what somebody can do who may write the reader's position of a trace.
 *
 * forger connect ADDRESS           connects from there to there, with the header of a
 *                                  record in the name of the command, so that the
 *                                  address behind it would be the beginning of an event
 * forger find RING                 prints the position of that header in the ring
 * forger position RING             prints the position of the reader and of the newest event
 * forger position RING POSITION    writes that of the reader
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A record of 136 bytes, behind the first half of the name. */
#define NAME "forgery!\x88"

static unsigned long *consumer;
static const unsigned long *producer;
static const unsigned char *data;
static size_t size;

static void open_ring(const char *path)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	int map = bpf_obj_get(path);
	unsigned char *pages;

	if (map < 0 || bpf_obj_get_info_by_fd(map, &info, &length))
		err(1, "%s", path);
	size = info.max_entries;
	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	pages = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, map, page);
	if (consumer == MAP_FAILED || pages == MAP_FAILED)
		err(1, "%s: mmap", path);
	producer = (const unsigned long *)pages;
	data = pages + page;
}

static int find(void)
{
	for (unsigned long at = *consumer; at < *producer; at += 8)
		if (!memcmp(data + at % size, NAME, sizeof(NAME)))
			return printf("%lu\n", at + 8) < 0;
	errx(1, "no such name in the ring");
}

static int name_position(const char *position)
{
	if (position)
		*consumer = strtoul(position, NULL, 0);
	else
		printf("%lu %lu\n", *consumer, *producer);
	return 0;
}

static int connect_from(const char *address)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6 };
	socklen_t length = sizeof(at);
	int listener = socket(AF_INET6, SOCK_STREAM, 0), client = socket(AF_INET6, SOCK_STREAM, 0);

	if (inet_pton(AF_INET6, address, &at.sin6_addr) != 1)
		errx(2, "%s: no IPv6 address", address);
	prctl(PR_SET_NAME, NAME);
	if (bind(listener, (void *)&at, sizeof(at)) || listen(listener, 1) ||
	    bind(client, (void *)&at, sizeof(at)) || getsockname(listener, (void *)&at, &length) ||
	    connect(client, (void *)&at, sizeof(at)))
		err(1, "%s", address);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "connect"))
		return connect_from(argv[2]);
	if (argc < 3)
		errx(2, "forger connect ADDRESS | find RING | position RING [POSITION]");
	open_ring(argv[2]);
	return strcmp(argv[1], "find") ? name_position(argv[3]) : find();
}
