/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the objects of libtcpt know of each other. */
#ifndef TCPT_INTERNAL_H
#define TCPT_INTERNAL_H

#include <linux/types.h>
#include <stdio.h>
#include <sys/types.h>

#include "offsets/fields.h"
#include "pins/pins.h"
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
/* Until all BPF programs that run have come to their end, also those that were preempted. */
void kernel_await_programs(void);
/* Whether path, as /proc/self/ns/pid, is of the first pid namespace; known: whether it is there. */
bool kernel_is_first_pidns(const char *path, bool *known);
/* How many arguments the kernel's BTF gives this function. */
int kernel_function_args(const char *function);

/* ---- offsets.c ---------------------------------------------------------- */

#define OFFSET_UNSET (-2)
#define OFFSET_MAX 65535

struct tcpt_offsets {
	struct kernel_id kernel;
	char source[8];
	int at[FIELD_COUNT]; /* byte offset, TCPT_ABSENT or OFFSET_UNSET */
};

/* -EINVAL and a message that names the first field of which nothing is set. */
int offsets_check_known(const struct tcpt_offsets *offsets, const struct tcpt_log *log);

/* ---- offsets-format.c ---------------------------------------------------- */

#define OFFSETS_FIRST_LINE "# tcpt-offsets 1"
#define METADATA_MAX 64 /* characters of release, machine, build_id and source */

/* ---- btf.c --------------------------------------------------------------- */

/*
 * Members of tracepoint records, which a BPF program reads, -1 where that is not
 * known; and some that are no record's: the generation's bit (bpf/turn.h), the
 * number of taps (bpf/emit.h), and which hooks see ICMP (bpf/connect.h).
 */
enum record_field {
	R_STATE_SKADDR,
	R_STATE_OLDSTATE,
	R_STATE_NEWSTATE,
	R_DESTROY_SKADDR,
	R_ENTER_ARG0,
	R_ENTER_ARG1,
	R_EXIT_RET,
	R_GENERATION,
	R_TAPS,
	R_HEEDS_IPV4,
	R_HEEDS_IPV6,
	RECORD_FIELD_COUNT,
};

struct records {
	int at[RECORD_FIELD_COUNT];
};

/* tcpt_offsets_btf with the tracepoint records. */
int btf_build(const struct tcpt_offsets *offsets, const struct records *records, void **data,
	      size_t *size);

/* ---- hooks.c -------------------------------------------------------------- */

enum hook_kind {
	KIND_KPROBE,
	KIND_KRETPROBE, /* up to here, probes */
	KIND_FENTRY,
	KIND_FEXIT,
	KIND_RAW_TP,
	KIND_TP_BTF,
	KIND_TRACEPOINT,
};

enum hook_need {
	HOOK_REQUIRED,
	HOOK_OPTIONAL, /* repairs what others miss */
	HOOK_WITNESS, /* may be lacking too, but then the programs must know */
	HOOK_FALLBACK, /* stands in for the one before it that is of another kind of need */
};

struct hook {
	const char *program; /* in bpf/trace.bpf.c */
	enum hook_need need;
	enum hook_kind kind;
	const char *category; /* of a tracepoint */
	const char *target;
	unsigned int args; /* of the function, where that matters */
};

/* Returns the hooks of a mode in the order of attaching; the last one has no program. */
const struct hook *hooks_of(enum tcpt_attach mode);

/*
 * One walk over the hooks of a mode, zero but for the mode at first. Whoever walks
 * tries each hook and leaves in err what came of it: this decides which come next.
 */
struct hook_walk {
	enum tcpt_attach mode;
	const struct hook *at;
	int err; /* why the present one cannot be had, or 0 */
	const struct hook *lacking; /* what the present one stands in for, or NULL */
	int why; /* what err was for that */
};

/*
 * Returns the next hook to try, or NULL at the end: then lacking is the required
 * hook for which nothing stands in, or NULL where the mode has all that it needs.
 */
const struct hook *hooks_next(struct hook_walk *walk);

struct hook_text {
	char text[96];
};

const char *hook_kind_name(enum hook_kind kind);
/* These return buf's text. */
const char *hook_target(const struct hook *hook, struct hook_text *buf);
const char *hook_name(const struct hook *hook, struct hook_text *buf);

