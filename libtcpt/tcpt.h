/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libtcpt: trace TCP connections with eBPF on any kernel.
 *
 * A program uses three things, in this order: the offsets of the kernel's socket
 * structures (discovered, or read from a document), a trace that is loaded with them and
 * pinned in a bpffs, and a reader of the pinned trace.
 *
 * Results. Functions return 0 or a negative errno unless they say otherwise, and set
 * *out only if they succeed. Functions that return a pointer return NULL and set errno
 * if they fail. Arguments are checked first: NULL where something is needed, a number
 * that is not in its enum, a tap out of range and the like are -EINVAL, with a message
 * if there is a log. The log and the pin may be NULL. The names and members of a
 * NULL object are NULL, 0 or the first of their enum, and free and close do nothing
 * with it. -ENOMEM means that memory is short; what was begun is undone. -EPERM and
 * -EOPNOTSUPP mean that the privileges or the kernel lack something; the message names
 * it. -EACCES from a function that opens a pinned trace means that another user than
 * root and the caller owns it, or can change it. -EINVAL from such a function means that
 * the trace's description is damaged.
 *
 * Memory. The caller owns what a function hands out through *out or returns without
 * const: objects end with the free or close function of their type, text and arrays
 * with free(). An object or a text that is returned as const belongs to the object that
 * was asked, and lives as long as that; names are constants. What the caller hands over
 * stays the caller's, and has to live until the call returns. A log is copied by objects
 * that go on using it; its arg has to live until they are closed.
 *
 * Threads. Every function may be called in any thread, and different objects may be used
 * at the same time. One object is used in one thread at a time, unless all that use it
 * take it as const. A log is called in the thread that made the call;
 * tcpt_guess_run() and tcpt_offsets_verify() call it in a thread of their own, while the
 * caller waits. While a call that uses libbpf runs, libbpf's messages in that thread go
 * to the log, and those of other threads go where they went before. Do not call
 * libbpf_set_print() meanwhile. No function may be called in a signal
 * handler. A child made by fork() must not use the objects of its parent.
 * All descriptors are closed by exec(). The library never prints, exits or touches
 * signals.
 *
 * Versions. Structs of options begin with their size. If one is shorter than this
 * version's, the missing members are 0. If one is longer, what this version does not know
 * must be 0; otherwise -E2BIG. Members are only added at the end, and not where an older
 * version has padding. The same holds for structs that the library owns. A struct in the
 * caller's memory that has no size (tcpt_event, tcpt_check, tcpt_missed) grows only with
 * the library's soname.
 */
#ifndef TCPT_H
#define TCPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/select.h> /* sigset_t, in strict C too */

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the version of the library that is in use, as "0.1.0". */
const char *tcpt_version(void);

/* ---- messages ---------------------------------------------------------- */

enum tcpt_log_level {
	TCPT_LOG_ERROR, /* why the call failed: one line, without a newline */
	TCPT_LOG_WARNING, /* what the user should know, while the call goes on */
	TCPT_LOG_DEBUG, /* what libbpf and the kernel's verifier say */
};

struct tcpt_log {
	void (*message)(void *arg, enum tcpt_log_level level, const char *text);
	void *arg;
};

/* ---- offsets ------------------------------------------------------------ */

/*
 * These are the offsets of one kernel build. They say where it keeps the members that
 * the trace reads, see tcpt-offsets(5). A field's name is struct.member, with the
 * kernel's names.
 */
struct tcpt_offsets;

#define TCPT_ABSENT (-1) /* this kernel has no such member */

/* Returns an empty set for the running kernel, in which no field is known. */
struct tcpt_offsets *tcpt_offsets_new(void);
/* Returns a set in which every field is absent: cgroup mode needs no more. */
struct tcpt_offsets *tcpt_offsets_none(void);
/* Returns a copy of the set. */
struct tcpt_offsets *tcpt_offsets_copy(const struct tcpt_offsets *offsets);
void tcpt_offsets_free(struct tcpt_offsets *offsets);

/*
 * Reads a document from fd to its end; messages call it name. Returns -EINVAL, with one
 * message that has the line number, if it is not a complete document.
 */
int tcpt_offsets_read(struct tcpt_offsets **out, int fd, const char *name,
		      const struct tcpt_log *log);

/* Reads a document that is size bytes of text, which need no NUL behind them. */
int tcpt_offsets_parse(struct tcpt_offsets **out, const char *text, size_t size, const char *name,
		       const struct tcpt_log *log);

/*
 * Checks that the file of a document can be trusted. Returns -EACCES, with a message, if
 * another user than root and the caller owns it, or if others, its group among them, can
 * write to it, or to a directory on the way to it that is not sticky.
 */
int tcpt_offsets_check_file(int fd, const char *name, const struct tcpt_log *log);

/*
 * Reads the offsets of all fields from a kernel's BTF: a file with raw BTF, or an ELF
 * file such as vmlinux. If path is NULL, it is the running kernel's BTF. The set names the
 * running kernel, whichever kernel the file is from. A member that is missing, is a
 * bit-field or does not have the field's size is absent. -EOPNOTSUPP: the running
 * kernel has no BTF; -EINVAL: the file holds none; -ENODATA: a member that the
 * trace needs is absent; -ENOTUNIQ: structs of the same name disagree. The
 * caller frees *out.
 */
int tcpt_offsets_from_btf(struct tcpt_offsets **out, const char *path, const struct tcpt_log *log);

enum tcpt_offsets_format {
	TCPT_OFFSETS_TEXT, /* the document, the only one that can be read again */
	TCPT_OFFSETS_JSON, /* one object, in one line */
	TCPT_OFFSETS_SHELL, /* assignments, for eval */
	TCPT_OFFSETS_C, /* a header */
	TCPT_OFFSETS_BTF, /* what tcpt_offsets_btf() returns */
};

/*
 * Writes the offsets in one of the formats of tcpt-offsets(5). Fields that are not set
 * are left out. The caller frees *data. In all formats but BTF it ends with a NUL that
 * *size does not count. -EINVAL: there is no such format. A failure changes neither *data
 * nor *size.
 */
