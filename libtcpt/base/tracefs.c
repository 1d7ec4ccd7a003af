// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files of tracefs, also where it is not mounted; ids and records of tracepoints. */
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>

#include "base/files.h"
#include "base/knobs.h"
#include "base/tracefs.h"
#include "internal.h"

static bool is_known(void)
{
	char list[4096];

	return file_read_path("/proc/filesystems", list, sizeof(list)) < 0 ||
	       strstr(list, "\ttracefs\n");
}

static int open_filesystem(void)
{
	int fs = -1;

	errno = ENOSYS;
	if (!knob_without("fsopen"))
		fs = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	if (fs >= 0)
		return fs;
	return errno == ENOSYS && !is_known() ? -ENODEV : -errno;
}

/*
 * Mounts tracefs without a place in the tree (since Linux 5.2): no other process sees
 * the mount, and it ends with the descriptor.
 */
static int mount_detached(void)
{
	int fs = open_filesystem(), mount;

	if (fs < 0)
		return fs;
	mount = syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (!mount)
		mount = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		mount = -errno;
	close(fs);
	return mount;
}

static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

static bool is_mounted(void)
{
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/trace", places[i]);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

int tracefs_open(const char *name, int flags)
{
	bool is_denied = false;
	char path[256];
	int fd, dir;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/%s", places[i], name);
		fd = open(path, flags | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		is_denied |= errno == EACCES;
	}
	dir = mount_detached();
	if (dir < 0)
		return is_denied ? -EACCES : is_mounted() ? -ENOENT : dir;
	fd = openat(dir, name, flags | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close(dir);
	return fd;
}

const char *tracefs_explain(int err)
{
	if (err == -EACCES)
		return "not permitted to read tracefs; run as root or with CAP_DAC_READ_SEARCH";
	if ((err == -EPERM || err == -ENOSYS) && !is_mounted())
		return "tracefs is not mounted; run as root: mount -t tracefs tracefs "
		       "/sys/kernel/tracing";
	if (err == -ENODEV)
		return "this kernel has no tracefs (CONFIG_TRACING)";
	if (err == -ENOENT)
		return "tracefs has none";
	return strerror(-err);
}

static int read_event(const char *category, const char *event, const char *file, char *text,
		      size_t size)
{
	char name[192];
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "events/%s/%s/%s", category, event, file);
	fd = tracefs_open(name, O_RDONLY);
	if (fd < 0)
		return fd;
	n = file_read(fd, text, size - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return n > 0 ? 0 : -ENOENT;
}

int tracefs_event_id(const char *category, const char *event)
{
	char text[16];
	int err = read_event(category, event, "id", text, sizeof(text));

	return err ? err : atoi(text);
}

/* Reads lines of a format file: "field:const void * skaddr; offset:8; size:8; signed:0;" */
int tracefs_field_offset(const char *category, const char *event, const char *field)
{
	char text[4096], name[64], *line, *save;
	int err = read_event(category, event, "format", text, sizeof(text)), at;

	if (err)
		return err;
	snprintf(name, sizeof(name), " %s;", field);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *found = strstr(line, name);

		if (found && sscanf(found + strlen(name), " offset:%d;", &at) == 1)
			return at;
	}
	return -ENOENT;
}
