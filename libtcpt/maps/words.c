// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Arrays as memory. Before Linux 5.5 the kernel cannot map them. Then the memory is a copy:
 * look-ups renew it, and a program writes into the map.
 *
 * An update from user space would write a whole element, and so undo what the programs of
 * the trace have added to another word of it meanwhile. A program writes one word in one
 * piece, as a store to mapped memory does. It is the filter of a socket: it runs when a
 * command is sent there, and the kernel then drops the command. That is so on all kernels
 * that have maps, and other than a system call on a map it does not make the kernel skip
 * kprobe programs on this CPU.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "internal.h"
#include "maps/words.h"

/* ---- the program that writes ---- */

enum operation {
	STORE,
	STORE_32,
	ADD,
};

/* This is sent to the socket, in network byte order. */
struct command {
	uint32_t index;
	uint32_t offset;
	uint32_t high;
	uint32_t low;
	uint32_t operation;
};

#define INSN(CODE, DST, SRC, OFF, IMM)                                                         \
	{                                                                                      \
		.code = (CODE), .dst_reg = (DST), .src_reg = (SRC), .off = (OFF), .imm = (IMM) \
	}
#define LOAD(member) INSN(BPF_LD | BPF_ABS | BPF_W, 0, 0, 0, offsetof(struct command, member))
#define MOVE(DST, SRC) INSN(BPF_ALU64 | BPF_MOV | BPF_X, DST, SRC, 0, 0)
#define ALU(OP, DST, IMM) INSN(BPF_ALU64 | (OP) | BPF_K, DST, 0, 0, IMM)
#define JUMP_IF(OP, DST, IMM, OFF) INSN(BPF_JMP | (OP) | BPF_K, DST, 0, OFF, IMM)

static int load_program(int fd, size_t size)
{
	const struct bpf_insn insns[] = {
		MOVE(6, 1), /* where LD_ABS looks for the context */
		LOAD(offset),
		ALU(BPF_AND, 0, 0xfff8),
		MOVE(7, 0),
		LOAD(high),
		MOVE(8, 0),
		ALU(BPF_LSH, 8, 32),
		LOAD(low),
		INSN(BPF_ALU64 | BPF_OR | BPF_X, 8, 0, 0, 0),
		LOAD(operation),
		MOVE(9, 0),
		LOAD(index),
		INSN(BPF_STX | BPF_MEM | BPF_W, 10, 0, -4, 0),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, fd),
		{},
		MOVE(2, 10),
		ALU(BPF_ADD, 2, -4),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		JUMP_IF(BPF_JEQ, 0, 0, 8),
		JUMP_IF(BPF_JGT, 7, size - sizeof(uint64_t), 7),
		INSN(BPF_ALU64 | BPF_ADD | BPF_X, 0, 7, 0, 0),
		JUMP_IF(BPF_JNE, 9, ADD, 1),
		INSN(BPF_STX | BPF_XADD | BPF_DW, 0, 8, 0, 0),
		JUMP_IF(BPF_JNE, 9, STORE, 1),
		INSN(BPF_STX | BPF_MEM | BPF_DW, 0, 8, 0, 0),
		JUMP_IF(BPF_JNE, 9, STORE_32, 1),
		INSN(BPF_STX | BPF_MEM | BPF_W, 0, 8, 0, 0),
		ALU(BPF_MOV, 0, 0), /* drop the command */
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	int prog = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, ARRAY_SIZE(insns),
				 NULL);

	return prog < 0 ? -errno : prog;
}

static int open_writer(struct words *words, int fd, size_t size)
{
	int prog = load_program(fd, size), err = 0;

	if (prog < 0)
		return prog;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, words->writer))
		err = -errno;
	else if (setsockopt(words->writer[1], SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog)))
		err = -errno;
	close(prog);
	return err;
}

/* The word of the copy has its new value already. */
static void write_word(const struct words *words, const void *word, uint64_t value,
		       enum operation operation)
{
	size_t at = (const char *)word - (const char *)words->at;
	const struct command command = {
		.index = htonl(at / words->size),
		.offset = htonl(at % words->size),
		.high = htonl(value >> 32),
		.low = htonl(value),
		.operation = htonl(operation),
	};

	while (send(words->writer[0], &command, sizeof(command), MSG_NOSIGNAL) < 0 &&
	       errno == EINTR)
		;
}

/* ---- opening ---- */

bool words_cannot_map(int err)
{
	return err == ENODEV || err == EINVAL; /* no array can be, or this one */
}

static int copy(struct words *words, int fd)
{
	void *at = mmap(NULL, words->size * words->entries, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return -errno;
	words->at = at;
	words->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return words->fd < 0 ? -errno : words_renew(words, 0, words->entries);
}

static int open_array(struct words *words, int fd, bool writes)
{
	void *at = mmap(NULL, words->size * words->entries, PROT_READ | (writes ? PROT_WRITE : 0),
			MAP_SHARED, fd, 0);

	if (at != MAP_FAILED)
		words->at = at;
	else if (!words_cannot_map(errno))
		return -errno;
	if (words->at)
		return 0;
	return copy(words, fd) ?: (writes ? open_writer(words, fd, words->size) : 0);
}

int words_open(struct words *words, int fd, bool writes, size_t size, unsigned int entries)
{
	int err;

	*words = (struct words)WORDS_NONE;
	words->size = size;
	words->entries = entries;
	err = open_array(words, fd, writes);
	if (err)
		words_close(words);
	return err;
}

int words_open_copy(struct words *words, int fd, size_t size, unsigned int entries)
{
	int err;

	*words = (struct words)WORDS_NONE;
	words->size = size;
	words->entries = entries;
	err = copy(words, fd);
	if (err)
		words_close(words);
	return err;
}

void words_close(struct words *words)
{
	if (words->at)
		munmap(words->at, words->size * words->entries);
	for (int i = 0; i < 2; i++)
		if (words->writer[i] >= 0)
			close(words->writer[i]);
	if (words->fd >= 0)
		close(words->fd);
	*words = (struct words)WORDS_NONE;
}

/* ---- the words ---- */

int words_renew(const struct words *words, unsigned int from, unsigned int to)
{
	for (__u32 i = from; words->fd >= 0 && i < to; i++)
		if (bpf_map_lookup_elem(words->fd, &i, (char *)words->at + i * words->size))
			return -errno;
	return 0;
}

void words_store(const struct words *words, __u64 *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	if (words->fd >= 0)
		write_word(words, word, value, STORE);
}

void words_set(const struct words *words, __u64 *word, uint64_t value)
{
	if (words->fd < 0)
		__atomic_store_n(word, value, __ATOMIC_RELAXED);
	else if (*word != value)
		words_store(words, word, value);
}

void words_store_32(const struct words *words, __u32 *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	if (words->fd >= 0)
		write_word(words, word, value, STORE_32);
}

void words_add(const struct words *words, __u64 *word, uint64_t addend)
{
	__atomic_fetch_add(word, addend, __ATOMIC_SEQ_CST);
	if (words->fd >= 0)
		write_word(words, word, addend, ADD);
}
