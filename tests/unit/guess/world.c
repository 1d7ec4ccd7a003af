// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Fills the kernel's memory as the layout says. */
#include <stdlib.h>
#include <string.h>

#include "guess/memory.h"
#include "guess/snapshot.h"
#include "guess/solution.h"
#include "world.h"

/* ---- values ---- */

uint64_t world_value(const struct world *w, const void *bytes, unsigned int size)
{
	return machine_value(&w->mem.machine, bytes, size);
}

void world_store(const struct world *w, void *bytes, unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++, value >>= 8)
		((unsigned char *)bytes)[w->mem.machine.big_endian ? size - 1 - i : i] = value;
}

unsigned int world_size(const struct world *w, enum field field)
{
	return field_size(field, w->mem.machine.pointer_size);
}

void world_store_pointer(const struct world *w, unsigned char *to, uint64_t value)
{
	world_store(w, to, w->mem.machine.pointer_size, value);
}

/* ---- allocation ---- */

#define JUNK_SIZE 512
#define ARRAY_SLOTS 512

static uint64_t allocate(struct world *w, unsigned int size)
{
	unsigned int at = w->arena.used + rng_below(&w->rng, 8) * 8;

	w->arena.used = (at + size + 7) / 8 * 8;
	if (w->arena.used + 4096 > sizeof(w->arena.bytes))
		abort();
	return w->arena.address + at;
}

static unsigned char *bytes_of(struct world *w, uint64_t address)
{
	return w->arena.bytes + (address - w->arena.address);
}

static bool fetch(void *arg, uint64_t address, unsigned char *chunk)
{
	const struct arena *arena = arg;

	if (address < arena->address || address - arena->address >= sizeof(arena->bytes))
		return false;
	memcpy(chunk, arena->bytes + (address - arena->address), MEMORY_CHUNK);
	return true;
}

/* Makes unrelated objects that point at each other. */
static void make_junk(struct world *w)
{
	for (int i = 0; i < JUNK; i++)
		w->junk[i] = allocate(w, JUNK_SIZE);
	for (int i = 0; i < JUNK; i++)
		for (int at = 0; at < JUNK_SIZE; at += 8)
			if (rng_below(&w->rng, 8) == 0)
				world_store_pointer(w, bytes_of(w, w->junk[i]) + at,
						    w->junk[rng_below(&w->rng, JUNK)]);
}

static void make_memory(struct world *w)
{
	const unsigned int *end = w->layout.end;

	w->arena.address =
		0xffff888000000000 + rng_below(&w->rng, 1 << 30) * (uint64_t)MEMORY_CHUNK;
	if (w->opts.is_32bit)
		w->arena.address = 0xc0000000 + rng_below(&w->rng, 1 << 20) * MEMORY_CHUNK;
	rng_bytes(&w->rng, w->arena.bytes, sizeof(w->arena.bytes));
	make_junk(w);
	w->arena.used += 4096; /* beyond the windows of the junk */
	w->task = allocate(w, 8);
	for (int i = 0; i < 2; i++) {
		w->net[i] = allocate(w, end[BASE_NET]);
		w->files[i] = allocate(w, end[BASE_FILES]);
		w->fdtable[i] = allocate(w, end[BASE_FDTABLE]);
		w->array[i] = allocate(w, ARRAY_SLOTS * sizeof(uint64_t));
		w->inode[i] = 0xf0000000 + rng_below(&w->rng, 1000) * 2 + i;
	}
}

unsigned int world_new_sock(struct world *w)
{
	unsigned int i = w->socks++;

	if (w->socks > SOCKS_MAX)
		abort();
	w->sock[i] = allocate(w, SOCK_WINDOW);
	w->socket[i] = allocate(w, w->layout.end[BASE_SOCKET]);
	w->file[i] = allocate(w, w->layout.end[BASE_FILE]);
	return i;
}

void world_install(struct world *w, unsigned int sock, int fd)
{
	world_store_pointer(w, bytes_of(w, w->array[w->now]) + fd * w->mem.machine.pointer_size,
			    w->file[sock]);
}

/* ---- filling ---- */

struct instance {
	enum base base;
	unsigned int number; /* number of the snapshot or object */
	const struct facts *now;
	const struct facts *before; /* NULL if there is none */
	const struct snapshot *snap; /* NULL for objects */
};

/* Writes anything but value. */
static void put_other(struct world *w, unsigned char *to, const unsigned char *value,
		      unsigned int size)
{
	rng_bytes(&w->rng, to, size);
	if (!memcmp(to, value, size))
		to[0] ^= 0x55;
}

