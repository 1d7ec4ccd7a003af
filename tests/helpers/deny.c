/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * deny: runs a program in a place that denies it something.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOOPBACK_INDEX 1

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define FIRST_ARGUMENT (offsetof(struct seccomp_data, args) + 4)
#else
#define FIRST_ARGUMENT offsetof(struct seccomp_data, args)
#endif

/* A call whose first argument has one of these bits fails with EPERM; 0: whatever it has. */
static int deny_call(uint32_t number, uint32_t bits)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, bits ? 0 : 3, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIRST_ARGUMENT),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	/* Without no_new_privs, which would change more: that takes CAP_SYS_ADMIN. */
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int deny_unshare(void)
{
	return deny_call(SYS_unshare, 0);
}

static int deny_netns(void)
{
	return deny_call(SYS_unshare, CLONE_NEWNET);
}

static int deny_bpf(void)
{
	return deny_call(SYS_bpf, 0);
}

static int deny_fsopen(void)
{
	return deny_call(SYS_fsopen, 0);
}

static int deny_setns(void)
{
	return deny_call(SYS_setns, 0);
}

static int deny_perf(void)
{
	return deny_call(SYS_perf_event_open, 0);
}

/* All that arrives on lo is dropped, for as long as the network namespace lasts. */
static int deny_loopback(void)
{
	static const struct bpf_insn drop[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int prog = bpf_prog_load(BPF_PROG_TYPE_XDP, NULL, "GPL", drop, 2, NULL);
	int err;

	if (prog < 0)
		return -1;
	err = bpf_xdp_attach(LOOPBACK_INDEX, prog, XDP_FLAGS_SKB_MODE, NULL);
	close(prog);
	errno = -err;
	return err ? -1 : 0;
}

static const struct denial {
	const char *name;
	int (*deny)(void);
	const char *meaning;
} denials[] = {
	{ "unshare", deny_unshare, "unshare() fails with EPERM" },
	{ "netns", deny_netns, "unshare(CLONE_NEWNET) fails with EPERM" },
	{ "bpf", deny_bpf, "bpf() fails with EPERM" },
	{ "fsopen", deny_fsopen, "fsopen() fails with EPERM" },
	{ "setns", deny_setns, "setns() fails with EPERM" },
	{ "perf", deny_perf, "perf_event_open() fails with EPERM" },
	{ "loopback", deny_loopback, "this network namespace's lo drops all, for good" },
};

#define N_DENIALS (sizeof(denials) / sizeof(denials[0]))

static int help(int status)
{
	FILE *to = status ? stderr : stdout;

	fputs("Usage: deny WHAT COMMAND [ARGUMENT]...\n"
	      "Run COMMAND where WHAT is denied:\n",
	      to);
	for (size_t i = 0; i < N_DENIALS; i++)
		fprintf(to, "  %-10s %s\n", denials[i].name, denials[i].meaning);
	fputs("Exit status: COMMAND's; 2 on misuse, 125 when it could not be denied, 126 when\n"
	      "COMMAND could not be run.\n",
	      to);
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--help"))
		return help(0);
	if (argc < 3)
		return help(2);
	for (size_t i = 0; i < N_DENIALS; i++) {
		if (strcmp(argv[1], denials[i].name))
			continue;
		if (denials[i].deny()) {
			fprintf(stderr, "deny: cannot deny %s: %s\n", argv[1], strerror(errno));
			return 125;
		}
		execvp(argv[2], argv + 2);
		fprintf(stderr, "deny: cannot run %s: %s\n", argv[2], strerror(errno));
		return 126;
	}
	return help(2);
}
