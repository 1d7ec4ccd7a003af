/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fds: gets file descriptors in all ways, and prints which.
 *
 * Waits for a line on stdin first. Each line of output: PID COMM FD KIND, tabs
 * between; KIND is call for a socket that a system call returned, other for
 * all else. A child and what it gets are not printed. With a number: only so many
 * sockets, and more until stdin ends, one a millisecond, each closed before the next.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define check(call)                            \
	({                                     \
		int result_ = (call);          \
		if (result_ < 0) {             \
			perror("fds: " #call); \
			exit(1);               \
		}                              \
		result_;                       \
	})

static FILE *record;

static int got(int fd, const char *kind)
{
	fprintf(record, "%d\tfds\t%d\t%s\n", (int)getpid(), fd, kind);
	return fd;
}

static int by_call(int fd)
{
	return got(fd, "call");
}

static void accepts(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(at);
	int listener = by_call(check(socket(AF_UNIX, SOCK_STREAM, 0))), fd;

	check(bind(listener, (void *)&at,
		   sizeof(at.sun_family))); /* an abstract name of the kernel's choice */
	check(getsockname(listener, (void *)&at, &size));
	check(listen(listener, 2));
	for (int i = 0; i < 2; i++) {
		fd = by_call(check(socket(AF_UNIX, SOCK_STREAM, 0)));
		check(connect(fd, (void *)&at, size));
	}
	by_call(check(accept(listener, NULL, NULL)));
	by_call(check(accept4(listener, NULL, NULL, SOCK_CLOEXEC)));
}

static void duplicates(int fd, const char *kind)
{
	got(check(dup(fd)), kind);
	got(check(dup2(fd, 90)), kind);
	check(dup2(fd, fd));
	got(check(dup3(fd, 91, O_CLOEXEC)), kind);
	got(check(fcntl(fd, F_DUPFD, 70)), kind);
	got(check(fcntl(fd, F_DUPFD_CLOEXEC, 80)), kind);
	check(fcntl(fd, F_GETFD));
	check(fcntl(fd, F_GETFL));
}

static void by_message(void)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int pair[2], fd;

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	got(pair[0], "other");
	got(pair[1], "other");
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &pair[0], sizeof(int));
	check(sendmsg(pair[0], &message, 0));
	check(recvmsg(pair[1], &message, 0));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	got(fd, "other");
}

static void *in_thread(void *arg)
{
	(void)arg;
	by_call(check(socket(AF_INET, SOCK_STREAM, 0)));
	return NULL;
}

static void in_child(void)
{
	int status;

	switch (check(fork())) {
	case 0:
		check(socket(AF_INET, SOCK_STREAM, 0));
		check(dup(0));
		_exit(0);
	}
	check(wait(&status));
}

static bool stdin_has_ended(void)
{
	struct pollfd in = { .fd = STDIN_FILENO };

	return check(poll(&in, 1, 0)) && in.revents & POLLHUP;
}

static int sockets(int n)
{
	for (int i = 0; i < n || !stdin_has_ended(); i++) {
		close(by_call(check(socket(AF_INET, SOCK_STREAM, 0))));
		usleep(1000);
	}
	return fflush(record) ? 1 : 0;
}

int main(int argc, char **argv)
{
	char line[16];
	int pipes[2];
	pthread_t thread;

	record = stdout;
	setvbuf(record, NULL, _IOFBF, 1 << 16);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	if (argc > 1)
		return sockets(atoi(argv[1]));
	by_call(check(socket(AF_INET, SOCK_STREAM, 0)));
	accepts();
	duplicates(by_call(check(socket(AF_INET, SOCK_DGRAM, 0))), "call");
	duplicates(got(check(open("/dev/null", O_RDONLY)), "other"), "other");
	check(pipe(pipes));
	got(pipes[0], "other");
	got(pipes[1], "other");
	by_message();
	if (pthread_create(&thread, NULL, in_thread, NULL) || pthread_join(thread, NULL))
		return 1;
	in_child();
	return fflush(record) ? 1 : 0;
}
