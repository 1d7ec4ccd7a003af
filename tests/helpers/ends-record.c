/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ends.h"

static char text[1 << 16];
static size_t used;
static int other_pid;

void record_pid(int pid)
{
	other_pid = pid;
}

static void put(const char *column)
{
	used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
				 used && text[used - 1] != '\n' ? "\t" : "", column);
	if (used >= sizeof(text))
		die("the record is too long");
}

static void put_number(unsigned long long number)
{
	char column[24];

	snprintf(column, sizeof(column), "%llu", number);
	put(column);
}

static void put_address(const union address *address)
{
	char column[INET6_ADDRSTRLEN];

	if (address->sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &address->in.sin_addr, column, sizeof(column));
	else
		inet_ntop(AF_INET6, &address->in6.sin6_addr, column, sizeof(column));
	put(column);
	put_number(ntohs(address->in.sin_port)); /* lies where sin6_port does */
}

static void put_event(const char *type, const union address *local, const union address *remote)
{
	struct stat st;

	put(type);
	put_number((unsigned long long)(other_pid ? other_pid : getpid()));
	put("ends");
	put_address(local);
	put_address(remote);
	if (stat("/proc/self/ns/net", &st))
		put("-");
	else
		put_number(st.st_ino);
}

/* Asked for after the event. */
static void put_cookie(int fd)
{
	uint64_t cookie;
	socklen_t size = sizeof(cookie);

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size))
		put("-");
	else
		put_number(cookie);
}

static void put_figures(struct end *end)
{
	if (!end->is_measured)
		measure(end);
	put_number((unsigned long long)end->sent);
	put_number((unsigned long long)end->received);
	put_number(end->srtt_us);
	put_number(end->retransmits);
	put(end->reason);
}

/* TYPE PID COMM SADDR SPORT DADDR DPORT NETNS COOKIE SENT RECEIVED SRTT RETRANSMITS REASON ERRNO */
void record_end(const char *type, struct end *end)
{
	put_event(type, &end->local, &end->remote);
	if (!has_cookies && !strcmp(type, "accept")) /* nobody has asked for it by then */
		put("-");
	else
		put_cookie(end->fd);
	if (!strcmp(type, "close"))
		put_figures(end);
	else
		put("-\t-\t-\t-\t-");
	put("-\n");
}

void record_fail(const union address *local, const union address *remote, const char *error)
{
	put_event("fail", local, remote);
	put("-\t-\t-\t-\t-\t-");
	put(error);
	used += (size_t)snprintf(text + used, sizeof(text) - used, "\n");
}

bool records_print(const char *path)
{
	FILE *out = fopen(path, "we");

	if (!out || fwrite(text, 1, used, out) != used)
		return false;
	return !fclose(out);
}
