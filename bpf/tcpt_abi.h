/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The BPF programs and libtcpt share this: the layout of all that lies in a map. Addresses
 * are in network byte order, ports and all else in the host's.
 */
#ifndef TCPT_ABI_H
#define TCPT_ABI_H

#include <linux/types.h>

/* The map meta has both. Every change of a layout below raises the version. */
#define TCPT_ABI_MAGIC 0x74706374 /* "tcpt" */
#define TCPT_ABI_VERSION 16

#define TCPT_COMM_LEN 16
#define TCPT_ABI_TAPS_MAX 4 /* rings that each event goes to */
#define TCPT_ABI_LEVELS_MAX 2 /* programs of one CPU that write to a ring of slots at once */

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
	TCPT_ABI_FAIL = 4,
	TCPT_ABI_FDINSTALL = 5,
	TCPT_ABI_EXISTING = 6,
	TCPT_ABI_TYPES,
};

enum tcpt_abi_role {
	TCPT_ABI_ROLE_UNKNOWN = 0,
	TCPT_ABI_CLIENT = 1,
	TCPT_ABI_SERVER = 2,
};

/* This says how a connection ended. */
enum tcpt_abi_reason {
	TCPT_ABI_REASON_UNKNOWN = 0,
	TCPT_ABI_LOCAL = 1, /* this end sent its FIN first */
	TCPT_ABI_PEER = 2, /* the other end did */
	TCPT_ABI_RESET = 3, /* by either end */
	TCPT_ABI_TIMEOUT = 4,
};

/* This flag marks an event that its own hooks missed, and that a later hook reports. */
#define TCPT_ABI_LATE 0x01
/* This flag says that the time of an event is of CLOCK_TAI, and not of CLOCK_REALTIME. */
#define TCPT_ABI_TAI 0x02

/* These bits say which figures of a close are known. */
#define TCPT_ABI_BYTES_SENT 0x01
#define TCPT_ABI_BYTES_RECEIVED 0x02
#define TCPT_ABI_SRTT 0x04
#define TCPT_ABI_RETRANSMITS 0x08

struct tcpt_abi_task {
	__u32 pid; /* thread group id, initial pid namespace; 0: not known */
	__u32 tid;
	__u32 uid;
	__u32 releases; /* 1 in the map connectors: it releases the socket; else 0 */
	__u64 cgroup; /* id in the version 2 hierarchy; 0: not known */
	char comm[TCPT_COMM_LEN];
};
_Static_assert(sizeof(struct tcpt_abi_task) == 40, "tcpt_abi_task");

/* If family is 0, no member is known. */
struct tcpt_abi_tuple {
	__u32 saddr[4]; /* local end; IPv4 in saddr[0] */
	__u32 daddr[4]; /* remote end */
	__u16 sport;
	__u16 dport;
	__u32 netns; /* inode of the network namespace; 0: not known */
	__u32 netns_cookie; /* of the same; 0: not known, or above 32 bits */
	__u8 family; /* 4 or 6 */
	__u8 pad[3];
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct tcpt_abi_tuple) == 48, "tcpt_abi_tuple");

struct tcpt_abi_event {
	__u16 size; /* of the whole record */
	__u8 version;
	__u8 type;
	__u32 cpu;
	__u64 seq; /* per CPU, from 1; a gap is a loss */
	__u64 ts; /* CLOCK_MONOTONIC, ns */
	__u64 time; /* at ts, CLOCK_REALTIME or CLOCK_TAI, ns; 0: not known */
	__u64 id; /* the same in all events of one connection */
	__u64 cookie; /* of the socket; 0: not known */
	__u64 began; /* on connect and fail: the first SYN, else ESTABLISHED; ns; 0: not known */
	struct tcpt_abi_task by;
	struct tcpt_abi_tuple tuple;
	__u32 value; /* on fail: errno, 0: not known; on fdinstall: the descriptor */
	__u8 role;
	__u8 flags;
	__u8 home; /* the tap in whose ring the record was made */
	__u8 tail; /* the size again, in the last byte of a record of this size */
};
_Static_assert(sizeof(struct tcpt_abi_event) == 152, "tcpt_abi_event");

