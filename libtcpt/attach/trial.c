// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that do nothing, to try what the kernel allows. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>

#include "attach/trial.h"
#include "base/cgroup.h"
#include "base/kernel.h"
#include "base/knobs.h"
#include "internal.h"

static const struct bpf_insn nothing[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

int trial_load(unsigned int type, unsigned int attach_type, unsigned int attach_btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach_type,
		    .attach_btf_id = attach_btf_id, .kern_version = kernel_version());
	int fd = bpf_prog_load(type, NULL, "GPL", nothing, ARRAY_SIZE(nothing), &opts);

	return fd < 0 ? -errno : fd;
}

/*
 * The short one comes first: who may not load any is told the limit of those who may not. Linux
 * before 4.10 says EINVAL to one that is too long.
 */
int trial_long(void)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .kern_version = kernel_version());
	struct bpf_insn insns[BPF_MAXINSNS + ARRAY_SIZE(nothing)];
	int fd = trial_load(BPF_PROG_TYPE_KPROBE, 0, 0);

	if (fd < 0)
		return fd;
	close(fd);
	if (knob_without("long_programs"))
		return -E2BIG;
	for (size_t i = 0; i < BPF_MAXINSNS; i++)
		insns[i] = nothing[0];
	memcpy(insns + BPF_MAXINSNS, nothing, sizeof(nothing));
	fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", insns, ARRAY_SIZE(insns), &opts);
	if (fd < 0)
		return errno == EINVAL ? -E2BIG : -errno;
	close(fd);
	return 0;
}

static int make_map(const char *knob, enum bpf_map_type type, unsigned int flags, size_t entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);
	size_t size = type == BPF_MAP_TYPE_RINGBUF ? 0 : sizeof(__u32);
	int fd;

	if (knob_without(knob))
		return -EINVAL;
	fd = bpf_map_create(type, NULL, size, size, entries, &opts);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* A kernel that loads no long programs has no BPF ring buffer: it is older. */
int trial_ring(void)
{
	if (knob_without("long_programs"))
		return -EINVAL;
	return make_map("ringbuf", BPF_MAP_TYPE_RINGBUF, 0, sysconf(_SC_PAGESIZE));
}

int trial_lru(void)
{
	return make_map("lru", BPF_MAP_TYPE_LRU_HASH, 0, 1);
}

int trial_array(void)
{
	return make_map("mmap", BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, 1);
}

int trial_trie(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	int fd;

	if (knob_without("tries"))
		return -EINVAL;
	fd = bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, NULL, 8, 1, 1, &opts);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int trial_cookie(const char *tracepoint)
{
	const struct bpf_insn ask[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_1 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_socket_cookie },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_RAW_TP);
	int id = libbpf_find_vmlinux_btf_id(tracepoint, BPF_TRACE_RAW_TP), fd;

	if (id < 0)
		return id;
	opts.attach_btf_id = id;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "GPL", ask, ARRAY_SIZE(ask), &opts);
	return fd >= 0 ? fd : errno == EINVAL ? -KERNEL_ENOTSUPP : -errno;
}

int trial_raw_tp(void)
{
	int prog = knob_without("raw_tp") || !trial_tracing() ?
			   -ENODEV :
			   trial_load(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0);

	return prog == -EINVAL ? -ENODEV : prog;
}

/* Runs a program, and closes it. */
static int run_once(int prog, struct bpf_test_run_opts *run)
{
	int err;

	if (prog < 0)
		return prog;
	err = bpf_prog_test_run_opts(prog, run) ? -ENOTSUP : 0;
	close(prog);
	return err;
}

int trial_run(void)
{
	__u64 args[1] = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = args, .ctx_size_in = sizeof(args));

	return knob_without("test_run") ? -ENOTSUP : run_once(trial_raw_tp(), &run);
}

int trial_run_packet(void)
{
	char packet[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet, .data_size_in = sizeof(packet));

	return knob_without("test_run_packet") ?
		       -ENOTSUP :
		       run_once(trial_load(BPF_PROG_TYPE_SOCKET_FILTER, 0, 0), &run);
}

static const struct {
	const char *hook;
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
} cgroup_hooks[] = {
	{ "sock_ops", BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS },
	{ "sock_release", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE },
	{ "connect4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT },
	{ "connect6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT },
};

int trial_cgroup(const char *hook)
{
	const struct bpf_insn allow[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	int root = cgroup_open_root(), prog, link = -1, err = 0;
	size_t i = 0;

	if (root < 0)
		return root;
	if (knob_without("cgroup_links")) {
		close(root);
		return -EINVAL;
	}
	while (strcmp(cgroup_hooks[i].hook, hook))
		i++;
	opts.expected_attach_type = cgroup_hooks[i].attach;
	prog = bpf_prog_load(cgroup_hooks[i].type, NULL, "GPL", allow, ARRAY_SIZE(allow), &opts);
	if (prog >= 0)
		link = bpf_link_create(prog, root, cgroup_hooks[i].attach, NULL);
	if (link < 0)
		err = -errno;
	else
		close(link);
	if (prog >= 0)
		close(prog);
	close(root);
	return err;
}

bool trial_tracing(void)
{
	int prog = knob_without("tracing") ? -EINVAL : trial_load(BPF_PROG_TYPE_TRACEPOINT, 0, 0);

	if (prog >= 0)
		close(prog);
	return prog != -EINVAL;
}

/*
 * libbpf 1.1 has such a trial too, which does not know what newer kernels say of a helper that
 * is not there.
 */
bool trial_helper(unsigned int type, unsigned int attach_type, unsigned int helper)
{
	const struct bpf_insn call[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = helper },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char said[4096] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach_type,
		    .kern_version = kernel_version(), .log_level = 1, .log_buf = said,
		    .log_size = sizeof(said));
	int prog = bpf_prog_load(type, NULL, "GPL", call, ARRAY_SIZE(call), &opts);

	if (prog >= 0)
		close(prog);
	return !strstr(said, "invalid func ") && !strstr(said, "unknown func ") &&
	       !strstr(said, "cannot use helper");
}

bool trial_cgroup_reads(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cgroup_hooks); i++)
		if (!trial_helper(cgroup_hooks[i].type, cgroup_hooks[i].attach,
				  BPF_FUNC_probe_read_kernel))
			return false;
	return trial_tracing();
}

int trial_perf(unsigned int type, int perf, bool *pinnable)
{
	int prog = trial_load(type, 0, 0), link, err = 0;

	if (prog < 0)
		return prog;
	link = bpf_link_create(prog, perf, BPF_PERF_EVENT, NULL);
	*pinnable = link >= 0;
	if (link >= 0)
		close(link);
	else if (ioctl(perf, PERF_EVENT_IOC_SET_BPF, prog))
		err = -errno;
	close(prog);
	return err;
}