/* For tests: whether TCPT_TEST_WITHOUT, a list with commas, has what or the hook. */
bool knob_without(const char *what);
bool hook_is_denied(const struct hook *hook);
/* For tests: how large TCPT_TEST_ENTRIES, a list of MAP:NUMBER with commas, has the map; or 0. */
unsigned int knob_entries(const char *map);

/* ---- symbols.c ------------------------------------------------------------ */

#define SYMBOL_MAX 256
#define SYMBOLS_MAX 4

/* What a kernel function is called. */
struct symbols {
	const char *wanted; /* set by the caller, the rest zero */
	unsigned int exact; /* functions of just this name */
	unsigned int globals; /* of them, those which other files can call */
	uint64_t address; /* of the global one, else of the first; 0 if that is kept secret */
	unsigned int count; /* variants */
	struct {
		char name[SYMBOL_MAX];
		uint64_t address;
		bool is_part;
	} of[SYMBOLS_MAX];
};

/* For all of the list in one pass over file, which is in the form of /proc/kallsyms. */
void symbols_read(FILE *file, struct symbols *list, size_t count);
/* In the kernel's own list. */
int symbols_find(struct symbols *list, size_t count);

/* ---- kprobe.c ------------------------------------------------------------- */

struct perf_event_attr;

/* These return a perf event's descriptor. */
int perf_open(struct perf_event_attr *attr);
int perf_open_tracepoint(const char *category, const char *event);
/* By name, or by address if symbol is NULL. -ENODEV: this kernel has no kprobes. */
int kprobe_open(const char *symbol, uint64_t address, bool is_return);
bool kprobe_is_known(void);
/* Whether a named probe is one that was made here, on this function. */
bool kprobe_is_on(const char *event, const char *function);
/* Removes named probes that this or a dead process has made; returns how many are in use. */
unsigned int kprobe_tidy(void);

/* ---- try.c ---------------------------------------------------------------- */

#define KERNEL_ENOTSUPP 524 /* the kernel's own number, which has no name in user space */

/* A program that does nothing. Its descriptor. */
int trial_load(unsigned int type, unsigned int attach_type, unsigned int attach_btf_id);
/* One that asks for the cookie of the socket that such a tracepoint is passed. */
int trial_cookie(const char *tracepoint);
/* Attaches one of this type to a perf event for the moment, and says whether by a link. */
int trial_perf(unsigned int type, int perf, bool *pinnable);

/* ---- attach.c ------------------------------------------------------------ */

struct bpf_object;
struct bpf_link;

#define LINKS_MAX 24

/* A zeroed one is empty. */
struct links {
	unsigned int count;
	bool are_pinnable; /* those to perf events; not known before one has been tried */
	struct {
		char name[24];
		const struct hook *hook;
		int perf; /* to attach a program to; -1: none, or the link has it */
		struct bpf_link *link; /* NULL: an optional one that could not be attached */
	} of[LINKS_MAX];
};

/* Where this kernel's tracepoint records have what the mode's programs read. */
int attach_records(enum tcpt_attach mode, struct records *records, const struct tcpt_log *log);
/*
 * Adds to links what a program is attached to: a probe or a tracepoint is opened,
 * a probe once for each variant of its function where that has another name. known
 * is what has been found out of the name, or NULL.
 */
int links_open(const struct hook *hook, const struct symbols *known, struct links *links,
	       const struct tcpt_log *log);
/*
 * Finds the mode's hooks, only those whose links can be pinned unless they are
 * to be held, and leaves on the programs for these. -EOPNOTSUPP and a message
 * if this kernel lacks one that is required.
 */
int attach_prepare(struct bpf_object *object, enum tcpt_attach mode, bool hold, struct links *links,
		   const struct tcpt_log *log);
/* Whether a hook on this target is one of those prepared. */
bool links_have(const struct links *links, const char *target);
/* Attaches what has been prepared, once it is loaded. */
int attach_programs(struct bpf_object *object, struct links *links, const struct tcpt_log *log);
/* Ends and forgets the links from this one on. */
void links_cut(struct links *links, unsigned int first);
void links_destroy(struct links *links);
/* The modes from the one that misses least; among equals, the cheapest first. */
#define ATTACH_MODES 3
extern const enum tcpt_attach attach_order[ATTACH_MODES];
/* -EOPNOTSUPP and a message if the offsets lack a field that the mode reads. */
int attach_check_offsets(enum tcpt_attach mode, const struct tcpt_offsets *offsets,
			 const struct tcpt_log *log);