int tcpt_offsets_format(const struct tcpt_offsets *offsets, enum tcpt_offsets_format format,
			void **data, size_t *size);

/* Returns the document, as TCPT_OFFSETS_TEXT. The caller frees it. */
char *tcpt_offsets_text(const struct tcpt_offsets *offsets);

/*
 * Returns a field's offset in bytes, or TCPT_ABSENT. -ENOENT: there is no such field, or
 * nothing is known about it.
 */
int tcpt_offsets_get(const struct tcpt_offsets *offsets, const char *field);
int tcpt_offsets_set(struct tcpt_offsets *offsets, const char *field, int offset);

/* Returns the name of field number i, from 0; NULL behind the last. */
const char *tcpt_field_name(unsigned int i);

/*
 * Checks that the offsets are those of the running kernel build. Returns -ESTALE, with a
 * message, if the document describes another one.
 */
int tcpt_offsets_check_kernel(const struct tcpt_offsets *offsets, const struct tcpt_log *log);

/*
 * Returns the build id of the kernel that the document describes, in hexadecimal; NULL if
 * it has none. The offsets own it.
 */
const char *tcpt_offsets_build_id(const struct tcpt_offsets *offsets);

/*
 * Writes the offsets as BTF with the kernel's type names, for libbpf's
 * btf_custom_path. The caller frees *data.
 */
int tcpt_offsets_btf(const struct tcpt_offsets *offsets, void **data, size_t *size);

/* ---- guess -------------------------------------------------------------- */

/* A guess reads kernel memory by one of these hooks. */
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
	const char *const
		*only; /* names of the fields to look for, the last one NULL. NULL: all fields */
	const char *replay; /* a directory of tcpt_guess_dump() to guess from, not the kernel */
	const struct tcpt_offsets
		*verify; /* a document to check, see tcpt_guess_check(); or NULL */
};

struct tcpt_guess;

/*
 * Discovers the offsets of the running kernel with TCP connections over
 * loopback, in network namespaces of its own where that is permitted. Runs in
 * a thread of its own, and does not change the caller's namespaces and descriptors.
 * *out is set on failure too, so that it can be explained or dumped; it is NULL if the
 * options are not valid, or if memory is short.
 * -EUCLEAN: a required field was not found; or one that is required or named in only
 * is ambiguous; or a fresh connection contradicted one.
 */
int tcpt_guess_run(struct tcpt_guess **out, const struct tcpt_guess_opts *opts);
void tcpt_guess_free(struct tcpt_guess *guess);

/* Returns the offsets found; NULL if the guess failed. The guess owns them. */
const struct tcpt_offsets *tcpt_guess_offsets(const struct tcpt_guess *guess);

enum tcpt_explain {
	TCPT_EXPLAIN_TEXT, /* for people */
	TCPT_EXPLAIN_JSON, /* one object */
};

/*
 * Returns a text that says how each field was decided, and what the guess cost. The
 * caller frees it.
 */
char *tcpt_guess_explain(const struct tcpt_guess *guess, enum tcpt_explain format);

/*
 * Writes all snapshots with their needles, see tcpt-snapshots(5), into a directory
 * that does not exist or is empty. Writes all of them, or nothing. The files hold kernel
 * memory and addresses, so only their owner can read them.
 */
int tcpt_guess_dump(const struct tcpt_guess *guess, const char *dir, const struct tcpt_log *log);

enum tcpt_check_result {
	TCPT_CHECK_HOLDS, /* it holds in every snapshot that says something about the field */
	TCPT_CHECK_ABSENT, /* the field is absent in the document, and the guess found none */
	TCPT_CHECK_UNTESTED, /* no snapshot says anything about the field */
	TCPT_CHECK_DIFFERS, /* the guess found another offset, or one where the document has none */
	TCPT_CHECK_WRONG, /* some snapshot holds something else there */
};

/* This is the result for one field of opts->verify. */
struct tcpt_check {
	enum tcpt_check_result result;
	int document; /* the document's offset, or TCPT_ABSENT */
	int fresh; /* the offset that the guess has found, or TCPT_ABSENT */
	unsigned int held; /* number of snapshots in which it holds */
	unsigned int contradicted; /* number of snapshots that contradict it */
};

/*
 * Fills in the result for one field, after tcpt_guess_run() with opts->verify, also if
 * that returned -EUCLEAN. -ENOENT: there is no such field, or it was not looked for.
 */
int tcpt_guess_check(const struct tcpt_guess *guess, const char *field, struct tcpt_check *check);

/*
 * Checks offsets that are known already, such as those of an earlier boot,
 * against two fresh connections, in less time than a guess takes. Fields about which
 * these connections say nothing, such as sk_err, are not checked. -EUCLEAN: a connection
 * contradicts the offsets; -EAGAIN: a required field could not be tested. The
 * message says which.
 */
int tcpt_offsets_verify(const struct tcpt_offsets *offsets, const struct tcpt_log *log);

/* ---- filters ------------------------------------------------------------ */

/*
 * Filters select the events that are reported. Values of one key are alternatives, and
 * an event must have a value of every key that has values. All keys but the type are
 * decided once for a connection, when its connect, accept or existing is due, by the task
 * of that event. A connection that is hidden then has no close either, and one that is not
 * has one. A failed connect is decided by itself, and so is the close of a connection
 * about which nothing else is known.
 */
