// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "document.h"

int document_open(const struct cli *cli, const char *path, const char **name)
{
	bool is_stdin = !strcmp(path, "-");
	int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) :
			    open(path, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : fd;

	*name = is_stdin ? "stdin" : path;
	if (fd < 0)
		cli_error(cli, "cannot open %s: %s", *name, strerror(-err));
	return err == -EPERM ? -EACCES : err; /* the file's: that says nothing of BPF */
}
