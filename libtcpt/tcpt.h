/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libtcpt: trace TCP connections with eBPF on any kernel.
 *
 * Three things, used in this order: offsets of the kernel's socket structures
 * (discovered, or read from a document), a trace that is loaded with them and
 * pinned in bpffs, and a reader of the pinned trace.
 *
 * Functions return 0 or a negative errno unless they say otherwise. Those that
 * open or load something take a log: the library itself never prints, exits or
 * touches signals. -EPERM and -EOPNOTSUPP mean that the privileges or the
 * kernel lack something; the message names it.
 */
#ifndef TCPT_H
#define TCPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- messages ---------------------------------------------------------- */

enum tcpt_log_level {
	TCPT_LOG_ERROR, /* why the call failed: one line, without a newline */
	TCPT_LOG_WARNING, /* the call goes on, but the user should know */
	TCPT_LOG_DEBUG, /* what libbpf and the kernel's verifier say */
};

struct tcpt_log {
	void (*message)(void *arg, enum tcpt_log_level level, const char *text);
	void *arg;
};

/* ---- offsets ------------------------------------------------------------ */

/*
 * Where a kernel keeps the members that the trace reads; see tcpt-offsets(5).
 * Fields are named struct.member, by the kernel's names.
 */
struct tcpt_offsets;

#define TCPT_ABSENT (-1) /* this kernel has no such member */

/* An empty set for the running kernel: no field is known yet. NULL and errno on failure. */
struct tcpt_offsets *tcpt_offsets_new(void);
void tcpt_offsets_free(struct tcpt_offsets *offsets);

/*
 * Reads a document from fd to its end; name is what messages call it. -EINVAL
 * and one message with the line number if it is not a complete document.
 */
int tcpt_offsets_read(struct tcpt_offsets **out, int fd, const char *name,
		      const struct tcpt_log *log);

/*
 * Reads the offsets of all fields from the kernel's BTF: raw, or in an ELF file
 * such as vmlinux; path NULL: that of the running kernel. The set names the
 * running kernel, whichever the file is of. A member that is missing, is a
 * bit-field or is not of the field's size is absent. -EOPNOTSUPP: the running
 * kernel has no BTF; -EINVAL: the file holds none; -ENODATA: a member that the
 * trace needs is absent; -ENOTUNIQ: structs of the same name disagree. The
 * caller frees *out.
 */
int tcpt_offsets_from_btf(struct tcpt_offsets **out, const char *path, const struct tcpt_log *log);

enum tcpt_offsets_format {
	TCPT_OFFSETS_TEXT, /* the document; the only form that tcpt_offsets_read() takes */
	TCPT_OFFSETS_JSON, /* one object, in one line */
	TCPT_OFFSETS_SHELL, /* assignments, for eval */
	TCPT_OFFSETS_C, /* a header */
	TCPT_OFFSETS_BTF, /* as tcpt_offsets_btf() */
};

/*
 * The offsets in one of the forms of tcpt-offsets(5). Fields that are not set
 * are left out. The caller frees *data; but for BTF it is followed by a NUL that
 * *size does not count. -ENOMEM, or -EINVAL if there is no such format; then
 * *data and *size are not changed.
 */
int tcpt_offsets_format(const struct tcpt_offsets *offsets, enum tcpt_offsets_format format,
			void **data, size_t *size);

/* The same as TCPT_OFFSETS_TEXT. The caller frees it. NULL and errno if memory is short. */
char *tcpt_offsets_text(const struct tcpt_offsets *offsets);

/* Byte offset or TCPT_ABSENT; -ENOENT if there is no such field. */
int tcpt_offsets_get(const struct tcpt_offsets *offsets, const char *field);
int tcpt_offsets_set(struct tcpt_offsets *offsets, const char *field, int offset);

/* Name of field number i, counted from 0; NULL behind the last. */
const char *tcpt_field_name(unsigned int i);

/* -ESTALE and a message if the document describes another kernel build than the running one. */
int tcpt_offsets_check_kernel(const struct tcpt_offsets *offsets, const struct tcpt_log *log);

/*
 * The offsets as BTF with the kernel's type names, for libbpf's
 * btf_custom_path. The caller frees *data.
 */
int tcpt_offsets_btf(const struct tcpt_offsets *offsets, void **data, size_t *size);

/* ---- guess -------------------------------------------------------------- */

