/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The discovery of offsets: what its objects know of each other. */
#ifndef TCPT_GUESS_H
#define TCPT_GUESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "internal.h"

/* ---- machine.c ---------------------------------------------------------- */

/* How the kernel that was looked at keeps its values; it need not be the running one. */
struct machine {
	bool big_endian;
	unsigned char pointer_size;
	bool any_pointer; /* every address may be the kernel's: it has an address space to itself */
};

/* By the machine's name, as uname() has it, and what it does not tell. */
void machine_init(struct machine *machine, const char *name, bool big_endian,
		  unsigned int pointer_size);
void machine_native(struct machine *machine);
uint64_t machine_value(const struct machine *machine, const unsigned char *bytes,
		       unsigned int size);
void machine_store(const struct machine *machine, unsigned char *bytes, unsigned int size,
		   uint64_t value);
bool machine_is_pointer(const struct machine *machine, uint64_t value);

/* ---- memory.c ----------------------------------------------------------- */

#define MEMORY_CHUNK 256

/* Memory that snapshots point at, kept once read. fetch returns false where there is none. */
struct memory {
	struct machine machine;
	bool (*fetch)(void *arg, uint64_t address, unsigned char *chunk);
	void *arg;
	void *blocks;
	const struct block *last; /* that was read from: mostly it is the next one too */
	unsigned int reads;
	bool is_frozen; /* it only is looked at, in any thread */
	bool is_short; /* there was no room for some of it: nothing follows from what was read */
};

struct block {
	uint64_t address; /* a multiple of MEMORY_CHUNK */
	bool missing;
	unsigned char bytes[MEMORY_CHUNK];
};

bool memory_read(struct memory *mem, uint64_t address, void *out, size_t size);
bool memory_read_pointer(struct memory *mem, uint64_t address, uint64_t *value);
/* A chunk that is known; without bytes, known to be missing. -EEXIST if it was known before. */
int memory_add(struct memory *mem, uint64_t address, const unsigned char *bytes);
/* In the order of their addresses. */
void memory_walk(const struct memory *mem, void (*visit)(void *arg, const struct block *block),
		 void *arg);
void memory_clear(struct memory *mem);

/* ---- snapshot.c --------------------------------------------------------- */

#define SOCK_WINDOW 4096
#define TASK_WINDOW 8192
#define NEEDLES_MAX 32
#define NEEDLE_SIZE 16

enum needle_kind {
	NEEDLE_IS, /* the field holds this value */
	NEEDLE_UNLIKE, /* a copy that is not the field holds this value */
	NEEDLE_SOFT, /* decides only between candidates that the others leave */
};

/* What a field is known to hold, or not to hold, in one snapshot. */
struct needle {
	unsigned char field;
	unsigned char kind;
	unsigned char bytes[NEEDLE_SIZE]; /* in the machine's own order */
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
	bool is_overfull; /* one more is known of it than there is room for */
	unsigned int needles;
	struct needle needle[NEEDLES_MAX];
};

struct snapshot *snapshot_new(const char *label);
void snapshot_free(struct snapshot *snap);
void snapshot_need(struct snapshot *snap, enum field field, const void *bytes);
void snapshot_need_soft(struct snapshot *snap, enum field field, const void *bytes);
void snapshot_need_unlike(struct snapshot *snap, enum field field, const void *bytes);
/* The value that the field is known to hold; NULL if that is not known. */
const struct needle *snapshot_needle(const struct snapshot *snap, enum field field);

/* ---- fields.c ----------------------------------------------------------- */

#define PATH_MAX_STEPS 3

/* What lies at the end of a path. */
enum goal {
	GOAL_NEEDLE, /* the last field holds its needle */
	GOAL_BACK, /* the last field holds what .back leads to from the sock */
	GOAL_DESCRIPTOR, /* the last field's array holds that at the descriptor's index */
};

/* A path starts at the sock or the task, and follows one pointer after the other. */
struct path {
	enum base root;
	enum goal goal;
	unsigned int backs; /* none: the sock itself */
	enum field back[2];
	unsigned int steps;
	enum field step[PATH_MAX_STEPS];
};

/* In their order each path gives the next one its goal. */
struct chain {
	unsigned int count;
	const struct path *path;
};

#define CHAIN_COUNT 2
extern const struct chain chains[CHAIN_COUNT];

#define WALK_STEPS 5
/* From the task to the array of its descriptors; from one of those on to the sock. */
extern const enum field descriptor_walk[WALK_STEPS];
#define WALK_TO_ARRAY 3

/* ---- solver.c ----------------------------------------------------------- */

