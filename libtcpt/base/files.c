// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The names, the owners and the contents of files. */
#include <fcntl.h>

#include "base/files.h"
#include "internal.h"

const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool file_is_own(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

ssize_t file_read(int fd, void *buf, size_t size)
{
	size_t have = 0;
	ssize_t n;

	while (have < size && (n = read(fd, (char *)buf + have, size - have)) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		have += n < 0 ? 0 : n;
	}
	return have;
}

ssize_t file_read_path(const char *path, void *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : file_read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	((char *)buf)[n < 0 ? 0 : n] = '\0';
	return n;
}
