// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The mount namespace of a bpffs. A bpffs ends with its last mount, and a mount ends with
 * the last task in its mount namespace. Commands such as "ip netns exec" make a mount
 * namespace for a single command.
 */
#include <ctype.h>
#include <dirent.h>
#include <sys/stat.h>

#include "base/mounts.h"
#include "base/proc.h"
#include "internal.h"
#include "pins/mountns.h"

/* The processes that keep a bpffs mounted. */
enum users {
	USERS_UNKNOWN,
	USERS_NONE, /* only this process */
	USERS_OTHERS,
	USERS_INIT,
};

/* A bpffs, and the mount namespace of this process. */
struct place {
	dev_t bpffs;
	uint64_t ns;
};

/* Returns true if the mount is the bpffs, or the whole mount namespace that it is in. */
static bool keeps(const struct mount *mount, const struct place *place)
{
	uint64_t ns;

	return mount->dev == place->bpffs ||
	       (proc_is_link_to(mount->root, "mnt:[", &ns) && ns == place->ns);
}

/* Returns 1 or 0; a negative errno if it cannot be known, as after the process has ended. */
static int process_keeps(const char *pid, const struct place *place)
{
	char path[300];
	struct mount mount;
	bool found = false;
	FILE *mounts;

	snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
	mounts = fopen(path, "re");
	if (!mounts)
		return -errno;
	while (!found && mount_read(mounts, &mount))
		found = keeps(&mount, place);
	fclose(mounts);
	return found;
}

static bool another_keeps(const char *self, const struct place *place)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	bool found = false;

	while (!found && processes && (entry = readdir(processes)))
		found = isdigit((unsigned char)entry->d_name[0]) && strcmp(entry->d_name, self) &&
			process_keeps(entry->d_name, place) > 0;
	if (processes)
		closedir(processes);
	return found;
}

/* Finds who keeps it. The first process of a container cannot see who else may keep it. */
static enum users find_users(const struct place *place)
{
	char self[32] = "";
	int of_init;

	if (readlink("/proc/self", self, sizeof(self) - 1) < 0 || !strcmp(self, "1"))
		return USERS_UNKNOWN;
	of_init = process_keeps("1", place);
	if (of_init)
		return of_init > 0 ? USERS_INIT : USERS_UNKNOWN;
	return another_keeps(self, place) ? USERS_OTHERS : USERS_NONE;
}

int mountns_check(const char *at, bool is_new, const struct tcpt_log *log)
{
	struct place place = {};
	struct stat st;
	enum users users;

	if (stat(at, &st))
		return 0;
	place.bpffs = st.st_dev;
	if (!stat("/proc/self/ns/mnt", &st))
		place.ns = st.st_ino;
	users = find_users(&place);
	if (users == USERS_NONE)
		return log_error(log, -EINVAL,
				 "the bpffs at %s is mounted for this command only, as under 'ip "
				 "netns exec', and the trace would end with it; run it with "
				 "'nsenter -t 1 -m', or use --hold",
				 at);
	if (users == USERS_OTHERS && is_new)
		log_warning(log,
			    "the bpffs at %s is mounted in this mount namespace only, and the "
			    "trace ends with the last process in it; 'nsenter -t 1 -m' runs "
			    "commands in that of process 1",
			    at);
	return 0;
}