/* The figures say what a connection carried. */
struct tcpt_abi_figures {
	__u64 bytes_sent; /* and acknowledged */
	__u64 bytes_received;
	__u32 srtt_us;
	__u32 retransmits; /* segments */
};
_Static_assert(sizeof(struct tcpt_abi_figures) == 24, "tcpt_abi_figures");

/* The record of a close has an event, and what is known at the end of the connection. */
struct tcpt_abi_close {
	struct tcpt_abi_event event;
	struct tcpt_abi_figures figures;
	__u32 opener_pid;
	__u8 known; /* TCPT_ABI_BYTES_SENT, ... */
	__u8 reason;
	__u8 pad;
	__u8 tail; /* the size again, in the last byte */
};
_Static_assert(sizeof(struct tcpt_abi_close) == 184, "tcpt_abi_close");

/* Bits of tcpt_abi_pending.heeds: hooks see every refusal by ICMP of this IP version. */
#define TCPT_ABI_HEEDS_IPV4 1
#define TCPT_ABI_HEEDS_IPV6 2

/* A value of the map pending describes a connect under way. */
struct tcpt_abi_pending {
	struct tcpt_abi_task opener;
	struct tcpt_abi_tuple tuple; /* as far as it is known; no family: not whole */
	__u64 began; /* the SYN was sent, ns; 0: before the trace */
	__u32 by; /* bit of the generation of programs that saw it first */
	__u16 refusal; /* errno of the last ICMP error; 0: none */
	__u16 heeds; /* TCPT_ABI_HEEDS_IPV4, ...; if clear, a refusal may have been missed */
};
_Static_assert(sizeof(struct tcpt_abi_pending) == 104, "tcpt_abi_pending");

/* A value of the map connects describes a thread that is in a call of connect(). */
#define TCPT_ABI_CONNECTS 4096
struct tcpt_abi_connect {
	__u64 sk; /* the sock that it connects; 0: none yet */
	__u64 thread; /* 0: none */
};
_Static_assert(sizeof(struct tcpt_abi_connect) == 16, "tcpt_abi_connect");

/* These are bits of tcpt_abi_conn.met, in cgroup mode. Each is added once or twice. */
#define TCPT_ABI_MET_RELEASE 0x01 /* closer is noted */
#define TCPT_ABI_MET_END 0x10 /* reason, figures and ended are */

/* These are the values of tcpt_abi_conn.reported; 0: no event was reported yet. */
enum tcpt_abi_reported {
	TCPT_ABI_SHOWN = 1, /* its connect, accept or existing event was reported */
	TCPT_ABI_HIDDEN = 2, /* filters hide all of its events */
};

/* A value of the maps conns and existing describes one established connection. */
struct tcpt_abi_conn {
	__u64 id;
	__u64 opened; /* when it was established, ns; 0: before the trace */
	__u64 cookie; /* 0: not known */
	struct tcpt_abi_task opener;
	struct tcpt_abi_task closer; /* the task that closes it or shut it down; pid 0: none yet */
	struct tcpt_abi_tuple tuple;
	__u8 role;
	__u8 reported; /* TCPT_ABI_SHOWN, ... */
	__u8 ended; /* its state before CLOSE; 0: it did not come to CLOSE yet */
	__u8 reason; /* enum tcpt_abi_reason, once that is known */
	__u8 closing; /* closer is in tcp_close() */
	__u8 known; /* bits of the figures that are final: TCPT_ABI_BYTES_SENT, ... */
	__u8 connecting; /* in the map existing: a connect under way */
	__u8 pad;
	__u32 met; /* TCPT_ABI_MET_RELEASE, ...: the parts of its close that are noted */
	__u32 pad2;
	struct tcpt_abi_figures figures;
};
_Static_assert(sizeof(struct tcpt_abi_conn) == 192, "tcpt_abi_conn");

/*
 * The switches say which filters are set (tcpt_abi_filter.h). The tools write both members as
 * one word.
 */
