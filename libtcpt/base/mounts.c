// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The mounted filesystems, from /proc/PID/mountinfo. */
#include <sys/sysmacros.h>

#include "base/mounts.h"
#include "internal.h"

static bool is_octal(const char *p)
{
	return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' &&
	       p[2] <= '7';
}

/* Undoes the escapes of mountinfo, which has a blank in a name as \040, for example. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (*from == '\\' && is_octal(from + 1)) {
			*to = (from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0');
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static void copy_word(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%.*s", (int)strcspn(from, " "), from);
	unescape(to);
}

/* Reads a line of the form ID PARENT MAJOR:MINOR ROOT POINT OPTIONS... - TYPE ... */
static bool parse(const char *line, struct mount *mount)
{
	const char *type = strstr(line, " - ");
	unsigned int major = 0, minor = 0;
	int root = 0, point = 0;

	(void)sscanf(line, "%*s %*s %u:%u %n%*s %n", &major, &minor, &root, &point);
	if (!type || !point)
		return false;
	mount->dev = makedev(major, minor);
	copy_word(mount->root, sizeof(mount->root), line + root);
	copy_word(mount->point, sizeof(mount->point), line + point);
	copy_word(mount->type, sizeof(mount->type), type + 3);
	return true;
}

bool mount_read(FILE *mounts, struct mount *mount)
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (!found && getline(&line, &size, mounts) > 0)
		found = parse(line, mount);
	free(line);
	return found;
}

void mount_find_cgroup2(char *path, size_t size)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	struct mount mount;

	*path = '\0';
	while (mounts && !*path && mount_read(mounts, &mount))
		if (!strcmp(mount.type, "cgroup2") && !strcmp(mount.root, "/"))
			snprintf(path, size, "%s", mount.point);
	if (mounts)
		fclose(mounts);
}
