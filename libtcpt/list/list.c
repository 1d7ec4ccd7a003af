// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The open connections of a trace. The trace is read first, and then the sockets: of what has
 * ended meanwhile there is no socket, and what was opened meanwhile is not in the trace. So
 * all that is listed was open in one moment between.
 */
#include <netinet/in.h>
#include <sys/stat.h>

#include "base/arguments.h"
#include "base/monotonic.h"
#include "internal.h"
#include "list/conns.h"
#include "list/join.h"
#include "maps/event.h"
#include "pins/meta-open.h"
#include "pins/pin.h"
#include "pins/pins.h"
#include "trace/existing-census.h"
#include "trace/existing-diag.h"
#include "trace/existing-holder.h"
#include "trace/filter.h"

struct tcpt_list {
	struct tcpt_connection *of;
	size_t count;
};

/* What a list is made of. */
struct parts {
	struct tcpt_list_opts opts;
	char pin[PIN_MAX];
	uint64_t now, loaded;
	uint64_t here; /* the caller's own network namespace */
	struct census census;
	struct conns conns;
	struct stock stock;
};

/* ---- one connection ---- */

static uint64_t less(uint64_t bytes, bool one, bool another)
{
	unsigned int extra = one + another;

	return bytes > extra ? bytes - extra : 0;
}

/* The kernel counts a FIN as a byte, and the SYN of the end that connected (bpf/outcome.h). */
static void fill_figures(struct tcpt_event *event, const struct diag *diag)
{
	bool is_fin_received = diag->state == TCPT_CLOSE_WAIT || diag->state == TCPT_LAST_ACK ||
			       diag->state == TCPT_CLOSING;

	event->has_bytes_sent = event->has_bytes_received = event->has_retransmits =
		diag->has_figures;
	if (!diag->has_figures)
		return;
	event->bytes_sent = less(diag->bytes_acked, event->role == TCPT_ROLE_CLIENT,
				 diag->state == TCPT_FIN_WAIT2);
	event->bytes_received = less(diag->bytes_received, is_fin_received, false);
	event->retransmits = diag->retransmits;
	event->has_srtt = diag->srtt_us;
	event->srtt_us = diag->srtt_us;
}

static void fill_live(struct tcpt_connection *connection, const struct older *socket)
{
	connection->state = (enum tcpt_state)socket->diag.state;
	connection->has_queues = true;
	connection->receive_queue = socket->diag.receive_queue;
	connection->send_queue = socket->diag.send_queue;
	fill_figures(&connection->event, &socket->diag);
}

/* The opener of a connection that the trace knows is the trace's; else it is who holds it. */
static void fill(struct tcpt_connection *connection, const struct parts *parts,
		 const struct tcpt_abi_conn *conn, const struct older *socket)
{
	struct tcpt_event *event = &connection->event;

	event->type = TCPT_EVENT_EXISTING;
	event->id = conn->id;
	event->role = (enum tcpt_role)conn->role;
	event->cookie = conn->cookie;
	event->ts = conn->opened ? conn->opened : parts->loaded;
	event->has_duration = conn->opened && conn->opened <= parts->now;
	event->duration_ns = event->has_duration ? parts->now - conn->opened : 0;
	connection->now = parts->now;
	event_set_task(event, &conn->opener);
	event_set_ends(event, &conn->tuple);
	if (socket)
		fill_live(connection, socket);
	if (connection->state == TCPT_STATE_ESTABLISHED && !conn->reported && !conn->opener.pid)
		connection->state = TCPT_STATE_QUEUED;
}

/* ---- all of them ---- */

static bool is_selected(const struct parts *parts, const struct tcpt_abi_conn *conn)
{
	return !filter_hides(parts->opts.filters, parts->opts.filter_count, conn);
}

static void add(struct tcpt_list *list, const struct parts *parts, const struct tcpt_abi_conn *conn,
		const struct older *socket)
{
	if (is_selected(parts, conn))
		fill(&list->of[list->count++], parts, conn, socket);
}

/* Sockets of this namespace were listed, if there are any. */
static bool is_asked(const struct parts *parts, uint32_t netns)
{
	const struct netns_set *set = &parts->census.netns;

	if (!netns)
		return true; /* the trace does not know where it is */
	for (size_t i = 0; i < set->count; i++)
		if (set->known[i].inode == netns)
			return set->known[i].fd >= 0 || netns == parts->here;
	return false;
}

static void add_conn(struct tcpt_list *list, const struct parts *parts, const struct join *join,
		     struct tcpt_abi_conn *conn)
{
	const struct older *socket = join_find(join, conn);

	if (socket) {
		conn->cookie = socket->conn.cookie;
		conn->tuple.netns = socket->conn.tuple.netns;
	} else if (is_asked(parts, conn->tuple.netns)) {
		return; /* it has ended just now */
	}
	add(list, parts, conn, socket);
}