struct tcpt_abi_switches {
	__u32 keys; /* bit N: key N has values */
	/* bit N: events of type N are selected; bit N + 16: they are hidden; see hides_type() */
	__u32 types;
};
_Static_assert(sizeof(struct tcpt_abi_switches) == 8, "tcpt_abi_switches");
#define TCPT_ABI_TYPES_HIDDEN 16
#define TCPT_ABI_TYPES_SELECTED ((1U << TCPT_ABI_TYPES_HIDDEN) - 1)

/*
 * The bits of tcpt_abi_control.turn say which generations of programs have the turn. At
 * most two generations are attached. With TCPT_ABI_TURN_SHARED each leaves marks for
 * the other (turn.h).
 */
#define TCPT_ABI_TURNS 30 /* generation N has bit N % TCPT_ABI_TURNS */
#define TCPT_ABI_TURN_SHARED (1U << 31)
#define TCPT_ABI_TURN_NS (50 * 1000 * 1000) /* a stage of passing it on lasts so long, or longer */

/* The second argument of system calls that have the connection of a cookie announced. */
#define TCPT_ABI_ANNOUNCE 0x74637074616e6e6fULL

/* The map fds_reported says which generation saw a descriptor installed first. */
#define TCPT_ABI_FD_REPORTED_NS 20000
struct tcpt_abi_fd_report {
	__u64 at; /* CLOCK_MONOTONIC, ns */
	__u32 by; /* its bit */
	__u32 is_reported;
};
_Static_assert(sizeof(struct tcpt_abi_fd_report) == 16, "tcpt_abi_fd_report");

/* The map control has one value. */
#define TCPT_ABI_TAKING_STOCK (1ULL << 63)
struct tcpt_abi_control {
	__u64 existing; /* number of entries of the map existing; and TCPT_ABI_TAKING_STOCK */
	struct tcpt_abi_switches filters;
	__u32 turn; /* bits of generations, and TCPT_ABI_TURN_SHARED */
	__u32 hiding; /* the map hidden has had entries */
	__u64 realtime; /* address of the kernel's CLOCK_REALTIME - CLOCK_MONOTONIC; 0: not known */
};
_Static_assert(sizeof(struct tcpt_abi_control) == 32, "tcpt_abi_control");

/*
 * A key of the map left_out is a thread of a guess, whose connections are not reported. It
 * has a random name, which begins with TCPT_ABI_LEFT_OUT_NAME. The value is the time at which
 * that ends, CLOCK_MONOTONIC, ns. In a map that is in use there is a key with
 * TCPT_ABI_LEFT_OUT_BEGUN for a name and no id.
 */
#define TCPT_ABI_LEFT_OUT_BEGUN "tcpt left out"
#define TCPT_ABI_LEFT_OUT_NAME "tcpt"
#define TCPT_ABI_LEFT_OUT_NAME_LEN 4
#define TCPT_ABI_LEFT_OUT_MAX 64
struct tcpt_abi_thread {
	__u32 tid; /* initial pid namespace; 0: nobody */
	__u32 pad;
	char comm[TCPT_COMM_LEN];
};
_Static_assert(sizeof(struct tcpt_abi_thread) == 24, "tcpt_abi_thread");

/* The totals count events by type, and the traffic of ended connections; lost ones too. */
struct tcpt_abi_totals {
	__u64 events[TCPT_ABI_TYPES]; /* entry 0 is not used */
	__u64 bytes_sent;
	__u64 bytes_received;
	__u64 retransmits;
};
_Static_assert(sizeof(struct tcpt_abi_totals) == 80, "tcpt_abi_totals");

/* The map counters has a value for each CPU. */
struct tcpt_abi_counters {
	__u64 seq; /* of the last event */
	__u64 ids; /* number of connection ids given out */
	__u64 lost; /* events that found the ring full, of tap 1 */
	__u64 late; /* events that a later hook reported */
	__u64 conns_full; /* connections not remembered */
	__u64 pending_full; /* connects not remembered */
	__u64 last_sk; /* mark of the first twin program: the sock that it handled last */
	__u64 last_change; /* and that change of its state (mark.h) */
	__u64 fails_lost; /* connects that failed and were not remembered */
	__u64 pending_was_full; /* the map pending was full once; in entry 0, for all CPUs */
	__u64 lost_at[TCPT_ABI_TAPS_MAX - 1]; /* the same as lost, of tap 2 and so on */
	__u64 nesting; /* programs that have a slot they have not stored yet (slots.h) */
	__u64 processes_full, pad; /* processes that lost their place while they were there */
	struct tcpt_abi_totals totals;
	__u64 pad2[6];
};
_Static_assert(sizeof(struct tcpt_abi_counters) == 256, "tcpt_abi_counters");

