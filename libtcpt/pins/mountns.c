// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Whether the pins in a bpffs outlive this process. A bpffs is gone with its
 * last mount, and a mount with the last task in its mount namespace: "ip netns
 * exec" and the like make one for a single command.
 */
#include <ctype.h>
#include <dirent.h>
#include <sys/stat.h>

#include "base/mounts.h"
#include "base/proc.h"
#include "internal.h"
#include "pins/mountns.h"

enum holder {
	HOLDER_UNKNOWN,
	HOLDER_NONE, /* but this process */
	HOLDER_OTHERS,
	HOLDER_INIT,
};

/* A bpffs, and the mount namespace of this process. */
struct place {
	dev_t bpffs;
	uint64_t ns;
};

/* Someone who has mounted the whole namespace keeps what is in it. */
static bool keeps(const struct mount *mount, const struct place *place)
{
	uint64_t ns;

	return mount->dev == place->bpffs ||
	       (proc_is_link_to(mount->root, "mnt:[", &ns) && ns == place->ns);
}

/* 1 yes, 0 no, or a negative errno if it cannot be known, as of a process that has ended. */
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

/* The first process of a container cannot see who else may have its bpffs. */
static enum holder find_holder(const struct place *place)
{
	char self[32] = "";
	int of_init;

	if (readlink("/proc/self", self, sizeof(self) - 1) < 0 || !strcmp(self, "1"))
		return HOLDER_UNKNOWN;
	of_init = process_keeps("1", place);
	if (of_init)
		return of_init > 0 ? HOLDER_INIT : HOLDER_UNKNOWN;
	return another_keeps(self, place) ? HOLDER_OTHERS : HOLDER_NONE;
}

int mountns_check(const char *at, bool is_new, const struct tcpt_log *log)
{
	struct place place = {};
	struct stat st;
	enum holder holder;

	if (stat(at, &st))
		return 0;
	place.bpffs = st.st_dev;
	if (!stat("/proc/self/ns/mnt", &st))
		place.ns = st.st_ino;
	holder = find_holder(&place);
	if (holder == HOLDER_NONE)
		return log_error(log, -EINVAL,
				 "the bpffs at %s is mounted for this command only, as under 'ip "
				 "netns exec', and the trace would end with it; run it with "
				 "'nsenter -t 1 -m', or use --hold",
				 at);
	if (holder == HOLDER_OTHERS && is_new)
		log_warning(log,
			    "the bpffs at %s is mounted in this mount namespace only, and the "
			    "trace ends with the last process in it; 'nsenter -t 1 -m' runs "
			    "commands in that of process 1",
			    at);
	return 0;
}
