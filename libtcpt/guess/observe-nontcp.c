// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Observes sockets that are not TCP. Without IPv6 every TCP socket has the same family,
 * and without MPTCP the same protocol: a constant proves nothing. No hook shows these
 * sockets. The descriptor table leads to them, once its fields are found.
 */
#include <fcntl.h>

#include "guess/guess.h"
#include "guess/kmem.h"
#include "guess/needles.h"
#include "guess/snapshot.h"
#include "internal.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262 /* include/uapi/linux/in.h since Linux 5.6 */
#endif

static const struct {
	int family;
	int type;
	int protocol;
	const char *label;
} others[] = {
	{ AF_UNIX, SOCK_STREAM, 0, "AF_UNIX socket" },
	{ AF_NETLINK, SOCK_RAW, 0, "AF_NETLINK socket" },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, "UDP socket" },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, "MPTCP socket" },
};

/*
 * Switches on MPTCP, which some distributions switch off. That is allowed in a network
 * namespace of its own.
 */
static void switch_on_mptcp(const struct tcpt_guess *guess)
{
	int fd = guess->netns.is_private ?
			 open("/proc/sys/net/mptcp/enabled", O_WRONLY | O_CLOEXEC) :
			 -1;

	if (fd < 0)
		return;
	if (write(fd, "1", 1) != 1)
		log_debug(guess->log, "cannot switch on MPTCP");
	close(fd);
}

static int new_other(const struct tcpt_guess *guess, size_t i)
{
	int type = others[i].type | SOCK_CLOEXEC;
	int fd = socket(others[i].family, type, others[i].protocol);

	if (fd >= 0 || others[i].protocol != IPPROTO_MPTCP)
		return fd;
	switch_on_mptcp(guess);
	return socket(others[i].family, type, others[i].protocol);
}

void observe_nontcp_make(struct tcpt_guess *guess)
{
	_Static_assert(ARRAY_SIZE(others) == NONTCP_SOCKETS, "others");

	for (size_t i = 0; i < NONTCP_SOCKETS; i++) {
		guess->other[i] = new_other(guess, i);
		if (guess->other[i] < 0)
			log_debug(guess->log, "cannot make an %s: %s", others[i].label,
				  strerror(errno));
	}
}

static int observe_other(struct tcpt_guess *guess, const char *label, int fd, uint64_t sock)
{
	struct snapshot *snap = observe_snapshot(guess, label);

	if (!snap)
		return -ENOMEM;
	needles_of_socket(snap, fd);
	needles_of_protocol(snap, fd);
	return observe_keep(guess, snap, kmem_read_sock(guess->kmem, sock, snap));
}

static bool follow(const struct assignment *found, enum field f, struct memory *mem,
		   uint64_t *address)
{
	return found->at[f] >= 0 && machine_is_pointer(&mem->machine, *address) &&
	       memory_read_pointer(mem, *address + found->at[f], address);
}

/* Returns the sock behind a descriptor of the task; 0 if the fields found do not lead there. */
static uint64_t walk(const struct assignment *found, uint64_t task, int fd, struct memory *mem)
{
	uint64_t address = task;

	for (unsigned int i = 0; i < WALK_STEPS; i++) {
		if (i == WALK_TO_ARRAY &&
		    !memory_read_pointer(mem, address + (uint64_t)mem->machine.pointer_size * fd,
					 &address))
			return 0;
		if (!follow(found, descriptor_walk[i], mem, &address))
			return 0;
	}
	return address;
}

int observe_nontcp(struct tcpt_guess *guess)
{
	uint64_t task = guess->snap[guess->snapshots - 1]->task;
	struct assignment found;
	int err = 0;

	solution_found(&guess->solution, &found);
	for (size_t i = 0; !err && i < NONTCP_SOCKETS; i++) {
		int fd = guess->other[i];
		uint64_t sock = fd < 0 ? 0 : walk(&found, task, fd, &guess->mem);

		if (sock)
			err = observe_other(guess, others[i].label, fd, sock);
	}
	return err;
}
