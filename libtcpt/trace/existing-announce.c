// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Has the programs report connections that are older than the trace. From Linux 5.10 on
 * user space can run a program of a raw tracepoint, and give it the cookie of a
 * connection. Before, another program sees all system calls for a moment, and finds the
 * cookie among the arguments of a call that ignores them. Where the kernel has no raw
 * tracepoints, user space runs one for packets, and gives it one (Linux 4.12).
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/ethernet.h>
#include <sys/syscall.h>

#include "internal.h"
#include "tcpt_abi.h"
#include "trace/existing-announce.h"

/* Returns the descriptor of a program, or a negative errno if it is not loaded. */
static int loaded(const struct bpf_object *object, const char *name)
{
	const struct bpf_program *prog = bpf_object__find_program_by_name(object, name);

	return prog ? bpf_program__fd(prog) : -ENOENT;
}

int existing_announce_begin(struct announcer *announcer, const struct bpf_object *object)
{
	int by_call = loaded(object, "announce_called");

	announcer->prog = loaded(object, "announce");
	announcer->packet = loaded(object, "announce_packet");
	announcer->link = -1;
	if (announcer->prog >= 0 || announcer->packet >= 0)
		return 0;
	if (by_call < 0)
		return -ENOTSUP;
	announcer->link = bpf_raw_tracepoint_open("sys_enter", by_call);
	return announcer->link < 0 ? -errno : 0;
}

/* The program sees what is behind the header. */
static int run_packet(int prog, uint64_t cookie)
{
	char packet[ETH_HLEN + sizeof(cookie)] = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet, .data_size_in = sizeof(packet));

	memcpy(packet + ETH_HLEN, &cookie, sizeof(cookie));
	return bpf_prog_test_run_opts(prog, &run) ? -errno : 0;
}

int existing_announce(const struct announcer *announcer, uint64_t cookie)
{
	__u64 args[] = { cookie };
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = args, .ctx_size_in = sizeof(args));

	if (announcer->link >= 0) {
		syscall(SYS_getppid, 0, TCPT_ABI_ANNOUNCE, cookie);
		return 0;
	}
	if (announcer->packet >= 0)
		return run_packet(announcer->packet, cookie);
	return bpf_prog_test_run_opts(announcer->prog, &run) ? -errno : 0;
}

void existing_announce_end(struct announcer *announcer)
{
	if (announcer->link >= 0)
		close(announcer->link);
	announcer->link = -1;
}
