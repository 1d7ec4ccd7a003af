/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * odd32: connections made by the 32-bit system calls of x86. It has no C
 * library, since few machines have one for it; odd runs it and takes down what
 * it says it has done.
 */
struct odd32_address {
	unsigned short family;
	unsigned short port;
	unsigned int address;
	char zero[8];
};

#define ODD32_FREESTANDING
#include "odd32.h"

enum {
	SYS_exit = 1,
	SYS_read = 3,
	SYS_write = 4,
	SYS_close = 6,
	SYS_getpid = 20,
	SYS_socketcall = 102,
	SYS_socket = 359,
	SYS_bind = 361,
	SYS_connect = 362,
	SYS_listen = 363,
	SYS_accept4 = 364,
	SYS_getsockname = 367,
	SYS_getpeername = 368
};
enum {
	CALL_ACCEPT = 5
};
enum {
	CONNECT,
	ACCEPT,
	CLOSE,
	FAIL
};
enum {
	INET = 2,
	STREAM = 1,
	LOOPBACK = 0x0100007f,
	REFUSED = 111
};

static int syscall4(int number, long a, long b, long c, long d)
{
	int result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory");
	return result;
}

static int syscall3(int number, long a, long b, long c)
{
	return syscall4(number, a, b, c, 0);
}

static void __attribute__((noreturn)) leave(int status)
{
	for (;;)
		syscall3(SYS_exit, status, 0, 0);
}

static int must(int result)
{
	if (result < 0)
		leave(1);
	return result;
}

static void name(int number, int fd, struct odd32_address *address)
{
	int size = sizeof(*address);

	must(syscall3(number, fd, (long)address, (long)&size));
}

static int make(struct odd32_address *address)
{
	int fd = must(syscall3(SYS_socket, INET, STREAM, 0));

	address->family = INET;
	address->port = 0;
	address->address = LOOPBACK;
	must(syscall3(SYS_bind, fd, (long)address, sizeof(*address)));
	name(SYS_getsockname, fd, address);
	return fd;
}

static void say(const struct odd32_event *event)
{
	if (syscall3(SYS_write, 1, (long)event, sizeof(*event)) != sizeof(*event))
		leave(1);
}

static void opened(int kind, int fd, struct odd32_event *event)
{
	event->event = kind;
	event->how = ODD32_NONE;
	event->pid = syscall3(SYS_getpid, 0, 0, 0);
	name(SYS_getsockname, fd, &event->local);
	name(SYS_getpeername, fd, &event->remote);
	say(event);
}

static void closed(int fd, struct odd32_event *event, int how)
{
	must(syscall3(SYS_close, fd, 0, 0));
	event->event = CLOSE;
	event->how = how;
	say(event);
}

static int take(int listener, int old)
{
	long arguments[3] = { listener, 0, 0 };

	if (old)
		return must(syscall3(SYS_socketcall, CALL_ACCEPT, (long)arguments, 0));
	return must(syscall4(SYS_accept4, listener, 0, 0, 0));
}

static void cycle(int listener, const struct odd32_address *to, int old)
{
	struct odd32_event client = { 0 }, server = { 0 };
	struct odd32_address any;
	int here, there;

	here = make(&any);
	must(syscall3(SYS_connect, here, (long)to, sizeof(*to)));
	opened(CONNECT, here, &client);
	there = take(listener, old);
	opened(ACCEPT, there, &server);
	closed(here, &client, ODD32_LOCAL);
	/* Its FIN may take a moment. */
	if (syscall3(SYS_read, there, (long)&any, 1))
		leave(1);
	closed(there, &server, ODD32_PEER);
}

static void refused(const struct odd32_address *to)
{
	struct odd32_event event = { .event = FAIL, .how = REFUSED, .remote = *to };
	int fd = make(&event.local);

	if (syscall3(SYS_connect, fd, (long)to, sizeof(*to)) != -REFUSED)
		leave(1);
	event.pid = syscall3(SYS_getpid, 0, 0, 0);
	syscall3(SYS_close, fd, 0, 0);
	say(&event);
}

void _start(void);
void _start(void)
{
	struct odd32_address address;
	int listener = make(&address);

	refused(&address);
	must(syscall3(SYS_listen, listener, 8, 0));
	for (int i = 0; i < 4; i++)
		cycle(listener, &address, i % 2);
	leave(0);
}
