/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libtcpt: trace TCP connections with eBPF on any kernel.
 *
 * Three things, used in this order: offsets of the kernel's socket structures
 * (discovered, or read from a document), a trace that is loaded with them and
 * pinned in bpffs, and a reader of the pinned trace.
 *
 * Results. Functions return 0 or a negative errno unless they say otherwise, and set
 * *out only if they succeed. Functions that return a pointer return NULL and set errno
 * where they fail. Arguments are checked first: NULL where something is needed, a number
 * that is none of its enum, a tap out of range and the like are -EINVAL, with a message
 * where there is a log. NULL as the log or the pin is allowed. The names and members of a
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
 * take it as const. A log is called in the thread that made the call, but by
 * tcpt_guess_run() and tcpt_offsets_verify() in a thread of their own, while the
 * caller waits. While a call that uses libbpf runs, libbpf's messages in that thread go
 * to the log, and those of other threads where they went before; no other function is
 * to be given to libbpf_set_print() meanwhile. No function may be called in a signal
 * handler. A child made by fork() must not use the objects of its parent.
 * All descriptors are closed by exec(). The library never prints, exits or touches
 * signals.
 *
 * Versions. Structs of options begin with their size. One that is shorter than this
 * version's leaves the rest at 0; in one that is longer, what is not known here must be
 * 0: else -E2BIG. Members are only ever added at the end, and not where an older version
 * has padding. Of structs that the library owns likewise. A struct that the
 * caller has the memory of and that has no size (tcpt_event, tcpt_check, tcpt_missed)
 * grows only with the library's soname.
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
/* The same set once more. NULL and errno if memory is short. */
struct tcpt_offsets *tcpt_offsets_copy(const struct tcpt_offsets *offsets);
void tcpt_offsets_free(struct tcpt_offsets *offsets);

/*
 * Reads a document from fd to its end; name is what messages call it. -EINVAL
 * and one message with the line number if it is not a complete document.
 */
int tcpt_offsets_read(struct tcpt_offsets **out, int fd, const char *name,
		      const struct tcpt_log *log);

/* The same of size bytes of text, which need no NUL behind them. */
int tcpt_offsets_parse(struct tcpt_offsets **out, const char *text, size_t size, const char *name,
		       const struct tcpt_log *log);

/*
 * Whether the file of a document can be trusted: -EACCES and a message if
 * another user than root and the caller owns it, or if others can write to it, its
 * group among them, or to a directory on the way to it that is not sticky.
 */
int tcpt_offsets_check_file(int fd, const char *name, const struct tcpt_log *log);

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
	TCPT_OFFSETS_TEXT, /* the document; all that tcpt_offsets_read() and _parse() take */
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

/* Byte offset or TCPT_ABSENT; -ENOENT if there is no such field, or nothing is known of it. */
int tcpt_offsets_get(const struct tcpt_offsets *offsets, const char *field);
int tcpt_offsets_set(struct tcpt_offsets *offsets, const char *field, int offset);

/* Name of field number i, counted from 0; NULL behind the last. */
const char *tcpt_field_name(unsigned int i);

/* -ESTALE and a message if the document describes another kernel build than the running one. */
int tcpt_offsets_check_kernel(const struct tcpt_offsets *offsets, const struct tcpt_log *log);

/*
 * The build id of the kernel described, in hexadecimal; NULL if that has none.
 * Owned by offsets.
 */
const char *tcpt_offsets_build_id(const struct tcpt_offsets *offsets);

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
	const char *const
		*only; /* names of fields, the last one NULL: look for no others. NULL: for all */
	const char *replay; /* a directory of tcpt_guess_dump(), instead of the kernel */
	const struct tcpt_offsets
		*verify; /* or NULL: a document to check, see tcpt_guess_check() */
};

struct tcpt_guess;