enum tcpt_filter_key {
	TCPT_FILTER_PID,
	TCPT_FILTER_UID,
	TCPT_FILTER_COMM, /* name of the thread */
	TCPT_FILTER_CGROUP, /* id, of the version 2 hierarchy */
	TCPT_FILTER_NETNS, /* inode */
	TCPT_FILTER_FAMILY, /* 4 or 6 */
	TCPT_FILTER_ROLE, /* enum tcpt_role */
	TCPT_FILTER_SADDR, /* network of the local end */
	TCPT_FILTER_SPORT, /* of the local end */
	TCPT_FILTER_DADDR, /* network of the remote end */
	TCPT_FILTER_DPORT, /* of the remote end */
	TCPT_FILTER_TYPE, /* enum tcpt_event_type; not lost or overwritten */
	TCPT_FILTER_NOT_PID = 16, /* these values are hidden, and all others selected */
	TCPT_FILTER_NOT_UID,
	TCPT_FILTER_NOT_COMM,
	TCPT_FILTER_NOT_CGROUP,
	TCPT_FILTER_NOT_NETNS,
	TCPT_FILTER_NOT_FAMILY,
	TCPT_FILTER_NOT_ROLE,
	TCPT_FILTER_NOT_SADDR,
	TCPT_FILTER_NOT_SPORT,
	TCPT_FILTER_NOT_DADDR,
	TCPT_FILTER_NOT_DPORT,
	TCPT_FILTER_NOT_TYPE,
	TCPT_FILTER_WATCH = 31, /* no filter: a watched process, whose fdinstalls are reported */
	TCPT_FILTER_KEYS, /* some numbers below are no keys */
};

struct tcpt_filter {
	enum tcpt_filter_key key;
	uint64_t value; /* a number; of ports the first one; of addresses the bits of the prefix */
	uint16_t last; /* of ports: the last one of a range; 0: a single port */
	uint8_t family; /* of addresses: 4 or 6 */
	uint8_t bytes[16]; /* of an address, all others 0; or of a name, with a NUL behind it */
};

/*
 * Returns the key's name, which is also its name in JSON: as pid, or pid! for NOT_PID. NULL if
 * there is no such key.
 */
const char *tcpt_filter_key_name(enum tcpt_filter_key key);

/*
 * Reads KEY=VALUE,... or KEY!=VALUE,... into at most room filters, as tcpt-filter(8) describes
 * it, without the key watch. Values may be paths and names. Returns the number of filters;
 * -EINVAL, with a message, if the text is not of that form.
 */
int tcpt_filter_parse(struct tcpt_filter *filters, size_t room, const char *text,
		      const struct tcpt_log *log);

/* These are the filters of a pinned trace, open to be listed and edited. */
struct tcpt_filters;

/*
 * Opens the filters of the trace pinned under pin (NULL: TCPT_DEFAULT_PIN). One editor at
 * a time has them open; waits until another one has closed them. They keep a copy of log.
 */
int tcpt_filters_open(struct tcpt_filters **out, const char *pin, const struct tcpt_log *log);
void tcpt_filters_close(struct tcpt_filters *filters);

/* Lists the filters that are set, sorted by key and value. The caller frees *list. */
int tcpt_filters_list(struct tcpt_filters *filters, struct tcpt_filter **list, size_t *count);

struct tcpt_filters_edit {
	size_t size; /* sizeof(struct tcpt_filters_edit) */
	const struct tcpt_filter *add; /* filters to set; one that is set already stays */
	size_t add_count;
	const struct tcpt_filter *remove; /* filters to remove; one that is in add too stays */
	size_t remove_count;
};

/*
 * Adds and removes filters. Does all of the edit or nothing; there is no moment in which
 * neither the old nor the new filters hold. -E2BIG: there is no room for them. -ENOENT:
 * one that is to be removed is not set.
 */
int tcpt_filters_edit(struct tcpt_filters *filters, const struct tcpt_filters_edit *edit);

/* ---- trace -------------------------------------------------------------- */

enum tcpt_attach {
	TCPT_ATTACH_AUTO,
	TCPT_ATTACH_KPROBE,
	TCPT_ATTACH_FENTRY,
	TCPT_ATTACH_TRACEPOINT,
	TCPT_ATTACH_CGROUP, /* Linux 5.9 and later; needs no offsets */
};

/* Rings of one of these kinds keep the events until they are read. */
enum tcpt_store {
	TCPT_STORE_AUTO, /* ring where the kernel has it */
	TCPT_STORE_RING, /* a BPF ring buffer, Linux 5.8 and later */
	TCPT_STORE_SLOTS, /* an array of slots, which each processor fills on its own */
};

/* Returns the name of a kind of rings; NULL if there is none. */
const char *tcpt_store_name(enum tcpt_store store);

#define TCPT_DEFAULT_PIN "/sys/fs/bpf/tcpt"
#define TCPT_TAPS_MAX 4
#define TCPT_TAPS_AUTO UINT32_MAX

struct tcpt_load_opts {
	size_t size; /* sizeof(struct tcpt_load_opts) */
	const struct tcpt_offsets *offsets;
	const char *pin; /* directory for the pins; NULL: TCPT_DEFAULT_PIN */
	enum tcpt_attach attach;
	bool hold; /* keep the links in this process instead of pinning them */
	size_t ring_bytes; /* of a ring, rounded up, at most 2 GiB; 0: 8 MiB */
	const struct tcpt_log *log;
	const struct tcpt_filter *filters; /* set before the first event */
	size_t filter_count;
	bool existing; /* take stock of the connections that are older than the trace */
	bool for_group; /* members of group may read, without capabilities */
	uint32_t group; /* the id of the group */
	/*
	 * Replace the programs of the trace that is pinned there. It goes on with its
	 * connections and numbers. If filters are given, they replace those of the trace; if
	 * watched processes are given, they replace its own. existing is ignored. The rings
	 * stay, unless ring_bytes is given and is another size, or store is another kind. If
	 * nothing is pinned there, this is a load.
	 */
	bool replace;
	/*
	 * The trace has this number of taps, 1 to 4. 0: one, or in a replacement as
	 * many as the trace has. TCPT_TAPS_AUTO: two, or one where the kernel loads no
	 * programs for more; in a replacement as 0. Taps fill up independently of each other.
	 */
	unsigned int taps;
	/* In a replacement TCPT_STORE_AUTO is the kind that the trace has. */
	enum tcpt_store store;
	/*
	 * The trace is a flight recorder: the newest events overwrite the oldest, whether
	 * they were read or not. Its rings are slots. A replacement of a recorder is one too.
	 */
	bool recorder;
	/*
	 * The trace keeps a table of the processes that fork and execute, for the names that a
	 * resolver finds. A replacement keeps the table that the trace has.
	 */
	bool processes;
};

