// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "graph.h"

#include <stdlib.h>
#include <string.h>

#include "ends.h"

/* ---- the order of ends: both ends of a connection come together ---- */

static bool is_loopback(const char *address)
{
	return !strncmp(address, "127.", 4) || !strcmp(address, "::1");
}

/* Compares by the connection, as the client sees it. */
static int compare_connections(const struct end *a, const struct end *b)
{
	int order =
		strcmp(a->is_client ? a->local : a->remote, b->is_client ? b->local : b->remote);
	unsigned int x = a->is_client ? a->local_port : a->remote_port;
	unsigned int y = b->is_client ? b->local_port : b->remote_port;

	if (!order)
		order = strcmp(a->is_client ? a->remote : a->local,
			       b->is_client ? b->remote : b->local);
	if (!order)
		order = x < y ? -1 : x > y;
	x = a->is_client ? a->remote_port : a->local_port;
	y = b->is_client ? b->remote_port : b->local_port;
	if (!order)
		order = x < y ? -1 : x > y;
	if (order || !is_loopback(a->local))
		return order;
	order = strcmp(a->host, b->host); /* each network namespace has a loopback of its own */
	return order ? order : strcmp(a->netns, b->netns);
}

static int compare_ends(const void *a, const void *b)
{
	const struct end *x = *(struct end *const *)a, *y = *(struct end *const *)b;
	int order = compare_connections(x, y);

	if (!order)
		order = x->is_client - y->is_client;
	return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

/* ---- who is at an address ---- */

/* Returns a server's end at the address and port that the client has connected to. */
static const struct end *find_server(struct end *const *servers, size_t n, const struct end *client)
{
	for (size_t i = 0; i < n; i++) {
		const struct end *server = servers[i];

		if (server->local_port == client->remote_port && server->local == client->remote &&
		    (!is_loopback(client->remote) ||
		     (server->host == client->host && server->netns == client->netns)))
			return server;
	}
	return NULL;
}

/* ---- joining ---- */

/* What one connection adds to the graph. */
struct link {
	struct graph_node from, to;
	struct graph_edge of;
};

struct join {
	const char *nobody; /* the host of an address */
	struct end **servers; /* one end for each server's address, port, host and namespace */
	size_t server_count;
	struct link *links;
	size_t used;
};

static struct graph_node node_of(const struct end *end)
{
	return (struct graph_node){ .host = end->host, .name = end->name };
}

static struct graph_node node_at(const struct join *join, const char *address)
{
	return (struct graph_node){ .host = join->nobody, .name = address, .is_address = true };
}

static void count_client(struct graph_edge *edge, const struct end *client)
{
	edge->failed += client->is_failed;
	edge->connections += !client->is_failed;
	edge->broken += client->is_broken;
	edge->sent += client->sent;
	edge->received += client->received;
	edge->latencies += client->has_latency;
	edge->latency_us += client->latency_us;
}

static void count_server(struct graph_edge *edge, const struct end *server)
{
	edge->connections++;
	edge->broken += server->is_broken;
	edge->sent += server->received;
	edge->received += server->sent;
}

/* Adds a connection, of which one end may not have been seen. */
static void add(struct join *join, const struct end *client, const struct end *server)
{
	struct link *link = &join->links[join->used++];
	const struct end *known = server;

	memset(link, 0, sizeof(*link));
	if (!server)
		known = find_server(join->servers, join->server_count, client);
	link->from = client ? node_of(client) : node_at(join, server->remote);
	link->to = known ? node_of(known) : node_at(join, client->remote);
	link->of.port = server ? server->local_port : client->remote_port;
	if (client && (client->has_bytes || !server)) {
		count_client(&link->of, client);
	} else {
		count_server(&link->of, server);
		link->of.latencies += client && client->has_latency;
		link->of.latency_us += client ? client->latency_us : 0;
	}
	link->of.joined = client && server;
}

/* Joins those of one connection: addresses and ports come again, so there may be several. */
static void join_group(struct join *join, struct end *const *group, size_t n)
{
	size_t servers = 0;
	struct end *const *clients;

	while (servers < n && !group[servers]->is_client)
		servers++;
	clients = group + servers;
	for (size_t i = 0, server = 0; i < n - servers || server < servers; i++) {
		const struct end *client = i < n - servers ? clients[i] : NULL;
		bool is_failed = client && client->is_failed;
		const struct end *other = !is_failed && server < servers ? group[server++] : NULL;

		add(join, client, other);
	}
}

static void find_servers(struct join *join, struct end *const *ends, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct end like = { .host = ends[i]->host,
					  .netns = ends[i]->netns,
					  .remote = ends[i]->local,
					  .remote_port = ends[i]->local_port };

		if (!ends[i]->is_client && !find_server(join->servers, join->server_count, &like))
			join->servers[join->server_count++] = ends[i];
	}
}

