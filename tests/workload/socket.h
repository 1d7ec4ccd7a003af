/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sockets on loopback. What fails ends the process, unless it says otherwise. */
#ifndef SOCKET_H
#define SOCKET_H

#include <netinet/tcp.h>
#include <stdint.h>

#include "address.h"

#define PATIENCE_MS 120000 /* of what waits for something, but for connects */

/* Makes one, closed on exec; the workload is absent where the family is. */
int socket_new(enum family family, int protocol);
/* Binds it to loopback; port 0: any. *address becomes what it is bound to. */
void socket_bind(int fd, enum family family, union address *address, unsigned int port);
/* Makes one that is bound, so that nobody else gets the port, and refuses. */
int socket_reserve(enum family family, union address *address);
int socket_listen(enum family family, union address *address);
/* Accepts by both system calls in turn: tracers have a hook for each. remote may be NULL. */
int socket_accept(int listener, union address *remote);

void socket_option(int fd, int level, int name, int value);
void socket_nonblock(int fd);
void socket_reset_on_close(int fd);
void socket_drop(int fd); /* All that comes for it is dropped from now on, */
void socket_undrop(int fd); /* and no longer. */
int socket_error(int fd); /* Returns SO_ERROR, which clears it. */
uint64_t socket_cookie(int fd); /* Returns 0 where the kernel has none. */
void socket_info(int fd, struct tcp_info *info);
void socket_local(int fd, union address *local);
void socket_remote(int fd, union address *remote);

void socket_send(int fd, long bytes);
void socket_receive(int fd, long bytes);
/* Waits for events of poll(), and returns them; errors and hang-ups come unasked. */
short socket_await(int fd, short events);
void socket_await_eof(int fd);
/* Waits until all that was sent is acknowledged. */
void socket_await_sent(int fd);
/* Waits until a connect that is under way ends with this error; 0: it succeeds. */
void socket_await_connect(int fd, int error);

#endif