struct tcpt_trace;

/*
 * Loads the programs, attaches them and pins everything under opts->pin. On failure
 * nothing stays behind. Mounts a bpffs at /sys/fs/bpf if none is there. Without hold the
 * trace outlives *out; with hold it ends with tcpt_trace_close(). With for_group, warns if
 * members cannot get to the pins. -EEXIST: something is loaded there already. -EPROTO: the
 * trace to be replaced was loaded by another version of tcpt. -EOPNOTSUPP also if the
 * kernel would not let the members of the group read.
 */
int tcpt_trace_load(struct tcpt_trace **out, const struct tcpt_load_opts *opts);

/*
 * Closes the trace. One that was loaded with hold ends, and its pins are removed, unless
 * another generation has taken over. Messages go to the log of the load.
 */
void tcpt_trace_close(struct tcpt_trace *trace);

/* Returns true if somebody else has replaced or removed a trace that this process holds. */
bool tcpt_trace_is_over(const struct tcpt_trace *trace);

enum tcpt_attach tcpt_trace_attach(const struct tcpt_trace *trace);
/* Returns the name of an attach mode; NULL if there is none. */
const char *tcpt_attach_name(enum tcpt_attach attach);

/*
 * Unloads the trace pinned under pin (NULL: TCPT_DEFAULT_PIN). -ENOENT: there is none;
 * -EINVAL: there can be none, because it is not in a bpffs.
 */
int tcpt_trace_unload(const char *pin, const struct tcpt_log *log);

/* ---- probe -------------------------------------------------------------- */

enum tcpt_hook_state {
	TCPT_HOOK_THERE, /* a program can be attached */
	TCPT_HOOK_RENAMED, /* a program can be attached, but the function has another name */
	TCPT_HOOK_MISSING, /* this kernel has no such hook */
	TCPT_HOOK_DENIED, /* the kernel does not let a program be attached */
};

/* An attach mode has one of these uses for a hook. */
enum tcpt_use {
	TCPT_USE_NONE,
	TCPT_USE_REQUIRED,
	TCPT_USE_OPTIONAL, /* it reports what others miss, or sees what they do not */
	TCPT_USE_FALLBACK, /* it is used in place of a hook that is missing */
};

/* The caller may only read it. */
struct tcpt_hook {
	const char *kind; /* kprobe, kretprobe, fentry, fexit, raw_tp, tp_btf or tracepoint */
	const char *target; /* function, raw tracepoint, or CATEGORY:NAME of a tracepoint */
	enum tcpt_hook_state state;
	bool pinnable; /* a link to it can be pinned */
	const char *note; /* for people: other names, or what is wrong; may be NULL */
};

/* This is the result of probing for one attach mode. */
struct tcpt_mode {
	bool works; /* all that it requires is there; the offsets are not checked */
	bool pinnable; /* all links that it requires can be pinned */
	const char *why; /* why it does not work; NULL if it does */
};

struct tcpt_probe;

/*
 * Probes every hook that any attach mode can use, with a program that does
 * nothing. The result says what is not permitted, so this fails only if memory is short.
 */
int tcpt_probe_run(struct tcpt_probe **out);
void tcpt_probe_free(struct tcpt_probe *probe);

/* Returns hook number i, from 0; NULL behind the last. The probe owns it. */
const struct tcpt_hook *tcpt_probe_hook(const struct tcpt_probe *probe, unsigned int i);
enum tcpt_use tcpt_probe_use(const struct tcpt_probe *probe, unsigned int i, enum tcpt_attach mode);
const char *tcpt_hook_state_name(enum tcpt_hook_state state);

/* Returns what was found about mode; NULL for TCPT_ATTACH_AUTO. The probe owns it. */
const struct tcpt_mode *tcpt_probe_mode(const struct tcpt_probe *probe, enum tcpt_attach mode);

/*
 * Returns the mode that misses least, and among equals costs least, of those that work
 * and whose links can be pinned; with hold they need not be. TCPT_ATTACH_AUTO: none.
 */
enum tcpt_attach tcpt_probe_best(const struct tcpt_probe *probe, bool hold);
/*
 * Returns the kind of rings that a load chooses here. Sets *is_mapped to whether readers can
 * map them into memory; else they look them up.
 */
enum tcpt_store tcpt_probe_store(const struct tcpt_probe *probe, bool *is_mapped);
/*
 * Returns true if a load splits the programs into steps, because the kernel loads none of more
 * than 4,096 instructions. The trace then has one tap.
 */
bool tcpt_probe_is_split(const struct tcpt_probe *probe);

/* ---- missed ------------------------------------------------------------- */

/*
 * These are the misses of one program of a trace. Other programs report much of what it
 * missed.
 */
struct tcpt_missed {
	const char *program;
	bool has_runs; /* the kernel counts runs (Linux 5.12) */
	uint64_t runs; /* skipped, because the program was running on this processor already */
	bool has_calls; /* the kernel counts calls (Linux 6.7; before, of tracefs kprobes only) */
	uint64_t calls; /* for which the kprobe did not fire, or the kretprobe had no room */
};

/*
 * Fills in at most max of missed, one for each program of the trace pinned under pin
 * (NULL: TCPT_DEFAULT_PIN), and returns their number. -ENOENT: there is no trace; there
 * is a message only if pin is not NULL.
 */
int tcpt_missed_read(const char *pin, struct tcpt_missed *missed, size_t max,
		     const struct tcpt_log *log);

/* ---- stat --------------------------------------------------------------- */

