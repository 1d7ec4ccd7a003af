// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The filters in the maps of a trace. The values are in the map filters; the
 * map control says which keys have any. A key is switched on after its first
 * value is there, and off before its last one goes, so that no event meets a
 * key without values. One program at a time edits: it locks DIR/progs.
 *
 * The switches decide. An editor that is killed may leave values of keys, or types, that
 * are off: these are not set, and the next editor removes them before it switches anything
 * on. For keys that are on it may leave more values than the old or the new filters have.
 * Then too many events are selected rather than too few. The same is true for hooks that
 * are attached while a process is watched (fd-hooks.c): an editor may leave some of them,
 * and the next one, whatever it edits, detaches them.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/file.h>

#include "attach/hooks.h"
#include "base/arguments.h"
#include "internal.h"
#include "maps/filter-list.h"
#include "maps/words.h"
#include "pins/control.h"
#include "pins/locks.h"
#include "pins/meta-open.h"
#include "pins/pin.h"
#include "pins/pins.h"
#include "pins/swap-settle.h"
#include "trace/fd-hooks.h"
#include "trace/filter-index.h"
#include "trace/filters-check.h"
#include "trace/filters-edit.h"
#include "trace/filters.h"

/* The ABI's keys are those of tcpt.h. */
_Static_assert((int)TCPT_ABI_FILTER_PID == TCPT_FILTER_PID, "pid");
_Static_assert((int)TCPT_ABI_FILTER_UID == TCPT_FILTER_UID, "uid");
_Static_assert((int)TCPT_ABI_FILTER_COMM == TCPT_FILTER_COMM, "comm");
_Static_assert((int)TCPT_ABI_FILTER_CGROUP == TCPT_FILTER_CGROUP, "cgroup");
_Static_assert((int)TCPT_ABI_FILTER_NETNS == TCPT_FILTER_NETNS, "netns");
_Static_assert((int)TCPT_ABI_FILTER_FAMILY == TCPT_FILTER_FAMILY, "family");
_Static_assert((int)TCPT_ABI_FILTER_ROLE == TCPT_FILTER_ROLE, "role");
_Static_assert((int)TCPT_ABI_FILTER_SADDR == TCPT_FILTER_SADDR, "saddr");
_Static_assert((int)TCPT_ABI_FILTER_SPORT == TCPT_FILTER_SPORT, "sport");
_Static_assert((int)TCPT_ABI_FILTER_DADDR == TCPT_FILTER_DADDR, "daddr");
_Static_assert((int)TCPT_ABI_FILTER_DPORT == TCPT_FILTER_DPORT, "dport");
_Static_assert((int)TCPT_ABI_FILTER_TYPE == TCPT_FILTER_TYPE, "type");
_Static_assert(TCPT_ABI_FILTER_PID + TCPT_ABI_FILTER_NOT == TCPT_FILTER_NOT_PID, "not pid");
_Static_assert(TCPT_ABI_FILTER_TYPE + TCPT_ABI_FILTER_NOT == TCPT_FILTER_NOT_TYPE, "not type");
_Static_assert((int)TCPT_ABI_FILTER_WATCH == TCPT_FILTER_WATCH, "watch");

struct tcpt_filters {
	int map;
	struct filter_index index;
	struct filters_reach reach;
	int lock; /* of DIR/progs, which every editor locks; -1 while the trace is loaded */
	struct words control;
	struct fd_hooks hooks;
	struct tcpt_log log;
};

static bool is_set(const struct tcpt_filters *filters, const struct tcpt_filter *filter)
{
	struct tcpt_abi_filter entry = filter_list_entry(filter);
	__u8 found;

	return !bpf_map_lookup_elem(filters->map, &entry, &found);
}

static int set(const struct tcpt_filters *filters, const struct tcpt_filter *filter)
{
	struct tcpt_abi_filter entry = filter_list_entry(filter);
	__u8 one = 1;

	return bpf_map_update_elem(filters->map, &entry, &one, BPF_ANY) ? -errno : 0;
}

static void unset(const struct tcpt_filters *filters, const struct tcpt_filter *filter)
{
	struct tcpt_abi_filter entry = filter_list_entry(filter);

	bpf_map_delete_elem(filters->map, &entry);
}

/* ---- listing ---- */

/* Removes the filters of a list that are behind the first ones, and their marks. */
static int remove_off(const struct tcpt_filters *filters, const struct tcpt_filter *list,
		      size_t kept, size_t n)
{
	int err = n > kept ? filter_index_write(&filters->index, list, n, list, kept) : 0;

	for (size_t i = kept; !err && i < n; i++)
		unset(filters, &list[i]);
	return err;
}

