/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel-can.h"

#define RAW_TP "inet_sock_set_state"
#define TP_CATEGORY "syscalls"
#define TP_NAME "sys_exit_accept4"

static const struct bpf_insn return_0[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

/* close() that keeps errno */
static void drop(int fd)
{
	int why = errno;

	if (fd >= 0)
		close(fd);
	errno = why;
}

/* Kprobe programs have to name the kernel's version before Linux 5.0. */
static uint32_t kernel_version(void)
{
	unsigned int major = 0, minor = 0, patch = 0;
	const char *debian;
	struct utsname name;

	if (uname(&name))
		return 0;
	debian = strstr(name.version, "Debian ");
	if (!debian || sscanf(debian, "Debian %u.%u.%u", &major, &minor, &patch) != 3)
		sscanf(name.release, "%u.%u.%u", &major, &minor, &patch);
	return (major << 16) + (minor << 8) + (patch > 255 ? 255 : patch);
}

static int prog_load_opts(enum bpf_prog_type type, struct bpf_prog_load_opts *opts)
{
	size_t count = sizeof(return_0) / sizeof(return_0[0]);

	return bpf_prog_load(type, NULL, "GPL", return_0, count, opts);
}

int prog_load(enum bpf_prog_type type)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .kern_version = kernel_version());

	return prog_load_opts(type, &opts);
}

int can_bpf(const char *unused)
{
	int prog = prog_load(BPF_PROG_TYPE_SOCKET_FILTER);

	(void)unused;
	if (prog < 0)
		return can_not("loading a program");
	drop(prog);
	return 0;
}

/* Returns whether a program of the cgroup hierarchy can see that sockets are closed. */
int can_cgroup(const char *unused)
{
	const struct bpf_insn allow[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_CGROUP_INET_SOCK_RELEASE);
	int prog = bpf_prog_load(BPF_PROG_TYPE_CGROUP_SOCK, NULL, "GPL", allow, 2, &opts);

	(void)unused;
	if (prog < 0)
		return can_not("loading a program for cgroup/sock_release");
	drop(prog);
	return 0;
}

/* Returns whether a program of sock_ops can ask for the cookie of a network namespace. */
int can_netns_cookie(const char *unused)
{
	const struct bpf_insn ask[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_netns_cookie },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_CGROUP_SOCK_OPS);
	int prog = bpf_prog_load(BPF_PROG_TYPE_SOCK_OPS, NULL, "GPL", ask, 3, &opts);

	(void)unused;
	if (prog < 0)
		return can_not("asking for the cookie of a network namespace");
	drop(prog);
	return 0;
}

/*
 * Returns whether a program of this type can be attached to this event, and closes the
 * event.
 */
static int can_perf(enum bpf_prog_type type, int perf, const char *what)
{
	int prog, result = -1;

	if (perf < 0)
		return can_not("opening %s", what);
	prog = prog_load(type);
	if (prog < 0)
		can_not("loading a program for %s", what);
	else if (perf_prog_set(perf, prog))
		can_not("attaching to %s", what);
	else
		result = 0;
	drop(prog);
	drop(perf);
	return result;
}

int can_kprobe(const char *function)
{
	char what[128];
	int result;

	snprintf(what, sizeof(what), "a kprobe on %s", function);
	result = can_perf(BPF_PROG_TYPE_KPROBE, perf_kprobe_open(function), what);
	perf_kprobe_forget();
	return result;
}

int can_tracepoint(const char *event)
{
	char category[64], what[128];
	const char *name = strchr(event, '/');

	if (!name) {
		errno = 0;
		return can_not("%s is not CATEGORY/NAME", event);
	}
	snprintf(category, sizeof(category), "%.*s", (int)(name - event), event);
	snprintf(what, sizeof(what), "tracepoint %s", event);
	return can_perf(BPF_PROG_TYPE_TRACEPOINT, perf_tracepoint_open(category, name + 1), what);
}

/* An attached raw tracepoint; -1 after can_not() */
static int raw_tp_open(const char *name)
{
	int prog = prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT), link;

	if (prog < 0)
		return can_not("loading a raw tracepoint program");
	link = bpf_raw_tracepoint_open(name, prog);
	drop(prog);
	if (link < 0)
		return can_not("attaching to raw tracepoint %s", name);
	return link;
}

int can_raw_tp(const char *name)
{
	int link = raw_tp_open(name);

	drop(link);
	return link < 0 ? -1 : 0;
}

/* An attached program of a function's entry or exit; -1 after can_not() */
static int trampoline_open(const char *function, enum bpf_attach_type type)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type);
	const char *kind = type == BPF_TRACE_FENTRY ? "fentry" : "fexit";
	int prog, link, id = libbpf_find_vmlinux_btf_id(function, type);

	if (id < 0) {
		errno = -id;
		return can_not("finding %s in the kernel's BTF", function);
	}
	opts.attach_btf_id = (uint32_t)id;
	prog = prog_load_opts(BPF_PROG_TYPE_TRACING, &opts);
	if (prog < 0)
		return can_not("loading a %s program for %s", kind, function);
	link = bpf_raw_tracepoint_open(NULL, prog);
	drop(prog);
	return link < 0 ? can_not("attaching %s to %s", kind, function) : link;
}

