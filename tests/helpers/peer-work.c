/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "peer.h"

#define STACK_SIZE (128 * 1024)

/* A job is what one thread is to do. It is a worker of a client, or an acceptor of a server. */
struct job {
	const struct peer_options *opts;
	const struct peer_plan *plan;
	long index;
	int64_t start;
	pthread_t thread;
};

static void run_jobs(struct job *jobs, long count, void *(*work)(void *))
{
	pthread_attr_t attr;

	if (count == 1) {
		work(&jobs[0]);
		return;
	}
	if (pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, STACK_SIZE))
		die("cannot prepare threads");
	for (long i = 0; i < count; i++)
		if ((errno = pthread_create(&jobs[i].thread, &attr, work, &jobs[i])))
			die("cannot start a thread");
	for (long i = 0; i < count; i++)
		pthread_join(jobs[i].thread, NULL);
	pthread_attr_destroy(&attr);
}

static void client_cycle(const struct peer_options *opts, const struct peer_plan *plan, long cycle)
{
	long index = plan_lane(opts, cycle);
	const struct peer_lane *lane = &plan->lanes[index];
	struct tuple tuple;
	int fd;

	lane_enter(index);
	fd = connect_to(lane->family, &lane->addr);
	names(fd, &tuple);
	record(EVENT_CONNECT, &tuple);
	socket_send(fd, opts->payload);
	socket_receive(fd, opts->payload);
	if (lane->server_first)
		socket_await_eof(fd);
	close_end(fd, &tuple);
}

/* All workers together start --rate cycles a second, at even distances. */
static void pace(const struct job *job, long done)
{
	long workers = job->opts->clients * job->opts->threads;
	int64_t turn = (int64_t)done * workers + job->index;
	int64_t at = job->start + (int64_t)(1e9 * (double)turn / (double)job->opts->rate);
	struct timespec when = { at / 1000000000, at % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

static void *client_worker(void *arg)
{
	const struct job *job = arg;
	const struct peer_options *opts = job->opts;
	long workers = opts->clients * opts->threads;
	long first = job->index * opts->cycles / workers;
	long end = (job->index + 1) * opts->cycles / workers;

	for (long i = first; i < end; i++) {
		if (opts->rate)
			pace(job, i - first);
		client_cycle(opts, job->plan, i);
	}
	return NULL;
}

void work_client(const struct peer_options *opts, const struct peer_plan *plan, long client)
{
	struct job *jobs = calloc((size_t)opts->threads, sizeof(*jobs));
	int64_t start = now_ns();

	if (!jobs)
		die("no memory");
	for (long i = 0; i < opts->threads; i++)
		jobs[i] = (struct job){ .opts = opts,
					.plan = plan,
					.start = start,
					.index = client * opts->threads + i };
	run_jobs(jobs, opts->threads, client_worker);
	free(jobs);
}

static void refused(const struct peer_options *opts)
{
	union address addrs[FAMILIES];

	for (int i = 0; opts->refused && i < opts->n_families; i++)
		socket_reserve(opts->families[i], &addrs[i]);
	for (long i = 0; i < opts->refused; i++)
		refused_by(opts->families[i % opts->n_families], &addrs[i % opts->n_families]);
}

/* Those that nobody answers are under way while others are refused. */
void work_failing(const struct peer_options *opts)
{
	struct unanswered {
		struct tuple tuple;
		int fd;
	} *list = calloc((size_t)opts->unanswered + 1, sizeof(*list));
	union address addrs[FAMILIES];

	if (!list)
		die("no memory");
	for (int i = 0; opts->unanswered && i < opts->n_families; i++)
		listen_mute(opts->families[i], &addrs[i]);
	for (long i = 0; i < opts->unanswered; i++)
		list[i].fd = unanswered_by(opts->families[i % opts->n_families],
					   &addrs[i % opts->n_families], &list[i].tuple);
	refused(opts);
	for (long i = 0; i < opts->unanswered; i++)
		give_up(list[i].fd, &list[i].tuple);
	free(list);
}

static void server_cycle(const struct job *job, long lane_index)
{
	const struct peer_lane *lane = &job->plan->lanes[lane_index];
	struct tuple tuple;
	int fd = socket_accept(lane->fd, NULL);

	lane_leave(lane_index);
	names(fd, &tuple);
	record(EVENT_ACCEPT, &tuple);
	socket_receive(fd, job->opts->payload);
	socket_send(fd, job->opts->payload);
	if (!lane->server_first)
		socket_await_eof(fd);
	close_end(fd, &tuple);
}

static void *server_acceptor(void *arg)
{
	const struct job *job = arg;
	const struct peer_acceptor *acceptor = &job->plan->acceptors[job->index];

	acceptor_is_waiting(job->index);
	for (long i = 0; i < acceptor->quota; i++)
		server_cycle(job, acceptor->lane);
	return NULL;
}

void work_server(const struct peer_options *opts, const struct peer_plan *plan, long server)
{
	struct job *jobs = calloc((size_t)plan->n_acceptors, sizeof(*jobs));
	long count = 0;

	if (!jobs)
		die("no memory");
	for (long i = 0; i < plan->n_acceptors; i++)
		if (plan->acceptors[i].server == server && plan->acceptors[i].quota)
			jobs[count++] = (struct job){ .opts = opts, .plan = plan, .index = i };
	if (count)
		run_jobs(jobs, count, server_acceptor);
	free(jobs);
}