/*
 * Discovers the offsets of the running kernel with TCP connections over
 * loopback, in network namespaces of its own where that is permitted. Runs in
 * a thread of its own and leaves the caller's namespaces and descriptors
 * alone. *out is set on failure too, so that it can be explained or dumped; but
 * it is NULL if opts are not such, or memory is short.
 * -EUCLEAN: a required field was not found, one that is required or named in only
 * is ambiguous, or a fresh connection contradicted one.
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

/*
 * Checks offsets that are known already, such as those of an earlier boot,
 * against two fresh connections, in less time than a guess takes; the fields
 * about which those say nothing, as sk_err, are taken on trust. -EUCLEAN: one
 * contradicts the offsets; -EAGAIN: a required field could not be tested. The
 * message says which.
 */
int tcpt_offsets_verify(const struct tcpt_offsets *offsets, const struct tcpt_log *log);

/* ---- filters ------------------------------------------------------------ */

/*
 * What leaves the kernel. Values of one key are alternatives, and every key
 * that has values must agree. All keys but the type are decided once for a
 * connection, when its connect, accept or existing is due, by the task of that
 * event; what is hidden then has no close either, and what was shown has one.
 * A failed connect is decided by itself, and so is the close of a connection of
 * which nothing else is known.
 */
enum tcpt_filter_key {
	TCPT_FILTER_PID,
	TCPT_FILTER_UID,
	TCPT_FILTER_CGROUP, /* id, of the version 2 hierarchy */
	TCPT_FILTER_NETNS, /* inode */
	TCPT_FILTER_FAMILY, /* 4 or 6 */
	TCPT_FILTER_SPORT, /* of the local end */
	TCPT_FILTER_DPORT, /* of the remote end */
	TCPT_FILTER_TYPE, /* enum tcpt_event_type */
	TCPT_FILTER_WATCH, /* no filter: a process whose new descriptors are told, as fdinstall */
	TCPT_FILTER_KEYS,
};

struct tcpt_filter {
	enum tcpt_filter_key key;
	uint64_t value;
};

/* Named as the keys of JSON; NULL if there is no such key. */
const char *tcpt_filter_key_name(enum tcpt_filter_key key);

/*
 * Reads KEY=VALUE,... (without watch) into at most room filters, as
 * tcpt-filter(8) describes it; values of netns and cgroup may be paths. Returns
 * how many there are. -EINVAL and a message if it is nothing of the kind.
 */
int tcpt_filter_parse(struct tcpt_filter *filters, size_t room, const char *text,
		      const struct tcpt_log *log);

/* The filters of a pinned trace. */
struct tcpt_filters;

/*
 * Opens those of the trace pinned under pin (NULL: TCPT_DEFAULT_PIN) for one
 * editor at a time: waits for another one. The filters keep a copy of log.
 */
int tcpt_filters_open(struct tcpt_filters **out, const char *pin, const struct tcpt_log *log);
void tcpt_filters_close(struct tcpt_filters *filters);

/* What is set, sorted by key and value. The caller frees *list. */
int tcpt_filters_list(struct tcpt_filters *filters, struct tcpt_filter **list, size_t *count);

struct tcpt_filters_edit {
	size_t size; /* sizeof(struct tcpt_filters_edit) */
	const struct tcpt_filter *add; /* one that is set already stays */
	size_t add_count;
	const struct tcpt_filter *remove; /* unless it is added too */
	size_t remove_count;
};

/*
 * -E2BIG: there is no room for them. All at once, and without a moment in which
 * neither the old nor the new filters hold; or nothing. -ENOENT: one that is to
 * be removed is not set.
 */
int tcpt_filters_edit(struct tcpt_filters *filters, const struct tcpt_filters_edit *edit);

/* ---- trace -------------------------------------------------------------- */

enum tcpt_attach {
	TCPT_ATTACH_AUTO,
	TCPT_ATTACH_KPROBE,
	TCPT_ATTACH_FENTRY,
	TCPT_ATTACH_TRACEPOINT,
};

#define TCPT_DEFAULT_PIN "/sys/fs/bpf/tcpt"
#define TCPT_TAPS_MAX 4

