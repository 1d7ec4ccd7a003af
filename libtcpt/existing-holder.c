// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which process holds a socket, from /proc. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "existing.h"

#define INIT_PID_NS 0xeffffffc /* PROC_PID_INIT_INO: the initial pid namespace's inode */

struct process {
	char pid[16]; /* as /proc names it */
	bool known; /* the rest is */
	uint64_t born;
	struct tcpt_abi_task task;
};

/* ---- about a process ---- */

static bool read_file(const struct process *process, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", process->pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* The 22nd field; the second one is a name in parentheses. */
static uint64_t read_born(const struct process *process)
{
	char text[1024], *p;

	if (!read_file(process, "stat", text, sizeof(text)))
		return UINT64_MAX;
	p = strrchr(text, ')');
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p, NULL, 10) : UINT64_MAX;
}

/* The real one, which is the one that the programs report. */
static uint32_t read_uid(const struct process *process)
{
	char text[2048], *line;

	if (!read_file(process, "status", text, sizeof(text)))
		return 0;
	line = strstr(text, "\nUid:");
	return line ? strtoul(line + 5, NULL, 10) : 0;
}

static void read_comm(const struct process *process, char *comm)
{
	char text[64];
	size_t n;

	if (!read_file(process, "comm", text, sizeof(text)))
		return;
	n = strlen(text);
	if (n && text[n - 1] == '\n')
		n--;
	memcpy(comm, text, n < TCPT_COMM_LEN ? n : TCPT_COMM_LEN - 1);
}

/* Where the version 2 hierarchy is mounted. */
static bool find_cgroup2(char *path, size_t size)
{
	char line[1024], root[256], point[256], *type;
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	bool found = false;

	while (mounts && !found && fgets(line, sizeof(line), mounts)) {
		type = strstr(line, " - ");
		found = type && !strncmp(type, " - cgroup2 ", 11) &&
			sscanf(line, "%*s %*s %*s %255s %255s", root, point) == 2 &&
			!strcmp(root, "/");
	}
	if (mounts)
		fclose(mounts);
	if (found)
		snprintf(path, size, "%s", point);
	return found;
}

static uint64_t read_cgroup(const struct process *process)
{
	char text[4096], path[256 + sizeof(text)], mount[256], *line = text;
	uint64_t id = 0;

	if (!read_file(process, "cgroup", text, sizeof(text)) || !find_cgroup2(mount, sizeof(mount)))
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

static void learn(struct process *process)
{
	process->known = true;
	process->born = read_born(process);
	process->task.pid = process->task.tid = strtoul(process->pid, NULL, 10);
	process->task.uid = read_uid(process);
	process->task.cgroup = read_cgroup(process);
	read_comm(process, process->task.comm);
}

/* ---- its descriptors ---- */

static int by_inode(const void *a, const void *b)
{
	const struct older *x = a, *y = b;

	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

/* The first of those with this inode: an MPTCP socket and others may share one. */
static struct older *find_inode(const struct stock *stock, uint32_t inode)
{
	struct older key = { .inode = inode };
	struct older *found = bsearch(&key, stock->older, stock->count, sizeof(key), by_inode);

	while (found && found > stock->older && found[-1].inode == inode)
		found--;
	return found;
}

static void holds(struct stock *stock, struct process *process, uint32_t inode)
{
	struct older *older = find_inode(stock, inode);

	if (older && !process->known)
		learn(process);
	for (; older && older < stock->older + stock->count && older->inode == inode; older++) {
		if (older->conn.opener.pid && older->born <= process->born)
			continue;
		older->born = process->born;
		older->conn.opener = process->task;
	}
}

static void look_at(struct stock *stock, struct process *process)
{
	char path[64], target[64];
	const struct dirent *entry;
	unsigned int inode;
	ssize_t n;
	DIR *fds;

	snprintf(path, sizeof(path), "/proc/%s/fd", process->pid);
	fds = opendir(path);
	while (fds && (entry = readdir(fds))) {
		n = readlinkat(dirfd(fds), entry->d_name, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		if (sscanf(target, "socket:[%u]", &inode) == 1)
			holds(stock, process, inode);
	}
	if (fds)
		closedir(fds);
}

/* Elsewhere /proc has other process ids than the events. */
static bool is_initial_pid_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) || st.st_ino == INIT_PID_NS;
}

void holders_find(struct stock *stock)
{
	const struct dirent *entry;
	DIR *proc;

	if (!stock->count)
		return;
	qsort(stock->older, stock->count, sizeof(*stock->older), by_inode);
	proc = is_initial_pid_namespace() ? opendir("/proc") : NULL;
	while (proc && (entry = readdir(proc))) {
		struct process process = {};

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(process.pid, sizeof(process.pid), "%.15s", entry->d_name);
		look_at(stock, &process);
	}
	if (proc)
		closedir(proc);
}
