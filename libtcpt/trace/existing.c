// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Taking stock: connections that were open, and connects that were under way, before the
 * trace. The hooks are attached already, and report what happens meanwhile. These steps
 * make sure that nothing is reported twice or not at all:
 *
 * 1. Find the holders, and all that is open or under way, by cookie.
 * 2. Put these into the maps existing and unannounced. From here on, a hook that meets one
 *    of these sockets takes its entry over (bpf/existing.h). Wait for the programs that
 *    were running by then: they may have found no entry.
 * 3. Remove the entry of what was opened meanwhile, and of what was being closed. A hook
 *    has reported or hidden it, and it is in the map conns or hidden.
 * 4. Find all that is open or under way once more. What is no longer there was closed
 *    before step 2, when its hook found no entry, or by a hook that has taken the entry.
 *    Remove the entry if it is still there. Do the same for a connect that has ended: a
 *    hook has reported it.
 * 5. Announce the rest. Each is announced by the one that deletes its entry in
 *    unannounced: this process, or the hook that has taken it over. A connect is not
 *    announced: the hook that sees its end reports it like any other.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "internal.h"
#include "maps/keys.h"
#include "maps/words.h"
#include "offsets/offsets.h"
#include "pins/control.h"
#include "trace/existing-announce.h"
#include "trace/existing-census.h"
#include "trace/existing-diag.h"
#include "trace/existing-holder.h"
#include "trace/existing.h"
#include "trace/filter.h"

/* Ids of the programs begin with the number of a processor. */
#define FIRST_ID (0x1fffULL << 40)

struct seed {
	struct bpf_object *object;
	int existing; /* the maps */
	int unannounced;
	int conns;
	int hidden;
	struct words control;
	struct stock stock;
	const struct tcpt_load_opts *opts;
};

/* ---- the number of connections ---- */

static unsigned long sockets_allocated(void)
{
	FILE *stat = fopen("/proc/net/sockstat", "re");
	unsigned long n = 0;
	char line[256];

	/* alloc is of all network namespaces. */
	while (stat && fgets(line, sizeof(line), stat))
		if (sscanf(line, "TCP: %*s %*s %*s %*s %*s %*s alloc %lu", &n) == 1)
			break;
	if (stat)
		fclose(stat);
	return n;
}

unsigned int existing_room(const struct tcpt_load_opts *opts)
{
	unsigned long n = opts->existing ? 2 * sockets_allocated() + 1024 : 1;

	return n < 1 << 20 ? n : 1 << 20;
}

/* ---- 1. and 2. ---- */

static int by_port(const void *a, const void *b)
{
	const struct listener *x = a, *y = b;

	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	return x->port < y->port ? -1 : x->port > y->port;
}

static uint8_t role_of(const struct stock *stock, const struct tcpt_abi_tuple *tuple)
{
	struct listener at = { tuple->netns, tuple->sport };

	return stock->listener_count && bsearch(&at, stock->listeners, stock->listener_count,
						sizeof(at), by_port) ?
		       TCPT_ABI_SERVER :
		       TCPT_ABI_CLIENT;
}

static void complete(struct seed *seed)
{
	struct stock *stock = &seed->stock;
	const struct tcpt_load_opts *opts = seed->opts;

	if (stock->listener_count)
		qsort(stock->listeners, stock->listener_count, sizeof(*stock->listeners), by_port);
	for (size_t i = 0; i < stock->count; i++) {
		struct tcpt_abi_conn *conn = &stock->older[i].conn;

		conn->id = FIRST_ID + i + 1;
		conn->role = conn->connecting ? TCPT_ABI_CLIENT : role_of(stock, &conn->tuple);
		conn->reported = filter_hides(opts->filters, opts->filter_count, conn) ?
					 TCPT_ABI_HIDDEN :
					 TCPT_ABI_SHOWN;
	}
}

/*
 * Puts a connection into both maps, first into unannounced: a hook that finds it in
 * existing takes the entry there too. If it is in existing already, the kernel has shown
 * it twice.
 */
