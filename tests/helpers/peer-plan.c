/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <unistd.h>

#include "peer.h"

static bool cycle_server_first(const struct peer_options *opts, long cycle)
{
	if (opts->first != FIRST_MIXED)
		return opts->first == FIRST_SERVER;
	return ((uint32_t)cycle * 2654435761u) >> 31;
}

/* The lane of a cycle: lanes are ordered by server, family, who closes first. */
long plan_lane(const struct peer_options *opts, long cycle)
{
	long family = cycle % opts->n_families;
	long server = cycle / opts->n_families % opts->servers;

	if (opts->blocked)
		return 0;
	return (server * opts->n_families + family) * 2 + cycle_server_first(opts, cycle);
}

static void lanes_make(struct peer_plan *plan, const struct peer_options *opts)
{
	plan->n_lanes = opts->blocked ? 1 : opts->servers * opts->n_families * 2;
	plan->lanes = calloc((size_t)plan->n_lanes, sizeof(*plan->lanes));
	if (!plan->lanes)
		die("no memory");
	for (long i = 0; i < plan->n_lanes; i++) {
		plan->lanes[i].fd = -1;
		plan->lanes[i].family = opts->families[i / 2 % opts->n_families];
		plan->lanes[i].server_first = opts->blocked ? opts->first == FIRST_SERVER : i % 2;
	}
	for (long i = 0; i < opts->cycles; i++)
		plan->lanes[plan_lane(opts, i)].quota++;
}

/* One acceptor for each lane, or many for the one lane of blocked acceptors. */
static void acceptors_make(struct peer_plan *plan, const struct peer_options *opts)
{
	plan->n_acceptors = opts->blocked ? opts->blocked : plan->n_lanes;
	plan->acceptors = calloc((size_t)plan->n_acceptors, sizeof(*plan->acceptors));
	if (!plan->acceptors)
		die("no memory");
	for (long i = 0; i < plan->n_acceptors; i++) {
		struct peer_acceptor *acceptor = &plan->acceptors[i];

		if (opts->blocked) {
			*acceptor = (struct peer_acceptor){ i % opts->servers, 0, 1 };
			continue;
		}
		acceptor->server = i / 2 / opts->n_families;
		acceptor->lane = i;
		acceptor->quota = plan->lanes[i].quota;
	}
}

void plan_make(struct peer_plan *plan, const struct peer_options *opts)
{
	lanes_make(plan, opts);
	acceptors_make(plan, opts);
	for (long i = 0; i < plan->n_lanes; i++) {
		struct peer_lane *lane = &plan->lanes[i];

		if (lane->quota)
			lane->fd = listen_at(lane->family, &lane->addr);
	}
}

static bool server_has_lane(const struct peer_plan *plan, long server, long lane)
{
	if (plan->n_lanes == plan->n_acceptors)
		return plan->acceptors[lane].server == server;
	for (long i = 0; i < plan->n_acceptors; i++)
		if (plan->acceptors[i].server == server && plan->acceptors[i].lane == lane)
			return true;
	return false;
}

/* Closes the listeners that `except_server` (-1: nobody) does not accept from. */
void plan_close_listeners(struct peer_plan *plan, long except_server)
{
	for (long i = 0; i < plan->n_lanes; i++) {
		if (plan->lanes[i].fd < 0)
			continue;
		if (except_server >= 0 && server_has_lane(plan, except_server, i))
			continue;
		close(plan->lanes[i].fd);
		plan->lanes[i].fd = -1;
	}
}

void plan_free(struct peer_plan *plan)
{
	plan_close_listeners(plan, -1);
	free(plan->lanes);
	free(plan->acceptors);
}