/* ---- tracefs.c ----------------------------------------------------------- */

/* A file below tracefs, wherever that is mounted, or not. A descriptor. */
int tracefs_open(const char *name, int flags);
/* Of a tracepoint. Negative errno if unknown. */
int tracefs_event_id(const char *category, const char *event);
/* Where a field lies in the tracepoint's record. */
int tracefs_field_offset(const char *category, const char *event, const char *field);

/* ---- filter.c, filters.c ------------------------------------------------- */

struct tcpt_abi_conn;
struct tcpt_abi_control;

bool filter_is_valid(const struct tcpt_filter *filter);
/* Of the directory of a cgroup of the version 2 hierarchy; -EINVAL if it is none. */
int cgroup_id(const char *path, uint64_t *id);
/* Whether they hide this connection and its opener, as the BPF programs would. */
bool filter_hides(const struct tcpt_filter *filters, size_t n, const struct tcpt_abi_conn *conn);
/* -EINVAL or -E2BIG and a message unless all of them are filters. */
int filters_check(const struct tcpt_filter *list, size_t n, const struct tcpt_log *log);
/* For a trace that is not pinned yet; the descriptors of its maps. */
int filters_init(int map, int control, const struct tcpt_filter *list, size_t n,
		 const struct tcpt_log *log);

/* ---- existing.c ---------------------------------------------------------- */

/* How large the map existing is to be. */
unsigned int existing_room(const struct tcpt_load_opts *opts);
/* Before anything is attached: stock will be taken. */
int existing_begin(struct bpf_object *object, const struct tcpt_load_opts *opts, uint32_t turn);
/* Stock is not being taken any more. */
void existing_end(struct tcpt_abi_control *control);
/* Makes the trace know the connections that are open already; says so if it cannot. */
void existing_seed(struct bpf_object *object, const struct tcpt_load_opts *opts);

/* ---- ring.c -------------------------------------------------------------- */

/* The consumer's side of a BPF ring buffer, with acknowledgement apart from reading. */
struct ring;

int ring_open(struct ring **out, int map_fd, size_t size);
void ring_close(struct ring *ring);
/*
 * The next record, or NULL. Stays valid until the next call. Where the reader's
 * position cannot be one that a reader has left, as somebody has moved it, no
 * record is handed out, and it goes on behind the newest one.
 */
const void *ring_next(struct ring *ring, size_t *size);
/* What was wrong with the position, said once, as in "it is ..."; or NULL. */
const char *ring_fault(struct ring *ring);
/* Hands out the last record once more. */
void ring_back(struct ring *ring);
void ring_ack(struct ring *ring);
/* How many bytes of a ring of this size are in use. */
int ring_used(int map_fd, size_t size, size_t *used);
/* In bytes: what is not acknowledged; and whether that is nothing. */
size_t ring_waiting(const struct ring *ring);
bool ring_is_drained(const struct ring *ring);
/* Where the last acknowledgement has left the reader's position. */
unsigned long ring_acked(const struct ring *ring);
size_t ring_size_of(const struct ring *ring);

/* What --ring-size makes of it. */
size_t ring_round(size_t wanted);
/* ---- helpers.c ----------------------------------------------------------- */

/* Calls of helpers that this kernel lacks become the value 0. Before the object is loaded. */
int helpers_replace_missing(struct bpf_object *object);

/* ---- escape.c ------------------------------------------------------------ */

/* Append text to p, and return where to go on; at most 6 bytes a byte of text, and two quotes. */
char *escape_column(char *p, const char *text);
char *escape_word(char *p, const char *text);
char *escape_message(char *p, const char *text);
char *escape_json(char *p, const char *text);

/* ---- event.c ------------------------------------------------------------- */

const char *event_role_name(enum tcpt_role role); /* NULL if it is not known */
const char *event_where_name(const struct tcpt_event *event); /* of a loss, never NULL */
/* -EPROTO if size or version are not of this ABI. */
int event_decode(struct tcpt_event *event, const void *record, size_t size);

#endif