/* The caller may only read them. */
struct tcpt_counts {
	unsigned int cpu; /* 0 in the sum */
	uint64_t events; /* that got a number since the load, lost ones too */
	uint64_t lost; /* events of these that found the ring full */
	uint64_t late; /* events that a later hook reported; some of them may be lost */
	uint64_t conns_full; /* connections that found no room in the map conns when they opened */
	uint64_t pending_full; /* connects that found no room in the map pending */
	uint64_t fails_lost; /* failed connects that were therefore not reported */
	uint64_t connects; /* events of each type, lost ones too; together they are events */
	uint64_t accepts;
	uint64_t closes;
	uint64_t fails;
	uint64_t fdinstalls;
	uint64_t existing;
	uint64_t bytes_sent; /* of connections whose close is an event, also if it was lost */
	uint64_t bytes_received;
	uint64_t retransmits; /* segments */
	uint64_t overwritten; /* in a recorder: events overwritten before they were read */
	uint64_t
		processes_full; /* processes that lost their place in the table before they ended */
};

/* This describes the trace that is loaded, and the processes that use it. */
struct tcpt_stat_trace {
	const char *pin;
	const char *version; /* of the tcpt that has loaded it */
	unsigned int abi;
	enum tcpt_attach attach;
	uint64_t loaded; /* when it was loaded: CLOCK_MONOTONIC, ns */
	uint64_t now; /* when this was read: CLOCK_MONOTONIC, ns */
	uint32_t keeper; /* process id of the keeper; 0: the links are pinned */
	const char *keeper_comm; /* empty: it is not there, or not in this pid namespace */
	uint32_t reader; /* process id of the reader; 0: none in this pid namespace */
	const char *reader_comm;
	size_t ring_bytes; /* size of the ring */
	size_t ring_used; /* bytes that wait to be read */
	const struct tcpt_offsets *offsets;
	const char *kernel_release; /* from the offsets, like the next three */
	const char *kernel_machine;
	const char *build_id; /* empty: not known */
	const char *source; /* guess, btf or hand */
	unsigned int tap; /* the tap, from 1, whose ring, reader and losses these are */
	unsigned int taps; /* number of taps of the trace */
	bool has_open; /* open is known: members of the trace's group may not see it */
	uint64_t open; /* connections that are open, those among them that are older */
	bool has_bytes_sent; /* known: the document has the offsets */
	bool has_bytes_received;
	bool has_retransmits;
	uint64_t open_room; /* so many that are younger than the trace can be remembered */
	bool has_filters; /* the filters are known, in the same way */
	enum tcpt_store store; /* the kind of the rings */
	bool is_recorder;
};

/* This describes one tap of a trace, and who reads it. */
struct tcpt_stat_tap {
	unsigned int tap; /* from 1 */
	uint32_t reader; /* process id; 0: none in this pid namespace */
	const char *reader_comm;
	size_t ring_bytes;
	size_t ring_used;
	uint64_t lost; /* events that found this ring full */
	uint64_t overwritten; /* in a recorder: events overwritten before they were read */
};

struct tcpt_stat;

/*
 * Reads the state of the trace pinned under pin (NULL: TCPT_DEFAULT_PIN), and that of one
 * of its taps, from 1. It disturbs neither the trace nor its reader: it takes no lock,
 * changes nothing, and reads the counters as memory. Values that change meanwhile may be
 * of different moments. -EINPROGRESS: a replacement was interrupted at a point where the
 * ring has no name; opening the trace to read, or its filters to edit, ends it.
 * -ENOENT: there is no trace, or no such tap.
 */
int tcpt_stat_read(struct tcpt_stat **out, const char *pin, unsigned int tap,
		   const struct tcpt_log *log);
void tcpt_stat_free(struct tcpt_stat *stat);

/* The stat owns all that these return. */
const struct tcpt_stat_trace *tcpt_stat_trace(const struct tcpt_stat *stat);
const struct tcpt_counts *tcpt_stat_sum(const struct tcpt_stat *stat);
/* These return number i, from 0; NULL behind the last. */
const struct tcpt_counts *tcpt_stat_cpu(const struct tcpt_stat *stat, unsigned int i);
const struct tcpt_missed *tcpt_stat_missed(const struct tcpt_stat *stat, unsigned int i);
const struct tcpt_stat_tap *tcpt_stat_tap(const struct tcpt_stat *stat, unsigned int i);
/* Returns filter number i, in the order of key and value; NULL behind the last. */
const struct tcpt_filter *tcpt_stat_filter(const struct tcpt_stat *stat, unsigned int i);

enum tcpt_stat_format {
	TCPT_STAT_TEXT, /* for people: what matters, on one screen of 80 columns */
	TCPT_STAT_JSON, /* one object, in one line */
	TCPT_STAT_PROMETHEUS, /* the text format, for a textfile collector */
	TCPT_STAT_ALL, /* for people: the same, and all figures and offsets */
};

/*
 * Returns the text that tcpt-stat(8) prints. The caller frees it. With TCPT_STAT_PROMETHEUS
 * stat may be NULL, and the text then says that nothing is loaded.
 */
char *tcpt_stat_format(const struct tcpt_stat *stat, enum tcpt_stat_format format);

/* ---- events ------------------------------------------------------------- */

enum tcpt_event_type {
	TCPT_EVENT_LOST, /* something found no room, see enum tcpt_where */
	TCPT_EVENT_CONNECT, /* an active open was established */
	TCPT_EVENT_ACCEPT, /* a task accepted a connection from a listener */
	TCPT_EVENT_CLOSE, /* a connection ended */
	TCPT_EVENT_FAIL, /* an active open failed */
	TCPT_EVENT_FDINSTALL, /* a watched process got a file descriptor */
	TCPT_EVENT_EXISTING, /* a connection is older than the trace */
	TCPT_EVENT_OVERWRITTEN, /* newer events took the place of some that were not read */
	TCPT_EVENT_TYPES,
};

enum tcpt_role {
	TCPT_ROLE_UNKNOWN,
	TCPT_ROLE_CLIENT,
	TCPT_ROLE_SERVER,
};

/* A connection ended in one of these ways. */
enum tcpt_reason {
	TCPT_REASON_UNKNOWN,
	TCPT_REASON_LOCAL, /* this end closed first */
	TCPT_REASON_PEER, /* the other end closed first */
	TCPT_REASON_RESET, /* by either end */
	TCPT_REASON_TIMEOUT, /* the other end did not answer */
};

