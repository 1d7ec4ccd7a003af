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
	F_SKC_COOKIE,
	F_SK_ERR,
	F_SK_SHUTDOWN,
	F_SK_PROTOCOL,
	F_INET_SPORT,
	F_BYTES_ACKED,
	F_BYTES_RECEIVED,
	F_SRTT_US,
	F_TOTAL_RETRANS,
	F_SK_SOCKET,
	F_SOCKET_SK,
	F_SOCKET_FILE,
	F_FILE_PRIVATE_DATA,
	F_TASK_FILES,
	F_FILES_FDT,
	F_FDTABLE_FD,
	FIELD_COUNT,
};

/* Where a field's struct starts: sock_common, sock, inet_sock and tcp_sock share theirs. */
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

/* A field that was not found is absent from the document, or fails the guess. */
enum need {
	NEEDED,
	NEEDED_WITH_NETNS, /* where the kernel has network namespaces */
	NEEDED_WITH_IPV6, /* where IPv6 sockets can be had */
	OPTIONAL,
	ON_REQUEST, /* optional, and only looked for when all fields are asked for */
};

/* What a member is in the BTF. */
enum btf_type_kind {
	TYPE_U8,
	TYPE_U16,
	TYPE_U32,
	TYPE_U64,
	TYPE_INT,
	TYPE_ATOMIC64,
	TYPE_IN6_ADDR,
	TYPE_NET, /* possible_net_t */
	TYPE_POINTER,
	TYPE_COUNT,
};

#define POINTER 0 /* a size, and an alignment: that of the kernel's pointers */

struct field_info {
	const char *key; /* struct.member */
	enum base base;
	unsigned char size; /* bytes, also of what is compared; or POINTER */
	unsigned char align;
	unsigned char shift; /* the needle is the value without so many of its lowest bits */
	bool wide; /* only a needle of more than half the size proves that it is not a smaller field */
	enum need need;
	enum varies varies;
	enum btf_type_kind type;
	const char *rule; /* for people: what decides */
	const char *without; /* for people: what it was that could not be had, if it is absent */
};

extern const struct field_info fields[FIELD_COUNT];

unsigned int field_size(enum field field, unsigned int pointer_size);
unsigned int field_align(enum field field, unsigned int pointer_size);

/* How far into a struct of this base a field is looked for, in bytes. */
extern const unsigned int base_window[BASE_COUNT];

/* -ENOENT if there is none of that name. */
int field_find(const char *key);

/* ---- offsets.c ---------------------------------------------------------- */

#define OFFSET_UNSET (-2)
#define OFFSET_MAX 65535

struct tcpt_offsets {
	struct kernel_id kernel;
	char source[8];
	int at[FIELD_COUNT]; /* byte offset, TCPT_ABSENT or OFFSET_UNSET */
};

/* ---- offsets-format.c ---------------------------------------------------- */

#define OFFSETS_FIRST_LINE "# tcpt-offsets 1"
#define METADATA_MAX 64 /* characters of release, machine, build_id and source */

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
int pins_open_map(const char *dir, const char *map);
/* ---- locks.c ------------------------------------------------------------- */

/* These return a descriptor. Taking one that is held: -EBUSY and a message naming the holder. */
int locks_take_reader(const char *dir, const struct tcpt_log *log);
int locks_take_keeper(const char *dir, const struct tcpt_log *log);
int locks_keep(const char *dir);
/* Whether somebody keeps the links; and whether lock is the keeper's of this very directory. */
bool locks_are_kept(const char *dir);
bool locks_are_of(const char *dir, int lock);

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

/* ---- escape.c ------------------------------------------------------------ */

/* Append text to p, and return where to go on; at most 6 bytes a byte of text, and two quotes. */
char *escape_column(char *p, const char *text);
char *escape_json(char *p, const char *text);

/* ---- event.c ------------------------------------------------------------- */

/* -EPROTO if size or version are not of this ABI. */
int event_decode(struct tcpt_event *event, const void *record, size_t size);

#endif
