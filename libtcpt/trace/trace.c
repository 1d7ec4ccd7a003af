// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loading and unloading a trace. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "attach/attach.h"
#include "attach/helpers.h"
#include "attach/hooks.h"
#include "attach/kprobe.h"
#include "attach/trial.h"
#include "base/arguments.h"
#include "guess/realtime-address.h"
#include "internal.h"
#include "maps/left-out.h"
#include "offsets/offsets.h"
#include "pins/calls.h"
#include "pins/control.h"
#include "pins/group.h"
#include "pins/locks.h"
#include "pins/pins.h"
#include "pins/swap-settle.h"
#include "pins/trust.h"
#include "trace/existing.h"
#include "trace/fd-hooks.h"
#include "trace/filters-check.h"
#include "trace/filters.h"
#include "trace/layout.h"
#include "trace/meta-write.h"
#include "trace/object.h"
#include "trace/processes.h"
#include "trace/replace.h"
#include "trace/trace.h"

_Static_assert(TCPT_TAPS_MAX == TCPT_ABI_TAPS_MAX, "taps");

/*
 * Where no helper of the kernel knows the time, the programs read it from its memory. If
 * they cannot do that either, the events have none, and readers know it for most.
 */
static uint64_t find_realtime(const struct tcpt_log *log)
{
	uint64_t address = 0;
	int err = helpers_lack(BPF_FUNC_ktime_get_tai_ns) ? realtime_address_find(&address) : 0;

	if (err)
		log_debug(log, "the trace does not know when the clock is set: %s", strerror(-err));
	return address;
}

static int write_control(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
			 const struct tcpt_log *log)
{
	struct tcpt_abi_control control = { .turn = TURN_OF(trace->generation),
					    .realtime = find_realtime(log) };
	__u32 zero = 0;

	existing_begin(&control, opts);
	return bpf_map_update_elem(bpf_object__find_map_fd_by_name(trace->object, "control"), &zero,
				   &control, BPF_ANY) ?
		       -errno :
		       0;
}

/* Starts a trace that replaces none. */
static int start(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		 const struct tcpt_log *log)
{
	int err = write_control(trace, opts, log);

	if (err)
		return log_error(log, err, "cannot write the map control: %s", strerror(-err));
	err = filters_init(trace->object, opts->filters, opts->filter_count, log);
	if (err)
		return err;
	err = left_out_begin(bpf_object__find_map_fd_by_name(trace->object, "left_out"));
	if (err)
		return log_error(log, err, "cannot write the map left_out: %s", strerror(-err));
	err = attach_programs(trace->object, &trace->links,
			      opts->hold || fd_hooks_are_wanted(opts->filters, opts->filter_count),
			      log);
	if (!err)
		err = pins_create(trace->pin, trace->object, trace->taps, &trace->links,
				  opts->hold ? &trace->hold_lock : NULL, &trace->lock, log);
	return err;
}

/* Replaces a trace, which goes on until the new programs are attached and pinned. */
static int succeed(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		   const struct tcpt_log *log)
{
	int err = attach_programs(trace->object, &trace->links, true, log);

	return err ? err : replace_take_over(trace, opts, log);
}

static bool is_loaded(const void *object, const char *program)
{
	return bpf_program__autoload(bpf_object__find_program_by_name(object, program));
}

static int check_filters(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
			 const struct tcpt_log *log)
{
	struct filters_reach reach = {
		.netns = !offsets_are_none(&trace->offsets),
		.networks = object_has_tries(trace->object),
		.fds = hooks_report_fds(trace->attach, is_loaded, trace->object),
	};

	return filters_check_reach(reach, opts->filters, opts->filter_count, log) ?:
		       replace_check_filters(trace, opts, reach, log);
}

static int load_mode(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		     const struct tcpt_log *log)
{
	int err = attach_check_offsets(trace->attach, opts->offsets, log);

	if (!err)
		err = replace_check_mode(trace, log);
	if (!err)
		err = object_load(trace, opts, log);
	if (!err)
		err = check_filters(trace, opts, log);
	if (err)
		return err;
	err = meta_write(trace, opts);
	if (err)
		return log_error(log, err, "cannot write the trace's description: %s",
				 strerror(-err));
	return trace->old.lock >= 0 ? succeed(trace, opts, log) : start(trace, opts, log);
}

static void drop(struct tcpt_trace *trace)
{
	links_destroy(&trace->links);
	bpf_object__close(trace->object);
	trace->object = NULL;
}

