// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "self-test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "deeds.h"
#include "stream.h"

/* Each deed has its event by now; this is for a processor that is late. */
#define WAIT_MS 2000

static int read_events(struct comparison *c, struct tcpt_reader *reader)
{
	uint64_t start = stream_now_ms();
	struct tcpt_event event;
	int n;

	do {
		while ((n = tcpt_reader_next(reader, &event)) > 0)
			comparison_add(c, &event);
		while (!n && tcpt_reader_lost(reader, &event) > 0)
			comparison_add(c, &event);
		tcpt_reader_ack(reader);
		if (n < 0)
			return n;
		if (comparison_missing(c))
			tcpt_reader_wait(reader, 50, NULL);
	} while (comparison_missing(c) && stream_now_ms() - start < WAIT_MS);
	comparison_end(c);
	return 0;
}

/* ---- the trace ---- */

/* Whether the trace is one that knows who accepts: any but that of cgroup mode without help. */
static bool knows_acceptor(const struct tcpt_probe *probe, enum tcpt_attach attach)
{
	const struct tcpt_hook *hook;

	if (attach != TCPT_ATTACH_CGROUP)
		return true;
	for (unsigned int i = 0; (hook = tcpt_probe_hook(probe, i)); i++)
		if (tcpt_probe_use(probe, i, attach) != TCPT_USE_NONE &&
		    (hook->state == TCPT_HOOK_THERE || hook->state == TCPT_HOOK_RENAMED) &&
		    (!strcmp(hook->target, "security_sock_graft") ||
		     !strcmp(hook->target, "inet_csk_accept")))
			return true;
	return false;
}

/* In another pid namespace than the first, processes have other numbers in events. */
static bool is_first_pid_namespace(void)
{
	char name[64] = "";

	return readlink("/proc/self/ns/pid", name, sizeof(name) - 1) > 0 &&
	       !strcmp(name, "pid:[4026531836]");
}

static int load(struct comparison *c, struct tcpt_trace **trace, enum tcpt_attach attach,
		struct private_offsets *offsets, const struct cli_log *log)
{
	const struct tcpt_filter watched = { .key = TCPT_FILTER_WATCH, .value = c->deeds->worker };
	struct tcpt_load_opts opts = { .attach = attach, .existing = true };

	c->knows_pid = is_first_pid_namespace();
	c->knows_fds = c->knows_pid && attach != TCPT_ATTACH_CGROUP;
	if (c->knows_fds) {
		opts.filters = &watched;
		opts.filter_count = 1;
	}
	return private_load(trace, &opts, offsets, log);
}

static int run(struct self_test *test, struct deeds_worker *worker, enum tcpt_attach attach,
	       const struct tcpt_probe *probe, struct private_offsets *offsets,
	       const struct cli_log *log)
{
	struct tcpt_trace *trace = NULL;
	struct tcpt_reader *reader = NULL;
	struct comparison *c = &test->of;
	int err = load(c, &trace, attach, offsets, log);

	if (!err) {
		test->attach = tcpt_trace_attach(trace);
		c->knows_acceptor = knows_acceptor(probe, test->attach);
		err = tcpt_reader_open(&reader, TCPT_DEFAULT_PIN, 1, &log->log);
	}
	if (!err)
		err = deeds_go_on(worker, log->cli);
	if (!err)
		err = read_events(c, reader);
	tcpt_reader_close(reader);
	tcpt_trace_close(trace);
	return err;
}

int self_test_run(struct self_test *test, enum tcpt_attach attach, const struct tcpt_probe *probe,
		  struct private_offsets *offsets, const struct cli_log *log)
{
	struct deeds_worker worker;
	int err;

	memset(test, 0, sizeof(*test));
	err = deeds_begin(&worker, log->cli);
	test->of.deeds = worker.deeds;
	if (!err)
		err = run(test, &worker, attach, probe, offsets, log);
	deeds_end(&worker);
	test->of.deeds = NULL;
	return err;
}
