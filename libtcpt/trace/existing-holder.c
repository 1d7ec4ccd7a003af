// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The holder of a connection that is taken for its opener, and facts about its process. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cgroup.h"
#include "base/kernel.h"
#include "base/mounts.h"
#include "internal.h"
#include "offsets/fields.h"
#include "trace/existing-census.h"
#include "trace/existing-diag.h"
#include "trace/existing-holder.h"

/* ---- a process, and the thread that stands for it ---- */

static bool read_file(pid_t pid, pid_t tid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	if (tid)
		snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, tid, name);
	else
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* Its parent is the 4th field, its start the 22nd; the second one is a name in parentheses. */
static bool read_birth(struct table *table)
{
	char text[1024], *p;

	if (!read_file(table->pid, 0, "stat", text, sizeof(text)))
		return false;
	p = strrchr(text, ')');
	for (int field = 2; p && field < 22; field++) {
		p = strchr(p + 1, ' ');
		if (p && field + 1 == 4)
			table->parent = strtol(p, NULL, 10);
	}
	if (!p)
		return false;
	table->born = strtoull(p, NULL, 10);
	return true;
}

/* Returns the real user id, which the programs report too. */
static uint32_t read_uid(const struct table *table)
{
	char text[2048], *line;

	if (!read_file(table->pid, table->tid, "status", text, sizeof(text)))
		return 0;
	line = strstr(text, "\nUid:");
	return line ? strtoul(line + 5, NULL, 10) : 0;
}

static void read_comm(const struct table *table, char *comm)
{
	char text[64];
	size_t n;

	if (!read_file(table->pid, table->tid, "comm", text, sizeof(text)))
		return;
	n = strlen(text);
	if (n && text[n - 1] == '\n')
		n--;
	memcpy(comm, text, n < TCPT_COMM_LEN ? n : TCPT_COMM_LEN - 1);
}

static uint64_t read_cgroup(const struct table *table, const char *mount)
{
	char text[4096], path[sizeof(((struct mount *)0)->point) + sizeof(text)], *line = text;
	uint64_t id = 0;

	if (!*mount || !read_file(table->pid, table->tid, "cgroup", text, sizeof(text)))
		return 0;
	while (strncmp(line, "0::", 3)) {
		line = strchr(line, '\n');
		if (!line)
			return 0;
		line++;
	}
	line += 3;
	line[strcspn(line, "\n")] = '\0';
	snprintf(path, sizeof(path), "%s%s", mount, line);
	return cgroup_id(path, &id) ? 0 : id;
}

static void describe(struct table *table, const char *cgroups)
{
	table->known = true;
	table->gone = !read_birth(table);
	table->task.pid = table->pid;
	table->task.tid = table->tid;
	table->task.uid = read_uid(table);
	table->task.cgroup = read_cgroup(table, cgroups);
	read_comm(table, table->task.comm);
}

/* ---- the holders of a socket ---- */

static int by_inode(const void *a, const void *b)
{
	const struct hold *x = a, *y = b;

	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static const struct hold *first_hold(const struct census *census, uint32_t inode)
{
	const struct hold key = { .inode = inode };
	const struct hold *found =
		bsearch(&key, census->holds, census->hold_count, sizeof(key), by_inode);

	while (found && found > census->holds && found[-1].inode == inode)
		found--;
	return found;
}

/*
 * Returns true if table is the likelier opener. Processes that start within a hundredth of
 * a second have the same start time.
 */
static bool is_likelier(const struct table *table, const struct table *than)
{
	if (!than || table->born != than->born)
		return !than || table->born < than->born;
	if (table->parent == than->pid || than->parent == table->pid)
		return than->parent == table->pid;
	return table->pid < than->pid;
}

static const struct table *opener_of(uint32_t inode, struct census *census, const char *cgroups)
{
	const struct hold *hold = first_hold(census, inode),
			  *end = census->holds + census->hold_count;
	struct table *found = NULL, *table;

	for (; hold && hold < end && hold->inode == inode; hold++) {
		table = &census->tables[hold->table];
		if (!table->known)
			describe(table, cgroups);
		if (!table->gone && is_likelier(table, found))
			found = table;
	}
	return found;
}

/*
 * Returns true if /proc has the process ids that events have. Its pid namespace is that of
 * its first process, which not every caller may look at, and mostly that of this process.
 */
static bool has_initial_pids(const struct census *census)
{
	bool known, is = kernel_is_first_pidns("/proc/1/ns/pid", &known);

	if (known || !census->is_own)
		return is;
	is = kernel_is_first_pidns("/proc/self/ns/pid", &known);
	return is || !known; /* no pid namespaces in this kernel */
}

void existing_holder_find(struct stock *stock, struct census *census)
{
	char cgroups[sizeof(((struct mount *)0)->point)];
	const struct table *opener;

	if (!census->hold_count || !has_initial_pids(census))
		return;
	mount_find_cgroup2(cgroups, sizeof(cgroups));
	qsort(census->holds, census->hold_count, sizeof(*census->holds), by_inode);
	for (size_t i = 0; i < stock->count; i++) {
		opener = opener_of(stock->older[i].inode, census, cgroups);
		if (opener)
			stock->older[i].conn.opener = opener->task;
	}
}