/* This says what was full when something was lost. */
enum tcpt_abi_where {
	TCPT_ABI_WHERE_RING = 0,
	TCPT_ABI_WHERE_CONNS = 1,
	TCPT_ABI_WHERE_PENDING = 2,
	TCPT_ABI_WHERES = 3,
};

/* The map cursor says what readers have accounted for, on each CPU and in each tap. */
struct tcpt_abi_cursor {
	__u64 events; /* acknowledged, or passed over */
	__u64 reported[TCPT_ABI_WHERES]; /* losses reported: lost, conns_full, fails_lost */
	__u64 overwritten; /* events reported as overwritten; in a recorder */
	__u64 position[TCPT_ABI_LEVELS_MAX]; /* next to read, of each level; in a ring of slots */
	/*
	 * The reader of each tap sleeps, and the next event in its BPF ring buffer is to wake it;
	 * in the first entry. The program that does so clears it.
	 */
	__u8 asleep[TCPT_ABI_TAPS_MAX];
	__u8 pad[4];
};
_Static_assert(sizeof(struct tcpt_abi_cursor) == 64, "tcpt_abi_cursor");

/*
 * A ring of slots is an array of segments, one for each CPU and level of nesting: a head,
 * which takes the room of a slot, and the slots. Record P lies in slot P % slots. Those of
 * ring number N of a trace begin at N << TCPT_ABI_FIRST, so that those of two rings differ.
 * In a flight recorder the newest records overwrite the oldest, whether they were read or not.
 */
#define TCPT_ABI_FIRST 44
#define TCPT_ABI_SLOTS_LEAST 32 /* of a segment; their number is a power of two */
#define TCPT_ABI_SLOTS_SPARE 16 /* of them, for programs that interrupt each other */
struct tcpt_abi_segment {
	__u64 head; /* the position of the next record */
	__u64 tail; /* the reader's, when a program looked last */
	__u64 first; /* the position of the first record */
	__u32 slots;
	__u32 levels; /* of each CPU */
	__u64 is_recorder;
	__u64 pad[19];
};

/* These are the low bits of tcpt_abi_slot.state. The position is above them. */
#define TCPT_ABI_SLOT_BITS 3
#define TCPT_ABI_SLOT_BUSY 1 /* a program is writing the record */
#define TCPT_ABI_SLOT_READY 2
#define TCPT_ABI_SLOT_DISCARDED 3
#define TCPT_ABI_SLOT_HELD 4 /* added: this record was not written, an older one was not ready */
struct tcpt_abi_slot {
	struct tcpt_abi_close record; /* or a tcpt_abi_event */
	__u64 state;
};
_Static_assert(sizeof(struct tcpt_abi_segment) == sizeof(struct tcpt_abi_slot), "one array");

/* The map meta has one value, which describes the trace. */
#define TCPT_ABI_OFFSETS_MAX 4096
struct tcpt_abi_meta {
	__u32 magic;
	__u32 abi;
	__u32 attach; /* enum tcpt_attach of tcpt.h */
	__u32 keeper; /* pid of the process that holds the links; 0: they are pinned */
	__u64 loaded; /* CLOCK_MONOTONIC, ns */
	char version[16]; /* members up to this one are the same in all layouts */
	char boot_id[40];
	__u32 generation; /* of the programs, from 0 */
	__u32 ring; /* number of its rings, from 0; those before hold older events */
	__u32 taps;
	__u32 pad;
	__s64 realtime; /* CLOCK_REALTIME - CLOCK_MONOTONIC when it was loaded, ns */
	__s64 tai; /* CLOCK_TAI - CLOCK_REALTIME then, ns */
	char offsets[TCPT_ABI_OFFSETS_MAX]; /* the document, NUL-terminated */
};
_Static_assert(sizeof(struct tcpt_abi_meta) == 4208, "tcpt_abi_meta");

#endif