static int put(const struct seed *seed, const struct tcpt_abi_conn *conn)
{
	__u8 one = 1;
	int err;

	if (!conn->connecting &&
	    bpf_map_update_elem(seed->unannounced, &conn->cookie, &one, BPF_ANY))
		return -errno;
	control_add_existing(&seed->control, 1);
	if (!bpf_map_update_elem(seed->existing, &conn->cookie, conn, BPF_NOEXIST))
		return 0;
	err = -errno;
	control_add_existing(&seed->control, -1);
	if (err == -EEXIST)
		return 0;
	bpf_map_delete_elem(seed->unannounced, &conn->cookie);
	return err;
}

/* Puts all connections into the maps. Those that find no room are treated as not known. */
static void put_all(struct seed *seed)
{
	struct stock *stock = &seed->stock;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < stock->count; i++)
		err = put(seed, &stock->older[i].conn);
	if (!err)
		return;
	log_warning(seed->opts->log,
		    "only %zu of %zu connections that are open already are remembered: %s", i - 1,
		    stock->count, strerror(-err));
	stock->count = i - 1;
}

/* ---- 3. and 4. ---- */

static void drop(const struct seed *seed, const struct tcpt_abi_conn *conn)
{
	if (bpf_map_delete_elem(seed->existing, &conn->cookie))
		return; /* a hook has it */
	control_add_existing(&seed->control, -1);
	bpf_map_delete_elem(seed->unannounced, &conn->cookie);
}

static int by_tuple(const void *a, const void *b)
{
	const struct older *x = a, *y = b;

	return memcmp(&x->conn.tuple, &y->conn.tuple, sizeof(x->conn.tuple));
}

static int by_cookie(const void *a, const void *b)
{
	const struct older *x = a, *y = b;

	return x->conn.cookie < y->conn.cookie ? -1 : x->conn.cookie > y->conn.cookie;
}

static void drop_known(const struct seed *seed, const struct tcpt_abi_tuple *tuple)
{
	const struct stock *stock = &seed->stock;
	struct older key = { .conn.tuple = *tuple }, *found;

	found = bsearch(&key, stock->older, stock->count, sizeof(key), by_tuple);
	if (found)
		drop(seed, &found->conn);
}

static void drop_reported(const struct seed *seed)
{
	const struct stock *stock = &seed->stock;
	struct tcpt_abi_tuple tuple;
	struct tcpt_abi_conn conn;
	__u64 sk, *at;

	qsort(stock->older, stock->count, sizeof(*stock->older), by_tuple);
	for (at = NULL; !key_next(seed->conns, at, &sk, sizeof(sk)); at = &sk)
		if (!bpf_map_lookup_elem(seed->conns, &sk, &conn))
			drop_known(seed, &conn.tuple);
	for (at = NULL; !key_next(seed->hidden, at, &sk, sizeof(sk)); at = &sk)
		if (!bpf_map_lookup_elem(seed->hidden, &sk, &tuple))
			drop_known(seed, &tuple);
}

/*
 * Returns true if the connection is still there. The cookie is not enough: a socket keeps
 * it when it is connected once more.
 */
static bool is_still(const struct stock *again, const struct older *older)
{
	const struct older *found = again->count ? bsearch(older, again->older, again->count,
							   sizeof(*older), by_cookie) :
						   NULL;

	return found && found->conn.connecting == older->conn.connecting && !by_tuple(found, older);
}

static int drop_closed(const struct seed *seed, const struct census *census)
{
	const struct stock *stock = &seed->stock;
	struct stock again = {};
	int err = existing_diag_take(&again, &census->netns);

	if (!err && again.count)
		qsort(again.older, again.count, sizeof(*again.older), by_cookie);
	for (size_t i = 0; !err && i < stock->count; i++)
		if (!is_still(&again, &stock->older[i]))
			drop(seed, &stock->older[i].conn);
	existing_diag_free(&again);
	return err;
}

