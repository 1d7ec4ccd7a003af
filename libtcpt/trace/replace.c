// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A replacement of the programs of a trace while it goes on. The new programs are attached
 * beside the old ones and use the same maps, so that connections keep their ids, and the
 * numbers of events go on. One word in the map control says whose turn it is (bpf/turn.h).
 * The turn passes on in steps:
 *
 *   old             the new programs are loaded, attached and pinned
 *   old, shared     the old ones leave marks of what they have done
 *   both, shared    the one that comes first acts, the other finds its mark
 *   new, shared     the new ones still look for marks of the old ones
 *   new
 *
 * Between two steps there is time for all programs that one kernel function runs. All that
 * can fail is done before the first step, and undone if it fails.
 */
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/file.h>

#include "attach/steps.h"
#include "base/advice.h"
#include "base/wait.h"
#include "internal.h"
#include "maps/ring-name.h"
#include "pins/calls.h"
#include "pins/control.h"
#include "pins/group.h"
#include "pins/meta-open.h"
#include "pins/pin-shapes.h"
#include "pins/pins.h"
#include "pins/swap-settle.h"
#include "pins/swap.h"
#include "pins/trust.h"
#include "trace/existing.h"
#include "trace/filters-check.h"
#include "trace/replace.h"
#include "trace/trace.h"

/* ---- the predecessor ---- */

/* Opens the old trace. It may have gone while this waited for the lock. */
static int open_predecessor(struct tcpt_trace *trace, const struct tcpt_log *log)
{
	struct predecessor *old = &trace->old;
	int err = trust_trace(trace->pin, log);

	if (err)
		return err;
	old->lock = pins_lock(trace->pin, log);
	if (old->lock < 0)
		return old->lock;
	err = pin_check(trace->pin);
	if (err == -ENOENT) {
		replace_close(trace);
		return err;
	}
	err = swap_settle_finish(trace->pin);
	if (err && err != -EPROTO)
		return meta_open_explain(err, trace->pin, log);
	err = meta_open(trace->pin, &old->meta, log);
	if (err)
		return err;
	err = pin_shapes_explain(trace->pin, log);
	if (err)
		return err;
	err = control_open(&old->control, trace->pin);
	if (err)
		return meta_open_explain(err, trace->pin, log);
	/* Nobody takes stock now, as this process has the lock. A killed load may have. */
	existing_end(&old->control);
	return 0;
}

static int check(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	if (opts->taps && opts->taps != TCPT_TAPS_AUTO && opts->taps != trace->old.meta.taps)
		return log_error(opts->log, -EINVAL,
				 "the trace at %s has %u taps, and a replacement cannot "
				 "change this; leave out --taps, or unload the trace first",
				 trace->pin, trace->old.meta.taps);
	return 0;
}

int replace_open(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	int err = pin_check(trace->pin);

	if (err)
		return err == -ENOENT ? err : meta_open_explain(err, trace->pin, opts->log);
	err = open_predecessor(trace, opts->log);
	if (!err)
		err = check(trace, opts);
	if (err)
		return err;
	trace->generation = trace->old.meta.generation + 1;
	trace->ring = trace->old.meta.ring;
	trace->taps = trace->old.meta.taps;
	return 0;
}

/* The entries of cgroup mode have other keys than those of other modes. */
int replace_check_mode(const struct tcpt_trace *trace, const struct tcpt_log *log)
{
	enum tcpt_attach old = trace->old.meta.attach;

	if (trace->old.lock < 0 ||
	    (old == TCPT_ATTACH_CGROUP) == (trace->attach == TCPT_ATTACH_CGROUP))
		return 0;
	return log_error(
		log, -EOPNOTSUPP,
		"the trace at %s is traced by %s, and %s cannot take its connections over; "
		"unload the trace first",
		trace->pin, tcpt_attach_name(old), tcpt_attach_name(trace->attach));
}

void replace_close(struct tcpt_trace *trace)
{
	struct predecessor *old = &trace->old;

	words_close(&old->control);
	pins_unlock(trace->pin, old->lock);
	old->lock = -1;
}

/* ---- its maps ---- */

/* Programs go on with the steps of their own generation. */
static bool is_own(const struct bpf_map *map)
{
	return !strcmp(bpf_map__name(map), "meta") || steps_are(map);
}

static int reuse_map(struct tcpt_trace *trace, struct bpf_map *map)
{
	const char *name = bpf_map__name(map);
	uint32_t tap = ring_name_tap(name);
	int fd, err;

	if (tap > trace->taps || (tap && !trace->layout.is_kept))
		return bpf_map__set_max_entries(map, layout_entries(trace, tap));
	fd = pin_open_map(trace->pin, name);
	if (fd < 0)
		return fd;
	err = bpf_map__reuse_fd(map, fd);
	close(fd);
	return err;
}

int replace_reuse_maps(struct tcpt_trace *trace)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, trace->object) if (!err && !is_own(map))
		err = reuse_map(trace, map);
	return err;
}

/* ---- taking over ---- */

static void pass_turn(const struct words *control, uint32_t old, uint32_t new)
{
	control_set_turn(control, old | TCPT_ABI_TURN_SHARED);
	control_set_turn(control, old | new | TCPT_ABI_TURN_SHARED);
	control_set_turn(control, new | TCPT_ABI_TURN_SHARED);
	control_set_turn(control, new);
}

/* Waits for the old keeper, which finds that its directory has been moved, and ends. */
#define KEEPER_LOOKS 300