struct tcpt_load_opts {
	size_t size; /* sizeof(struct tcpt_load_opts) */
	const struct tcpt_offsets *offsets;
	const char *pin; /* directory to make; NULL: TCPT_DEFAULT_PIN */
	enum tcpt_attach attach;
	bool hold; /* keep the links in this process instead of pinning them */
	size_t ring_bytes; /* of the event ring, 2 GiB at most; made a power of two; 0: 8 MiB */
	const struct tcpt_log *log;
	const struct tcpt_filter *filters; /* set before the first event */
	size_t filter_count;
	bool existing; /* take stock of the connections that are open already */
	bool for_group; /* members of group may read, without capabilities */
	uint32_t group; /* id */
	/*
	 * Put the programs in the place of those of the trace that is pinned there,
	 * which goes on with its connections and numbers. Filters, if any are given,
	 * take the place of its own, and processes to watch likewise; existing says
	 * nothing. Its ring stays, unless
	 * ring_bytes is given and is another size. Where nothing is pinned, load.
	 */
	bool replace;
	/*
	 * Rings that each event goes to, each with a reader of its own, 1 to 4; 0: 1,
	 * or as many as there are. They fill up independently of each other.
	 */
	unsigned int taps;
};

struct tcpt_trace;

/*
 * Loads the programs, attaches them and pins everything under opts->pin; on
 * failure nothing stays behind. Mounts bpffs where it is missing from
 * /sys/fs/bpf. Without hold the trace outlives *out; with it, it ends with
 * tcpt_trace_close(). -EEXIST: something is loaded there already. -EPROTO: what
 * is to be replaced is of another version of tcpt. With for_group it warns if
 * members cannot get to the pins, and returns -EOPNOTSUPP if the kernel would not
 * let them read.
 */
int tcpt_trace_load(struct tcpt_trace **out, const struct tcpt_load_opts *opts);

/*
 * Lets go of the trace. One that was loaded with hold ends, and its pins are
 * removed, unless another one has taken over; messages go to the log of the load.
 */
void tcpt_trace_close(struct tcpt_trace *trace);

/* Whether a trace that is held here has been replaced or removed by somebody else. */
bool tcpt_trace_is_over(const struct tcpt_trace *trace);

enum tcpt_attach tcpt_trace_attach(const struct tcpt_trace *trace);
const char *tcpt_attach_name(enum tcpt_attach attach);

/*
 * Ends the trace pinned under pin (NULL: TCPT_DEFAULT_PIN). -ENOENT: there is none;
 * -EINVAL: nor can there be.
 */
int tcpt_trace_unload(const char *pin, const struct tcpt_log *log);

/* ---- probe -------------------------------------------------------------- */

enum tcpt_hook_state {
	TCPT_HOOK_THERE, /* a program can be attached */
	TCPT_HOOK_RENAMED, /* likewise, but the function has another name */
	TCPT_HOOK_MISSING, /* this kernel has no such hook */
	TCPT_HOOK_DENIED, /* the kernel does not let a program be attached */
};

/* What a mode does with a hook. */
enum tcpt_use {
	TCPT_USE_NONE,
	TCPT_USE_REQUIRED,
	TCPT_USE_OPTIONAL, /* it repairs what others miss, or sees what they do not */
	TCPT_USE_FALLBACK, /* it stands in for a required one that is missing */
};

/* Read-only to the caller. */
struct tcpt_hook {
	const char *kind; /* kprobe, kretprobe, fentry, fexit, raw_tp, tp_btf or tracepoint */
	const char *target; /* function, raw tracepoint, or CATEGORY:NAME of a tracepoint */
	enum tcpt_hook_state state;
	bool pinnable; /* a link to it can be pinned */
	const char *note; /* for people: other names, or what is wrong; may be NULL */
};

struct tcpt_mode {
	bool works; /* all that is required is there; of the offsets nothing is said */
	bool pinnable; /* all links of the mode */
	const char *why; /* it does not work; NULL if it does */
};

struct tcpt_probe;

/*
 * Tries every hook that any attach mode can use, with a program that does
 * nothing. What is not permitted is in the result, so that this fails only for
 * want of memory.
 */