/* The reason of a failure, which is kept while other modes are tried. */
struct reason {
	const struct tcpt_log *log;
	char text[512];
};

static void keep_reason(void *arg, enum tcpt_log_level level, const char *text)
{
	struct reason *reason = arg;

	if (level == TCPT_LOG_ERROR)
		snprintf(reason->text, sizeof(reason->text), "%s", text);
	else if (reason->log && reason->log->message)
		reason->log->message(reason->log->arg, level, text);
}

static int explain_all(int err, const struct reason *reasons, const struct tcpt_log *log)
{
	return log_error(log, err,
			 "no attach mode works here: kprobe: %s; fentry: %s; tracepoint: %s; "
			 "cgroup: %s",
			 reasons[0].text, reasons[1].text, reasons[2].text, reasons[3].text);
}

static int load_best(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	struct reason reasons[ATTACH_MODES] = {};
	int err = 0;

	for (size_t i = 0; i < ATTACH_MODES; i++) {
		struct tcpt_log log = { keep_reason, &reasons[i] };

		reasons[i].log = opts->log;
		trace->attach = attach_order[i];
		err = load_mode(trace, opts, &log);
		if (!err)
			return 0;
		drop(trace);
		if (err != -EOPNOTSUPP)
			return log_error(opts->log, err, "%s", reasons[i].text);
		log_debug(opts->log, "not by %s: %s", tcpt_attach_name(attach_order[i]),
			  reasons[i].text);
	}
	return explain_all(err, reasons, opts->log);
}

static void unlock(struct tcpt_trace *trace)
{
	pins_unlock(trace->pin, trace->lock);
	trace->lock = -1;
}

/* Admits the group. If that fails, it removes the trace. */
static int admit_group(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	int err = group_admit(trace->pin, opts->group, opts->log);

	if (!err) {
		group_check_way(trace->pin, opts->group, opts->log);
		return 0;
	}
	unlock(trace);
	pins_remove(trace->pin, -1, opts->log);
	if (trace->hold_lock >= 0)
		close(trace->hold_lock);
	trace->hold_lock = -1;
	return err;
}

/* Returns -EEXIST if a trace is loaded there that is not to be replaced. */
static int prepare(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	int err = opts->replace ? replace_open(trace, opts) : -ENOENT;

	if (err == -ENOENT)
		err = pins_prepare(trace->pin, opts->hold, opts->log);
	return err || !opts->for_group ? err : group_check_kernel(opts->log);
}

/* Programs for more than one tap are long. */
static int choose_taps(struct tcpt_trace *trace, const struct tcpt_log *log)
{
	bool is_wish = trace->taps == TCPT_TAPS_AUTO;

	if (is_wish)
		trace->taps = 2;
	if (trace->taps == 1 || trial_long() != -E2BIG)
		return 0;
	trace->taps = 1;
	return is_wish ? 0 :
			 log_error(log, -EOPNOTSUPP,
				   "this kernel loads no program of more than 4,096 instructions "
				   "(before Linux 5.2), and those for more than one tap are "
				   "longer; load it without --taps, or with --taps=auto");
}

static int load(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	const struct tcpt_log *outer;
	int err;

	err = prepare(trace, opts) ?: processes_choose(trace, opts);
	if (!err)
		err = choose_taps(trace, opts->log);
	if (err)
		return err;
	kprobe_tidy();
	outer = log_capture_libbpf(opts->log);
	trace->attach = opts->attach;
	err = opts->attach == TCPT_ATTACH_AUTO ? load_best(trace, opts) :
						 load_mode(trace, opts, opts->log);
	if (!err && opts->for_group && trace->old.lock < 0)
		err = admit_group(trace, opts);
	if (!err && trace->processes && trace->old.lock < 0)
		processes_seed(trace->object, opts->log);
	if (!err && opts->existing && trace->old.lock < 0) {
		left_out_await(bpf_object__find_map_fd_by_name(trace->object, "left_out"));
		existing_seed(trace->object, trace->attach, opts, layout_room(trace));
	}
	log_release_libbpf(outer);
	return err;
}

#define RING_MOST (1UL << 31)