/* A program there that asks for the socket's cookie (Linux 5.12) */
int can_tp_btf(const char *name)
{
	static const struct bpf_insn ask[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_1 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_socket_cookie },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_RAW_TP);
	int prog, link, id = libbpf_find_vmlinux_btf_id(name, BPF_TRACE_RAW_TP);

	if (id < 0) {
		errno = -id;
		return can_not("finding tracepoint %s in the kernel's BTF", name);
	}
	opts.attach_btf_id = (uint32_t)id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "GPL", ask, sizeof(ask) / sizeof(ask[0]),
			     &opts);
	if (prog < 0)
		return can_not("loading a program that asks for cookies");
	link = bpf_raw_tracepoint_open(NULL, prog);
	drop(prog);
	drop(link);
	return link < 0 ? can_not("attaching tp_btf to %s", name) : 0;
}

int can_fentry(const char *function)
{
	int link = trampoline_open(function, BPF_TRACE_FENTRY);

	drop(link);
	return link < 0 ? -1 : 0;
}

int can_fexit(const char *function)
{
	int link = trampoline_open(function, BPF_TRACE_FEXIT);

	drop(link);
	return link < 0 ? -1 : 0;
}

int can_ringbuf(const char *unused)
{
	int map = bpf_map_create(BPF_MAP_TYPE_RINGBUF, NULL, 0, 0, (uint32_t)sysconf(_SC_PAGESIZE),
				 NULL);

	(void)unused;
	if (map < 0)
		return can_not("making a ring buffer");
	drop(map);
	return 0;
}

/* Pins, looks, unpins; takes the link. */
static int can_pin(int link, const char *what)
{
	const char *bpffs = bpffs_path();
	char path[128];
	int result;

	if (!bpffs) {
		drop(link);
		return can_not("mounting bpffs");
	}
	snprintf(path, sizeof(path), "%s/kernel_can_%d", bpffs, (int)getpid());
	result = bpf_obj_pin(link, path) ? can_not("pinning a %s link", what) : 0;
	if (!result)
		unlink(path);
	drop(link);
	return result;
}

/* Looks as another uid than root's, and so without capabilities. */
static int look_as_nobody(int map)
{
	int status;
	pid_t child = fork();

	if (!child) {
		__u32 key = 0, value;

		if (setresuid(65534, 65534, 65534) || bpf_map_lookup_elem(map, &key, &value))
			_exit(errno);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/*
 * Under a limit of its own, which is not put back: a child asks, without libbpf, which
 * would raise it.
 */
static int make_large_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4096,
		.max_entries = 256,
	};
	const struct rlimit little = { 1 << 16, 1 << 16 };
	int status;
	pid_t child = fork();

	if (!child) {
		if (setrlimit(RLIMIT_MEMLOCK, &little) ||
		    syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) < 0)
			_exit(errno);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

int can_unlocked_maps(const char *unused)
{
	(void)unused;
	errno = make_large_map();
	return errno ? can_not("making a map beyond the limit of locked memory") : 0;
}

int can_plain_maps(const char *unused)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 4, 1, NULL);

	(void)unused;
	if (map < 0)
		return can_not("making a map");
	errno = look_as_nobody(map);
	close(map);
	return errno ? can_not("looking into a map as nobody") : 0;
}

int can_link_pin(const char *name)
{
	int link = raw_tp_open(name);

	return link < 0 ? -1 : can_pin(link, "raw tracepoint");
}

int can_fentry_pin(const char *function)
{
	int link = trampoline_open(function, BPF_TRACE_FENTRY);

	return link < 0 ? -1 : can_pin(link, "fentry");
}

/* A link to a perf event, not just a perf event that runs a program (Linux 5.15) */
static int perf_link_open(int perf, int prog)
{
	int link = bpf_link_create(prog, perf, BPF_PERF_EVENT, NULL);

	drop(prog);
	drop(perf);
	return link < 0 ? can_not("making a perf event link") : link;
}

static int can_pin_perf(enum bpf_prog_type type, int perf)
{
	int prog = prog_load(type), link;

	if (prog < 0) {
		drop(perf);
		return can_not("loading a program");
	}
	link = perf_link_open(perf, prog);
	return link < 0 ? -1 : can_pin(link, "perf event");
}

int can_perf_link_pin(const char *function)
{
	enum bpf_prog_type type = BPF_PROG_TYPE_TRACEPOINT;
	int perf = perf_tracepoint_open(TP_CATEGORY, TP_NAME), result;

	if (perf < 0) {
		type = BPF_PROG_TYPE_KPROBE;
		perf = perf_kprobe_open(function);
	}
	if (perf < 0)
		return can_not("opening a tracepoint or a kprobe");
	result = can_pin_perf(type, perf);
	perf_kprobe_forget();
	return result;
}
