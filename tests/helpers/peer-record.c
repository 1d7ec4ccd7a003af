/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peer.h"

struct record {
	struct peer_tuple tuple;
	pid_t pid;
	uint8_t event;
	uint8_t role;
};

/* Shared by all processes: adding costs one atomic addition and a copy. */
struct table {
	atomic_long used;
	struct record records[];
};

static struct table *table;
static size_t table_size;
static long table_capacity;
static pid_t own_pid;
static enum peer_role own_role;

static const char *const role_names[] = { "peer-client", "peer-server" };

void records_open(const struct peer_options *opts)
{
	table_capacity = 4 * opts->cycles + opts->refused + opts->unanswered;
	table_size = sizeof(*table) + (size_t)table_capacity * sizeof(struct record);
	table = mmap(NULL, table_size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (table == MAP_FAILED)
		die("cannot map %zu bytes for the record", table_size);
}

void records_close(void)
{
	munmap(table, table_size);
}

/* From here on this process is a client or a server, and is called so. */
void record_as(enum peer_role role)
{
	own_pid = getpid();
	own_role = role;
	if (prctl(PR_SET_NAME, role_names[role]))
		die("cannot set the process name");
}

void record_add(enum peer_event event, const struct peer_tuple *tuple)
{
	long slot = atomic_fetch_add_explicit(&table->used, 1, memory_order_relaxed);

	if (slot >= table_capacity) {
		errno = 0;
		die("more events than planned: somebody else connected to us");
	}
	table->records[slot] = (struct record){
		.tuple = *tuple,
		.pid = own_pid,
		.event = (uint8_t)event,
		.role = (uint8_t)own_role,
	};
}

static void netns_text(char *text, size_t size)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st)) /* a kernel without namespaces */
		snprintf(text, size, "-");
	else
		snprintf(text, size, "%llu", (unsigned long long)st.st_ino);
}

static void record_print(FILE *out, const struct record *record, const char *netns)
{
	static const char *const names[] = { "connect", "accept", "close", "fail" };
	char saddr[INET6_ADDRSTRLEN], daddr[INET6_ADDRSTRLEN];

	address_text(&record->tuple.local, saddr, sizeof(saddr));
	address_text(&record->tuple.remote, daddr, sizeof(daddr));
	fprintf(out, "%s\t%d\t%s\t%s\t%u\t%s\t%u\t%s\n", names[record->event], (int)record->pid,
		role_names[record->role], saddr, address_port(&record->tuple.local), daddr,
		address_port(&record->tuple.remote), netns);
}

/* To `path`, or stdout when it is NULL; -1 and errno when that failed. */
int records_print(const char *path)
{
	FILE *out = path ? fopen(path, "we") : stdout;
	char netns[24];
	long used = atomic_load(&table->used);

	if (!out)
		return -1;
	netns_text(netns, sizeof(netns));
	for (long i = 0; i < used && i < table_capacity; i++)
		record_print(out, &table->records[i], netns);
	if (ferror(out)) {
		fclose(out);
		errno = EIO;
		return -1;
	}
	return fclose(out);
}