int tcpt_probe_run(struct tcpt_probe **out);
void tcpt_probe_free(struct tcpt_probe *probe);

/* Hook number i, counted from 0; NULL behind the last. Owned by probe. */
const struct tcpt_hook *tcpt_probe_hook(const struct tcpt_probe *probe, unsigned int i);
enum tcpt_use tcpt_probe_use(const struct tcpt_probe *probe, unsigned int i, enum tcpt_attach mode);
const char *tcpt_hook_state_name(enum tcpt_hook_state state);

/* NULL if mode is TCPT_ATTACH_AUTO. Owned by probe. */
const struct tcpt_mode *tcpt_probe_mode(const struct tcpt_probe *probe, enum tcpt_attach mode);

/*
 * The mode that misses least, and among equals costs least, of those that work
 * and whose links can be pinned, or are to be held. TCPT_ATTACH_AUTO: none.
 */
enum tcpt_attach tcpt_probe_best(const struct tcpt_probe *probe, bool hold);

/* ---- missed ------------------------------------------------------------- */

/* What a program of a pinned trace has not seen. Much of it other programs have. */
struct tcpt_missed {
	const char *program;
	bool has_runs; /* the kernel counts them (Linux 5.12) */
	uint64_t runs; /* not made, since the program was running on this processor already */
	bool has_calls; /* likewise (Linux 6.7; before, of probes in tracefs only) */
	uint64_t calls; /* at which the kprobe did not fire, or a return probe had no room */
};

/*
 * Fills in at most max, one a program of the trace pinned under pin (NULL:
 * TCPT_DEFAULT_PIN), and returns their number. -ENOENT: there is no trace, which
 * makes a message only if pin names its place.
 */
int tcpt_missed_read(const char *pin, struct tcpt_missed *missed, size_t max,
		     const struct tcpt_log *log);

/* ---- stat --------------------------------------------------------------- */

/* Read-only to the caller. */
struct tcpt_counts {
	unsigned int cpu; /* 0 in the sum */
	uint64_t events; /* given a number since the load, those lost too */
	uint64_t lost; /* of them, those that found the ring full */
	uint64_t late; /* told by a later hook than their own; of them, some may be lost */
	uint64_t conns_full; /* connections for which the map conns had no room, by their opens */
	uint64_t pending_full; /* times that the map pending had none for a connect */
	uint64_t fails_lost; /* failed connects not told for that */
};

/* What is loaded, and who uses it. */
struct tcpt_stat_trace {
	const char *pin;
	const char *version; /* of the tcpt that has loaded it */
	unsigned int abi;
	enum tcpt_attach attach;
	uint64_t loaded; /* CLOCK_MONOTONIC, ns */
	uint64_t now; /* likewise: when this was read */
	uint32_t keeper; /* process that was to hold the links; 0: they are pinned */
	const char *keeper_comm; /* empty: it is not there, or not in this pid namespace */
	uint32_t reader; /* process that reads; 0: none in this pid namespace */
	const char *reader_comm;
	size_t ring_bytes; /* size of the ring */
	size_t ring_used; /* of it, what waits to be read */
	const struct tcpt_offsets *offsets;
	const char *kernel_release; /* this and what follows: of the offsets */
	const char *kernel_machine;
	const char *build_id; /* empty: not known */
	const char *source; /* guess, btf or hand */
	unsigned int tap; /* of which the ring, its reader and the losses are told, from 1 */
	unsigned int taps; /* that there are */
};

struct tcpt_stat;

/*
 * Takes stock of the trace pinned under pin (NULL: TCPT_DEFAULT_PIN) without
 * disturbing it or its reader: no lock is taken, nothing is changed, and the counters
 * are read as memory. What changes meanwhile may be of different moments. tap is from 1.
 * -EINPROGRESS: a replacement was interrupted where the ring has no name; who opens the
 * trace to read or to edit ends it.
 * -ENOENT: there is no trace, or no such tap.
 */
int tcpt_stat_read(struct tcpt_stat **out, const char *pin, unsigned int tap,
		   const struct tcpt_log *log);
