// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reads what is inside of a trace: the connections that are open, and the filters.
 * Members of the trace's group may not see it. No value is looked up, because the
 * kernel skips kprobe programs on a CPU that does so; walking over keys does not
 * disturb them.
 */
#include "internal.h"
#include "maps/filter-list.h"
#include "maps/facts.h"
#include "maps/keys.h"
#include "maps/words.h"
#include "pins/arrays.h"
#include "read/stat.h"

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static size_t count_different(uint64_t *keys, size_t n)
{
	size_t count = n > 0;

	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < n; i++)
		count += keys[i] != keys[i - 1];
	return count;
}

/*
 * Counts the keys of a map. The kernel begins anew when the key at which the walk stands
 * has just been deleted, so the walk may meet a key again. It has room for twice as many.
 */
static int count_keys(int fd, size_t room, uint64_t *count)
{
	uint64_t *keys = calloc(room, sizeof(*keys)), *at = NULL;
	size_t n = 0;
	int err = 0;

	if (!keys)
		return -ENOMEM;
	while (n < room && !err) {
		err = key_next(fd, at, &keys[n], sizeof(keys[n]));
		at = &keys[n];
		n += !err;
	}
	*count = count_different(keys, n);
	free(keys);
	return err == -ENOENT ? 0 : err;
}

static int read_open(struct tcpt_stat *stat, const struct tcpt_abi_control *control)
{
	struct tcpt_stat_trace *trace = &stat->trace;
	int fd = pin_open_map_to_read(stat->pin, "conns"), err;
	unsigned int room = 0;
	uint64_t older = __atomic_load_n(&control->existing, __ATOMIC_RELAXED);

	if (fd < 0)
		return fd;
	err = facts_entries(fd, &room);
	if (!err)
		err = count_keys(fd, 2 * (size_t)room, &trace->open);
	close(fd);
	trace->open += older & ~TCPT_ABI_TAKING_STOCK;
	trace->open_room = room;
	trace->has_open = !err;
	return err;
}

static int read_filters(struct tcpt_stat *stat, const struct tcpt_abi_control *control)
{
	int fd = pin_open_map_to_read(stat->pin, "filters"), err;
	struct tcpt_abi_switches on = filter_list_switches(control);
	size_t n = 0;

	if (fd < 0)
		return fd;
	free(stat->filters);
	stat->filters = NULL;
	stat->filter_count = 0;
	err = filter_list_read(fd, &stat->filters, &n);
	close(fd);
	for (size_t i = 0; i < n; i++)
		if (filter_list_is_on(on, &stat->filters[i]))
			stat->filters[stat->filter_count++] = stat->filters[i];
	stat->trace.has_filters = !err;
	return err;
}

int stat_inside_read(struct tcpt_stat *stat)
{
	struct words control;
	int err =
		arrays_open(&control, stat->pin, "control", false, sizeof(struct tcpt_abi_control));

	if (err)
		return err == -EACCES ? 0 : err;
	err = read_open(stat, control.at);
	if (!err)
		err = read_filters(stat, control.at);
	words_close(&control);
	return err;
}