/* Each loss has a place, which says what is lost. */
enum tcpt_where {
	TCPT_WHERE_RING, /* events that found the ring full */
	TCPT_WHERE_CONNS, /* connections not remembered: their closes lack figures or are missing */
	TCPT_WHERE_PENDING, /* failed connects not reported, because they were not remembered */
	TCPT_WHERE_POSITION, /* events passed over: somebody has moved the reader's position */
	TCPT_WHERES,
};

/*
 * This says whose an event is, as far as a resolver was asked for it and has found it. A
 * text is NULL if it is not known, or if it is longer than 255 bytes; cgroup_path may have
 * 1,023.
 */
struct tcpt_who {
	const char *user; /* the name of uid */
	bool has_euid; /* the effective user was another one when it was resolved */
	uint32_t euid;
	const char *euser; /* the name of euid */
	const char *cgroup_path; /* below the root of the version 2 hierarchy, from a slash on */
	const char *service; /* the innermost unit of systemd in that path that is no slice */
	const char *slice; /* the innermost slice in it */
	const char *container; /* the id of the innermost container in it */
	const char *runtime; /* docker, containerd, cri-o or podman; the path may not say it */
	const char *exe; /* the file that the process executed, as execve was given it */
	uint32_t ppid; /* the process that forked it; 0: not known */
	const char *process; /* the name of the process, which is that of its first thread */
	uint64_t started; /* when it was forked, CLOCK_MONOTONIC, ns; 0: not known */
};

struct tcpt_event {
	enum tcpt_event_type type;
	enum tcpt_role role;
	uint32_t cpu;
	uint64_t seq; /* per CPU, from 1 */
	/*
	 * This is CLOCK_MONOTONIC of the initial time namespace, ns
	 * (kernel/bpf/helpers.c, bpf_ktime_get_ns()). On lost and overwritten it says when
	 * the reader found out.
	 */
	uint64_t ts;
	/*
	 * This is CLOCK_REALTIME at ts, ns since 1970-01-01 00:00:00 UTC; 0: not known.
	 * It is what the clock showed then, also if it was set since.
	 */
	uint64_t time;
	uint64_t id; /* the same in all events of one connection; 0 on losses and fdinstall */
	uint32_t pid; /* of the process that acted, in the initial pid namespace; 0: not known */
	uint32_t tid;
	uint32_t uid;
	char comm[17];
	int family; /* 4 or 6; IPv4-mapped is 4; 0: the event has no addresses */
	uint8_t saddr[16]; /* local end, network byte order; 4 or 16 bytes */
	uint8_t daddr[16]; /* remote end */
	uint16_t sport; /* host byte order; 0: not known */
	uint16_t dport;
	uint32_t netns; /* inode number; 0: not known */
	bool late; /* a later hook reported it */
	bool has_duration;
	uint64_t duration_ns; /* on close: since the connection was established */
	uint32_t opener_pid; /* on close; 0: not known */
	uint64_t count; /* on lost and overwritten */
	uint64_t cgroup; /* of the process, in the version 2 hierarchy; 0: not known */
	uint64_t cookie; /* of the socket, as in SO_COOKIE; 0: not known */
	enum tcpt_reason reason; /* on close */
	bool has_bytes_sent;
	bool has_bytes_received;
	bool has_srtt;
	bool has_retransmits;
	uint64_t bytes_sent; /* on close: bytes that were sent and acknowledged */
	uint64_t bytes_received; /* on close */
	uint32_t srtt_us; /* on close: smoothed round-trip time */
	uint32_t retransmits; /* on close: segments sent again */
	int error; /* on fail: errno, positive; 0: not known */
	int fd; /* on fdinstall */
	enum tcpt_where where; /* on lost */
	/*
	 * On lost this is the number of all losses so far, at this place and on this
	 * CPU; on overwritten that of all overwritten ones. The event is about those from
	 * total - count on, so one that is printed twice is recognised.
	 */
	uint64_t total;
	bool has_wait;
	/*
	 * On connect and fail this is the time since the first SYN was sent, until
	 * ESTABLISHED or the failure, and on accept the time from ESTABLISHED until a task took
	 * the connection, all in ns. On late events it is not known.
	 */
	uint64_t wait_ns;
	uint64_t netns_cookie; /* of the network namespace, as in SO_NETNS_COOKIE; 0: not known */
	const struct tcpt_who *who; /* what was resolved; NULL: nothing was */
};

/* These return NULL if there is no such name; TCPT_REASON_UNKNOWN has none. */
const char *tcpt_event_type_name(enum tcpt_event_type type);
const char *tcpt_where_name(enum tcpt_where where);
const char *tcpt_reason_name(enum tcpt_reason reason);

enum tcpt_format {
	TCPT_FORMAT_TEXT, /* columns for people */
	TCPT_FORMAT_JSON, /* one object */
	TCPT_FORMAT_TSV, /* columns in the order of tcpt-watch(8) */
	TCPT_FORMAT_TCPTRACER, /* the lines of tcptracer-bpf's example program */
};

#define TCPT_FILTER_VALUE_MAX 128 /* bytes of a filter's value as text or JSON, with its NUL */

/*
 * Writes the value of a filter to buf, which has room for TCPT_FILTER_VALUE_MAX bytes: with
 * TCPT_FORMAT_TEXT as tcpt_filter_parse() reads it, with TCPT_FORMAT_JSON as a value of JSON.
 * Returns the length of the text; 0 if it is no filter or the format is another one.
 */
size_t tcpt_filter_format(const struct tcpt_filter *filter, enum tcpt_format format, char *buf);

/*
 * The line of any event, in any format, fits into this many bytes; without who into the
 * second number. Names that would need more are left out.
 */
#define TCPT_LINE_MAX 2048
#define TCPT_LINE_PLAIN_MAX 1024

