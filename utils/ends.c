// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "ends.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "json-line.h"

/* ---- strings ---- */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(a, b);
}

const char *ends_name(struct ends *ends, const char *text)
{
	char **found = tfind(text, &ends->names, compare_texts), *copy;

	if (found)
		return *found;
	copy = strdup(text);
	if (copy && tsearch(copy, &ends->names, compare_texts))
		return copy;
	free(copy);
	ends->lacks_memory = true;
	return "";
}

/* ---- an object ---- */

/* The members that matter. They point into the line; NULL: it has none. */
struct object {
	const char *type, *id, *role, *comm, *exe, *container, *netns, *host;
	const char *saddr, *sport, *daddr, *dport;
	const char *reason, *latency_us, *bytes_sent, *bytes_received, *count;
};

static const struct {
	const char *key;
	size_t at;
} members[] = {
#define MEMBER(name)                                 \
	{                                            \
#name, offsetof(struct object, name) \
	}
	MEMBER(type),	MEMBER(id),	    MEMBER(role),	MEMBER(comm),
	MEMBER(exe),	MEMBER(container),  MEMBER(netns),	MEMBER(host),
	MEMBER(saddr),	MEMBER(sport),	    MEMBER(daddr),	MEMBER(dport),
	MEMBER(reason), MEMBER(latency_us), MEMBER(bytes_sent), MEMBER(bytes_received),
	MEMBER(count),
#undef MEMBER
};

static void take_member(void *arg, const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (!strcmp(members[i].key, key))
			*(const char **)((char *)arg + members[i].at) = value;
}

static uint64_t number(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

static bool is(const char *text, const char *what)
{
	return text && !strcmp(text, what);
}

/* ---- ends ---- */

static int compare_ends(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	if (x->stream != y->stream)
		return x->stream < y->stream ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static struct end *find(struct ends *ends, uint64_t id)
{
	const struct end key = { .stream = ends->stream, .id = id };
	struct end **found = tfind(&key, &ends->open, compare_ends);

	return found ? *found : NULL;
}

/* Returns the name of the node; what is not known has that of the next larger thing. */
static const char *name_of(struct ends *ends, const struct object *object, const char *host)
{
	const char *comm = object->comm ? object->comm : "?";

	switch (ends->by) {
	case ENDS_BY_EXE:
		return ends_name(ends, object->exe ? object->exe : comm);
	case ENDS_BY_CONTAINER:
		return ends_name(ends, object->container ? object->container : host);
	case ENDS_BY_HOST:
		return host;
	default:
		return ends_name(ends, comm);
	}
}

static bool make_room(struct ends *ends)
{
	size_t room = ends->room ? 2 * ends->room : 256;
	struct end **of;

	if (ends->used < ends->room)
		return true;
	of = realloc(ends->of, room * sizeof(*of));
	if (!of)
		return false;
	ends->of = of;
	ends->room = room;
	return true;
}

/* Without a role it is taken for a client if its port is the higher one. */
static struct end *add(struct ends *ends, const struct object *object)
{
	struct end *end = make_room(ends) ? calloc(1, sizeof(*end)) : NULL;

	if (!end) {
		ends->lacks_memory = true;
		return NULL;
	}
	ends->of[ends->used] = end;
	end->order = ends->used++;
	end->host = object->host ? ends_name(ends, object->host) : ends->host;
	end->name = name_of(ends, object, end->host);
	end->netns = ends_name(ends, object->netns ? object->netns : "");
	end->local = ends_name(ends, object->saddr);
	end->remote = ends_name(ends, object->daddr);
	end->local_port = number(object->sport);
	end->remote_port = number(object->dport);
	end->is_client = object->role ? is(object->role, "client") :
					end->local_port > end->remote_port;
	end->stream = ends->stream;
	end->id = number(object->id);
	return end;
}

static void open_end(struct ends *ends, const struct object *object)
{
	struct end *end = find(ends, number(object->id)) ? NULL : add(ends, object);

	if (!end)
		return;
	end->has_latency = object->latency_us;
	end->latency_us = number(object->latency_us);
	if (!tsearch(end, &ends->open, compare_ends))
		ends->lacks_memory = true;
}

static void close_end(struct ends *ends, const struct object *object)
{
	struct end *end = find(ends, number(object->id));

	if (end)
		tdelete(end, &ends->open, compare_ends);
	else
		end = add(ends, object);
	if (!end)
		return;
	end->is_broken = is(object->reason, "reset") || is(object->reason, "timeout");
	end->has_bytes = object->bytes_sent && object->bytes_received;
	end->sent = number(object->bytes_sent);
	end->received = number(object->bytes_received);
}

static void fail_end(struct ends *ends, const struct object *object)
{
	struct end *end = add(ends, object);

	if (!end)
		return;
	end->is_failed = true;
	end->is_client = true;
}

void ends_begin(struct ends *ends)
{
	ends->stream++;
	ends->host = ends_name(ends, "");
}

static void take_object(struct ends *ends, const struct object *object)
{
	bool has_ends = object->saddr && object->sport && object->daddr && object->dport;

	if (is(object->type, "trace")) {
		ends_begin(ends);
		ends->host = ends_name(ends, object->host ? object->host : "");
	} else if (is(object->type, "lost") || is(object->type, "overwritten")) {
		ends->lost += number(object->count);
	} else if (!has_ends) {
		return;
	} else if (is(object->type, "connect") || is(object->type, "accept") ||
		   is(object->type, "existing")) {
		open_end(ends, object);
	} else if (is(object->type, "close")) {
		close_end(ends, object);
	} else if (is(object->type, "fail")) {
		fail_end(ends, object);
	}
}

bool ends_take(struct ends *ends, char *line)
{
	struct object object = {};

	if (!json_line_read(line, take_member, &object))
		return false;
	take_object(ends, &object);
	return true;
}

static void keep(void *end)
{
	(void)end; /* it is freed by itself */
}

void ends_free(struct ends *ends)
{
	tdestroy(ends->open, keep);
	for (size_t i = 0; i < ends->used; i++)
		free(ends->of[i]);
	free(ends->of);
	tdestroy(ends->names, free);
}