/* Writes a value that differs in one bit, as far as the needle shows. */
static void put_close(const struct world *w, const struct decoy *d, unsigned char *to,
		      const unsigned char *value)
{
	unsigned int size = world_size(w, d->field);

	memcpy(to, value, size);
	if (fields[d->field].shift)
		world_store(w, to, size,
			    world_value(w, value, size) ^ 1ULL << fields[d->field].shift);
	else
		to[size - 1] ^= 1;
}

static void put_inside(const struct world *w, unsigned char *to, const unsigned char *value,
		       unsigned int inside)
{
	world_store_pointer(w, to, world_value(w, value, w->mem.machine.pointer_size) + inside);
}

static const struct needle *unlike(const struct snapshot *snap, enum field field)
{
	for (unsigned int n = 0; n < snap->needles; n++)
		if (snap->needle[n].field == field && snap->needle[n].kind == NEEDLE_UNLIKE)
			return &snap->needle[n];
	return NULL;
}

static void put_route(struct world *w, const struct decoy *d, const struct instance *i,
		      unsigned char *to)
{
	const struct needle *refused = unlike(i->snap, d->field);
	unsigned int size = world_size(w, d->field);

	if (i->now->sock != w->bell)
		memcpy(to, i->now->value[d->field], size);
	else if (i->number == 0)
		memset(to, 0, size);
	else if (refused)
		memcpy(to, refused->bytes, size);
}

static void put_decoy(struct world *w, const struct decoy *d, const struct instance *i,
		      unsigned char *to)
{
	const unsigned char *value = i->now->value[d->field];
	unsigned int size = world_size(w, d->field);
	bool is_it = i->number == d->which;

	switch (d->kind) {
	case DECOY_PERFECT:
		memcpy(to, value, size);
		break;
	case DECOY_ONCE_OTHER:
	case DECOY_ONCE_CLOSE:
		if (is_it && d->kind == DECOY_ONCE_CLOSE)
			put_close(w, d, to, value);
		else if (is_it)
			put_other(w, to, value, size);
		else
			memcpy(to, value, size);
		break;
	case DECOY_ONCE_RIGHT:
		if (is_it)
			memcpy(to, value, size);
		else
			put_other(w, to, value, size);
		break;
	case DECOY_STALE:
		memset(to, 0, size);
		if (i->before)
			memcpy(to, i->before->value[d->field], size);
		break;
	case DECOY_ROUTE:
		put_route(w, d, i, to);
		break;
	case DECOY_SENDER:
		if (i->now->sock == w->bell)
			memset(to, 0, size);
		else
			memcpy(to, value, size);
		break;
	case DECOY_IPV6_ONLY:
		if (i->now->ipv6_socket)
			memcpy(to, value, size);
		break;
	case DECOY_INSIDE:
		put_inside(w, to, value, d->inside);
		break;
	}
}

static void fill(struct world *w, const struct instance *i, unsigned char *bytes)
{
	const struct layout *layout = &w->layout;

	for (unsigned int d = 0; d < layout->decoys; d++)
		if (fields[layout->decoy[d].field].base == i->base)
			put_decoy(w, &layout->decoy[d], i, bytes + layout->decoy[d].at);
	for (int f = 0; f < FIELD_COUNT; f++)
		if (fields[f].base == i->base && f != w->opts.missing && f != w->opts.missing_too)
			memcpy(bytes + layout->at[f], i->now->value[f], world_size(w, f));
}

/* Sets what the fields of object number n hold, whatever kind of object it is. */
static void object_facts(const struct world *w, unsigned int n, struct facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	if (n < 2) {
		world_store(w, facts->value[F_NET_INUM], sizeof(w->inode[n]), w->inode[n]);
		world_store_pointer(w, facts->value[F_FILES_FDT], w->fdtable[n]);
		world_store_pointer(w, facts->value[F_FDTABLE_FD], w->array[n]);
	}
	world_store_pointer(w, facts->value[F_SOCKET_SK], w->sock[n]);
	world_store_pointer(w, facts->value[F_SOCKET_FILE], w->file[n]);
	world_store_pointer(w, facts->value[F_FILE_PRIVATE_DATA], w->socket[n]);
}

static void fill_object(struct world *w, enum base base, unsigned int n, uint64_t address)
{
	struct facts now, before;
	struct instance i = { base, n, &now, n ? &before : NULL, NULL };

	object_facts(w, n, &now);
	if (n)
		object_facts(w, n - 1, &before);
	fill(w, &i, bytes_of(w, address));
}