static void await_old_keeper(const struct predecessor *old, int links, const struct tcpt_log *log)
{
	unsigned int looks = KEEPER_LOOKS;

	while (links >= 0 && flock(links, LOCK_EX | LOCK_NB)) {
		if (!wait_again(&looks)) {
			log_warning(log,
				    "the keeper of the replaced programs (pid %u) still "
				    "keeps their links, which do nothing; end it",
				    old->meta.keeper);
			return;
		}
	}
}

static void finish(struct tcpt_trace *trace, const struct tcpt_log *log)
{
	int links = -1, err;

	if (trace->old.meta.keeper)
		links = open(pin_join(trace->pin, "links", NULL).text,
			     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = swap_settle_finish(trace->pin);
	if (err)
		log_warning(log,
			    "the trace at %s is replaced, but pins of the old one are left (%s); "
			    "the next program that opens it removes them",
			    trace->pin, strerror(-err));
	else
		await_old_keeper(&trace->old, links, log);
	if (links >= 0)
		close(links);
}

static int add_pins(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		    const struct tcpt_log *log)
{
	return swap_add(trace->pin, trace->object, &trace->links,
			trace->ring != trace->old.meta.ring ? trace->taps : 0,
			opts->hold ? &trace->hold_lock : NULL, log);
}

/* Admits the group first, because the new pins get the rights of the old ones. */
static int add_pins_for_group(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
			      const struct tcpt_log *log)
{
	struct group_rights before;
	int err;

	group_note(trace->pin, &before);
	err = group_admit(trace->pin, opts->group, log) ?: add_pins(trace, opts, log);
	if (err)
		group_give_back(trace->pin, &before, log);
	else
		group_check_way(trace->pin, opts->group, log);
	return err;
}

int replace_take_over(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		      const struct tcpt_log *log)
{
	struct predecessor *old = &trace->old;
	int err = opts->for_group ? add_pins_for_group(trace, opts, log) :
				    add_pins(trace, opts, log);

	if (err)
		return err;
	calls_clear_fds(trace->pin);
	pass_turn(&old->control, TURN_OF(old->meta.generation), TURN_OF(trace->generation));
	finish(trace, log);
	return 0;
}

/* ---- its filters ---- */

/* Returns true if the old trace has filters of a key, and no others of the sort are given. */
static bool keeps(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		  enum tcpt_filter_key key)
{
	if (!(control_look(&trace->old.control)->filters.keys >> key & 1))
		return false;
	for (size_t i = 0; i < opts->filter_count; i++)
		if ((opts->filters[i].key == TCPT_FILTER_WATCH) == (key == TCPT_FILTER_WATCH))
			return false;
	return true;
}

int replace_check_filters(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
			  struct filters_reach reach, const struct tcpt_log *log)
{
	if (trace->old.lock < 0)
		return 0;
	if (!reach.netns &&
	    (keeps(trace, opts, TCPT_FILTER_NETNS) || keeps(trace, opts, TCPT_FILTER_NOT_NETNS)))
		return log_error(log, -EOPNOTSUPP,
				 "the trace at %s has filters by netns, for which the new programs "
				 "need offsets; remove them first, with tcpt-filter%s --remove",
				 trace->pin, advice_pin(trace->pin).text);
	if (!reach.fds && keeps(trace, opts, TCPT_FILTER_WATCH))
		return log_error(log, -EOPNOTSUPP,
				 "the trace at %s watches processes, and the new programs have no "
				 "hook for new descriptors; end that first, with tcpt-filter%s "
				 "--unwatch",
				 trace->pin, advice_pin(trace->pin).text);
	return 0;
}

/*
 * Keeps, of the filters set, those of the sorts that are given. There are two sorts: filters
 * and watched processes.
 */
static size_t pick_sorts(struct tcpt_filter *set, size_t n, const struct tcpt_load_opts *opts)
{
	bool given[2] = {};
	size_t kept = 0;

	for (size_t i = 0; i < opts->filter_count; i++)
		given[opts->filters[i].key == TCPT_FILTER_WATCH] = true;
	for (size_t i = 0; i < n; i++)
		if (given[set[i].key == TCPT_FILTER_WATCH])
			set[kept++] = set[i];
	return kept;
}

static int exchange_filters(struct tcpt_filters *filters, const struct tcpt_load_opts *opts)
{
	struct tcpt_filters_edit edit = {
		.size = sizeof(edit),
		.add = opts->filters,
		.add_count = opts->filter_count,
	};
	struct tcpt_filter *set;
	int err = tcpt_filters_list(filters, &set, &edit.remove_count);

	if (err)
		return err;
	edit.remove_count = pick_sorts(set, edit.remove_count, opts);
	edit.remove = set;
	err = tcpt_filters_edit(filters, &edit);
	free(set);
	return err;
}

/*
 * The filters are edited even if they stay: that detaches hooks that no watched process
 * needs. The links of a keeper stay as they are.
 */
void replace_filters(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	struct tcpt_filters *filters;
	int err;

	if (opts->hold && !opts->filter_count)
		return;
	err = tcpt_filters_open(&filters, trace->pin, opts->log);
	if (!err) {
		err = exchange_filters(filters, opts);
		tcpt_filters_close(filters);
	}
	if (err && opts->filter_count)
		log_warning(opts->log,
			    "the trace at %s is replaced, but its filters have not "
			    "changed; edit them with tcpt-filter",
			    trace->pin);
}