/* Lists those that are on. Before an edit it removes what was left of others. */
static int list_set(struct tcpt_filters *filters, bool edits, struct tcpt_filter **out,
		    size_t *count)
{
	struct tcpt_abi_switches on = filter_list_switches(control_look(&filters->control));
	size_t n = 0, kept = 0;
	int err = filter_list_read(filters->map, out, &n);

	if (err)
		return err == -ENOMEM ? err :
					log_error(&filters->log, err, "cannot read the filters: %s",
						  strerror(-err));
	for (size_t i = 0; i < n; i++) {
		struct tcpt_filter filter = (*out)[i];

		if (!filter_list_is_on(on, &filter))
			continue;
		(*out)[i] = (*out)[kept]; /* those that are off go to the end */
		(*out)[kept++] = filter;
	}
	*count = kept;
	return edits ? remove_off(filters, *out, kept, n) : 0;
}

TCPT_API int tcpt_filters_list(struct tcpt_filters *filters, struct tcpt_filter **out,
			       size_t *count)
{
	return filters && out && count ? list_set(filters, false, out, count) : -EINVAL;
}

/* ---- editing ---- */

static int set_all(struct tcpt_filters *filters, const struct tcpt_filter *list, size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		err = set(filters, &list[i]);
	return err;
}

static int explain_set(int err, const struct tcpt_log *log)
{
	if (err == -E2BIG)
		return log_error(log, err, "there is room for %d filters and watched processes",
				 TCPT_ABI_FILTERS_MAX);
	return log_error(log, err, "cannot set filters: %s", strerror(-err));
}

static int check_set(const struct tcpt_filters *filters, const struct tcpt_filter *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_set(filters, &list[i]))
			return log_error(&filters->log, -ENOENT, "%s=%llu is not set",
					 tcpt_filter_key_name(list[i].key),
					 (unsigned long long)list[i].value);
	return 0;
}

static bool watches(struct tcpt_abi_switches on)
{
	return on.keys >> TCPT_FILTER_WATCH & 1;
}

static int lists_make(struct tcpt_filters *filters, const struct tcpt_filters_edit *edit,
		      struct filters_edit *lists)
{
	int err = list_set(filters, true, &lists->old, &lists->old_count);

	return err ? err : filters_edit_make(lists, edit);
}

/* Takes back what an edit has set that cannot be made. */
static void take_back(const struct tcpt_filters *filters, const struct filters_edit *lists)
{
	filter_index_write(&filters->index, lists->both, lists->both_count, lists->old,
			   lists->old_count);
	for (size_t i = 0; i < lists->both_count; i++)
		if (!filters_edit_has(lists->old, lists->old_count, &lists->both[i]))
			unset(filters, &lists->both[i]);
}

/* Sets what the new filters need, and what the old ones do not mind: all or nothing. */
static int prepare(struct tcpt_filters *filters, const struct tcpt_filters_edit *edit,
		   const struct filters_edit *lists, struct tcpt_abi_switches on)
{
	int err = watches(on) ? fd_hooks_attach(&filters->hooks, &filters->log) : 0;

	if (!err) {
		err = set_all(filters, edit->add, edit->add_count);
		if (!err)
			err = filter_index_write(&filters->index, lists->both, lists->both_count,
						 lists->both, lists->both_count);
		if (err) {
			take_back(filters, lists);
			explain_set(err, &filters->log);
		}
	}
	if (err && !watches(filter_list_switches(control_look(&filters->control))))
		fd_hooks_detach(&filters->hooks);
	return err;
}

/* Switches to the new filters, whose values are all set: they hold from the next event on. */
static int replace(struct tcpt_filters *filters, const struct tcpt_filters_edit *edit,
		   const struct filters_edit *lists, struct tcpt_abi_switches on)
{
	int err;

	control_set_filters(&filters->control, on);
	err = filter_index_write(&filters->index, lists->both, lists->both_count, lists->new,
				 lists->new_count);
	for (size_t i = 0; !err && i < edit->remove_count; i++)
		if (!filters_edit_has(edit->add, edit->add_count, &edit->remove[i]))
			unset(filters, &edit->remove[i]);
	if (!watches(on))
		fd_hooks_detach(&filters->hooks);
	return err;
}

static int apply_lists(struct tcpt_filters *filters, const struct tcpt_filters_edit *edit,
		       const struct filters_edit *lists)
{
	struct tcpt_abi_switches on = filters_edit_switches(lists);
	int err = check_set(filters, edit->remove, edit->remove_count);

	if (err)
		return err;
	err = prepare(filters, edit, lists, on);
	return err ? err : replace(filters, edit, lists, on);
}

static int apply(struct tcpt_filters *filters, const struct tcpt_filters_edit *edit)
{
	struct filters_edit lists = {};
	int err = filters_check(edit->add, edit->add_count, &filters->log);

	if (!err)
		err = filters_check(edit->remove, edit->remove_count, &filters->log);
	if (!err)
		err = lists_make(filters, edit, &lists);
	if (!err)
		err = apply_lists(filters, edit, &lists);
	filters_edit_free(&lists);
	return err;
}

