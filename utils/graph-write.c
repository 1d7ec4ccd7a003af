// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The formats of a graph. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "graph.h"
#include "json-text.h"

/* ---- DOT and Mermaid ---- */

/* Adds a name in which nothing ends the quotes, or is a command of the format. */
static void add_name(struct text *text, const char *name, enum graph_format format)
{
	for (; *name; name++) {
		unsigned char c = *name;

		if (c < ' ' || c == 127)
			text_add(text, "?");
		else if (format == GRAPH_DOT && (c == '"' || c == '\\'))
			text_add(text, "\\%c", c);
		else if (format == GRAPH_MERMAID && strchr("\"#<>&`", c))
			text_add(text, "#%d;", c);
		else
			text_add(text, "%c", c);
	}
}

static void add_node_label(struct text *text, const struct graph *graph,
			   const struct graph_node *node, enum graph_format format)
{
	add_name(text, node->name, format);
	if (node->is_address || !graph->has_hosts || !*node->host ||
	    !strcmp(node->host, node->name))
		return;
	text_add(text, format == GRAPH_DOT ? "\\n" : "<br>");
	add_name(text, node->host, format);
}

/* Adds a number of bytes in three digits. */
static void add_bytes(struct text *text, uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	double number = bytes;
	unsigned int unit = 0;

	while (number >= 999.5 && unit < sizeof(units) - 2) {
		number /= 1024;
		unit++;
	}
	text_add(text, "%.*f%c", unit && number < 9.95 ? 1 : 0, number, units[unit]);
}

static void add_edge_label(struct text *text, const struct graph_edge *edge, const char *line)
{
	text_add(text, ":%u  %" PRIu64, edge->port, edge->connections);
	if (edge->failed)
		text_add(text, ", %" PRIu64 " failed", edge->failed);
	if (edge->broken)
		text_add(text, ", %" PRIu64 " broken", edge->broken);
	if (edge->sent || edge->received) {
		text_add(text, "%s", line);
		add_bytes(text, edge->sent);
		text_add(text, " out, ");
		add_bytes(text, edge->received);
		text_add(text, " in");
	}
	if (edge->latencies)
		text_add(text, "%s%" PRIu64 " us", line, edge->latency_us / edge->latencies);
}

static void write_dot(struct text *text, const struct graph *graph)
{
	text_add(text, "digraph tcpt {\n\trankdir=LR;\n\tnode [shape=box];\n");
	for (size_t i = 0; i < graph->node_count; i++) {
		text_add(text, "\tn%zu [label=\"", i);
		add_node_label(text, graph, &graph->nodes[i], GRAPH_DOT);
		text_add(text, "\"%s];\n", graph->nodes[i].is_address ? ", style=dashed" : "");
	}
	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct graph_edge *edge = &graph->edges[i];

		text_add(text, "\tn%zu -> n%zu [label=\"", edge->from, edge->to);
		add_edge_label(text, edge, "\\n");
		text_add(text, "\"%s];\n", edge->failed || edge->broken ? ", color=red" : "");
	}
	text_add(text, "}\n");
}

static void write_mermaid(struct text *text, const struct graph *graph)
{
	text_add(text, "flowchart LR\n");
	for (size_t i = 0; i < graph->node_count; i++) {
		bool is_address = graph->nodes[i].is_address;

		text_add(text, "    n%zu%s\"", i, is_address ? "([" : "[");
		add_node_label(text, graph, &graph->nodes[i], GRAPH_MERMAID);
		text_add(text, "\"%s\n", is_address ? "])" : "]");
	}
	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct graph_edge *edge = &graph->edges[i];

		text_add(text, "    n%zu -->|\"", edge->from);
		add_edge_label(text, edge, "<br>");
		text_add(text, "\"| n%zu\n", edge->to);
	}
}

/* ---- JSON ---- */

static void write_edge(struct text *text, const struct graph_edge *edge)
{
	text_add(text,
		 "{\"from\":%zu,\"to\":%zu,\"port\":%u,\"connections\":%" PRIu64
		 ",\"joined\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"broken\":%" PRIu64
		 ",\"bytes_sent\":%" PRIu64 ",\"bytes_received\":%" PRIu64,
		 edge->from, edge->to, edge->port, edge->connections, edge->joined, edge->failed,
		 edge->broken, edge->sent, edge->received);
	if (edge->latencies)
		text_add(text, ",\"latency_us\":%" PRIu64, edge->latency_us / edge->latencies);
	text_add(text, "}");
}

static void write_json(struct text *text, const struct graph *graph)
{
	text_add(text, "{\"nodes\":[");
	for (size_t i = 0; i < graph->node_count; i++) {
		const struct graph_node *node = &graph->nodes[i];

		text_add(text, "%s{\"name\":", i ? "," : "");
		json_text_add(text, node->name);
		if (*node->host) {
			text_add(text, ",\"host\":");
			json_text_add(text, node->host);
		}
		text_add(text, ",\"address\":%s}", node->is_address ? "true" : "false");
	}
	text_add(text, "],\"edges\":[");
	for (size_t i = 0; i < graph->edge_count; i++) {
		text_add(text, i ? "," : "");
		write_edge(text, &graph->edges[i]);
	}
	text_add(text, "],\"lost\":%" PRIu64 "}\n", graph->lost);
}

char *graph_write(const struct graph *graph, enum graph_format format)
{
	struct text text = {};

	if (format == GRAPH_JSON)
		write_json(&text, graph);
	else if (format == GRAPH_MERMAID)
		write_mermaid(&text, graph);
	else
		write_dot(&text, graph);
	return text_end(&text);
}