void tcpt_stat_free(struct tcpt_stat *stat);

/* All of these are owned by stat. */
const struct tcpt_stat_trace *tcpt_stat_trace(const struct tcpt_stat *stat);
const struct tcpt_counts *tcpt_stat_sum(const struct tcpt_stat *stat);
/* Number i, counted from 0; NULL behind the last. */
const struct tcpt_counts *tcpt_stat_cpu(const struct tcpt_stat *stat, unsigned int i);
const struct tcpt_missed *tcpt_stat_missed(const struct tcpt_stat *stat, unsigned int i);

enum tcpt_stat_format {
	TCPT_STAT_TEXT, /* for people */
	TCPT_STAT_JSON, /* one object, in one line */
	TCPT_STAT_PROMETHEUS, /* the text format, for a textfile collector */
};

/* As tcpt-stat(8) shows it. The caller frees it. NULL and errno if memory is short. */
char *tcpt_stat_format(const struct tcpt_stat *stat, enum tcpt_stat_format format);

/* ---- events ------------------------------------------------------------- */

enum tcpt_event_type {
	TCPT_EVENT_LOST, /* something found no room, see enum tcpt_where */
	TCPT_EVENT_CONNECT, /* an active open was established */
	TCPT_EVENT_ACCEPT, /* a task took a connection from a listener */
	TCPT_EVENT_CLOSE, /* a connection ended */
	TCPT_EVENT_FAIL, /* an active open failed */
	TCPT_EVENT_FDINSTALL, /* a watched process got a file descriptor */
	TCPT_EVENT_EXISTING, /* a connection that is older than the trace */
	TCPT_EVENT_TYPES,
};

enum tcpt_role {
	TCPT_ROLE_UNKNOWN,
	TCPT_ROLE_CLIENT,
	TCPT_ROLE_SERVER,
};

/* How a connection ended. */
enum tcpt_reason {
	TCPT_REASON_UNKNOWN,
	TCPT_REASON_LOCAL, /* this end closed first */
	TCPT_REASON_PEER, /* the other end closed first */
	TCPT_REASON_RESET, /* by either end */
	TCPT_REASON_TIMEOUT, /* the other end did not answer */
};

/* What is lost, and where. */
enum tcpt_where {
	TCPT_WHERE_RING, /* events that found the ring full */
	TCPT_WHERE_CONNS, /* connections not remembered: their closes lack figures or are missing */
	TCPT_WHERE_PENDING, /* failed connects not told, since they were not remembered */
	TCPT_WHERE_POSITION, /* passed over: somebody has moved the reader's position */
	TCPT_WHERES,
};

struct tcpt_event {
	enum tcpt_event_type type;
	enum tcpt_role role;
	uint32_t cpu;
	uint64_t seq; /* per CPU, from 1 */
	uint64_t ts; /* CLOCK_MONOTONIC, ns; 0 on lost */
	uint64_t id; /* the same in all events of one connection; 0 on lost and fdinstall */
	uint32_t pid; /* initial pid namespace; of the process that acted; 0: not known */
	uint32_t tid;
	uint32_t uid;
	char comm[17];
	int family; /* 4 or 6; IPv4-mapped is 4; 0: the event has no ends */
	uint8_t saddr[16]; /* local end, network byte order; 4 or 16 bytes */
	uint8_t daddr[16]; /* remote end */
	uint16_t sport; /* host byte order; 0: not known */
	uint16_t dport;
	uint32_t netns; /* inode number; 0: not known */
	bool late; /* the first hook missed it, a later one repaired it */
	bool has_duration;
	uint64_t duration_ns; /* on close: since it was established */
	uint32_t opener_pid; /* on close; 0: not known */
	uint64_t count; /* on lost */
	uint64_t cgroup; /* of the process, in the version 2 hierarchy; 0: not known */
	uint64_t cookie; /* of the socket, as in SO_COOKIE; 0: not known */
	enum tcpt_reason reason; /* on close */
	bool has_bytes_sent;
	bool has_bytes_received;
	bool has_srtt;
	bool has_retransmits;
	uint64_t bytes_sent; /* on close: and acknowledged by then */
	uint64_t bytes_received; /* on close */
	uint32_t srtt_us; /* on close: smoothed round-trip time */
	uint32_t retransmits; /* on close: segments sent again */
	int error; /* on fail: errno, positive; 0: not known */
	int fd; /* on fdinstall */
	enum tcpt_where where; /* on lost */
	/*
	 * On lost: of all so far, there and on this CPU. A record is about those
	 * from total - count on, so that one that comes twice can be told by it.
	 */
	uint64_t total;
};

