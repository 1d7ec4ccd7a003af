/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who talks to whom: the ends of connections, joined to the edges of a graph. */
#ifndef GRAPH_H
#define GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ends;
struct end;

struct graph_node {
	const char *host; /* empty: not known */
	const char *name; /* of what the graph is by; of an address that is nobody's, the address */
	bool is_address;
};

struct graph_edge {
	size_t from, to; /* nodes, the client's and the server's */
	unsigned int port; /* the server's */
	uint64_t connections; /* those that were established */
	uint64_t joined; /* of these, whose both ends were seen */
	uint64_t failed; /* connects */
	uint64_t broken; /* connections that were reset or timed out */
	uint64_t sent, received; /* bytes, by the client */
	uint64_t latencies, latency_us; /* the number of those that are known, and their sum */
};

struct graph {
	struct graph_node *nodes;
	size_t node_count;
	struct graph_edge *edges;
	size_t edge_count;
	bool has_hosts; /* there are several */
	uint64_t lost; /* events that are missing in it */
	bool lacks_memory;
};

/* Joins the ends, whose order it changes, and whose strings it goes on using. */
void graph_make(struct graph *graph, struct ends *ends);
void graph_free(struct graph *graph);

enum graph_format {
	GRAPH_DOT,
	GRAPH_MERMAID,
	GRAPH_JSON,
};

/*
 * Returns the graph in this format, in one order whatever that of the events was. The caller
 * frees it; NULL: ENOMEM.
 */
char *graph_write(const struct graph *graph, enum graph_format format);

#endif
