/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel-can.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define VMLINUX_BTF	 "/sys/kernel/btf/vmlinux"
#define BTF_MAGIC_NUMBER 0xeB9F

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

const char *const kprobe_function = "tcp_set_state";

static char reason[256];

int can_not(const char *format, ...)
{
	int why = errno, length;
	va_list args;

	va_start(args, format);
	length = vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	if (why && length >= 0 && (size_t)length < sizeof(reason))
		snprintf(reason + length, sizeof(reason) - (size_t)length, ": %s", strerror(why));
	return -1;
}

static int can_root(void)
{
	errno = 0;
	return geteuid() ? can_not("the effective user is %d", (int)geteuid()) : 0;
}

/* In a child: this process stays where it is. */
static int can_netns(void)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child)
		_exit(unshare(CLONE_NEWNET) ? errno : 0);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return can_not("fork");
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno ? can_not("unshare(CLONE_NEWNET)") : 0;
}

/* A listener on ::1 and a connection to it */
static int ipv6_connect(int listener, int client)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t size = sizeof(addr);

	if (bind(listener, (struct sockaddr *)&addr, size))
		return can_not("binding to ::1");
	if (listen(listener, 1) || getsockname(listener, (struct sockaddr *)&addr, &size))
		return can_not("listening on ::1");
	if (connect(client, (struct sockaddr *)&addr, size))
		return can_not("connecting to ::1");
	return 0;
}

static int can_ipv6(void)
{
	int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	if (listener < 0 || client < 0)
		result = can_not("making an AF_INET6 socket");
	else
		result = ipv6_connect(listener, client);
	if (client >= 0)
		close(client);
	if (listener >= 0)
		close(listener);
	return result;
}

static int can_btf(void)
{
	int fd = open(VMLINUX_BTF, O_RDONLY | O_CLOEXEC);
	uint16_t magic = 0;
	ssize_t got;

	if (fd < 0)
		return can_not("opening " VMLINUX_BTF);
	got = read(fd, &magic, sizeof(magic));
	close(fd);
	if (got == sizeof(magic) && magic == BTF_MAGIC_NUMBER)
		return 0;
	errno = 0;
	return can_not(VMLINUX_BTF " is not BTF");
}

static int can_mptcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd < 0)
		return can_not("making an MPTCP socket");
	close(fd);
	return 0;
}

static const struct check {
	const char *name;
	int (*can)(void);
	const char *meaning;
} checks[] = {
	{ "root", can_root, "the effective user is root" },
	{ "bpf", can_bpf, "load a program" },
	{ "kprobe", can_kprobe, "attach a program to tcp_set_state" },
	{ "raw_tp", can_raw_tp, "attach to raw tracepoint inet_sock_set_state" },
	{ "tracepoint", can_tracepoint, "attach to tracepoint syscalls/sys_exit_accept" },
	{ "fentry", can_fentry, "attach to the entry of tcp_close" },
	{ "ringbuf", can_ringbuf, "make a BPF ring buffer" },
	{ "link_pin", can_link_pin, "pin a raw tracepoint link" },
	{ "perf_link_pin", can_perf_link_pin, "pin a perf event link" },
	{ "netns", can_netns, "make a network namespace" },
	{ "ipv6", can_ipv6, "connect to ::1" },
	{ "btf", can_btf, "read " VMLINUX_BTF },
	{ "mptcp", can_mptcp, "make an MPTCP socket" },
	{ "nftables", can_nftables, "have nf_tables rules" },
	{ "veth", can_veth, "make a veth interface" },
};

#define N_CHECKS (sizeof(checks) / sizeof(checks[0]))

static const struct check *check_find(const char *name)
{
	for (size_t i = 0; i < N_CHECKS; i++)
		if (!strcmp(checks[i].name, name))
			return &checks[i];
	return NULL;
}

static int list(void)
{
	for (size_t i = 0; i < N_CHECKS; i++) {
		if (checks[i].can())
			printf("%s no (%s)\n", checks[i].name, reason);
		else
			printf("%s yes\n", checks[i].name);
	}
	return fflush(stdout) ? 1 : 0;
}

static int help(void)
{
	puts("Usage: kernel-can WHAT...\n"
	     "       kernel-can --list\n"
	     "Ask the running kernel, by trying, whether it can do all of WHAT:");
	for (size_t i = 0; i < N_CHECKS; i++)
		printf("  %-14s %s\n", checks[i].name, checks[i].meaning);
	puts("Exit status: 0 when it can, 77 after a line that says what it cannot and why,\n"
	     "2 on misuse.");
	return fflush(stdout) ? 1 : 0;
}

static int misuse(const char *what, const char *value)
{
	if (what)
		fprintf(stderr, "kernel-can: %s%s\n", what, value);
	fputs("Try 'kernel-can --help'\n", stderr);
	return 2;
}

/* All names are looked at before anything is tried. */
static int ask(char **names, int count)
{
	for (int i = 0; i < count; i++)
		if (!check_find(names[i]))
			return misuse("unknown: ", names[i]);
	for (int i = 0; i < count; i++) {
		if (!check_find(names[i])->can())
			continue;
		printf("this kernel cannot %s: %s\n", names[i], reason);
		return fflush(stdout) ? 1 : 77;
	}
	return 0;
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, all = 0;

	libbpf_set_print(quiet);
	while ((option = getopt_long(argc, argv, "lh", table, NULL)) != -1) {
		if (option == 'h')
			return help();
		if (option == '?')
			return misuse(NULL, NULL);
		all = 1;
	}
	if (all && optind < argc)
		return misuse("--list takes no argument: ", argv[optind]);
	if (all)
		return list();
	if (optind == argc)
		return misuse("nothing to ask", "");
	return ask(argv + optind, argc - optind);
}