/*
 * Writes one line with its newline, and without a NUL, into buf, which has room for
 * TCPT_LINE_MAX bytes. Returns its length; 0 if the format has no line for this event, or
 * if there is no such format or type.
 */
size_t tcpt_event_format(const struct tcpt_event *event, enum tcpt_format format, char *buf);

/*
 * The same with when in place of the time in text and tsv, as tcpt_time_format() has
 * written it. It is one word of at most TCPT_WHEN_MAX bytes, or empty if the time is not
 * known; NULL: ts.
 */
#define TCPT_WHEN_MAX 40
size_t tcpt_event_format_at(const struct tcpt_event *event, enum tcpt_format format,
			    const char *when, char *buf);

/* Returns the time now by the clock of tcpt_event.ts, also inside a time namespace. */
uint64_t tcpt_monotonic_ns(void);

enum tcpt_time {
	TCPT_TIME_MONOTONIC, /* ts as seconds, with six decimals */
	TCPT_TIME_LOCAL, /* RFC 3339, as in 2026-11-29T09:00:00.000001+01:00 */
	TCPT_TIME_UTC, /* RFC 3339, as in 2026-11-29T08:00:00.000001Z */
	TCPT_TIME_UNIX, /* seconds since 1970, with six decimals */
};

/*
 * Writes the time of the event, without a NUL, into buf, which has room for TCPT_WHEN_MAX
 * bytes. Returns its length; 0 if the time is not known, or if there is no such clock.
 */
size_t tcpt_time_format(const struct tcpt_event *event, enum tcpt_time clock, char *buf);

/* Writes the heading of the format into buf in the same way; returns 0 if it has none. */
size_t tcpt_event_heading(enum tcpt_format format, char *buf);

/* The same for lines whose times have this width. */
size_t tcpt_event_heading_at(enum tcpt_format format, unsigned int width, char *buf);

/*
 * These give single values of events, for tables of one's own. tcpt_value_name()
 * returns the name of value number i, from 0, which is that of a column of
 * tcpt-watch(8); NULL behind the last. tcpt_value_find() returns the number of the
 * name, or -ENOENT.
 */
const char *tcpt_value_name(unsigned int i);
int tcpt_value_find(const char *name);

/*
 * Writes a value as one word for people, without a NUL, into buf, which has room for
 * TCPT_VALUE_MAX bytes; 128 are enough for a value that is not in who. Returns its length; 0
 * if the value is not known, or too long, on lost, or if there is no such value.
 */
#define TCPT_VALUE_MAX 1024
size_t tcpt_value_format(const struct tcpt_event *event, unsigned int value, char *buf);

/*
 * Writes the same as a member of a JSON object, "name":value, into buf, which has room for
 * TCPT_VALUE_MAX bytes; 256 are enough for a value that is not in who. Numbers have no
 * quotes, and late is true.
 */
size_t tcpt_value_json(const struct tcpt_event *event, unsigned int value, char *buf);

/* Returns what has to be resolved for this value: bits of enum tcpt_resolve; 0: nothing. */
unsigned int tcpt_value_resolve(unsigned int value);

/*
 * Returns a program's message as a line for a stream of events in JSON, with its
 * newline: {"time":...,"type":"message","program":...,"text":...}, with the time now in
 * RFC 3339, UTC. The caller frees it.
 */
char *tcpt_message_json(const char *program, const char *text);

/*
 * Returns a message as one line for a terminal, without a newline. Bytes that would break
 * the line or cannot be seen are escaped as \xNN. The caller frees it.
 */
char *tcpt_message_text(const char *text);

/* ---- resolver ----------------------------------------------------------- */

/* These are bits, and say what a resolver looks for. */
enum tcpt_resolve {
	TCPT_RESOLVE_USER = 1, /* user, euid and euser */
	TCPT_RESOLVE_CGROUP = 2, /* cgroup_path */
	TCPT_RESOLVE_SERVICE = 4, /* service and slice */
	TCPT_RESOLVE_CONTAINER = 8, /* container and runtime */
	TCPT_RESOLVE_EXE = 16, /* these are known best of a trace with processes */
	TCPT_RESOLVE_PPID = 32,
	TCPT_RESOLVE_PROCESS = 64,
	TCPT_RESOLVE_STARTED = 128,
};

/* Returns the bit of a name of tcpt-watch --resolve, or -ENOENT; and the name of a bit. */
int tcpt_resolve_find(const char *name);
const char *tcpt_resolve_name(enum tcpt_resolve bit);

struct tcpt_resolver;

/*
 * Makes a resolver of names for what the bits of what say. Warnings say what cannot be known
 * on this host, or by this process. It keeps what it has found, within limits.
 */
int tcpt_resolver_open(struct tcpt_resolver **out, unsigned int what, const struct tcpt_log *log);
void tcpt_resolver_close(struct tcpt_resolver *resolver);

/*
 * Uses the table of processes of the trace pinned under pin (NULL: TCPT_DEFAULT_PIN) from now
 * on; that of the trace before is left. If it has none, a warning says what is not known.
 */
void tcpt_resolver_use(struct tcpt_resolver *resolver, const char *pin, const struct tcpt_log *log);

/*
 * Looks for names, and sets who of the event. It belongs to the resolver, and lasts until
 * the next call. What has gone meanwhile is not known.
 */
void tcpt_resolver_resolve(struct tcpt_resolver *resolver, struct tcpt_event *event);

/* ---- open connections --------------------------------------------------- */

/* These are the kernel's states of TCP, and one of a connection that nobody has accepted. */
enum tcpt_state {
	TCPT_STATE_UNKNOWN,
	TCPT_STATE_ESTABLISHED,
	TCPT_STATE_SYN_SENT,
	TCPT_STATE_SYN_RECV,
	TCPT_STATE_FIN_WAIT1,
	TCPT_STATE_FIN_WAIT2,
	TCPT_STATE_TIME_WAIT,
	TCPT_STATE_CLOSE,
	TCPT_STATE_CLOSE_WAIT,
	TCPT_STATE_LAST_ACK,
	TCPT_STATE_LISTEN,
	TCPT_STATE_CLOSING,
	TCPT_STATE_QUEUED, /* established, and waits to be accepted */
};

