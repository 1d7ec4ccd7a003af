/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel-can.h"

#include <bpf/bpf.h>
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

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"
#define BTF_MAGIC_NUMBER 0xeB9F

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

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

static int can_root(const char *unused)
{
	(void)unused;
	errno = 0;
	return geteuid() ? can_not("the effective user is %d", (int)geteuid()) : 0;
}

int can_child(int (*call)(void), const char *what)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child)
		_exit(call() < 0 ? errno : 0);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return can_not("fork");
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno ? can_not("%s", what) : 0;
}

static int enter_netns(void)
{
	return unshare(CLONE_NEWNET);
}

static int can_netns(const char *unused)
{
	(void)unused;
	return can_child(enter_netns, "unshare(CLONE_NEWNET)");
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

static int can_ipv6(const char *unused)
{
	int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	(void)unused;
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

static int can_btf(const char *unused)
{
	int fd = open(VMLINUX_BTF, O_RDONLY | O_CLOEXEC);
	uint16_t magic = 0;
	ssize_t got;

	(void)unused;
	if (fd < 0)
		return can_not("opening " VMLINUX_BTF);
	got = read(fd, &magic, sizeof(magic));
	close(fd);
	if (got == sizeof(magic) && magic == BTF_MAGIC_NUMBER)
		return 0;
	errno = 0;
	return can_not(VMLINUX_BTF " is not BTF");
}

static int can_mptcp(const char *unused)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	(void)unused;
	if (fd < 0)
		return can_not("making an MPTCP socket");
	close(fd);
	return 0;
}

/* One instruction more than the kernel allowed before Linux 5.2. */
static int can_long_programs(const char *unused)
{
	struct bpf_insn insns[BPF_MAXINSNS + 1];
	int prog;

	(void)unused;
	for (size_t i = 0; i < BPF_MAXINSNS; i++)
		insns[i] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K };
	insns[BPF_MAXINSNS] = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	prog = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, BPF_MAXINSNS + 1,
			     NULL);
	if (prog < 0)
		return can_not("loading a program of %d instructions", BPF_MAXINSNS + 1);
	close(prog);
	return 0;
}

static const struct check {
	const char *name;
	int (*can)(const char *argument);
	const char *argument; /* unless another is given; NULL: it takes none */
	const char *meaning;
} checks[] = {
	{ "root", can_root, NULL, "the effective user is root" },
	{ "bpf", can_bpf, NULL, "load a program" },
	{ "kprobe", can_kprobe, "tcp_set_state", "attach a program to this function" },
	{ "raw_tp", can_raw_tp, "inet_sock_set_state", "attach to this raw tracepoint" },
	{ "tracepoint", can_tracepoint, "syscalls/sys_exit_accept4", "attach to this tracepoint" },
	{ "fentry", can_fentry, "tcp_close", "attach to the entry of this function" },
	{ "fexit", can_fexit, "tcp_close", "attach to the exit of this function" },
	{ "tp_btf", can_tp_btf, "inet_sock_set_state",
	  "ask for socket cookies at this tracepoint" },
	{ "cgroup", can_cgroup, NULL, "programs of the cgroup hierarchy see closes" },
	{ "netns_cookie", can_netns_cookie, NULL, "know network namespaces by their cookies" },
	{ "long_programs", can_long_programs, NULL, "load a program of 4,097 instructions" },
	{ "ringbuf", can_ringbuf, NULL, "make a BPF ring buffer" },
	{ "plain_maps", can_plain_maps, NULL, "look into a map without capabilities" },
	{ "perfmon", can_perfmon, NULL, "open perf events with CAP_PERFMON and no other" },
	{ "unlocked_maps", can_unlocked_maps, NULL, "make maps that are not locked memory" },
	{ "link_pin", can_link_pin, "inet_sock_set_state", "pin a link to this raw tracepoint" },
	{ "fentry_pin", can_fentry_pin, "tcp_close", "pin a link to this function's entry" },
	{ "perf_link_pin", can_perf_link_pin, "tcp_set_state",
	  "pin a perf event link, of a tracepoint or of a kprobe here" },
	{ "netns", can_netns, NULL, "make a network namespace" },
	{ "ipv6", can_ipv6, NULL, "connect to ::1" },
	{ "btf", can_btf, NULL, "read " VMLINUX_BTF },
	{ "mptcp", can_mptcp, NULL, "make an MPTCP socket" },
	{ "tcp_diag", can_tcp_diag, NULL, "list TCP sockets through sock_diag" },
	{ "nftables", can_nftables, NULL, "have nf_tables rules" },
	{ "veth", can_veth, NULL, "make a veth interface" },
};

#define N_CHECKS (sizeof(checks) / sizeof(checks[0]))

/* NAME, or NAME:ARGUMENT where it takes one */
static const struct check *check_find(const char *what)
{
	size_t size = strcspn(what, ":");

	for (size_t i = 0; i < N_CHECKS; i++)
		if (strlen(checks[i].name) == size && !strncmp(checks[i].name, what, size) &&
		    (!what[size] || checks[i].argument))
			return &checks[i];
	return NULL;
}

static int check_ask(const char *what)
{
	const struct check *check = check_find(what);
	const char *colon = strchr(what, ':');

	return check->can(colon ? colon + 1 : check->argument);
}

static int list(void)
{
	for (size_t i = 0; i < N_CHECKS; i++) {
		if (checks[i].can(checks[i].argument))
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
	for (size_t i = 0; i < N_CHECKS; i++) {
		printf("  %-14s %s\n", checks[i].name, checks[i].meaning);
		if (checks[i].argument)
			printf("  %-14s   (%s:%s)\n", "", checks[i].name, checks[i].argument);
	}
	puts("What is shown in parentheses is asked where nothing follows the name.\n"
	     "Exit status: 0 when it can, 77 after a line that says what it cannot and why,\n"
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
		if (!check_ask(names[i]))
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
