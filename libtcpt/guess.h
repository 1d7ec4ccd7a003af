/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The discovery of offsets: what its objects know of each other. */
#ifndef TCPT_GUESS_H
#define TCPT_GUESS_H

#include "internal.h"

/* ---- snapshot.c --------------------------------------------------------- */

#define SOCK_WINDOW 4096
#define TASK_WINDOW 8192
#define NEEDLES_MAX 24

/* What a field is known to hold, or not to hold, in one snapshot. */
struct needle {
	unsigned char field;
	bool unlike; /* a copy that is not the field holds this value */
	bool soft; /* decides only between candidates that the others leave */
	unsigned char bytes[16];
};

struct snapshot {
	char label[48];
	int connection; /* number, for people */
	int netns; /* which of the guess's network namespaces: 0, 1 */
	int fdtable; /* which of its descriptor tables */
	int fd; /* the socket's descriptor in that table; -1: do not look */
	uint64_t sock;
	uint64_t task;
	unsigned char sock_bytes[SOCK_WINDOW];
	uint32_t sock_missing; /* bit N: chunk N of the window could not be read */
	unsigned char *task_bytes; /* TASK_WINDOW of them, or NULL */
	unsigned int needles;
	struct needle needle[NEEDLES_MAX];
};

struct snapshot *snapshot_new(const char *label);
void snapshot_free(struct snapshot *snap);
void snapshot_need(struct snapshot *snap, enum field field, const void *bytes);
void snapshot_need_soft(struct snapshot *snap, enum field field, const void *bytes);
void snapshot_need_unlike(struct snapshot *snap, enum field field, const void *bytes);
const struct needle *snapshot_needle(const struct snapshot *snap, enum field field);

/* Memory that snapshots point at, kept once read. fetch returns false where there is none. */
struct memory {
	bool (*fetch)(void *arg, uint64_t address, unsigned char *chunk);
	void *arg;
	void *blocks;
	unsigned int reads;
};

#define MEMORY_CHUNK 256

bool memory_read(struct memory *mem, uint64_t address, void *out, size_t size);
void memory_clear(struct memory *mem);
bool is_kernel_pointer(uint64_t value);

/* ---- solver.c ----------------------------------------------------------- */

#define CANDIDATES_SHOWN 8
#define SNAPSHOTS_MAX 64

enum verdict {
	VERDICT_UNTRIED, /* no snapshot says anything about the field */
	VERDICT_FOUND,
	VERDICT_AMBIGUOUS,
	VERDICT_NOT_FOUND,
};

struct answer {
	enum verdict verdict;
	unsigned int candidates;
	int candidate[CANDIDATES_SHOWN]; /* the first of them; [0] is the offset once found */
	short left[SNAPSHOTS_MAX]; /* candidates after each snapshot; -1: it had no say */
	short claimed_by; /* a field, found before, whose range other candidates overlapped; or -1 */
};

struct solution {
	struct answer answer[FIELD_COUNT];
};

/* Pure: looks at nothing but the snapshots and mem. */
void solve(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
	   struct memory *mem);

/* Does the solution hold in a snapshot that took no part in it? The field that does not, or -1. */
int solution_contradicted(const struct solution *solution, const struct snapshot *snap,
			  struct memory *mem);

/* Offsets tried together; OFFSET_UNSET where nothing is tried yet. */
struct assignment {
	int at[FIELD_COUNT];
};

/* What the solution has found. */
void solution_found(const struct solution *solution, struct assignment *found);

/* ---- paths.c: fields that are found by following pointers ---------------- */

void solve_paths(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
		 struct memory *mem);
int paths_contradicted(const struct assignment *assignment, const struct snapshot *snap,
		       struct memory *mem);
/* The sock behind a descriptor of the task, by the fields found; 0 if they do not lead there. */
uint64_t paths_walk(const struct assignment *found, uint64_t task, int fd, struct memory *mem);

/* ---- kmem.c ------------------------------------------------------------- */

/* Reads kernel memory through the guesser's BPF program. One thread uses it. */
struct kmem;

int kmem_open(struct kmem **out, enum tcpt_via via, const struct tcpt_log *log);
void kmem_close(struct kmem *kmem);
const char *kmem_via(const struct kmem *kmem);
/* Some request was never served: what could not be read proves nothing. */
bool kmem_has_failed(const struct kmem *kmem);
/* Gives the calling thread the name by which the program knows it. */
void kmem_adopt_thread(struct kmem *kmem);
/* Copies the sock's window at the thread's next change to one of states. */
void kmem_arm_sock(struct kmem *kmem, unsigned int states);
/* What came of it: the window goes into snap. -ETIME if the hook did not fire. */
int kmem_take_sock(struct kmem *kmem, struct snapshot *snap);
/* Copies the bell socket's own window. */
int kmem_read_bell(struct kmem *kmem, struct snapshot *snap);
int kmem_read_sock(struct kmem *kmem, uint64_t sock, struct snapshot *snap);
int kmem_read_task(struct kmem *kmem, struct snapshot *snap);
bool kmem_fetch(void *kmem, uint64_t address, unsigned char *chunk);
/* fd is the socket whose state is changed at will, in the thread's descriptor table. */
void kmem_use_bell(struct kmem *kmem, int fd);

/* ---- netns.c ------------------------------------------------------------ */

struct netns {
	bool is_private;
	bool any_ipv6; /* every address of fd00::/8 is its own */
	unsigned int inode; /* of the namespace that the thread is in; 0: none */
};

int netns_enter_new(struct netns *ns);
int netns_current(struct netns *ns);

/* ---- pair.c: one TCP connection with known parameters -------------------- */

enum pair_kind {
	PAIR_IPV4,
	PAIR_IPV6,
	PAIR_MAPPED,
};

struct pair {
	enum pair_kind kind;
	int client;
	int server;
};

int pair_listen(struct pair *pair, enum pair_kind kind, bool any_ipv6, int *listener);
int pair_connect(struct pair *pair, int listener, bool any_ipv6);
int pair_accept(struct pair *pair, int listener);
void pair_deafen(const struct pair *pair);
void pair_close(struct pair *pair);
const char *pair_kind_name(enum pair_kind kind);
int pair_needles(struct snapshot *snap, int fd, bool is_client);
uint16_t random_port(void);
void random_bytes(void *out, size_t size);

/* ---- guess.c, observe.c, explain.c ---------------------------------------- */

struct tcpt_guess {
	const struct tcpt_log *log;
	struct kmem *kmem;
	const char *via;
	struct netns netns;
	int namespaces; /* entered so far */
	int fdtables; /* used so far */
	bool ipv6; /* connections of IPv6 sockets could be made */
	int other[2]; /* sockets of other families */
	unsigned int connections;
	unsigned int confirmations;
	uint64_t duration_ns;
	unsigned int snapshots;
	struct snapshot *snap[SNAPSHOTS_MAX];
	struct memory mem;
	struct solution solution;
	struct tcpt_offsets *offsets;
};

/* Adds the snapshots of a bound socket, and of one whose connect has failed. */
/* May this process have as many descriptors as it takes? */
int observe_limits(const struct tcpt_guess *guess);
int observe_bound(struct tcpt_guess *guess);
/* Makes the sockets of other families; and, once descriptors can be followed, adds their snapshots. */
int make_others(struct tcpt_guess *guess);
int observe_others(struct tcpt_guess *guess);
/* Adds the snapshots of one connection. */
int observe_pair(struct tcpt_guess *guess, enum pair_kind kind);

#endif
