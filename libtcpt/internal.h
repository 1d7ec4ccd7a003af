/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the objects of libtcpt know of each other. */
#ifndef TCPT_INTERNAL_H
#define TCPT_INTERNAL_H

#include <linux/types.h>
#include <sys/types.h>

#include "tcpt.h"

#define TCPT_API __attribute__((visibility("default")))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* ---- log.c -------------------------------------------------------------- */

/* Returns err, so that a failure is one statement. */
int log_error(const struct tcpt_log *log, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void log_warning(const struct tcpt_log *log, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void log_debug(const struct tcpt_log *log, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Sends libbpf's own messages to log until log_release_libbpf(). */
void log_capture_libbpf(const struct tcpt_log *log);
void log_release_libbpf(void);

/* ---- kernel.c ----------------------------------------------------------- */

#define BUILD_ID_TEXT 48

struct kernel_id {
	char release[65];
	char machine[65];
	char build_id[BUILD_ID_TEXT]; /* hex; empty if the kernel has none */
};

int kernel_id_read(struct kernel_id *id);
void kernel_boot_id(char *text, size_t size);
uint64_t monotonic_ns(void);

/* ---- fields.c ----------------------------------------------------------- */

enum field {
	F_SKC_DADDR,
	F_SKC_RCV_SADDR,
	F_SKC_DPORT,
	F_SKC_NUM,
	F_SKC_FAMILY,
	F_SKC_STATE,
	F_SKC_NET,
	F_NET_INUM,
	F_SKC_V6_DADDR,
	F_SKC_V6_RCV_SADDR,
	F_INET_SPORT,
	F_SK_SHUTDOWN,
	F_SK_SOCKET,
	F_SOCKET_SK,
	F_SOCKET_FILE,
	F_FILE_PRIVATE_DATA,
	F_TASK_FILES,
	F_FILES_FDT,
	F_FDTABLE_FD,
	FIELD_COUNT,
};

/* Where a field's struct starts: sock_common, sock and inet_sock share theirs. */
enum base {
	BASE_SOCK,
	BASE_NET,
	BASE_SOCKET,
	BASE_FILE,
	BASE_TASK,
	BASE_FILES,
	BASE_FDTABLE,
	BASE_COUNT,
};

enum varies {
	VARIES_FREELY,
	VARIES_BY_SOCK, /* the same for one sock, different for two */
	VARIES_BY_NETNS, /* equal within a network namespace, different across two */
	VARIES_BY_FDTABLE, /* likewise with descriptor tables */
};

enum need {
	NEEDED,
	NEEDED_IF_TRIED, /* absent only where the kernel cannot have it */
	OPTIONAL,
};

struct field_info {
	const char *key; /* struct.member */
	enum base base;
	unsigned char size; /* bytes, also of what is compared */
	unsigned char align;
	enum need need;
	enum varies varies;
	const char *rule; /* for people: what decides */
};

extern const struct field_info fields[FIELD_COUNT];

/* How far into a struct of this base a field is looked for, in bytes. */
extern const unsigned int base_window[BASE_COUNT];

int field_find(const char *key);

/* ---- offsets.c ---------------------------------------------------------- */

#define OFFSET_UNSET (-2)
#define OFFSET_MAX 65535

struct tcpt_offsets {
	struct kernel_id kernel;
	char source[8];
	int at[FIELD_COUNT]; /* byte offset, TCPT_ABSENT or OFFSET_UNSET */
};

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
int observe_bound(struct tcpt_guess *guess);
/* Makes the sockets of other families; and, once descriptors can be followed, adds their snapshots. */
int make_others(struct tcpt_guess *guess);
int observe_others(struct tcpt_guess *guess);
/* Adds the snapshots of one connection. */
int observe_pair(struct tcpt_guess *guess, enum pair_kind kind);

/* ---- btf.c --------------------------------------------------------------- */

/* Members of tracepoint records, which a BPF program reads; -1 where that is not known. */
enum record_field {
	R_STATE_SKADDR,
	R_STATE_OLDSTATE,
	R_STATE_NEWSTATE,
	R_DESTROY_SKADDR,
	R_EXIT_RET,
	RECORD_FIELD_COUNT,
};

struct records {
	int at[RECORD_FIELD_COUNT];
};

/* tcpt_offsets_btf with the tracepoint records. */
int btf_build(const struct tcpt_offsets *offsets, const struct records *records, void **data,
	      size_t *size);

/* ---- attach.c ------------------------------------------------------------ */

struct bpf_object;
struct bpf_link;

#define LINKS_MAX 8

struct links {
	unsigned int count;
	struct {
		const char *name;
		struct bpf_link *link;
	} of[LINKS_MAX];
};

/* Where this kernel's tracepoint records have what the mode's programs read. */
int attach_records(enum tcpt_attach mode, struct records *records, const struct tcpt_log *log);
/* Leaves on only the programs of this mode. */
int attach_select(struct bpf_object *object, enum tcpt_attach mode);
/* -EOPNOTSUPP and a message if this kernel lacks one of the mode's hooks. */
int attach_programs(struct bpf_object *object, enum tcpt_attach mode, struct links *links,
		    const struct tcpt_log *log);
void links_destroy(struct links *links);
/* -EOPNOTSUPP and a message if the offsets lack a field that the mode reads. */
int attach_check_offsets(enum tcpt_attach mode, const struct tcpt_offsets *offsets,
			 const struct tcpt_log *log);

/* ---- tracefs.c ----------------------------------------------------------- */

/* Of a tracepoint, from tracefs wherever it is mounted, or not. Negative errno if unknown. */
int tracefs_event_id(const char *category, const char *event);
/* Where a field lies in the tracepoint's record. */
int tracefs_field_offset(const char *category, const char *event, const char *field);

/* ---- pins.c -------------------------------------------------------------- */

/*
 * The directory of a pinned trace: DIR/maps, DIR/progs, DIR/links. Where one is
 * given, dir has come from pins_normalise().
 */
#define PIN_MAX 256
int pins_normalise(char *dir, const char *pin, const struct tcpt_log *log);
int pins_prepare(const char *dir, const struct tcpt_log *log);
/* With keeper the links are not pinned, and *keeper is set to a lock that says who keeps them. */
int pins_create(const char *dir, struct bpf_object *object, const struct links *links, int *keeper,
		const struct tcpt_log *log);
int pins_remove(const char *dir);
void pins_remove_remains(const char *dir);
/* 0, -ENOENT, or -EPERM where that may not be seen. */
int pins_check(const char *dir);
/* Whether somebody holds the keeper's lock. */
bool pins_are_kept(const char *dir);
int pins_open_map(const char *dir, const char *map);
/* Takes the reader's lock; returns its descriptor. -EBUSY and a message naming the holder. */
int pins_lock_reader(const char *dir, const struct tcpt_log *log);
/* The same for who keeps the links in a process of its own. */
int pins_lock_keeper(const char *dir, const struct tcpt_log *log);

/* ---- ring.c -------------------------------------------------------------- */

/* The consumer's side of a BPF ring buffer, with acknowledgement apart from reading. */
struct ring;

int ring_open(struct ring **out, int map_fd, size_t size);
void ring_close(struct ring *ring);
/* The next record, or NULL. Stays valid until ring_ack. */
const void *ring_next(struct ring *ring, size_t *size);
/* Hands out the last record once more. */
void ring_back(struct ring *ring);
void ring_ack(struct ring *ring);

/* ---- event.c ------------------------------------------------------------- */

/* -EPROTO if size or version are not of this ABI. */
int event_decode(struct tcpt_event *event, const void *record, size_t size);

#endif
