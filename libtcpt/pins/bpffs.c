// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The bpffs that a trace is in: mounting it, and the messages if there is none. */
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "base/advice.h"
#include "internal.h"
#include "pins/bpffs.h"
#include "pins/mountns.h"

#define BPFFS "/sys/fs/bpf"

bool bpffs_is(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == BPF_FS_MAGIC;
}

struct pin_path bpffs_parent(const char *dir)
{
	struct pin_path p = pin_join(dir, NULL, NULL);
	char *slash = strrchr(p.text, '/');

	if (slash && slash != p.text)
		*slash = '\0';
	else
		strcpy(p.text, slash ? "/" : ".");
	return p;
}

/* Returns the nearest directory above dir that can be seen. */
static struct pin_path nearest(const char *dir)
{
	struct pin_path p = bpffs_parent(dir);

	while (access(p.text, F_OK) && strcmp(p.text, "/") && strcmp(p.text, "."))
		p = bpffs_parent(p.text);
	return p;
}

/* Returns true if a name that is still to be made, below there, has a dot. */
static bool has_dot(const char *dir, const char *there)
{
	size_t n = strlen(there);

	return strchr(strncmp(dir, there, n) ? dir : dir + n, '.');
}

/* ---- before a load ---- */

static int explain_mount(int err, const struct tcpt_log *log)
{
	if (err == -ENOENT)
		return log_error(log, -EOPNOTSUPP,
				 "there is no " BPFFS
				 " to mount a bpffs at: this kernel has no BPF, or "
				 "sysfs is not mounted");
	if (err == -ENODEV)
		return log_error(log, -EOPNOTSUPP,
				 "no bpffs can be mounted at " BPFFS ": this kernel has no BPF "
				 "(CONFIG_BPF_SYSCALL)");
	if (err == -EPERM || err == -EACCES)
		return log_error(log, -EPERM,
				 "no bpffs is mounted at " BPFFS
				 ", nor may it be without CAP_SYS_ADMIN; run "
				 "as root: mount -t bpf bpf " BPFFS);
	return log_error(log, -EOPNOTSUPP, "cannot mount a bpffs at " BPFFS ": %s", strerror(-err));
}

/* Mounts a bpffs. Others may pass through to their own files, but neither list nor add. */
static int mount_it(const struct tcpt_log *log)
{
	if (!mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0711"))
		return 0;
	return explain_mount(-errno, log);
}

static int refuse(const char *dir, const char *there, const struct tcpt_log *log)
{
	struct pin_path parent = bpffs_parent(dir);

	if (bpffs_is(dir))
		return log_error(log, -EINVAL,
				 "%s is a bpffs itself, and a trace is a directory in one; choose "
				 "--pin=%s",
				 dir, advice_path(pin_join(dir, "tcpt", NULL).text).text);
	if (!bpffs_is(there))
		return log_error(log, -EINVAL,
				 "%s is no place for pins: %s is not in a bpffs; choose a "
				 "--pin in one, such as " TCPT_DEFAULT_PIN,
				 dir, there);
	if (has_dot(dir, there))
		return log_error(log, -EINVAL, "cannot pin at %s: bpffs allows no dots in names",
				 dir);
	if (access(parent.text, F_OK) && errno == EACCES)
		return log_error(log, -EPERM, "not permitted to look at %s; run as root",
				 parent.text);
	return log_error(log, -EINVAL, "%s cannot be made: there is no %s; run: mkdir -p %s", dir,
			 parent.text, advice_path(parent.text).text);
}

int bpffs_require(const char *dir, bool hold, const struct tcpt_log *log)
{
	struct pin_path there = nearest(dir);
	bool is_new = !bpffs_is(there.text) && !strncmp(dir, BPFFS "/", strlen(BPFFS "/"));
	int err = is_new ? mount_it(log) : 0;

	if (err)
		return err;
	if (!bpffs_is(there.text) || strcmp(there.text, bpffs_parent(dir).text))
		return refuse(dir, there.text, log);
	return hold ? 0 : mountns_check(there.text, is_new, log);
}

/* ---- for a trace that is loaded ---- */

int bpffs_explain_none(const char *dir, const struct tcpt_log *log)
{
	struct pin_path there = nearest(dir);
	bool can_come = bpffs_is(there.text) || !strcmp(there.text, BPFFS);

	if (!can_come)
		return log_error(
			log, -EINVAL,
			"no trace is loaded at %s, and none can be: %s is not in a bpffs; choose "
			"the --pin that it was loaded with",
			dir, there.text);
	if (has_dot(dir, there.text))
		return log_error(
			log, -EINVAL,
			"no trace is loaded at %s, and none can be: bpffs allows no dots in names",
			dir);
	return log_error(log, -ENOENT, "no trace is loaded at %s; run: tcpt-guess | tcpt-load%s",
			 dir, advice_pin(dir).text);
}
