/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * notified: plays the service manager of one command. The command takes this
 * process's place, with NOTIFY_SOCKET set; a child receives, and ends with it.
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "die.h"

static const char usage_text[] =
	"Usage: notified FILE SOCKET COMMAND [ARG]...\n"
	"\n"
	"Run COMMAND with NOTIFY_SOCKET=SOCKET, an absolute path or @NAME. Each\n"
	"datagram becomes a line of FILE, its newlines become `|'; the last line is\n"
	"`end', when COMMAND has ended.\n";

static int bind_to(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (strlen(name) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		die("%s", name);
	}
	strcpy(at.sun_path, name);
	if (*name == '@')
		at.sun_path[0] = '\0';
	if (fd < 0 || bind(fd, (void *)&at, offsetof(struct sockaddr_un, sun_path) + strlen(name)))
		die("%s", name);
	return fd;
}

static void receive_one(int fd, FILE *file)
{
	char datagram[8192];
	ssize_t n = recv(fd, datagram, sizeof(datagram) - 1, MSG_DONTWAIT);

	if (n < 0)
		die("recv");
	datagram[n] = '\0';
	for (char *c = datagram; *c; c++)
		if (*c == '\n')
			*c = '|';
	fprintf(file, "%s\n", datagram);
	fflush(file);
}

/* What was sent before the end is there before it. */
static void receive(int fd, int end, FILE *file)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN }, { .fd = end, .events = POLLIN } };

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			die("poll");
		if (fds[0].revents)
			receive_one(fd, file);
		else if (fds[1].revents)
			break;
	}
	fputs("end\n", file);
	if (fclose(file))
		die("write");
}

int main(int argc, char **argv)
{
	int fd, ends[2];
	FILE *file;
	pid_t child;

	if (argc < 4) {
		fputs(usage_text, stderr);
		return 2;
	}
	file = fopen(argv[1], "we");
	fd = bind_to(argv[2]);
	/* The command has the one end, and does not know it. */
	if (!file || pipe(ends))
		die("%s", argv[1]);
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		close(ends[1]);
		receive(fd, ends[0], file);
		return 0;
	}
	close(ends[0]);
	setenv("NOTIFY_SOCKET", argv[2], 1);
	execvp(argv[3], argv + 3);
	die("%s", argv[3]);
}
