// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reading for a group. Members get access to what a reader opens, and to nothing more:
 * they can take events, but not see or change what is traced. The programs, the links and
 * the other maps stay the owner's.
 */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/advice.h"
#include "base/caps.h"
#include "internal.h"
#include "pins/group.h"
#include "pins/pin.h"

/*
 * The pins for members, if they are there: not all traces have several taps. The directory
 * itself comes last, so that nobody enters before all is done.
 */
static const struct {
	const char *name;
	mode_t mode;
} rights[] = {
	{ "/maps/meta", 0640 },
	{ "/maps/counters", 0640 },
	{ "/maps/cursor", 0660 },
	{ "/maps/processes", 0640 }, /* of the whole host, whatever filters hide */
	{ "/maps/ring", 0660 }, /* members can write only the reader's own position */
	{ "/maps/ring2", 0660 },
	{ "/maps/ring3", 0660 },
	{ "/maps/ring4", 0660 },
	{ "/maps/tap2", 0750 },
	{ "/maps/tap3", 0750 },
	{ "/maps/tap4", 0750 },
	{ "/maps", 0750 },
	{ "", 0750 },
};

_Static_assert(ARRAY_SIZE(rights) == GROUP_PATHS, "rights");

bool group_may_write(const char *map)
{
	return !strncmp(map, "ring", 4) || !strcmp(map, "cursor");
}

static int admit(const char *path, gid_t group, mode_t mode, const struct tcpt_log *log)
{
	if (chown(path, -1, group)) {
		int err = -errno;

		if (err == -ENOENT)
			return 0;
		if (err == -EPERM && !caps_may_chown())
			return log_error(log, err,
					 "cannot give %s to group %u: %s; CAP_CHOWN is missing, or "
					 "run as a member of the group",
					 path, group, strerror(-err));
		return log_error(log, err, "cannot give %s to group %u: %s", path, group,
				 strerror(-err));
	}
	if (chmod(path, mode))
		return log_error(log, -errno, "cannot change the mode of %s: %s", path,
				 strerror(errno));
	return 0;
}

void group_note(const char *dir, struct group_rights *before)
{
	char path[PIN_MAX + 64];

	for (size_t i = 0; i < GROUP_PATHS; i++) {
		snprintf(path, sizeof(path), "%s%s", dir, rights[i].name);
		before->is_there[i] = !stat(path, &before->of[i]);
	}
}

/* Gives back in the opposite order. */
void group_give_back(const char *dir, const struct group_rights *before, const struct tcpt_log *log)
{
	char path[PIN_MAX + 64];

	for (size_t i = GROUP_PATHS; i-- > 0;) {
		const struct stat *was = &before->of[i];

		snprintf(path, sizeof(path), "%s%s", dir, rights[i].name);
		if (before->is_there[i] &&
		    (chown(path, -1, was->st_gid) || chmod(path, was->st_mode & 07777)))
			log_warning(log, "cannot give %s back to group %u: %s", path, was->st_gid,
				    strerror(errno));
	}
}

int group_admit(const char *dir, gid_t group, const struct tcpt_log *log)
{
	char path[PIN_MAX + 64];
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(rights); i++) {
		snprintf(path, sizeof(path), "%s%s", dir, rights[i].name);
		err = admit(path, group, rights[i].mode, log);
	}
	return err;
}

/* ---- the way there ---- */

static void check_passage(const char *path, gid_t group, const struct tcpt_log *log)
{
	struct stat st;
	bool is_theirs;

	if (stat(path, &st))
		return;
	is_theirs = st.st_gid == group;
	if (st.st_mode & (is_theirs ? S_IXGRP : S_IXOTH))
		return;
	log_warning(log,
		    "members of group %u cannot enter %s (group %u, mode %04o); run: chmod %s %s",
		    group, path, st.st_gid, st.st_mode & 07777, is_theirs ? "g+x" : "o+x",
		    advice_path(path).text);
}

void group_check_way(const char *dir, gid_t group, const struct tcpt_log *log)
{
	char path[PIN_MAX];
	char *slash;

	snprintf(path, sizeof(path), "%s", dir);
	while ((slash = strrchr(path, '/')) && slash != path) {
		*slash = '\0';
		check_passage(path, group, log);
	}
}

/* Finds the first directory above dir that keeps the caller out. */
static bool find_barrier(const char *dir, char path[PIN_MAX])
{
	for (const char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(path, PIN_MAX, "%.*s", (int)(slash - dir), dir);
		if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) && errno == EACCES)
			return true;
	}
	return false;
}

int group_explain_denial(const char *dir, const struct tcpt_log *log)
{
	char path[PIN_MAX];

	if (find_barrier(dir, path))
		return log_error(log, -EPERM,
				 "cannot open the trace at %s: %s does not let you pass; run as "
				 "root, or as a member of the group that it was loaded for once "
				 "root has run: chmod o+x %s (for good: GROUPS in tcpt-load(8))",
				 dir, path, advice_path(path).text);
	return log_error(log, -EPERM,
			 "cannot open the trace at %s: %s; run as root, or as a member of the "
			 "group that it was loaded for",
			 dir, strerror(EACCES));
}

/* ---- the kernel's part ---- */

struct look {
	int map;
	int err;
};

/* Tries a look without capabilities. It runs in a thread, which has its own capabilities. */
static void *look_without_capabilities(void *arg)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = {};
	struct look *look = arg;
	__u32 key = 0, value;

	if (syscall(SYS_capset, &header, none) || bpf_map_lookup_elem(look->map, &key, &value))
		look->err = -errno;
	return NULL;
}

static int look_as_member(int map)
{
	struct look look = { .map = map };
	pthread_t thread;
	int err = -pthread_create(&thread, NULL, look_without_capabilities, &look);

	if (err)
		return err;
	pthread_join(thread, NULL);
	return look.err;
}

int group_check_kernel(const struct tcpt_log *log)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 4, 1, NULL), err;

	if (map < 0)
		return 0; /* loading will say why */
	err = look_as_member(map);
	close(map);
	if (err != -EPERM)
		return err ? log_error(log, err, "cannot try to read without capabilities: %s",
				       strerror(-err)) :
			     0;
	return log_error(log, -EOPNOTSUPP,
			 "this kernel lets nobody read maps without CAP_BPF, so a group cannot; "
			 "leave out --group, or run: sysctl kernel.unprivileged_bpf_disabled=0");
}