TCPT_API int tcpt_filters_edit(struct tcpt_filters *filters, const struct tcpt_filters_edit *given)
{
	struct tcpt_filters_edit edit;
	int err = filters ? argument_copy(&edit, sizeof(edit), given, &filters->log) : -EINVAL;

	if (!err)
		err = filters_check_reach(filters->reach, edit.add, edit.add_count, &filters->log);
	return err ? err : apply(filters, &edit);
}

/* ---- opening ---- */

int filters_init(const struct bpf_object *object, const struct tcpt_filter *list, size_t n,
		 const struct tcpt_log *log)
{
	struct tcpt_filters filters = { .map = bpf_object__find_map_fd_by_name(object, "filters"),
					.index = filter_index_of(object),
					.lock = -1,
					.log = log ? *log : (struct tcpt_log){} };
	struct tcpt_filters_edit edit = { .size = sizeof(edit), .add = list, .add_count = n };
	int err = control_open_fd(&filters.control,
				  bpf_object__find_map_fd_by_name(object, "control"));

	if (err)
		return log_error(log, err, "cannot set filters: %s", strerror(-err));
	err = apply(&filters, &edit);
	words_close(&filters.control);
	return err;
}

/* Says why the filters cannot be opened, although a group member can read the description. */
static int explain_open(int err, const char *dir, const struct tcpt_log *log)
{
	if (err == -EBUSY)
		return err; /* the message has named the process that has the lock */
	if (err != -EPERM && err != -EACCES)
		return meta_open_explain(err, dir, log);
	return log_error(log, -EPERM,
			 "not permitted to see or edit the filters of %s: %s; run "
			 "as root",
			 dir, strerror(-err));
}

/*
 * Locks the filters, and reads the trace's description. It waits for another editor, which
 * takes little time, and for a replacement. Meanwhile the trace, and with it the directory,
 * may have been replaced.
 */
static int lock_edits(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log)
{
	struct pin_path progs = pin_join(dir, "progs", NULL);
	int lock, err;

	for (;;) {
		err = swap_settle_open(dir, meta, log);
		if (err)
			return err;
		lock = locks_await(progs.text, LOCK_EX, log);
		if (lock < 0)
			return explain_open(lock, dir, log);
		if (locks_are_on(progs.text, lock) && swap_settle_is_done(dir))
			return lock;
		close(lock);
	}
}

static int open_maps(struct tcpt_filters *filters, const char *dir)
{
	int control, err;

	filters->map = pin_open_map(dir, "filters");
	if (filters->map < 0)
		return filters->map;
	err = filter_index_open(&filters->index, dir);
	if (err)
		return err;
	control = pin_open_map(dir, "control");
	if (control < 0)
		return control;
	err = control_open_fd(&filters->control, control);
	close(control);
	return err;
}

static bool is_pinned(const void *dir, const char *program)
{
	return !access(pin_join(dir, "progs", program).text, F_OK);
}

static int open_filters(struct tcpt_filters *filters, const char *pin, const struct tcpt_log *log)
{
	struct tcpt_abi_meta meta;
	char dir[PIN_MAX];
	int err = pins_normalise(dir, pin, log);

	if (err)
		return err;
	filters->lock = lock_edits(dir, &meta, log);
	if (filters->lock < 0)
		return filters->lock;
	err = open_maps(filters, dir);
	if (err)
		return explain_open(err, dir, log);
	filters->hooks.mode = meta.keeper ? TCPT_ATTACH_AUTO : meta.attach;
	memcpy(filters->hooks.dir, dir, sizeof(dir));
	filters->reach.netns = !strstr(meta.offsets, "source=none");
	filters->reach.networks = filter_index_has_tries(&filters->index);
	filters->reach.fds = hooks_report_fds(meta.attach, is_pinned, dir);
	return 0;
}

TCPT_API int tcpt_filters_open(struct tcpt_filters **out, const char *pin,
			       const struct tcpt_log *log)
{
	struct tcpt_filters *filters;
	int err = argument_check(out, "place for the filters", log);

	if (err)
		return err;
	filters = calloc(1, sizeof(*filters));
	if (!filters)
		return -ENOMEM;
	filters->map = filters->lock = -1;
	filters->index = (struct filter_index)FILTER_INDEX_NONE;
	filters->control = (struct words)WORDS_NONE;
	if (log)
		filters->log = *log;
	err = open_filters(filters, pin, log);
	if (err)
		tcpt_filters_close(filters);
	else
		*out = filters;
	return err;
}

TCPT_API void tcpt_filters_close(struct tcpt_filters *filters)
{
	if (!filters)
		return;
	words_close(&filters->control);
	filter_index_close(&filters->index);
	if (filters->map >= 0)
		close(filters->map);
	if (filters->lock >= 0)
		close(filters->lock);
	free(filters);
}
