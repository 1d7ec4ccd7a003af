/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unseen: runs a test, and runs it again if it failed while this kernel kept from
 * BPF programs what they are attached to. Some sandboxes do so while one of their own
 * processes is current, also for interrupts that come just then. The kernel does not count
 * that as missed, so no trace can know of it. Software counters of the same tracepoints do
 * not depend on BPF, and show it.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/tracefs.h"

#define RUNS_MAX 4
#define CPUS_MAX 1024
#define SKIPPED 77

static const struct tracepoint {
	const char *category, *name;
} tracepoints[] = {
	{ "sock", "inet_sock_set_state" },
	{ "tcp", "tcp_destroy_sock" },
};

#define TRACEPOINTS (sizeof(tracepoints) / sizeof(tracepoints[0]))

/* How often a tracepoint was passed: by software counters, and by a program. */
static struct passes {
	int cpus[CPUS_MAX];
	int prog, map;
} passes[TRACEPOINTS];

static pid_t child;

/* ---- counting ---- */

/* Counts in the only value of a map. */
static int program_load(int map)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_VALUE,
		  .imm = map },
		{},
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 1 },
		{ .code = BPF_STX | BPF_DW | BPF_ATOMIC,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_REG_2,
		  .imm = BPF_ADD },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "unseen", "GPL", insns,
			     sizeof(insns) / sizeof(insns[0]), NULL);
}

static bool count_by_program(struct passes *of, const char *name)
{
	of->map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "unseen", 4, 8, 1, NULL);
	of->prog = of->map < 0 ? -1 : program_load(of->map);
	return of->prog >= 0 && bpf_raw_tracepoint_open(name, of->prog) >= 0;
}

/* Of processors that are not there nothing is counted. */
static bool count_by_counters(struct passes *of, const struct tracepoint *at)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	int id = tracefs_event_id(at->category, at->name);
	bool is_counted = false;

	attr.config = (uint32_t)id;
	for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
		of->cpus[cpu] = id < 0 ? -1 :
					 (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
						      PERF_FLAG_FD_CLOEXEC);
		is_counted |= of->cpus[cpu] >= 0;
	}
	return is_counted;
}

/* The kernel counts what a program misses by running already: that is no secret. */
static uint64_t seen_by_program(const struct passes *of)
{
	struct bpf_prog_info info = {};
	uint32_t size = sizeof(info), zero = 0;
	uint64_t count = 0;

	bpf_map_lookup_elem(of->map, &zero, &count);
	bpf_obj_get_info_by_fd(of->prog, &info, &size);
	return count + info.recursion_misses;
}

static uint64_t passed(const struct passes *of)
{
	uint64_t sum = 0, count;

	for (int cpu = 0; cpu < CPUS_MAX; cpu++)
		if (of->cpus[cpu] >= 0 &&
		    read(of->cpus[cpu], &count, sizeof(count)) == sizeof(count))
			sum += count;
	return sum;
}

static bool count_all(void)
{
	for (size_t i = 0; i < TRACEPOINTS; i++)
		if (!count_by_counters(&passes[i], &tracepoints[i]) ||
		    !count_by_program(&passes[i], tracepoints[i].name))
			return false;
	return true;
}

/* Returns how much no program has seen. What happens meanwhile may be counted by one alone. */
static int64_t unseen(void)
{
	int64_t sum = 0;

	for (size_t i = 0; i < TRACEPOINTS; i++)
		sum += (int64_t)(passed(&passes[i]) - seen_by_program(&passes[i]));
	return sum;
}

/* ---- the test ---- */

static void forward(int number)
{
	if (child > 0)
		kill(child, number);
}

/* Returns its exit status, or 128 and the signal. */
static int run(char **command)
{
	int status;

	fflush(stdout);
	child = fork();
	if (!child) {
		execvp(command[0], command);
		_exit(127);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A failure counts that could not have been for this reason, or the last one of some. */
static int run_until_seen(char **command)
{
	int status = 1;

	for (int runs = 1; runs <= RUNS_MAX; runs++) {
		int64_t before = unseen(), missed;

		status = run(command);
		missed = unseen() - before;
		if (!status || status == SKIPPED || status > 128 || missed <= 0)
			break;
		if (runs < RUNS_MAX)
			printf("unseen: %lld passes of a tracepoint ran no program, and the kernel "
			       "has not counted them as missed; once more\n",
			       (long long)missed);
	}
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("Usage: unseen COMMAND...\n", stderr);
		return 2;
	}
	signal(SIGTERM, forward);
	signal(SIGHUP, forward);
	signal(SIGINT, forward);
	return count_all() ? run_until_seen(argv + 1) : run(argv + 1);
}
