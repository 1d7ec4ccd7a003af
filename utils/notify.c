// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"

#define WAIT_SECONDS 5 /* for a manager that is too busy to take it */

/* The name is a path; or an abstract name, with @ in place of its first byte, which is 0. */
static int parse_name(const char *name, struct sockaddr_un *to, socklen_t *size)
{
	size_t length = strlen(name);

	if ((*name != '/' && *name != '@') || length < 2)
		return -EAFNOSUPPORT;
	if (length >= sizeof(to->sun_path))
		return -ENAMETOOLONG;
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(to->sun_path, name, length);
	*size = offsetof(struct sockaddr_un, sun_path) + length;
	if (*name == '@')
		to->sun_path[0] = '\0';
	return 0;
}

static int send_to(const struct sockaddr_un *to, socklen_t size, const char *state)
{
	const struct timeval limit = { .tv_sec = WAIT_SECONDS };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const void *)to, size) < 0)
		err = -errno;
	close(fd);
	return err;
}

void notify(const struct cli *cli, const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to;
	socklen_t size;
	int err;

	if (!name)
		return;
	err = parse_name(name, &to, &size) ?: send_to(&to, size, state);
	if (err)
		cli_error(cli, "warning: cannot notify the service manager at NOTIFY_SOCKET=%s: %s",
			  name,
			  err == -EAFNOSUPPORT ? "neither an absolute path nor @NAME" :
						 strerror(-err));
}