static void drop_everything(const struct seed *seed)
{
	for (size_t i = 0; i < seed->stock.count; i++)
		drop(seed, &seed->stock.older[i].conn);
}

/* ---- 5. ---- */

/*
 * Announces no more than what fills half of the ring, because nobody may read it yet. The
 * others are reported late, at their close.
 */
static void announce_all(const struct seed *seed, size_t room)
{
	const struct stock *stock = &seed->stock;
	size_t most = room / 2, open = 0;
	struct announcer announcer;
	int err = existing_announce_begin(&announcer, seed->object);

	for (size_t i = 0; !err && i < stock->count; i++)
		if (!stock->older[i].conn.connecting && ++open <= most)
			err = existing_announce(&announcer, stock->older[i].conn.cookie);
	existing_announce_end(&announcer);
	if (err)
		log_debug(seed->opts->log, "cannot report open connections: %s", strerror(-err));
	else if (open > most)
		log_warning(seed->opts->log,
			    "%zu connections are open already; %zu of them are "
			    "reported now, because the ring has no more room, and "
			    "the others at their close",
			    open, most);
}

/* ---- all steps ---- */

void existing_begin(struct tcpt_abi_control *control, const struct tcpt_load_opts *opts)
{
	control->existing = opts->existing ? TCPT_ABI_TAKING_STOCK : 0;
}

/* It is the highest bit: one more of it clears it. Nobody else sets or clears it meanwhile. */
void existing_end(const struct words *control)
{
	if (control_look(control)->existing & TCPT_ABI_TAKING_STOCK)
		control_add_existing(control, TCPT_ABI_TAKING_STOCK);
}

static int open_seed(struct seed *seed, struct bpf_object *object)
{
	int control = bpf_object__find_map_fd_by_name(object, "control");

	seed->existing = bpf_object__find_map_fd_by_name(object, "existing");
	seed->unannounced = bpf_object__find_map_fd_by_name(object, "unannounced");
	seed->conns = bpf_object__find_map_fd_by_name(object, "conns");
	seed->hidden = bpf_object__find_map_fd_by_name(object, "hidden");
	seed->object = object;
	return control_open_fd(&seed->control, control);
}

static int put_and_drop(struct seed *seed, const struct census *census)
{
	int err;

	complete(seed);
	put_all(seed);
	kernel_await_programs();
	drop_reported(seed);
	err = drop_closed(seed, census);
	if (err)
		drop_everything(seed);
	return err;
}

static int take_and_put(struct seed *seed)
{
	struct census census = {};
	int err = existing_census_take(&census);

	if (!err)
		err = existing_diag_take(&seed->stock, &census.netns);
	if (!err && seed->stock.count) {
		existing_holder_find(&seed->stock, &census);
		err = put_and_drop(seed, &census);
	}
	existing_census_forget(&census);
	return err;
}

void existing_seed(struct bpf_object *object, enum tcpt_attach mode,
		   const struct tcpt_load_opts *opts, size_t room)
{
	struct seed seed = { .control = WORDS_NONE, .opts = opts };
	int err = open_seed(&seed, object);

	if (!err && mode != TCPT_ATTACH_CGROUP && opts->offsets->at[F_SKC_COOKIE] < 0)
		log_warning(opts->log, "of connections that are open already only the close is "
				       "reported: the offset of sock_common.skc_cookie is absent");
	else if (!err)
		err = take_and_put(&seed);
	if (seed.control.at)
		existing_end(&seed.control);
	if (err)
		log_warning(opts->log,
			    "cannot take stock of the connections that are open already: %s",
			    strerror(-err));
	else
		announce_all(&seed, room);
	if (seed.stock.unreached)
		log_warning(opts->log,
			    "of open connections in %u network namespaces that "
			    "cannot be entered only the close is reported",
			    seed.stock.unreached);
	words_close(&seed.control);
	existing_diag_free(&seed.stock);
}
