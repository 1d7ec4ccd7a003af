/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A model of everything around the state machine of bpf/, to prove it by exhaustion.
 *
 *   tracer.c     the programs themselves: bpf/trace.bpf.c, compiled for user space
 *   shim/        stands in for libbpf's headers
 *   maps.c       maps, with the kernel's semantics
 *   ring.c, slots.c  the ring, in model and in model-slots
 *   helpers.c    the other helpers
 *   modes.c      which programs an attach mode has at which place of the kernel, and
 *                what the kernel may skip
 *   hooks.c, hooks-cgroup.c  run them
 *   tcp-*.c      what the kernel does to a sock, step by step
 *   tool-*.c     what the tools do: filters, taking stock, replacing
 *   scenarios-*.c  who does what
 *   truth.c      what has really happened, noted by the kernel's side
 *   judge-*.c    compares that with what the programs have reported
 *   threads.c    tasks and interrupts as coroutines
 *   explore.c    depth-first search of all that can happen
 *   main.c       the command line
 *
 * A thread gives way at each helper that can see or change what others share, and at
 * each step of the kernel that takes a lock. There the search branches: another
 * thread may go on, the kernel may skip a program, a map or the ring may be full.
 * Each of these deviations from the straight way takes one from the budget, so that a
 * search of budget N sees all runs with at most N deviations (a preemption is
 * one too; switching from a thread that waits or is done is none). Within that it is
 * complete, and states that have been seen are not gone through again.
 *
 * All that can change lies in struct world, stacks included: a state is saved by
 * copying it. Nothing else may be written while a run goes on.
 */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include <setjmp.h>
#include <stdint.h>

#include "tcpt_abi.h"
#include "sock.h"
#include "tcpt_abi_filter.h"

#define CPUS 3 /* the third one is the tools' */
#define TASKS 4
#define SOCKS 5
#define CONNS 5
#define FDS 12 /* those of the sockets, of a plain file, and copies */
#define THREADS 4
#define STACK_SIZE 24576
#define EVENTS 14
#define MODEL_SLOTS 32 /* of each processor, in a ring of slots */
#define BACKLOG 4
#define GENERATIONS 2
#define PROGRAMS 56

/* ---- threads ---- */

enum request {
	REQUEST_POINT, /* others may go on */
	REQUEST_FREE, /* others may go on as well as this one, at no cost */
	REQUEST_CHOICE, /* wants one of several answers */
	REQUEST_WAIT,
	REQUEST_DONE,
};

struct thread {
	jmp_buf at;
	char *low; /* the end of its stack in use */
	int (*wants)(int); /* while it waits: whether it is over */
	int wants_of;
	uint8_t is_used;
	uint8_t cpu;
	uint8_t task; /* that is current in it; none for an interrupt */
	uint8_t is_interrupt;
	uint8_t is_active; /* an interrupt is being handled */
	uint8_t request;
	uint8_t answers;
	uint8_t answer;
	uint8_t is_free; /* deviations cost nothing: all subsets are looked at */
	uint8_t program; /* that runs; 0: none */
	uint8_t generation; /* of that program */
	uint8_t rank; /* of that program */
	uint8_t step; /* that it sees: enum step */
	uint8_t has_looked; /* whose turn it is */
	uint8_t sock; /* for which a program of the control groups runs, plus 1 */
	void *context; /* of such a program */
	uint8_t is_exiting;
	uint8_t is_worker; /* a kernel thread does the rest */
	uint8_t conn; /* of the hook that it is at, plus 1 */
	uint8_t descriptor; /* that it is getting, plus 1 */
	uint8_t in_kernel; /* depth of kernel functions that have hooks */
};

struct cpu {
	uint8_t active; /* bpf_prog_active */
	uint8_t bottom_halves_off;
	uint8_t running[GENERATIONS][PROGRAMS]; /* prog->active */
};

/* ---- the kernel ---- */

struct model_task {
	struct task_struct task;
	uint32_t pid;
	uint32_t uid;
	char comm[TCPT_COMM_LEN];
	struct files_struct files;
	struct fdtable table;
	struct file *fd[FDS];
};

struct model_sock {
	struct sock sk;
	struct inet_sock inet;
	struct tcp_sock tcp;
	struct socket socket;
	struct file file;
	uint8_t is_live;
	uint8_t owner; /* thread that has lock_sock, plus 1 */
	uint8_t spin; /* thread that has bh_lock_sock, plus 1 */
	uint8_t is_dead; /* SOCK_DEAD: no task holds it */
	uint8_t is_bound;
	uint8_t is_queued;
	uint8_t backlog_count;
	uint8_t backlog[BACKLOG];
	uint8_t conn; /* what it is now: index of truth, plus 1 */
	uint8_t last; /* what was last at its address */
	uint8_t parent; /* its listener, plus 1 */
	uint8_t mptcp; /* the MPTCP sock of which it is a subflow, plus 1 */
	uint8_t unread;
	uint8_t flags;
	uint8_t ops_flags; /* bpf_sock_ops_cb_flags */
};

/* ---- what really happened ---- */

/* Steps of a connection that hooks may see. */
enum step {
	STEP_BEGIN, /* the change to SYN_SENT */
	STEP_ATTEMPT, /* tcp_connect */
	STEP_OPEN, /* the change to ESTABLISHED */
	STEP_ICMP,
	STEP_ACCEPT,
	STEP_CLOSING, /* tcp_close, or its like */
	STEP_FIN, /* a change of state by shutdown() */
	STEP_CHANGE, /* the change of state that the close makes, if only to the same one */
	STEP_END, /* the change to CLOSE */
	STEP_DESTROY,
	STEP_OTHER,
	STEPS,
};

