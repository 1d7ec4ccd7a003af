/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the BPF programs and libtcpt agree on: the names of maps and programs,
 * and the layout of everything that lies in a map. Addresses are in network
 * byte order, ports and everything else in the host's.
 */
#ifndef TCPT_ABI_H
#define TCPT_ABI_H

#include <linux/types.h>

/* Stamped into the pinned meta map; raised by every change of a layout below. */
#define TCPT_ABI_MAGIC 0x74706374 /* "tcpt" */
#define TCPT_ABI_VERSION 1

#define TCPT_COMM_LEN 16

/* The kernel's TCP states (include/net/tcp_states.h, unchanged since 2.6). */
enum tcpt_abi_tcp_state {
	TCPT_ESTABLISHED = 1,
	TCPT_SYN_SENT = 2,
	TCPT_SYN_RECV = 3,
	TCPT_FIN_WAIT1 = 4,
	TCPT_FIN_WAIT2 = 5,
	TCPT_TIME_WAIT = 6,
	TCPT_CLOSE = 7,
	TCPT_CLOSE_WAIT = 8,
	TCPT_LAST_ACK = 9,
	TCPT_LISTEN = 10,
	TCPT_CLOSING = 11,
};

enum tcpt_abi_event_type {
	TCPT_ABI_CONNECT = 1,
	TCPT_ABI_ACCEPT = 2,
	TCPT_ABI_CLOSE = 3,
};

enum tcpt_abi_role {
	TCPT_ABI_ROLE_UNKNOWN = 0,
	TCPT_ABI_CLIENT = 1,
	TCPT_ABI_SERVER = 2,
};

/* The hook that should have said this missed it; a later one did. */
#define TCPT_ABI_LATE 0x01

struct tcpt_abi_task {
	__u32 pid; /* thread group id, initial pid namespace; 0: not known */
	__u32 tid;
	__u32 uid;
	__u32 pad;
	char comm[TCPT_COMM_LEN];
};
_Static_assert(sizeof(struct tcpt_abi_task) == 32, "tcpt_abi_task");

struct tcpt_abi_tuple {
	__u32 saddr[4]; /* local end; IPv4 in saddr[0] */
	__u32 daddr[4]; /* remote end */
	__u16 sport;
	__u16 dport;
	__u32 netns; /* inode of the network namespace */
	__u8 family; /* 4 or 6 */
	__u8 pad[3];
};
_Static_assert(sizeof(struct tcpt_abi_tuple) == 44, "tcpt_abi_tuple");

struct tcpt_abi_event {
	__u16 size;
	__u8 version;
	__u8 type;
	__u32 cpu;
	__u64 seq; /* per CPU, from 1; a gap is a loss */
	__u64 ts; /* CLOCK_MONOTONIC, ns */
	__u64 id; /* the same in all events of one connection */
	__u64 opened; /* when it was established, ns; 0: before the trace */
	struct tcpt_abi_task by;
	struct tcpt_abi_tuple tuple;
	__u32 opener_pid;
	__u8 role;
	__u8 flags;
	__u8 pad[6];
};
_Static_assert(sizeof(struct tcpt_abi_event) == 128, "tcpt_abi_event");

/* Value of the map conns: one established connection. */
struct tcpt_abi_conn {
	__u64 id;
	__u64 opened;
	struct tcpt_abi_task opener;
	struct tcpt_abi_tuple tuple;
	__u8 role;
	__u8 reported; /* its connect or accept went out */
	__u8 ended; /* has come to CLOSE while a task held it, which is still to close it */
	__u8 pad;
};
_Static_assert(sizeof(struct tcpt_abi_conn) == 96, "tcpt_abi_conn");

/* Value of the map counters, one a CPU. */
struct tcpt_abi_counters {
	__u64 seq; /* of the last event */
	__u64 ids; /* connection ids given out */
	__u64 lost; /* events that found the ring full */
	__u64 late; /* events that a later hook repaired */
	__u64 conns_full; /* connections not remembered */
	__u64 pending_full; /* connects not remembered */
	__u64 last_sk; /* what the first of the twin programs has just handled */
	__u64 last_change;
};
_Static_assert(sizeof(struct tcpt_abi_counters) == 64, "tcpt_abi_counters");

/* Value of the map cursor, one a CPU: how far readers have come. */
struct tcpt_abi_cursor {
	__u64 seq; /* of the last event acknowledged */
	__u64 lost; /* losses reported */
};
_Static_assert(sizeof(struct tcpt_abi_cursor) == 16, "tcpt_abi_cursor");

/* Value of the map meta. */
#define TCPT_ABI_OFFSETS_MAX 4096
struct tcpt_abi_meta {
	__u32 magic;
	__u32 abi;
	__u32 attach; /* enum tcpt_attach of tcpt.h */
	__u32 keeper; /* pid that holds the links, 0: they are pinned */
	__u64 loaded; /* CLOCK_MONOTONIC, ns */
	char version[16];
	char boot_id[40];
	char offsets[TCPT_ABI_OFFSETS_MAX]; /* the document, NUL-terminated */
};
_Static_assert(sizeof(struct tcpt_abi_meta) == 4176, "tcpt_abi_meta");

/*
 * The guesser's side: a request names up to TCPT_GUESS_SLOTS pieces of memory,
 * and the program copies them when the requesting thread's own socket next
 * changes to one of the states wanted.
 */
#define TCPT_GUESS_SLOTS 32
#define TCPT_GUESS_CHUNK 256

enum tcpt_guess_base {
	TCPT_GUESS_ABSOLUTE = 0, /* slots hold addresses */
	TCPT_GUESS_SOCK = 1, /* slots hold offsets from the sock of the event */
	TCPT_GUESS_TASK = 2, /* slots hold offsets from current */
};

struct tcpt_guess_request {
	char comm[TCPT_COMM_LEN]; /* the thread's own, random name */
	__u32 states; /* bit N: a change to state N is wanted */
	__u32 base;
	__u32 count; /* slots in use */
	__u32 pad;
	__u64 slot[TCPT_GUESS_SLOTS];
};
_Static_assert(sizeof(struct tcpt_guess_request) == 288, "tcpt_guess_request");

struct tcpt_guess_reply {
	__u64 sk;
	__u64 task;
	__u32 state;
	__u32 done; /* cleared by the requester, set by the program */
	__u32 failed; /* bit N: slot N could not be read */
	__u32 pad;
};
_Static_assert(sizeof(struct tcpt_guess_reply) == 32, "tcpt_guess_reply");

#endif