/* NULL if there is no such type; NULL for TCPT_REASON_UNKNOWN too. */
const char *tcpt_event_type_name(enum tcpt_event_type type);
const char *tcpt_where_name(enum tcpt_where where);
const char *tcpt_reason_name(enum tcpt_reason reason);

enum tcpt_format {
	TCPT_FORMAT_TEXT, /* columns for people */
	TCPT_FORMAT_JSON, /* one object */
	TCPT_FORMAT_TSV, /* columns in the order of tcpt-watch(8) */
	TCPT_FORMAT_TCPTRACER, /* the lines of tcptracer-bpf's example program */
};

/* A line of any event in any format fits into this many bytes. */
#define TCPT_LINE_MAX 1024

/*
 * Writes one line with its newline into buf, which holds at least
 * TCPT_LINE_MAX bytes, and no NUL. Returns its length; 0 where the format has
 * no line for this event, or there is no such format or type.
 */
size_t tcpt_event_format(const struct tcpt_event *event, enum tcpt_format format, char *buf);

/* The heading of the format, likewise; 0 where it has none. */
size_t tcpt_event_heading(enum tcpt_format format, char *buf);

/*
 * A message of a program as a line for a stream of events in JSON, with its
 * newline: {"type":"message","program":...,"text":...}. The caller frees it. NULL
 * if memory is short.
 */
char *tcpt_message_json(const char *program, const char *text);

/*
 * A message as one line for a terminal, without a newline: what would break the
 * line or cannot be seen is escaped as \xNN. The caller frees it. NULL if memory is
 * short.
 */
char *tcpt_message_text(const char *text);

/* ---- reader ------------------------------------------------------------- */

struct tcpt_reader;

/*
 * Opens a tap, from 1, of the trace pinned under pin (NULL: TCPT_DEFAULT_PIN).
 * -ENOENT: nothing is pinned there, or it has not so many; -EINVAL: nothing can be,
 * as that is in no bpffs; -EBUSY: another process reads this tap, the message says
 * which. The reader keeps a copy of log, for what it finds out while it reads.
 */
int tcpt_reader_open(struct tcpt_reader **out, const char *pin, unsigned int tap,
		     const struct tcpt_log *log);
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
 * Waits until there is something for tcpt_reader_next(): 1; or until so many
 * milliseconds have passed: 0. A negative timeout_ms is no limit, and with 0 it only
 * looks. signals, if not NULL, takes the place of the thread's signal mask while it
 * sleeps, as by ppoll(2); -EINTR if a signal was caught. Other errors are those of
 * tcpt_reader_next().
 *
 * An event is found at most 10 ms after it happened, and sooner under load: the trace
 * never wakes its readers, so this looks at the ring now and then, without taking
 * anything from the trace. Acknowledge what was handed out before
 * waiting, as only then a ring that was replaced is left for the next one. It does not
 * wait for losses or for the end of a trace: those who want to learn of these wait no
 * longer than they want to be late, and then ask tcpt_reader_lost() and
 * tcpt_reader_is_over().
 */
int tcpt_reader_wait(struct tcpt_reader *reader, int timeout_ms, const sigset_t *signals);

/*
 * Losses that have not been handed out yet, of one kind on one CPU a call: 1 and
 * *event, else 0. For when there is nothing to read, and before the reader is
 * closed: tcpt_reader_next() hands out only what a gap in the numbers shows.
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
