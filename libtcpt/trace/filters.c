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
#include "trace/filters-check.h"
#include "trace/filters.h"

/* The ABI's keys are those of tcpt.h. */
_Static_assert((int)TCPT_ABI_FILTER_PID == TCPT_FILTER_PID, "pid");
_Static_assert((int)TCPT_ABI_FILTER_UID == TCPT_FILTER_UID, "uid");
_Static_assert((int)TCPT_ABI_FILTER_CGROUP == TCPT_FILTER_CGROUP, "cgroup");
_Static_assert((int)TCPT_ABI_FILTER_NETNS == TCPT_FILTER_NETNS, "netns");
_Static_assert((int)TCPT_ABI_FILTER_FAMILY == TCPT_FILTER_FAMILY, "family");
_Static_assert((int)TCPT_ABI_FILTER_SPORT == TCPT_FILTER_SPORT, "sport");
_Static_assert((int)TCPT_ABI_FILTER_DPORT == TCPT_FILTER_DPORT, "dport");
_Static_assert((int)TCPT_ABI_FILTER_TYPE == TCPT_FILTER_TYPE, "type");
_Static_assert(TCPT_ABI_FILTER_PID + TCPT_ABI_FILTER_NOT == TCPT_FILTER_NOT_PID, "not pid");
_Static_assert(TCPT_ABI_FILTER_DPORT + TCPT_ABI_FILTER_NOT == TCPT_FILTER_NOT_DPORT, "not dport");
_Static_assert((int)TCPT_ABI_FILTER_WATCH == TCPT_FILTER_WATCH, "watch");

struct tcpt_filters {
	int map;
	struct filters_reach reach;
	int lock; /* of DIR/progs, which every editor locks; -1 while the trace is loaded */
	struct words control;
	struct fd_hooks hooks;
	struct tcpt_log log;
};

static struct tcpt_abi_filter entry_of(const struct tcpt_filter *filter)
{
	return (struct tcpt_abi_filter){ .key = filter->key, .value = filter->value };
}

static bool is_set(const struct tcpt_filters *filters, const struct tcpt_filter *filter)
{
	struct tcpt_abi_filter entry = entry_of(filter);
	__u8 found;

	return !bpf_map_lookup_elem(filters->map, &entry, &found);
}

static int set(const struct tcpt_filters *filters, const struct tcpt_filter *filter)
{
	struct tcpt_abi_filter entry = entry_of(filter);
	__u8 one = 1;

	return bpf_map_update_elem(filters->map, &entry, &one, BPF_ANY) ? -errno : 0;
}

static void unset(const struct tcpt_filters *filters, const struct tcpt_filter *filter)
{
	struct tcpt_abi_filter entry = entry_of(filter);

	bpf_map_delete_elem(filters->map, &entry);
}

/* ---- listing ---- */

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
		if (filter_list_is_on(on, &(*out)[i]))
			(*out)[kept++] = (*out)[i];
		else if (edits)
			unset(filters, &(*out)[i]);
	}
	*count = kept;
	return 0;
}

TCPT_API int tcpt_filters_list(struct tcpt_filters *filters, struct tcpt_filter **out,
			       size_t *count)
{
	return filters && out && count ? list_set(filters, false, out, count) : -EINVAL;
}

/* ---- editing ---- */

/* Sets the filters that are not set yet, all or none. */
static int set_all(struct tcpt_filters *filters, const struct tcpt_filter *list, size_t n)
{
	bool *is_new = calloc(n + 1, sizeof(*is_new));
	int err = is_new ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < n; i++) {
		is_new[i] = !is_set(filters, &list[i]);
		err = set(filters, &list[i]);
		is_new[i] &= !err;
	}
	for (size_t i = 0; err && is_new && i < n; i++)
		if (is_new[i])
			unset(filters, &list[i]);
	free(is_new);
	return err;
}

static int explain_set(int err, const struct tcpt_log *log)
{
	if (err == -E2BIG)
		return log_error(log, err, "there is room for %d filters and watched processes",
				 TCPT_ABI_FILTERS_MAX);
	return log_error(log, err, "cannot set filters: %s", strerror(-err));
}

static bool contains(const struct tcpt_filter *list, size_t n, const struct tcpt_filter *filter)
{
	for (size_t i = 0; i < n; i++)
		if (!filter_list_compare(&list[i], filter))
			return true;
	return false;
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

static void switch_on(struct tcpt_abi_switches *on, const struct tcpt_filter *list, size_t n,
		      const struct tcpt_filter *but, size_t but_count)
{
	for (size_t i = 0; i < n; i++) {
		if (contains(but, but_count, &list[i]))
			continue;
		on->keys |= 1U << list[i].key;
		if (list[i].key == TCPT_FILTER_TYPE)
			on->types |= 1U << list[i].value;
	}
}

static bool watches(struct tcpt_abi_switches on)
{
	return on.keys >> TCPT_FILTER_WATCH & 1;
}

/* Sets what the new filters need, and what the old ones do not mind: all or nothing. */
static int prepare(struct tcpt_filters *filters, const struct tcpt_filters_edit *edit,
		   struct tcpt_abi_switches on)
{
	int err = watches(on) ? fd_hooks_attach(&filters->hooks, &filters->log) : 0;

	if (!err) {
		err = set_all(filters, edit->add, edit->add_count);
		if (err)
			explain_set(err, &filters->log);
	}
	if (err && !watches(filter_list_switches(control_look(&filters->control))))
		fd_hooks_detach(&filters->hooks);
	return err;
}

/* Switches to the new filters, whose values are all set: they hold from the next event on. */
static void replace(struct tcpt_filters *filters, const struct tcpt_filters_edit *edit,
		    struct tcpt_abi_switches on)
{
	control_set_filters(&filters->control, on);
	for (size_t i = 0; i < edit->remove_count; i++)
		if (!contains(edit->add, edit->add_count, &edit->remove[i]))
			unset(filters, &edit->remove[i]);
	if (!watches(on))
		fd_hooks_detach(&filters->hooks);
}

static int apply(struct tcpt_filters *filters, const struct tcpt_filters_edit *edit)
{
	struct tcpt_filter *all = NULL;
	struct tcpt_abi_switches on = {};
	size_t count;
	int err = filters_check(edit->add, edit->add_count, &filters->log);

	if (!err)
		err = filters_check(edit->remove, edit->remove_count, &filters->log);
	if (!err)
		err = list_set(filters, true, &all, &count);
	if (!err)
		err = check_set(filters, edit->remove, edit->remove_count);
	if (err) {
		free(all);
		return err;
	}
	switch_on(&on, all, count, edit->remove, edit->remove_count);
	switch_on(&on, edit->add, edit->add_count, NULL, 0);
	free(all);
	err = prepare(filters, edit, on);
	if (!err)
		replace(filters, edit, on);
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

int filters_init(int map, int control, const struct tcpt_filter *list, size_t n,
		 const struct tcpt_log *log)
{
	struct tcpt_filters filters = { .map = map,
					.lock = -1,
					.log = log ? *log : (struct tcpt_log){} };
	struct tcpt_filters_edit edit = { .size = sizeof(edit), .add = list, .add_count = n };
	int err = control_open_fd(&filters.control, control);

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
	if (filters->map >= 0)
		close(filters->map);
	if (filters->lock >= 0)
		close(filters->lock);
	free(filters);
}