/* Which hook lets the guesser read kernel memory. */
enum tcpt_via {
	TCPT_VIA_AUTO,
	TCPT_VIA_RAW_TP, /* raw tracepoint inet_sock_set_state, Linux 4.17 and later */
	TCPT_VIA_KPROBE, /* kprobe tcp_set_state */
};

struct tcpt_guess_opts {
	size_t size; /* sizeof(struct tcpt_guess_opts) */
	enum tcpt_via via;
	const struct tcpt_log *log;
	bool all_fields; /* also those that take a second: total_retrans */
	const char *const *only; /* names of fields, the last one NULL: look for no others. NULL: for all */
	const char *replay; /* a directory that tcpt_guess_dump() wrote, instead of the running kernel */
	const struct tcpt_offsets *verify; /* or NULL: a document to check, see tcpt_guess_check() */
};

struct tcpt_guess;

/*
 * Discovers the offsets of the running kernel with TCP connections over
 * loopback, in network namespaces of its own where that is permitted. Runs in
 * a thread of its own and leaves the caller's namespaces and descriptors
 * alone. *out is set on failure too, so that it can be explained or dumped.
 * -EUCLEAN: a required field was not found, a field is ambiguous, or a fresh
 * connection contradicted one.
 */
int tcpt_guess_run(struct tcpt_guess **out, const struct tcpt_guess_opts *opts);
void tcpt_guess_free(struct tcpt_guess *guess);

/* The offsets found; owned by guess. NULL if the guess failed. */
const struct tcpt_offsets *tcpt_guess_offsets(const struct tcpt_guess *guess);

enum tcpt_explain {
	TCPT_EXPLAIN_TEXT, /* for people */
	TCPT_EXPLAIN_JSON, /* one object */
};

/*
 * How each field was decided, and what it cost. The caller frees the text.
 * NULL if memory is short.
 */
char *tcpt_guess_explain(const struct tcpt_guess *guess, enum tcpt_explain format);

/*
 * Writes all snapshots with their needles, tcpt-snapshots(5), into a directory
 * that does not exist or is empty. All or nothing. It holds kernel memory and
 * addresses, so only its owner can read it.
 */
int tcpt_guess_dump(const struct tcpt_guess *guess, const char *dir, const struct tcpt_log *log);

enum tcpt_check_result {
	TCPT_CHECK_HOLDS, /* in every snapshot that says something of the field */
	TCPT_CHECK_ABSENT, /* the document says so, and the guess found none either */
	TCPT_CHECK_UNTESTED, /* no snapshot says anything of the field */
	TCPT_CHECK_DIFFERS, /* the guess found another offset, or one where the document has none */
	TCPT_CHECK_WRONG, /* some snapshot holds something else there */
};

/* What became of one field of opts->verify. */
struct tcpt_check {
	enum tcpt_check_result result;
	int document; /* its offset, or TCPT_ABSENT */
	int fresh; /* what the guess has found, or TCPT_ABSENT */
	unsigned int held; /* in so many snapshots */
	unsigned int contradicted;
};

/*
 * Valid after tcpt_guess_run() with opts->verify, also if that returned
 * -EUCLEAN. -ENOENT: no such field, or it was not looked for.
 */
int tcpt_guess_check(const struct tcpt_guess *guess, const char *field, struct tcpt_check *check);

/* ---- trace -------------------------------------------------------------- */

enum tcpt_attach {
	TCPT_ATTACH_AUTO,
	TCPT_ATTACH_KPROBE,
	TCPT_ATTACH_TRACEPOINT,
};

#define TCPT_DEFAULT_PIN "/sys/fs/bpf/tcpt"

struct tcpt_load_opts {
	size_t size; /* sizeof(struct tcpt_load_opts) */
	const struct tcpt_offsets *offsets;
	const char *pin; /* directory to make; NULL: TCPT_DEFAULT_PIN */
	enum tcpt_attach attach;
	bool hold; /* keep the links in this process instead of pinning them */
	size_t ring_bytes; /* of the event ring, rounded up to a power of two; 0: 8 MiB */
	const struct tcpt_log *log;
};

struct tcpt_trace;

/*
 * Loads the programs, attaches them and pins everything under opts->pin; on
 * failure nothing stays behind. Mounts bpffs where it is missing from
 * /sys/fs/bpf. Without hold the trace outlives *out; with it, it ends with
 * tcpt_trace_close(). -EEXIST: something is loaded there already.
 */
int tcpt_trace_load(struct tcpt_trace **out, const struct tcpt_load_opts *opts);