static int check_options(const struct tcpt_load_opts *opts)
{
	const struct tcpt_log *log = opts->log;

	if (!opts->offsets)
		return log_error(log, -EINVAL, "no offsets given: the argument is NULL");
	if (!tcpt_attach_name(opts->attach))
		return log_error(log, -EINVAL, "there is no attach mode number %u", opts->attach);
	if (opts->taps > TCPT_TAPS_MAX && opts->taps != TCPT_TAPS_AUTO)
		return log_error(log, -EINVAL, "a trace can have 1 to %d taps", TCPT_TAPS_MAX);
	if (opts->ring_bytes > RING_MOST)
		return log_error(log, -EINVAL, "a ring can have at most %lu bytes", RING_MOST);
	if (!tcpt_store_name(opts->store))
		return log_error(log, -EINVAL, "there is no kind of rings number %u", opts->store);
	if (opts->recorder && opts->store == TCPT_STORE_RING)
		return log_error(log, -EINVAL, "a flight recorder has slots, and no ring buffer");
	if (opts->for_group && opts->group == UINT32_MAX)
		return log_error(log, -EINVAL, "there is no group with id %u", opts->group);
	return offsets_check_known(opts->offsets, log) ?:
		       filters_check(opts->filters, opts->filter_count, log);
}

static int load_with(struct tcpt_trace **out, const struct tcpt_load_opts *opts)
{
	struct tcpt_trace *trace = calloc(1, sizeof(*trace));
	bool replaced;
	int err;

	if (!trace)
		return -ENOMEM;
	trace->hold_lock = trace->lock = trace->old.lock = -1;
	trace->old.control = (struct words)WORDS_NONE;
	if (opts->log)
		trace->log = *opts->log;
	trace->taps = opts->taps ? opts->taps : 1;
	err = pins_normalise(trace->pin, opts->pin, opts->log);
	if (!err)
		err = load(trace, opts);
	replaced = !err && trace->old.lock >= 0;
	replace_close(trace);
	unlock(trace);
	if (replaced)
		replace_filters(trace, opts);
	if (err) {
		drop(trace);
		free(trace);
		return err;
	}
	*out = trace;
	return 0;
}

TCPT_API int tcpt_trace_load(struct tcpt_trace **out, const struct tcpt_load_opts *given)
{
	const struct tcpt_log *log = argument_log(given, offsetof(struct tcpt_load_opts, log));
	struct tcpt_load_opts opts;
	int err = argument_check(out, "place for the trace", log);

	if (!err)
		err = argument_copy(&opts, sizeof(opts), given, log);
	if (!err)
		err = check_options(&opts);
	return err ? err : load_with(out, &opts);
}

TCPT_API bool tcpt_trace_is_over(const struct tcpt_trace *trace)
{
	if (!trace)
		return true;
	if (trace->hold_lock < 0 || locks_are_of(trace->pin, trace->hold_lock))
		return false;
	if (!locks_are_on(pin_join(trace->pin, "links-new", NULL).text, trace->hold_lock))
		return true;
	swap_settle_mend(trace->pin); /* its replacement of another trace may not have ended */
	return false;
}

TCPT_API void tcpt_trace_close(struct tcpt_trace *trace)
{
	bool is_replaced = false;

	if (!trace)
		return;
	if (trace->hold_lock >= 0) {
		is_replaced = tcpt_trace_is_over(trace);
		if (!is_replaced)
			pins_remove(trace->pin, trace->hold_lock, &trace->log);
		close(trace->hold_lock);
	}
	drop(trace);
	/* Who ended the replacement did not wait for the links that were kept here. */
	if (is_replaced && trace->attach == TCPT_ATTACH_TRACEPOINT)
		calls_clear(trace->pin);
	free(trace);
}

TCPT_API enum tcpt_attach tcpt_trace_attach(const struct tcpt_trace *trace)
{
	return trace ? trace->attach : TCPT_ATTACH_AUTO;
}

TCPT_API int tcpt_trace_unload(const char *pin, const struct tcpt_log *log)
{
	char dir[PIN_MAX];
	int err = pins_normalise(dir, pin, log), lock;

	if (!err)
		err = trust_trace(dir, log);
	if (err)
		return err;
	err = pins_remove_remains(dir, log);
	if (err)
		return err;
	err = pin_check(dir);
	if (err == -ENOENT || err == -ENOTDIR)
		return log_error(log, -ENOENT, "no trace is loaded at %s", dir);
	if (err)
		return log_error(log, err,
				 err == -EPERM ? "not permitted to look at %s; run as root" :
						 "cannot look at %s",
				 dir);
	lock = locks_take_keeper(dir, log);
	if (lock < 0)
		return lock;
	err = pins_remove(dir, -1, log);
	close(lock);
	kprobe_tidy_await();
	return err;
}
