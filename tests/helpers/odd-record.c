/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "odd.h"

#define LINES 4096
#define LINE_SIZE 256

struct table {
	atomic_int used;
	char line[LINES][LINE_SIZE];
};

static struct table *table;

void record_open(void)
{
	table = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (table == MAP_FAILED)
		die("cannot map the record");
}

const char *errno_name(int error)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{ ECONNREFUSED, "ECONNREFUSED" },   { ETIMEDOUT, "ETIMEDOUT" },
		{ EHOSTUNREACH, "EHOSTUNREACH" },   { ENETUNREACH, "ENETUNREACH" },
		{ ECONNRESET, "ECONNRESET" },	    { ECONNABORTED, "ECONNABORTED" },
		{ EADDRNOTAVAIL, "EADDRNOTAVAIL" }, { ECANCELED, "ECANCELED" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == error)
			return names[i].name;
	return "?";
}

unsigned long long own_netns(void)
{
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st))
		die("cannot look at the network namespace");
	return st.st_ino;
}

/* v4-mapped addresses come out as plain IPv4. */
static const char *address_text(const union odd_address *addr, char *text)
{
	const struct in6_addr *in6 = &addr->in6.sin6_addr;

	if (addr->sa.sa_family == AF_INET)
		return inet_ntop(AF_INET, &addr->in.sin_addr, text, INET6_ADDRSTRLEN);
	if (IN6_IS_ADDR_V4MAPPED(in6))
		return inet_ntop(AF_INET, &in6->s6_addr[12], text, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, in6, text, INET6_ADDRSTRLEN);
}

static int put_end(char *line, const union odd_address *addr)
{
	char text[INET6_ADDRSTRLEN];
	in_port_t port = addr->sa.sa_family == AF_INET ? addr->in.sin_port : addr->in6.sin6_port;

	return sprintf(line, "\t%s\t%u", address_text(addr, text), ntohs(port));
}

/* What is not known is a dash. */
static int put_pid(char *line, pid_t pid)
{
	return pid ? sprintf(line, "\t%d", (int)pid) : sprintf(line, "\t-");
}

/* type pid comm saddr sport daddr dport netns how bytes opener modes known */
void record_for(pid_t pid, const char *comm, enum odd_event event, const struct odd_end *end,
		const char *how, const char *modes, enum odd_known known)
{
	static const char *const events[] = { "connect", "accept", "close", "fail" };
	static const char *const knowns[] = { "-", "late", "other" };
	bool closes = event == EVENT_CLOSE;
	int slot = atomic_fetch_add(&table->used, 1);
	char *line;

	if (slot >= LINES)
		die("too much to record");
	line = table->line[slot];
	line += sprintf(line, "%s", events[event]);
	line += put_pid(line, pid);
	line += sprintf(line, "\t%s", comm);
	line += put_end(line, &end->local);
	line += put_end(line, &end->remote);
	line += sprintf(line, "\t%llu\t%s", end->netns, how ? how : "-");
	if (closes && end->counted)
		line += sprintf(line, "\t%ld/%ld", end->sent, end->received);
	else
		line += sprintf(line, "\t-");
	line += put_pid(line, closes ? end->opener : 0);
	sprintf(line, "\t%s\t%s\n", modes, knowns[known]);
}

void record_known(enum odd_event event, const struct odd_end *end, const char *how,
		  const char *modes, enum odd_known known)
{
	char comm[16];

	if (prctl(PR_GET_NAME, comm))
		die("cannot get the name");
	record_for(getpid(), comm, event, end, how, modes, known);
}

void record_add(enum odd_event event, const struct odd_end *end, const char *how)
{
	record_known(event, end, how, ALL, KNOWN_TRUE);
}

/* The namespaces that belong to the workload, and what was done in them */
int record_print(const char *path, const struct odd_workload *workload,
		 const unsigned long long *netns)
{
	FILE *out = fopen(path, "we");
	int used = atomic_load(&table->used);

	if (!out)
		return -1;
	fprintf(out, "# netns");
	for (int i = 0; i < NETNS_MAX && netns[i]; i++)
		fprintf(out, " %llu", netns[i]);
	fprintf(out, "\n# may-miss %s\n", workload->may_miss ? workload->may_miss : "-");
	for (int i = 0; i < used && i < LINES; i++)
		fputs(table->line[i], out);
	if (ferror(out)) {
		fclose(out);
		errno = EIO;
		return -1;
	}
	return fclose(out);
}