/* Lets go of the trace. One that was loaded with hold ends, and its pins are removed. */
void tcpt_trace_close(struct tcpt_trace *trace);

enum tcpt_attach tcpt_trace_attach(const struct tcpt_trace *trace);
const char *tcpt_attach_name(enum tcpt_attach attach);

/* Ends the trace pinned under pin (NULL: TCPT_DEFAULT_PIN). -ENOENT: there is none. */
int tcpt_trace_unload(const char *pin, const struct tcpt_log *log);

/* ---- events ------------------------------------------------------------- */

enum tcpt_event_type {
	TCPT_EVENT_LOST, /* count events found no room in the ring */
	TCPT_EVENT_CONNECT, /* an active open was established */
	TCPT_EVENT_ACCEPT, /* a task took a connection from a listener */
	TCPT_EVENT_CLOSE, /* a connection ended */
	TCPT_EVENT_TYPES,
};

enum tcpt_role {
	TCPT_ROLE_UNKNOWN,
	TCPT_ROLE_CLIENT,
	TCPT_ROLE_SERVER,
};

/* Read-only to the caller. Members are only ever added, at the end. */
struct tcpt_event {
	enum tcpt_event_type type;
	enum tcpt_role role;
	uint32_t cpu;
	uint64_t seq; /* per CPU, from 1 */
	uint64_t ts; /* CLOCK_MONOTONIC, ns; 0 on lost */
	uint64_t id; /* the same in all events of one connection */
	uint32_t pid; /* initial pid namespace; of the connecting, accepting or closing process; 0: not known */
	uint32_t tid;
	uint32_t uid;
	char comm[17];
	int family; /* 4 or 6; IPv4-mapped is 4 */
	uint8_t saddr[16]; /* local end, network byte order; 4 or 16 bytes */
	uint8_t daddr[16]; /* remote end */
	uint16_t sport; /* host byte order */
	uint16_t dport;
	uint32_t netns; /* inode number; 0: not known */
	bool late; /* the first hook missed it, a later one repaired it */
	bool has_duration;
	uint64_t duration_ns; /* on close: since it was established */
	uint32_t opener_pid; /* on close; 0: not known */
	uint64_t count; /* on lost */
};

const char *tcpt_event_type_name(enum tcpt_event_type type);

enum tcpt_format {
	TCPT_FORMAT_TEXT, /* columns for people */
	TCPT_FORMAT_JSON, /* one object */
	TCPT_FORMAT_TSV, /* columns in the order of tcpt-watch(8) */
	TCPT_FORMAT_TCPTRACER, /* the line of tcptracer-bpf's example program */
};

/* A line of any event in any format fits into this many bytes. */
#define TCPT_LINE_MAX 1024

/*
 * Writes one line with its newline into buf, which holds at least
 * TCPT_LINE_MAX bytes, and no NUL. Returns its length; 0 where the format has
 * no line for this event.
 */
size_t tcpt_event_format(const struct tcpt_event *event, enum tcpt_format format, char *buf);

/* The heading of the format, likewise; 0 where it has none. */
size_t tcpt_event_heading(enum tcpt_format format, char *buf);

/* ---- reader ------------------------------------------------------------- */

struct tcpt_reader;

/*
 * Opens the trace pinned under pin (NULL: TCPT_DEFAULT_PIN). -ENOENT: nothing
 * is pinned there; -EBUSY: another process reads it, the message says which.
 */
int tcpt_reader_open(struct tcpt_reader **out, const char *pin, const struct tcpt_log *log);
void tcpt_reader_close(struct tcpt_reader *reader);

/*
 * The next event: 1 and *event, 0 if there is none now. An event is handed out
 * again to the next reader until it is acknowledged. -EPROTO: the next record
 * is of another version.
 */
int tcpt_reader_next(struct tcpt_reader *reader, struct tcpt_event *event);

/* Acknowledges all events handed out so far. Call it once they are safe. */
void tcpt_reader_ack(struct tcpt_reader *reader);

/*
 * Losses that no event has shown yet, one CPU a call: 1 and *event, else 0.
 * For when there is nothing to read.
 */
int tcpt_reader_lost(struct tcpt_reader *reader, struct tcpt_event *event);

/*
 * Whether the trace has ended: it was unloaded, or the process that held it is
 * gone. What is in the ring can still be read.
 */
bool tcpt_reader_is_over(struct tcpt_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