static void fill_objects(struct world *w)
{
	for (unsigned int n = 0; n < 2; n++) {
		fill_object(w, BASE_NET, n, w->net[n]);
		fill_object(w, BASE_FILES, n, w->files[n]);
		fill_object(w, BASE_FDTABLE, n, w->fdtable[n]);
	}
	for (unsigned int n = 0; n < w->socks; n++) {
		fill_object(w, BASE_SOCKET, n, w->socket[n]);
		fill_object(w, BASE_FILE, n, w->file[n]);
	}
}

/* ---- snapshots ---- */

static void fill_snapshot(struct world *w, unsigned int s)
{
	struct snapshot *snap = w->snap[s];
	struct instance i = { BASE_SOCK, s, &w->facts[s], s ? &w->facts[s - 1] : NULL, snap };

	noise_add(w, snap->sock_bytes, SOCK_WINDOW, snap->sock);
	fill(w, &i, snap->sock_bytes);
	memcpy(bytes_of(w, snap->sock), snap->sock_bytes, SOCK_WINDOW);
	if (!snap->task_bytes)
		return;
	i.base = BASE_TASK;
	noise_add(w, snap->task_bytes, TASK_WINDOW, snap->task);
	fill(w, &i, snap->task_bytes);
}

/* ---- decoys ---- */

/* Returns whether this snapshot can rule out a decoy of the field. */
static bool has_say(const struct world *w, const struct snapshot *snap, enum field field)
{
	/*
	 * If the IPv6 address has no IPv4 address at its end, a copy would differ in
	 * one half only.
	 */
	if (field == F_SKC_V6_DADDR && !snapshot_needle(snap, F_SKC_DADDR))
		return false;
	if (field == F_SKC_NET)
		return true;
	if (field == F_SK_SOCKET)
		return snap->fd >= 0;
	if (field == F_TASK_FILES)
		return snap->task_bytes;
	for (unsigned int n = 0; n < snap->needles; n++)
		if (snap->needle[n].field == field && snap->needle[n].kind != NEEDLE_UNLIKE &&
		    (snap->needle[n].kind != NEEDLE_SOFT || w->opts.no_ipv6))
			return true;
	return false;
}

/*
 * Returns whether the value before is never another one. A task does not change its
 * table, and the server's own address is the client's remote one.
 */
static bool is_never_stale(const struct world *w, const struct decoy *d)
{
	return d->field == F_TASK_FILES || (d->field == F_SKC_V6_DADDR && w->opts.no_ipv6);
}

static void choose_which(struct world *w, struct decoy *d)
{
	unsigned int of = 0, numbers[SNAPSHOTS_MAX];
	enum base base = fields[d->field].base;

	if (base == BASE_SOCK || base == BASE_TASK) {
		for (unsigned int s = 0; s < w->count; s++)
			if (has_say(w, w->snap[s], d->field))
				numbers[of++] = s;
	} else {
		unsigned int objects = base == BASE_SOCKET || base == BASE_FILE ? w->solving_socks :
				       base == BASE_NET && w->opts.one_netns	? 1 :
										  2;

		while (of < objects) {
			numbers[of] = of;
			of++;
		}
	}
	if (of)
		d->which = numbers[rng_below(&w->rng, of)];
	if ((of == 1 && d->kind == DECOY_ONCE_RIGHT) ||
	    (d->kind == DECOY_STALE && is_never_stale(w, d)))
		d->kind = DECOY_ONCE_OTHER;
}

/* ---- the world ---- */

struct world *world_new(const struct world_opts *opts)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->opts = *opts;
	w->rng.state = opts->seed;
	machine_init(&w->mem.machine, "", opts->big_endian, opts->is_32bit ? 4 : 8);
	layout_make(&w->layout, &w->rng, w->mem.machine.pointer_size);
	if (!opts->no_decoys)
		layout_add_decoys(&w->layout, &w->rng);
	if (opts->perfect != NO_FIELD)
		w->perfect =
			layout_add_decoy(&w->layout, &w->rng, opts->perfect, DECOY_PERFECT)->at;
	w->mem.fetch = fetch;
	w->mem.arg = &w->arena;
	return w;
}

void world_observe(struct world *w)
{
	make_memory(w);
	noise_choose(w);
	world_take_snapshots(w);
	for (unsigned int d = 0; d < w->layout.decoys; d++)
		choose_which(w, &w->layout.decoy[d]);
	fill_objects(w);
	for (unsigned int s = 0; s < w->all; s++)
		fill_snapshot(w, s);
}

void world_free(struct world *w)
{
	for (unsigned int s = 0; s < w->all; s++)
		snapshot_free(w->snap[s]);
	memory_clear(&w->mem);
	free(w);
}
