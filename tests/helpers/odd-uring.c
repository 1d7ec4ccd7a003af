/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Accepts, connects and closes by io_uring */
#include <errno.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "odd.h"

#define ENTRIES 8

struct ring {
	int fd;
	struct io_uring_params params;
	char *submission;
	char *completion;
	struct io_uring_sqe *entries;
};

static void *map(int fd, size_t size, off_t offset)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);

	if (p == MAP_FAILED)
		die("cannot map the rings");
	return p;
}

static void ring_open(struct ring *ring)
{
	struct io_uring_params *p = &ring->params;

	memset(ring, 0, sizeof(*ring));
	ring->fd = (int)syscall(__NR_io_uring_setup, ENTRIES, p);
	if (ring->fd < 0)
		absent("no io_uring: %s", strerror(errno));
	ring->submission = map(ring->fd, p->sq_off.array + p->sq_entries * sizeof(unsigned int),
			       IORING_OFF_SQ_RING);
	ring->completion = map(ring->fd,
			       p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe),
			       IORING_OFF_CQ_RING);
	ring->entries = map(ring->fd, p->sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
}

static unsigned int *word(char *ring, unsigned int offset)
{
	return (unsigned int *)(void *)(ring + offset);
}

static void enter(const struct ring *ring, unsigned int submit, unsigned int wait)
{
	long got;

	do {
		got = syscall(__NR_io_uring_enter, ring->fd, submit, wait,
			      wait ? IORING_ENTER_GETEVENTS : 0, NULL, 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		die("io_uring_enter");
}

static void submit(const struct ring *ring, const struct io_uring_sqe *entry)
{
	const struct io_sqring_offsets *off = &ring->params.sq_off;
	unsigned int *tail = word(ring->submission, off->tail);
	unsigned int slot = *tail & *word(ring->submission, off->ring_mask);

	ring->entries[slot] = *entry;
	word(ring->submission, off->array)[slot] = slot;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	enter(ring, 1, 0);
}

static int complete(const struct ring *ring)
{
	const struct io_cqring_offsets *off = &ring->params.cq_off;
	unsigned int *head = word(ring->completion, off->head);
	const struct io_uring_cqe *entries =
		(const struct io_uring_cqe *)(const void *)(ring->completion + off->cqes);
	int result;

	while (*head == __atomic_load_n(word(ring->completion, off->tail), __ATOMIC_ACQUIRE))
		enter(ring, 0, 1);
	result = entries[*head & *word(ring->completion, off->ring_mask)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	if (result == -EINVAL)
		absent("io_uring does not know this operation");
	return result;
}

static void uring_connect(const struct ring *ring, int fd, const union address *to)
{
	struct io_uring_sqe entry = { .opcode = IORING_OP_CONNECT,
				      .fd = fd,
				      .addr = (uintptr_t)to,
				      .off = address_size(to) };

	submit(ring, &entry);
}

static void uring_accept(const struct ring *ring, int listener)
{
	struct io_uring_sqe entry = { .opcode = IORING_OP_ACCEPT, .fd = listener };

	submit(ring, &entry);
}

/* The accept is told when its task closes, in a mode that sees system calls only. */
static void finish_accept(const struct ring *ring, struct odd_end *server)
{
	socklen_t size = sizeof(server->at.remote);

	memset(server, 0, sizeof(*server));
	server->fd = complete(ring);
	errno = -server->fd;
	if (server->fd < 0)
		die("accept by io_uring");
	end_local(server);
	if (getpeername(server->fd, &server->at.remote.sa, &size))
		die("getpeername");
	record_known(EVENT_ACCEPT, server, NULL, "!tracepoint", KNOWN_TRUE);
}

static void close_accepted(struct odd_end *server, const char *how)
{
	step("odd-close-s");
	record_known(EVENT_ACCEPT, server, NULL, "tracepoint", KNOWN_LATE);
	close_end(server, "odd-close-s", how);
}

static void finish_connect(const struct ring *ring, struct odd_end *client)
{
	errno = -complete(ring);
	if (errno)
		die("connect by io_uring");
	connected(client);
}

/* The connection waits for its accept, or the accept for its connection. */
static void cycle(const struct ring *ring, bool accept_first)
{
	struct odd_end client = { 0 }, server;
	union address addr;
	int listener = socket_listen(V4, &addr);

	step("odd-uring");
	if (accept_first)
		uring_accept(ring, listener);
	client.fd = socket_new(V4, 0);
	if (accept_first) {
		if (connect(client.fd, &addr.sa, address_size(&addr)))
			die("cannot connect");
		connected(&client);
	} else {
		uring_connect(ring, client.fd, &addr);
		finish_connect(ring, &client);
		uring_accept(ring, listener);
	}
	finish_accept(ring, &server);
	close_end(&client, "odd-close-c", "local");
	socket_await(server.fd, POLLIN);
	close_accepted(&server, "peer");
	close(listener);
}

static void uring(void)
{
	struct ring ring;

	ring_open(&ring);
	for (int i = 0; i < 4; i++)
		cycle(&ring, i % 2);
}

static void uring_refused(void)
{
	struct odd_end client = { 0 };
	union address addr;
	struct ring ring;

	ring_open(&ring);
	socket_reserve(V4, &addr);
	step("odd-uring");
	client.fd = socket_new(V4, 0);
	socket_bind(client.fd, V4, &client.at.local, 0);
	uring_connect(&ring, client.fd, &addr);
	errno = -complete(&ring);
	if (errno != ECONNREFUSED)
		die("connect by io_uring was not refused");
	end_local(&client);
	connect_failed(&client, &addr, ECONNREFUSED);
	step("odd-close");
	close(client.fd);
}

/* Closed by io_uring, in the task that asked for it */
static void uring_close(void)
{
	struct io_uring_sqe entry = { .opcode = IORING_OP_CLOSE };
	struct odd_end client, server;
	struct ring ring;

	ring_open(&ring);
	pair(&client, &server, V4);
	step("odd-close-c");
	entry.fd = client.fd;
	submit(&ring, &entry);
	errno = -complete(&ring);
	if (errno)
		die("close by io_uring");
	record(EVENT_CLOSE, &client, "local");
	close_after(&server, "odd-close-s");
}

/* Into a slot of the ring's own table, where it has one. */
static void accept_into_slot(const struct ring *ring, int listener)
{
	struct io_uring_sqe entry = { .opcode = IORING_OP_ACCEPT, .fd = listener, .file_index = 1 };
	int slot = -1;

	if (syscall(__NR_io_uring_register, ring->fd, IORING_REGISTER_FILES, &slot, 1))
		absent("no table of files: %s", strerror(errno));
	submit(ring, &entry);
	if (complete(ring))
		absent("no accept into a slot");
}

static void ring_close(struct ring *ring)
{
	const struct io_uring_params *p = &ring->params;

	munmap(ring->submission, p->sq_off.array + p->sq_entries * sizeof(unsigned int));
	munmap(ring->completion, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe));
	munmap(ring->entries, p->sq_entries * sizeof(struct io_uring_sqe));
	close(ring->fd);
}

/* A worker of the kernel closes what a ring leaves behind: that is nobody's doing. */
static void uring_ended(void)
{
	struct odd_end client = { 0 }, server;
	union address addr;
	struct ring ring;
	int listener = socket_listen(V4, &addr);

	ring_open(&ring);
	step("odd-uring");
	client.fd = socket_new(V4, 0);
	if (connect(client.fd, &addr.sa, address_size(&addr)))
		die("cannot connect");
	end_local(&client);
	client.at.remote = addr;
	accept_into_slot(&ring, listener);
	connected(&client);
	server = (struct odd_end){
		.at = { .local = client.at.remote, .remote = client.at.local },
		.opener = client.opener,
		.netns = client.netns,
	};
	record_known(EVENT_ACCEPT, &server, NULL, "!tracepoint", KNOWN_TRUE);
	record_for(0, "-", EVENT_ACCEPT, &server, NULL, "tracepoint", KNOWN_LATE);
	ring_close(&ring);
	socket_await(client.fd, POLLIN);
	record_for(0, "-", EVENT_CLOSE, &server, "local", "!tracepoint", KNOWN_TRUE);
	server.opener = 0;
	record_for(0, "-", EVENT_CLOSE, &server, "local", "tracepoint", KNOWN_TRUE);
	close_end(&client, "odd-close-c", "peer");
	close(listener);
}

const struct odd_workload uring_workloads[] = {
	{ .name = "io-uring", .run = uring },
	{ .name = "io-uring-refused", .run = uring_refused },
	{ .name = "io-uring-close", .run = uring_close },
	{ .name = "io-uring-ended", .run = uring_ended },
	{ 0 },
};