#define CANDIDATES_SHOWN 8
#define CANDIDATES_KEPT 4
#define SNAPSHOTS_MAX 128

enum verdict {
	VERDICT_UNTRIED, /* no snapshot says anything about the field */
	VERDICT_FOUND,
	VERDICT_AMBIGUOUS,
	VERDICT_NOT_FOUND,
};

/* What one snapshot left. */
struct step {
	int left; /* candidates; -1: it had no say */
	int first[CANDIDATES_KEPT]; /* of them, if there are no more than these */
};

struct answer {
	enum verdict verdict;
	unsigned int candidates;
	int candidate[CANDIDATES_SHOWN]; /* the first of them; [0] is the offset once found */
	struct step after[SNAPSHOTS_MAX];
	short claimed_by; /* a field found before, which overlaps other candidates; or -1 */
};

struct solution {
	struct answer answer[FIELD_COUNT];
};

/* As snapshot number s leaves it. */
void solution_note(struct answer *answer, unsigned int s, unsigned int left, const int *first);

/* Pure: looks at nothing but the snapshots and mem. */
/* -ENOMEM: there is no solution. */
int solver_solve(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
		 struct memory *mem);

/* Offsets tried together; OFFSET_UNSET where nothing is tried yet. */
struct assignment {
	int at[FIELD_COUNT];
};

/* What the solution has found. */
void solution_found(const struct solution *solution, struct assignment *found);

enum holding {
	HOLDS_UNTRIED, /* the snapshot says nothing about the field */
	HOLDS,
	HOLDS_NOT,
};

/* Does the field's offset hold in a snapshot that took no part in finding it? */
enum holding solver_holds(const struct assignment *a, enum field field, const struct snapshot *snap,
			  struct memory *mem);

/* ---- paths.c: fields that are found by following pointers ---------------- */

int solver_paths_solve(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
		       struct memory *mem);
/* Each path that leads through the field. */
enum holding solver_paths_hold(const struct assignment *a, enum field field,
			       const struct snapshot *snap, struct memory *mem);
/* The sock behind a descriptor of the task, by the fields found; 0 if they do not lead there. */
uint64_t solver_paths_walk(const struct assignment *found, uint64_t task, int fd,
			   struct memory *mem);

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
	uint32_t inode; /* of the namespace that the thread is in; 0: none */
};

int netns_enter_new(struct netns *ns);
int netns_current(struct netns *ns);

/* ---- pair.c: one TCP connection with known parameters -------------------- */

#define STEP_MS 1000 /* no step of an experiment waits longer */

enum pair_kind {
	PAIR_IPV4,
	PAIR_IPV6,
	PAIR_MAPPED,
	PAIR_KINDS,
};

struct pair {
	enum pair_kind kind;
	bool any_ipv6;
	bool any_port; /* the client leaves its own to the kernel */
	int client;
	int server;
};

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

void pair_init(struct pair *pair, enum pair_kind kind, bool any_ipv6);
/* These return a descriptor. A bound socket that does not listen refuses connections. */
int pair_bind(const struct pair *pair);
int pair_listen(const struct pair *pair);
/*
 * Starts the connection to that socket's address; the hook sees the client's sock
 * change to SYN_SENT.
 */
int pair_connect(struct pair *pair, int to);
int pair_accept(struct pair *pair, int listener);
/* Random amounts of data in both directions, and round trips that take random times. */
int pair_exchange(struct pair *pair);
/* The server goes away, with a reset as all sockets of a pair do. */
void pair_reset(struct pair *pair);
/* The server takes no more packets, lest it become a TIME_WAIT. */
void pair_deafen(const struct pair *pair);
void pair_close(struct pair *pair);
int pair_await(int fd, short events);
const char *pair_kind_name(enum pair_kind kind);
uint16_t random_port(void);
void random_bytes(void *out, size_t size);

/* ---- needles.c: what the socket calls say --------------------------------- */

/* Of any socket: its family and cookie. */
void needles_of_socket(struct snapshot *snap, int fd);
void needles_of_protocol(struct snapshot *snap, int fd);
/* Of one end of a connection. */
int needles_of_end(struct snapshot *snap, int fd, bool is_client);

/* What changes with every packet: known only if it is the same before and after. */
struct figures {
	unsigned char state;
	bool has_bytes;
	uint32_t rtt; /* microseconds */
	uint32_t total_retrans;
	uint64_t bytes_acked;
	uint64_t bytes_received;
	uint32_t unacked; /* segments */
};

int figures_read(struct figures *figures, int fd);
bool figures_equal(const struct figures *a, const struct figures *b);
void needles_of_figures(struct snapshot *snap, const struct figures *figures, bool with_retrans);

