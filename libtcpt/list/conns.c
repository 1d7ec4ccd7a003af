// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The connections that a pinned trace remembers: those of the map conns, and older ones that
 * no hook has met yet, in the map existing. A connection moves from the latter to the former,
 * so existing is read first, and what is found in both comes once.
 *
 * While a value is looked up, the kernel skips kprobe programs on that processor. So each
 * value is looked up once, and all keys are known before. What a hook misses in that moment
 * another one reports (bpf/conn.h).
 */
#include <bpf/bpf.h>

#include "base/array.h"
#include "internal.h"
#include "list/conns.h"
#include "maps/facts.h"
#include "maps/keys.h"
#include "pins/pin.h"

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* If the walk begins anew because its place was deleted, it meets keys again. */
static int take_keys(int fd, uint64_t *keys, size_t room, size_t *n)
{
	const uint64_t *at = NULL;
	int err = 0;

	for (*n = 0; *n < room && !(err = key_next(fd, at, &keys[*n], sizeof(*keys))); ++*n)
		at = &keys[*n];
	return err == -ENOENT ? 0 : err;
}

static int add(struct conns *conns, const struct tcpt_abi_conn *conn)
{
	struct tcpt_abi_conn *of = array_grow(conns->of, conns->count, sizeof(*of));

	if (!of)
		return -ENOMEM;
	conns->of = of;
	of[conns->count++] = *conn;
	return 0;
}

/* One without a role stands for a socket that is being closed. */
static bool is_listed(const struct tcpt_abi_conn *conn)
{
	return !conn->connecting && conn->reported != TCPT_ABI_HIDDEN && conn->role;
}

static int look_up(struct conns *conns, int fd, uint64_t *keys, size_t n)
{
	struct tcpt_abi_conn conn;
	int err = 0;

	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 0; !err && i < n; i++) {
		if (i && keys[i] == keys[i - 1])
			continue;
		if (!bpf_map_lookup_elem(fd, &keys[i], &conn) && is_listed(&conn))
			err = add(conns, &conn);
	}
	return err;
}

static int read_values(struct conns *conns, int fd)
{
	unsigned int entries = 0;
	uint64_t *keys;
	size_t n = 0;
	int err = facts_entries(fd, &entries);

	if (err)
		return err;
	keys = calloc(2 * (size_t)entries, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	err = take_keys(fd, keys, 2 * (size_t)entries, &n);
	if (!err)
		err = look_up(conns, fd, keys, n);
	free(keys);
	return err;
}

static int read_map(struct conns *conns, const char *dir, const char *map)
{
	int fd = pin_open_map_to_read(dir, map), err;

	if (fd < 0)
		return fd;
	err = read_values(conns, fd);
	close(fd);
	return err;
}

static int compare_ids(const void *a, const void *b)
{
	const struct tcpt_abi_conn *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void keep_one_of_each(struct conns *conns)
{
	size_t n = 0;

	if (conns->count)
		qsort(conns->of, conns->count, sizeof(*conns->of), compare_ids);
	for (size_t i = 0; i < conns->count; i++)
		if (!n || conns->of[n - 1].id != conns->of[i].id)
			conns->of[n++] = conns->of[i];
	conns->count = n;
}

int conns_read(struct conns *conns, const char *dir)
{
	int err = read_map(conns, dir, "existing");

	if (!err)
		err = read_map(conns, dir, "conns");
	if (!err)
		keep_one_of_each(conns);
	return err;
}

void conns_free(struct conns *conns)
{
	free(conns->of);
}
