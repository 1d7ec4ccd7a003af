/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * others: plays other tools that have programs at the root of the cgroup hierarchy. One
 * sends connects to a port elsewhere, as a load balancer does, and one of sock_ops wants to
 * see round-trip times, and forgets what others want to see. Then a connection is made by
 * way of them.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "netns.h"
#include "record.h"
#include "socket.h"

#define CYCLES 20
#define INSN(c, d, s, o, i)                                                                     \
	{                                                                                       \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (short)(o), .imm = (int)(i) \
	}

static const char usage_text[] =
	"Usage: others CGROUP FROM\n"
	"\n"
	"Attach the programs to CGROUP, the root of the hierarchy, and connect to the port\n"
	"FROM of 127.0.0.1 some times. The record of it goes to stdout. It fails if the\n"
	"programs were not run, or if a connection came to another port than theirs.\n";

static void attach(int root, enum bpf_prog_type type, enum bpf_attach_type at,
		   const struct bpf_insn *insns, size_t count)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = at);
	int prog = bpf_prog_load(type, NULL, "GPL", insns, count, &opts);

	if (prog < 0)
		die("loading a program");
	if (bpf_link_create(prog, root, at, NULL) < 0)
		die("attaching it");
}

/* Connects to port from go to port to. Others are let through. */
static void redirect(int root, unsigned int from, unsigned int to)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 1, offsetof(struct bpf_sock_addr, user_port), 0),
		INSN(BPF_JMP | BPF_JNE | BPF_K, 2, 0, 2, htons((uint16_t)from)),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, htons((uint16_t)to)),
		INSN(BPF_STX | BPF_MEM | BPF_W, 1, 2, offsetof(struct bpf_sock_addr, user_port), 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};

	attach(root, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, insns,
	       sizeof(insns) / sizeof(insns[0]));
}

/* Of each socket that is established, the flags become this one's alone. */
static void want_times(int root)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 1, offsetof(struct bpf_sock_ops, op), 0),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1, BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB),
		INSN(BPF_JMP | BPF_JNE | BPF_K, 2, 0, 2, BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, BPF_SOCK_OPS_RTT_CB_FLAG),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_sock_ops_cb_flags_set),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};

	attach(root, BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS, insns,
	       sizeof(insns) / sizeof(insns[0]));
}

static void note(enum event event, unsigned long long netns, const union address *local,
		 const union address *remote)
{
	struct record line = { .event = event, .pid = getpid(), .netns = netns };

	strcpy(line.comm, "others");
	line.tuple.local = *local;
	line.tuple.remote = *remote;
	record_add(&line, NULL);
}

static void make_connection(int listener, const union address *to, unsigned int from,
			    unsigned long long netns)
{
	int client = socket_new(V4, 0), server;
	union address at = *to, local, remote;

	at.in.sin_port = htons((uint16_t)from);
	if (connect(client, &at.sa, address_size(&at)))
		die("connecting to port %u", from);
	server = socket_accept(listener, &remote);
	socket_local(client, &local);
	note(EVENT_CONNECT, netns, &local, to);
	note(EVENT_ACCEPT, netns, to, &local);
	socket_send(client, 100);
	socket_receive(server, 100);
	note(EVENT_CLOSE, netns, &local, to);
	close(client);
	note(EVENT_CLOSE, netns, to, &local);
	close(server);
}

int main(int argc, char **argv)
{
	union address to;
	int root, listener;

	if (argc != 3 || atoi(argv[2]) <= 0) {
		fputs(usage_text, stderr);
		return 2;
	}
	root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		die("%s", argv[1]);
	records_open(4 * CYCLES, 0);
	listener = socket_listen(V4, &to);
	redirect(root, (unsigned int)atoi(argv[2]), address_port(&to));
	want_times(root);
	for (int i = 0; i < CYCLES; i++)
		make_connection(listener, &to, (unsigned int)atoi(argv[2]), netns_inode());
	if (records_print(NULL, ""))
		die("writing the record");
	records_close();
	return 0;
}