/* One that a task got. */
struct descriptor {
	uint8_t task;
	uint8_t fd;
	uint8_t is_socket;
	uint8_t watched; /* 1: when the call began, 2: when it ended, 4: this has changed */
	uint8_t seen; /* a program that reports it ran */
	uint8_t due; /* and of the generation that reports */
	uint8_t missed;
	uint8_t is_passed; /* the turn was passed on meanwhile */
};

enum older {
	OLDER_NOT,
	OLDER_CONNECTING,
	OLDER_QUEUED,
	OLDER_OPEN,
};

enum filtered {
	FILTERED_SHOWN,
	FILTERED_HIDDEN,
	FILTERED_PERHAPS, /* it depends on who comes first */
};

struct truth {
	uint8_t is_used;
	uint8_t next; /* the connection that has the sock after it: index plus 1 */
	uint8_t heir; /* that which has its address, at least */
	uint8_t role;
	uint8_t began;
	uint8_t attempted; /* its SYN is out, or will never be */
	uint8_t opened;
	uint8_t accepted;
	uint8_t failed;
	uint8_t closed; /* by a task, or over without any */
	uint8_t by_nobody; /* over without a task's close */
	uint8_t is_settled; /* the reason is decided */
	uint8_t opener; /* tasks, plus 1 */
	uint8_t acceptor;
	uint8_t closer;
	uint8_t shutter; /* who has shut it down */
	uint8_t reason;
	uint8_t late_reason; /* the same when everything is over */
	uint8_t error;
	uint8_t soft; /* an error that ICMP has brought */
	uint8_t older; /* enum older: what it was before the trace */
	uint8_t stock; /* 1: the tool has taken it, 2: and nothing had happened to it until then */
	uint8_t is_failed_in_stock; /* while stock was being taken */
	uint8_t is_stock_open; /* it was open then */
	uint8_t taker; /* thread whose program takes it over, plus 1 */
	uint8_t is_filtered; /* enum filtered */
	uint8_t is_decided; /* what filters change later is nothing to it */
	uint8_t was_hidden; /* and by what, before the filters change */
	uint32_t notes;
	uint8_t faults; /* maps that had no room for it */
	uint8_t seen[STEPS]; /* programs that ran, of the first passage */
	uint8_t missed[STEPS];
	uint64_t opened_at;
	uint64_t closed_at;
	uint64_t opened_until; /* the hooks were through with it */
	uint64_t cookie;
	uint64_t sent;
	uint64_t received;
	uint32_t srtt; /* microseconds */
	uint32_t retransmits;
	struct tcpt_abi_tuple tuple;
};

/* ---- the whole ---- */

#define MAP_ARENA 6656
#define RECORD_BYTES sizeof(struct tcpt_abi_close)

struct record {
	uint8_t state; /* enum record_state */
	uint8_t tap; /* in whose ring it is */
	uint8_t bytes[RECORD_BYTES] __attribute__((aligned(8)));
};

enum record_state {
	RECORD_FREE = 0,
	RECORD_RESERVED,
	RECORD_SUBMITTED,
	RECORD_DISCARDED,
};

enum addresses {
	ADDRESSES_IPV4,
	ADDRESSES_IPV6,
	ADDRESSES_MAPPED, /* IPv4, of IPv6 socks */
};

/* What the offsets document gives as absent. */
enum absent {
	ABSENT_NOTHING,
	ABSENT_ERRORS,
	ABSENT_SHUTDOWN, /* tracepoint mode needs it */
	ABSENT_SOCKET,
	ABSENT_FIGURES, /* and cookie, protocol and namespace */
	ABSENT_PORT,
	ABSENT_TABLE, /* of descriptors; tracepoint mode needs it */
	ABSENT_FILE, /* of a socket */
};

/* What the scenario and the tools have agreed on. */
struct stage {
	uint8_t generations; /* attached */
	uint8_t bit[GENERATIONS]; /* of each */
	uint8_t mode[GENERATIONS]; /* index of modes */
	uint8_t hooks[GENERATIONS]; /* attached, of its table */
	uint8_t newest_first; /* in which its programs run */
	uint8_t awaited; /* threads that the tool waits for: in a kernel function */
	uint8_t awaited_programs; /* and in a program */
	uint8_t passed; /* how far the scenario has come; its threads wait for each other by it */
	uint8_t faults; /* maps or the ring were full */
	uint8_t misses;
	uint8_t calls_missed; /* among them, of the tracepoints of system calls */
	uint8_t addresses; /* enum addresses */
	uint8_t absent; /* enum absent */
	uint8_t taps; /* besides the first */
	uint8_t full_taps; /* a bit for each whose ring stays full */
	uint8_t is_recorder; /* the ring of slots is one */
	uint8_t is_join_early; /* a subflow was established before it was known as one */
	uint8_t are_filters_changed; /* while connections were there */
};

struct world {
	uint8_t current; /* thread */
	uint8_t budget;
	uint8_t live_socks;
	uint8_t conns;
	uint32_t steps;
	uint64_t clock;
	uint64_t cookies;
	struct stage stage;
	struct thread thread[THREADS];
	struct cpu cpu[CPUS];
	struct model_sock sock[SOCKS];
	struct truth truth[CONNS];
#ifdef TCPT_SLOTS
	struct {
		struct tcpt_abi_segment head;
		struct tcpt_abi_slot slot[MODEL_SLOTS];
	} segment[CPUS];
#else
	struct record record[EVENTS];
#endif
	uint8_t fds;
	struct descriptor descriptor[8];
	uint8_t map[MAP_ARENA] __attribute__((aligned(16)));
};

extern struct world world;
extern struct model_task tasks[TASKS]; /* they don't change while a run goes on */

#define current_thread (&world.thread[world.current])

#endif
