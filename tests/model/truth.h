/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What really happens to connections, noted by the model of the kernel. */
#ifndef MODEL_TRUTH_H
#define MODEL_TRUTH_H

#include "world.h"

/* stage.faults */
#define FAULT_PENDING 1
#define FAULT_CONNS 2
#define FAULT_HIDDEN 4
#define FAULT_RING 8
#define FAULT_STAND_IN 32
#define FAULT_QUEUE 16 /* conns, before it was accepted */

/* truth.notes: what an exception of the manual depends on */
#define NOTE_RESET_UNACCEPTED 1 /* it was over before its socket was a task's */
#define NOTE_DISCONNECTED 2 /* by connect() to AF_UNSPEC */
#define NOTE_SHUT_BOTH 4 /* both FINs were sent before that */
#define NOTE_FOREIGN_ACCEPT 8 /* by io_uring or a 32-bit program */
#define NOTE_GAVE_UP 16 /* a task has closed it while it was connecting */
#define NOTE_HALF_CLOSED 32 /* a task has shut it down, and closed it later */
#define NOTE_NO_PORT 64 /* it never got one */
#define NOTE_MPTCP 128
#define NOTE_WAS_OVER 4096 /* before it was closed: that changes no state */
#define NOTE_IN_CLOSE 8192 /* tcp_close(), or connect() to AF_UNSPEC, is changing the state */
#define NOTE_FAST_OPEN 2048 /* accepted before the handshake was over */
#define NOTE_CROSSED 1024 /* established by the peer's SYN */
#define NOTE_SHUT_AT_LOAD 16384 /* the hook on shutdown() was not attached yet */
#define NOTE_OVERTAKEN 32768 /* another thread had a hook while one took it over */
#define NOTE_CLOSING 256 /* its close has been entered, and has not locked the socket */
#define NOTE_SOFT_LATER 65536 /* ICMP has come during another call than connect() */
#define NOTE_FIN_AT_CLOSE 512 /* the peer's FIN has come then, before the socket was locked */
#define NOTE_OUTRUN 131072 /* its accept has found another program at the remains of one before */
#define NOTE_CLOSED_BY_FIN 262144 /* its close has sent one */
#define NOTE_OVER_AT_CLOSE 524288 /* over since its close was entered, and has no lock yet */
#define NOTE_FAST_OPEN_CHILD 4194304 /* its SYN has made it */
#define NOTE_FORGOTTEN 1048576 /* conns has no room for what has a role */
#define NOTE_DROPPED 2097152 /* the tool has found it over when it took stock */

/* conn is an index plus 1; 0 is none. */
int truth_begin(int sock, int role);
void truth_older(int sock, enum older older, int role, int task); /* before the trace */
struct truth *truth_of(int sock);
/* A map had no room for it; tuple may be NULL. */
void truth_fault(uint64_t sk, const struct tcpt_abi_tuple *tuple, int fault);
void truth_note(uint64_t sk, const struct tcpt_abi_tuple *tuple, uint32_t note);
void truth_taken_over(uint64_t cookie); /* the current program has its entry of existing */
void truth_passes(int conn, enum step step, int is_begin); /* a hook of it */
void truth_seen(int conn, enum step step, int program);
void truth_missed(int conn, enum step step, int program);
void truth_ends(int sock); /* of the sock are those of its connection */
void truth_opened(int sock);
void truth_failed(int sock, int error);
void truth_failed_soft(
	int sock,
	int error); /* noted only: it is what the program is told if it asks, or gives up */
void truth_first_fin(int sock, int reason);
void truth_reset(int sock, int reason);
void truth_closed(int sock);
void truth_in_close(int sock, int is_begin);
void truth_fd_begins(int fd, int is_socket); /* the current task gets it */
void truth_fd_ends(void);
/* A program that reports it, or sockets only; of the generation that does. */
void truth_fd_passes(int is_missed, int is_due, int is_for_sockets);
void truth_turn_passes(void);
void truth_filter(struct truth *truth, enum step step); /* they may decide now */
void truth_filter_older(struct truth *truth, int is_hidden);
enum filtered truth_filtered(const struct truth *truth); /* when everything is over */
void truth_filters_change(int is_after);

#endif