static int add_conns(struct tcpt_list *list, struct parts *parts)
{
	struct join join = {};
	int err = join_open(&join, &parts->stock);

	for (size_t i = 0; !err && i < parts->conns.count; i++)
		add_conn(list, parts, &join, &parts->conns.of[i]);
	join_close(&join);
	return err;
}

/* They are in the order of namespaces. The kernel may show one twice. */
static void add_listeners(struct tcpt_list *list, struct parts *parts)
{
	for (size_t i = 0; i < parts->stock.count; i++) {
		const struct older *socket = &parts->stock.older[i];

		if (socket->diag.state == TCPT_LISTEN)
			add(list, parts, &socket->conn, socket);
	}
}

static int make(struct tcpt_list *list, struct parts *parts)
{
	size_t most = parts->opts.listeners ? parts->stock.count : parts->conns.count;

	list->of = calloc(most + 1, sizeof(*list->of));
	if (!list->of)
		return -ENOMEM;
	if (!parts->opts.listeners)
		return add_conns(list, parts);
	parts->loaded = parts->now; /* the holder is that of now */
	add_listeners(list, parts);
	return 0;
}

/* ---- the parts ---- */

static int read_trace(struct parts *parts)
{
	int err = parts->opts.listeners ? 0 : conns_read(&parts->conns, parts->pin);

	parts->now = monotonic_kernel_ns();
	return err ? meta_open_explain(err, parts->pin, parts->opts.log) : 0;
}

static int take_sockets(struct parts *parts)
{
	int err;

	parts->stock.wants_all = true;
	err = existing_diag_take(&parts->stock, &parts->census.netns);
	if (!err && parts->opts.listeners)
		existing_holder_find(&parts->stock, &parts->census);
	return err;
}

static int explain(const struct parts *parts, int err)
{
	return err ? log_error(parts->opts.log, err, "cannot list the sockets of this host: %s",
			       strerror(-err)) :
		     0;
}

/* The census takes longest, so it comes before what has to be of one moment. */
static int take_parts(struct parts *parts)
{
	struct tcpt_abi_meta meta;
	struct stat st;
	int err = meta_open(parts->pin, &meta, parts->opts.log);

	if (err)
		return err;
	parts->loaded = meta.loaded;
	parts->here = stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
	err = explain(parts, existing_census_take(&parts->census));
	if (!err)
		err = read_trace(parts);
	return err ? err : explain(parts, take_sockets(parts));
}

static int read_parts(struct tcpt_list *list, struct parts *parts)
{
	int err = take_parts(parts);

	if (!err) {
		err = make(list, parts);
		if (err)
			log_error(parts->opts.log, err, "no memory");
	}
	existing_census_forget(&parts->census);
	existing_diag_free(&parts->stock);
	conns_free(&parts->conns);
	return err;
}

/* ---- the list ---- */

static int check_filters(const struct tcpt_list_opts *opts)
{
	if (opts->filter_count && !opts->filters)
		return argument_check(opts->filters, "filters", opts->log);
	for (size_t i = 0; i < opts->filter_count; i++)
		if (!filter_is_valid(&opts->filters[i]) ||
		    opts->filters[i].key == TCPT_FILTER_TYPE ||
		    opts->filters[i].key == TCPT_FILTER_NOT_TYPE ||
		    opts->filters[i].key == TCPT_FILTER_WATCH)
			return log_error(opts->log, -EINVAL,
					 "a filter is not valid for connections: key %d",
					 opts->filters[i].key);
	return 0;
}

static int prepare(struct parts *parts, struct tcpt_list **out, const struct tcpt_list_opts *opts)
{
	const struct tcpt_log *log = argument_log(opts, offsetof(struct tcpt_list_opts, log));
	int err = argument_check(out, "place for the list", log);

	if (!err)
		err = argument_copy(&parts->opts, sizeof(parts->opts), opts, log);
	if (!err)
		err = check_filters(&parts->opts);
	return err ? err : pins_normalise(parts->pin, parts->opts.pin, log);
}

TCPT_API int tcpt_list_read(struct tcpt_list **out, const struct tcpt_list_opts *opts)
{
	struct parts parts = {};
	struct tcpt_list *list;
	int err = prepare(&parts, out, opts);

	if (err)
		return err;
	list = calloc(1, sizeof(*list));
	if (!list)
		return log_error(parts.opts.log, -ENOMEM, "no memory");
	err = read_parts(list, &parts);
	if (err)
		tcpt_list_free(list);
	else
		*out = list;
	return err;
}

TCPT_API void tcpt_list_free(struct tcpt_list *list)
{
	if (!list)
		return;
	free(list->of);
	free(list);
}

TCPT_API const struct tcpt_connection *tcpt_list_at(const struct tcpt_list *list, size_t i)
{
	return list && i < list->count ? &list->of[i] : NULL;
}
