/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel does to TCP sockets, as far as hooks can see it: in which order,
 * under which locks, with which members of the sock set. After Linux 6.1; where others
 * differ, the function says so. Functions have the kernel's names, of net/ipv4/tcp.c,
 * tcp_ipv4.c, tcp_input.c, tcp_minisocks.c, tcp_timer.c, inet_connection_sock.c and
 * af_inet.c; those of the other end are packets that arrive.
 */
#ifndef MODEL_TCP_H
#define MODEL_TCP_H

#include "world.h"

/* ---- what tasks do ---- */

#define CONNECT_NONBLOCK 1
#define CONNECT_DEFER 2 /* TCP_FASTOPEN_CONNECT: the SYN goes with the first data */
#define CONNECT_NO_PORT 4 /* none is free */
#define CONNECT_BY_SENDTO 8 /* MSG_FASTOPEN: no call of connect() */
#define ACCEPT_FOREIGN 1 /* by io_uring, or by a 32-bit program */
#define ACCEPT_4 2
#define ACCEPT_MPTCP 4
#define CLOSE_LINGER_0 1

int sys_socket(
	int sock); /* this one; waits until it is free. As an address it may have been another's */
void sys_bind(int sock, int port);
int sys_connect(int sock, int dport, int flags); /* 0 or a negative errno */
int sys_connect_wait(int sock); /* a non-blocking one: until it is writable; takes SO_ERROR */
void sys_send_first(int sock); /* after CONNECT_DEFER */
void sys_disconnect(int sock); /* connect() to AF_UNSPEC */
int sys_getsockopt_error(int sock);
void sys_listen(int sock, int port);
int sys_accept(int listener, int flags); /* waits; the child */
void sys_shutdown(int sock,
		  int how); /* 1 receiving, 2 sending, 3 both (RCV_SHUTDOWN, SEND_SHUTDOWN) */
void sys_shutdown_foreign(int sock, int how); /* not by the system call */
void tcp_note_close(int sock); /* before the close has the lock, and once it has it */
void sys_close(int sock, int flags);
void sys_kill(int sock); /* ss -K */

enum fd_call {
	CALL_DUP,
	CALL_DUP2,
	CALL_DUP3,
	CALL_FCNTL
};

void sys_dup(enum fd_call call, int old, int new);
void sys_no_dup(enum fd_call call, int fd);
void fd_install(int fd);
void fd_install_elsewhere(int task, int fd);

/* ---- what arrives, in an interrupt ---- */

enum packet {
	PACKET_SYNACK,
	PACKET_SYN, /* crosses with ours */
	PACKET_RST,
	PACKET_FIN,
	PACKET_ACK, /* of all that was sent, our FIN too */
	PACKET_DATA,
	PACKET_TIMEOUT, /* no packet: the retransmit timer has given up */
	PACKET_ORPHAN_TIMER, /* tcp_keepalive_timer() in FIN_WAIT2 */
	PACKET_ICMP, /* EHOSTUNREACH, from a router or this host's own firewall */
};

void arrives(int sock, enum packet packet);
/* Waits until no task holds this connection, and has what is missing to its end arrive. */
void all_ends(int sock, int conn);
/* The other end's ACK completes a handshake: the child gets this sock. */
void handshake_completes(int listener, int child, int port);
/* A SYN with a Fast Open cookie: the child is there before the handshake is over. */
void fast_open_arrives(int listener, int child, int port);

/* ---- MPTCP ---- */

/* The first subflow gets this sock. Waits until it is connected or refused. */
void mptcp_connect(int sock, int subflow, int dport);
void mptcp_join(int subflow, int owner); /* a further one, by a worker */
void mptcp_close(int sock);
void mptcp_arrives(int subflow, enum packet packet); /* SYN+ACK or RST, after its SYN */
void mptcp_handshake_completes(int listener, int sock, int subflow, int port);
void mptcp_work_ends(int sock); /* waits until no task holds it */
void mptcp_work_peer_ends(int sock);

/* ---- what scripts wait for ---- */

int sock_in_state(int sock_and_state); /* sock << 8 | state */
int sock_is_free(int sock);
int syn_is_sent(int conn);
#define STATE_OF(sock, state) ((sock) << 8 | (state))

/* ---- between the files ---- */

void lock_sock(int sock);
void release_sock(int sock);
void tcp_set_state(int sock, int state);
void inet_sk_state_store(int sock, int state);
void mptcp_set_state(int sock, int state);
void mptcp_lock(int sock);
void mptcp_release(int sock); /* mptcp_release_cb() first */
void tcp_done(int sock);
void tcp_disconnect(int sock);
void tcp_rcv(int sock, enum packet packet);
void inet_csk_destroy_sock(int sock);
void inet_csk_listen_stop(int listener);
int tcp_close_state(int sock);
void sock_erase(int sock);
void sock_set_addresses(int sock, uint32_t local, uint32_t remote); /* of stage.addresses */
void spin_lock(int sock);
void spin_unlock(int sock);
int state_of(int sock);
int sock_error(int sock);

#endif