/* Returns the name of a state, as fin-wait-1; NULL if it is not known. */
const char *tcpt_state_name(enum tcpt_state state);

/* This is a connection that is open, or a listener. The caller may only read it. */
struct tcpt_connection {
	/*
	 * The members that events of the connection have too: id, role, the task that opened
	 * it, both ends, netns, cgroup and cookie. ts is when it was opened, so that a
	 * resolver finds what its process was then; of a connection that is older than the
	 * trace, when that was loaded. The figures are those of now, and duration_ns is its
	 * age. The type is existing.
	 */
	struct tcpt_event event;
	enum tcpt_state state;
	uint64_t now; /* when the list was read, by the clock of ts */
	bool has_queues;
	uint32_t receive_queue; /* bytes not read yet; of a listener, connections that wait */
	uint32_t send_queue; /* bytes not acknowledged yet; of a listener, how many may wait */
};

struct tcpt_list_opts {
	size_t size; /* sizeof(struct tcpt_list_opts) */
	const char *pin; /* of the trace; NULL: TCPT_DEFAULT_PIN */
	bool listeners; /* these, and not the connections */
	const struct tcpt_filter *filters; /* that select; no keys of types and watched processes */
	size_t filter_count;
	const struct tcpt_log *log;
};

struct tcpt_list;

/*
 * Lists the connections that are open in a trace, with what the kernel's socket diagnosis
 * says of each now. It takes nothing from the trace and its readers. A connection that a
 * filter of the trace hides is not listed. Of one whose network namespace cannot be entered
 * the state and the figures are not known. -EACCES: members of the trace's group may not
 * see this.
 */
int tcpt_list_read(struct tcpt_list **out, const struct tcpt_list_opts *opts);
void tcpt_list_free(struct tcpt_list *list);
/* Returns number i, from 0, in the order of ids; NULL behind the last. The list owns it. */
const struct tcpt_connection *tcpt_list_at(const struct tcpt_list *list, size_t i);

/*
 * Writes a line as JSON or tsv, see tcpt-list(8), as tcpt_event_format() does. Returns 0 for
 * other formats. tcpt_connection_heading() writes that of tsv.
 */
size_t tcpt_connection_format(const struct tcpt_connection *connection, enum tcpt_format format,
			      char *buf);
size_t tcpt_connection_heading(enum tcpt_format format, char *buf);

/* ---- reader ------------------------------------------------------------- */

struct tcpt_reader;

/*
 * Opens a tap, from 1, of the trace pinned under pin (NULL: TCPT_DEFAULT_PIN).
 * -ENOENT: nothing is pinned there, or there is no such tap; -EINVAL: nothing can be
 * pinned there, because it is not in a bpffs; -EBUSY: another process reads this tap, and
 * the message says which. The reader keeps a copy of log for messages while it reads.
 */
int tcpt_reader_open(struct tcpt_reader **out, const char *pin, unsigned int tap,
		     const struct tcpt_log *log);
void tcpt_reader_close(struct tcpt_reader *reader);

/*
 * Takes the next event. Returns 1 and sets *event; 0 if there is none now. The next
 * reader gets the event again unless it is acknowledged. -EPROTO: the next record is of
 * another version.
 */
int tcpt_reader_next(struct tcpt_reader *reader, struct tcpt_event *event);

/* Acknowledges all events taken so far. Call it once they are written. */
void tcpt_reader_ack(struct tcpt_reader *reader);

/*
 * Lets the reader look only: from now on tcpt_reader_ack() has no effect, so that the next
 * reader gets all events and losses again. The reader goes on from a replaced ring to the
 * next all the same.
 */
void tcpt_reader_peek(struct tcpt_reader *reader);

/*
 * Waits until there is something for tcpt_reader_next(). Returns 1; 0 if timeout_ms
 * milliseconds have passed. If timeout_ms is negative there is no limit, and if it is 0
 * this only looks. signals, if not NULL, replaces the thread's signal mask while it
 * sleeps, as in ppoll(2); -EINTR if a signal was caught. Other errors are those of
 * tcpt_reader_next().
 *
 * It finds an event at most 10 ms after it happened, and sooner under load. While events
 * come, the trace does not wake its readers: this looks at the ring now and then, and takes
 * no event. When none has come for 20 ms, and all is acknowledged, it sleeps until the next
 * one wakes it; in a ring of slots it goes on to look.
 *
 * Acknowledge the events taken before waiting, because only then does the reader go on
 * from a replaced ring to the next. This does not wait for losses or for the end of the
 * trace. To know of these in time, choose a short timeout_ms, and then ask
 * tcpt_reader_lost() and tcpt_reader_is_over().
 */
int tcpt_reader_wait(struct tcpt_reader *reader, int timeout_ms, const sigset_t *signals);

/*
 * Takes the losses that have not been taken yet, of one kind and on one CPU in each call.
 * Returns 1 and sets *event; 0 if there are none. Call it when there is nothing to read,
 * and before the reader is closed: tcpt_reader_next() reports only the losses that a gap
 * in the numbers shows.
 */
int tcpt_reader_lost(struct tcpt_reader *reader, struct tcpt_event *event);

/*
 * Writes a line of JSON into buf, which has room for TCPT_RECORD_MAX bytes, that
 * distinguishes a stream of events from those of other boots, machines and traces: an
 * object of the type trace, with boot_id, host, kernel, version (of tcpt), attach (the
 * mode), pin, tap and loaded (CLOCK_MONOTONIC, ns). Returns its length; 0 if the caller
 * has had it, and the trace was not replaced since, unless again is set, as for another
 * file.
 */
#define TCPT_RECORD_MAX 4096
size_t tcpt_reader_describe(struct tcpt_reader *reader, bool again, char *buf);

/*
 * Returns true if the trace has ended: it was unloaded, or its keeper is gone. Events in
 * the ring can still be read.
 */
bool tcpt_reader_is_over(struct tcpt_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