/* ---- the graph: links are sorted, and those alike are one edge ---- */

static int compare_nodes(const void *a, const void *b)
{
	const struct graph_node *x = a, *y = b;
	int order = x->is_address - y->is_address;

	if (!order)
		order = strcmp(x->host, y->host);
	return order ? order : strcmp(x->name, y->name);
}

static int compare_links(const void *a, const void *b)
{
	const struct link *x = a, *y = b;
	int order = compare_nodes(&x->from, &y->from);

	if (!order)
		order = compare_nodes(&x->to, &y->to);
	return order ? order : x->of.port < y->of.port ? -1 : x->of.port > y->of.port;
}

static void sum(struct graph_edge *edge, const struct graph_edge *one)
{
	edge->connections += one->connections;
	edge->joined += one->joined;
	edge->failed += one->failed;
	edge->broken += one->broken;
	edge->sent += one->sent;
	edge->received += one->received;
	edge->latencies += one->latencies;
	edge->latency_us += one->latency_us;
}

static void make_nodes(struct graph *graph, const struct join *join)
{
	size_t n = 0;

	for (size_t i = 0; i < join->used; i++) {
		graph->nodes[n++] = join->links[i].from;
		graph->nodes[n++] = join->links[i].to;
	}
	qsort(graph->nodes, n, sizeof(*graph->nodes), compare_nodes);
	for (size_t i = 0; i < n; i++)
		if (!i || compare_nodes(&graph->nodes[i], &graph->nodes[i - 1]))
			graph->nodes[graph->node_count++] = graph->nodes[i];
}

static size_t number_of(const struct graph *graph, const struct graph_node *node)
{
	const struct graph_node *found =
		bsearch(node, graph->nodes, graph->node_count, sizeof(*node), compare_nodes);

	return found - graph->nodes;
}

static void make_edges(struct graph *graph, const struct join *join)
{
	qsort(join->links, join->used, sizeof(*join->links), compare_links);
	for (size_t i = 0; i < join->used; i++) {
		const struct link *link = &join->links[i];

		if (i && !compare_links(link, link - 1)) {
			sum(&graph->edges[graph->edge_count - 1], &link->of);
			continue;
		}
		graph->edges[graph->edge_count] = link->of;
		graph->edges[graph->edge_count].from = number_of(graph, &link->from);
		graph->edges[graph->edge_count].to = number_of(graph, &link->to);
		graph->edge_count++;
	}
}

/* All connections of which an end was seen. */
static void join_all(struct join *join, const struct ends *ends)
{
	find_servers(join, ends->of, ends->used);
	for (size_t first = 0, i = 1; i <= ends->used; i++) {
		if (i < ends->used && !compare_connections(ends->of[first], ends->of[i]))
			continue;
		join_group(join, ends->of + first, i - first);
		first = i;
	}
}

static void make(struct graph *graph, struct join *join, const struct ends *ends)
{
	size_t n = ends->used;

	qsort(ends->of, n, sizeof(*ends->of), compare_ends);
	join->servers = malloc(n * sizeof(*join->servers));
	join->links = malloc(n * sizeof(*join->links));
	graph->nodes = malloc(2 * n * sizeof(*graph->nodes));
	graph->edges = malloc(n * sizeof(*graph->edges));
	graph->lacks_memory |= !join->servers || !join->links || !graph->nodes || !graph->edges;
	if (graph->lacks_memory)
		return;
	join_all(join, ends);
	make_nodes(graph, join);
	make_edges(graph, join);
}

void graph_make(struct graph *graph, struct ends *ends)
{
	struct join join = { .nobody = ends_name(ends, "") };

	graph->lost = ends->lost;
	graph->lacks_memory = ends->lacks_memory;
	for (size_t i = 0; i < ends->used; i++)
		graph->has_hosts |= ends->of[i]->host != ends->of[0]->host;
	if (ends->used)
		make(graph, &join, ends);
	free(join.servers);
	free(join.links);
}

void graph_free(struct graph *graph)
{
	free(graph->nodes);
	free(graph->edges);
}