#define NONTCP_SOCKETS 4

/* ---- guess.c ---------------------------------------------------------------- */

struct tcpt_guess {
	const struct tcpt_log *log;
	struct kmem *kmem;
	bool all_fields;
	bool wanted[FIELD_COUNT];
	bool is_replay;
	bool has_failed;
	const struct tcpt_offsets *document; /* to verify, or NULL */
	char via[16];
	struct netns netns;
	bool is_selected; /* the wanted fields were named one by one */
	bool has_netns; /* a namespace's inode could be seen */
	bool has_ipv6; /* connections of IPv6 sockets could be made */
	bool is_single_netns; /* there could be no second namespace */
	int namespaces; /* entered so far */
	int fdtables; /* used so far */
	int other[NONTCP_SOCKETS]; /* sockets that are not TCP; -1 where there is none */
	unsigned int connections;
	uint64_t duration_ns;
	unsigned int solving; /* of the snapshots, the first ones; the others are to confirm */
	unsigned int snapshots;
	struct snapshot *snap[SNAPSHOTS_MAX];
	struct memory mem; /* as it was while solving */
	struct memory fresh; /* as it was while confirming */
	struct solution solution;
	struct tcpt_check check[FIELD_COUNT];
	struct tcpt_offsets *offsets;
};

/* ---- judge.c: from the solution to a document, or to a refusal -------------- */

/* Of a wanted field more than one candidate is left. */
bool verdict_is_ambiguous(const struct tcpt_guess *guess);
int verdict_of_solution(struct tcpt_guess *guess);
/* The fresh snapshots bear out what was found. */
int verdict_of_confirmation(struct tcpt_guess *guess);
/* -ENOMEM and a message if there was no room for what was read: nothing follows from it. */
int verdict_check_memory(const struct tcpt_guess *guess);
/* What all snapshots say of guess->document. */
void verdict_on_document(struct tcpt_guess *guess);
/* The document by itself: no snapshot contradicts it, and all that is needed was tested. */
int verdict_of_verification(struct tcpt_guess *guess);

/* ---- experiments: what makes the kernel show its fields ---------------------- */

/* They add snapshots to the guess. What one of them has kept stays; a failure is an errno. */

/* observe.c */
/* May this process have as many descriptors as it takes? */
int observe_limits(const struct tcpt_guess *guess);
struct snapshot *observe_snapshot(struct tcpt_guess *guess, const char *what);
/* Takes over the snapshot. */
int observe_keep(struct tcpt_guess *guess, struct snapshot *snap, int err);
/* Drops the snapshots behind the first count ones. */
void observe_drop(struct tcpt_guess *guess, unsigned int count);
/* pair.client connects to a bound or listening socket, and its sock is found. */
int observe_connect(struct tcpt_guess *guess, struct pair *pair, int to, uint64_t *sock);
/* A whole connection; the sock is the client's. */
int observe_new_pair(struct tcpt_guess *guess, struct pair *pair, uint64_t *sock);
/* The sock while nothing happens to it, with the figures that hold for it. */
int observe_quiet(struct tcpt_guess *guess, struct snapshot *snap, uint64_t sock, int fd);
int observe_pair(struct tcpt_guess *guess, enum pair_kind kind);
/* Tries again where the hook missed something. Without such connections no snapshot is added. */
int guess_observe(struct tcpt_guess *guess, enum pair_kind kind);

/* bound.c: a bound socket, and one whose connect the route refused. */
int observe_bound(struct tcpt_guess *guess);

/* failure.c: connections that end with an error; it is no failure of the guess if they do not. */
int observe_failures(struct tcpt_guess *guess);

/* icmp.c: one that is told of errors and survives them. */
int observe_icmp_errors(struct tcpt_guess *guess);

/* retransmit.c: connections that lose packets. */
int observe_retransmits(struct tcpt_guess *guess, unsigned int pairs);

/*
 * others.c: sockets that no hook shows, found through the descriptors' fields. Made
 * before solving.
 */
void observe_nontcp_make(struct tcpt_guess *guess);
int observe_nontcp(struct tcpt_guess *guess);

/* ---- dump.c, replay.c -------------------------------------------------------- */

#define DUMP_FIRST_LINE "# tcpt-snapshots 1"
#define DUMP_INDEX "snapshots"

/* Reads what tcpt_guess_dump() wrote. */
int replay_read(struct tcpt_guess *guess, const char *dir);
/* The index alone; files are opened relative to dir. text is changed. */
int replay_parse(struct tcpt_guess *guess, char *text, size_t size, int dir, const char *name);

#endif
