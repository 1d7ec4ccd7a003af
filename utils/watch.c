// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "logfile.h"
#include "stream.h"

struct watch {
	const struct cli *cli;
	const struct config *config;
	struct signals *signals;
	struct tcpt_reader *reader;
	struct tcpt_resolver *resolver; /* NULL: events have no names */
	struct stream out;
	struct view view;
	struct tables tables;
	uint64_t start_ms;
	uint64_t start_ns; /* of the program, or of the draining; by the clock of the events */
	uint64_t last_ms; /* when something came */
	uint64_t events;
	bool begins; /* nothing is in the output yet */
	bool lost;
	bool gone; /* the trace has ended, and all of it was printed */
	bool drains; /* it ends when what is there was printed */
	bool drained; /* an event has come that is younger than the start of that */
};

static bool has_enough(const struct watch *w)
{
	return w->config->num_events && w->events >= w->config->num_events;
}

static bool counts(const struct watch *w)
{
	return w->config->tables.values;
}

static bool prints(const struct watch *w)
{
	return !counts(w) && !w->config->take;
}

/* Puts an event into the buffer. Returns its size; 0 if it has no line in this format. */
static size_t print(struct watch *w, const struct tcpt_event *event)
{
	size_t size = view_format(&w->view, event, w->out.buf + w->out.used);

	w->out.used += size;
	return size;
}

/* Prints an event, puts it into the table, or hands it on. */
static void take(struct watch *w, struct tcpt_event *event)
{
	bool is_gap = event->type == TCPT_EVENT_LOST || event->type == TCPT_EVENT_OVERWRITTEN;
	bool is_there = true;

	w->drained |= !is_gap && event->ts > w->start_ns;
	if (!(w->config->types >> event->type & 1))
		return;
	if (w->resolver && !is_gap)
		tcpt_resolver_resolve(w->resolver, event);
	if (w->config->take)
		w->config->take(w->config->take_arg, event);
	else if (counts(w))
		count_add(&w->tables.count, event);
	else
		is_there = print(w, event);
	w->lost |= event->type == TCPT_EVENT_LOST;
	w->events += is_there && !is_gap;
}

/*
 * Takes losses after all events have been taken, at most a buffer full. Returns their
 * number.
 */
static int take_losses(struct watch *w)
{
	struct tcpt_event event;
	int got = 0;

	while (!stream_is_full(&w->out) && tcpt_reader_lost(w->reader, &event) > 0) {
		take(w, &event);
		got++;
	}
	return got;
}

/* Writes what was taken, and acknowledges it. */
static int write_batch(struct watch *w)
{
	int err = stream_flush(&w->out);

	if (!err)
		tcpt_reader_ack(w->reader);
	else if (err != -EINTR)
		cli_error(w->cli, "cannot write to %s: %s; what was not written stays in the trace",
			  w->config->output ? w->config->output : "stdout", strerror(-err));
	return err;
}

/* Says in a stream of JSON which trace of which boot the events are from. The buffer is empty. */
static void describe(struct watch *w)
{
	if (w->config->view.format == TCPT_FORMAT_JSON && prints(w))
		w->out.used += tcpt_reader_describe(w->reader, w->begins, w->out.buf + w->out.used);
	w->begins = false;
}

/* What is counted fills no buffer, and still there are other things to look at. */
#define BATCH_MAX 4096

/* Takes the events there are, at most a buffer full. Returns their number, or an error. */
static int print_batch(struct watch *w)
{
	struct tcpt_event event;
	int got = 0, n = 0, err;

	view_look(&w->view);
	describe(w);
	while (!stream_is_full(&w->out) && got < BATCH_MAX && !has_enough(w) &&
	       (n = tcpt_reader_next(w->reader, &event)) > 0) {
		take(w, &event);
		got++;
	}
	if (!n)
		got += take_losses(w);
	err = write_batch(w);
	if (err)
		return err;
	if (n < 0)
		cli_error(w->cli, "the trace holds a record of another version: %s", strerror(-n));
	return n < 0 ? n : got;
}

/* Prints what has been lost by now. It is called before the end, whatever the end is. */
static int print_losses(struct watch *w)
{
	int err = 0;

	while (!err && take_losses(w))
		err = write_batch(w);
	return err ? err :
		     write_batch(w); /* there may be something to acknowledge without a line */
}

static bool is_over(const struct watch *w, int got)
{
	uint64_t now = stream_now_ms();
	const struct config *config = w->config;

	if (w->signals->came || has_enough(w) || (w->drains && (!got || w->drained)))
		return true;
	if (config->duration_ms && now - w->start_ms >= config->duration_ms)
		return true;
	return config->idle_ms && !got && now - w->last_ms >= config->idle_ms;
}

/* What has ended has left all its events by now. */
static void look_for_end(struct watch *w)
{
	if (w->drains || !w->config->ended || !*w->config->ended)
		return;
	w->drains = true;
	w->drained = false;
	w->start_ns = tcpt_monotonic_ns();
}

static bool has_ended(const struct watch *w)
{
	if (!tcpt_reader_is_over(w->reader))
		return false;
	cli_error(w->cli, "the trace has ended: it was unloaded, or its keeper is gone%s",
		  w->config->follow ? "; waiting for the next one" : "");
	return true;
}

/* The time between two looks for losses and for the end of the trace; the latter when idle. */
#define ASK_MS 100
#define ASK_IDLE_MS 500
#define LAST_MS 10

static int ask_ms(const struct watch *w)
{
	return stream_now_ms() - w->last_ms < ASK_IDLE_MS ? ASK_MS : ASK_IDLE_MS;
}

/* Waits. It ignores errors, which show again when the events are read. */
static void await_events(struct watch *w, int wait_ms)
{
	wait_ms = stream_left_ms(w->config->duration_ms, w->start_ms, wait_ms);
	wait_ms = stream_left_ms(w->config->idle_ms, w->last_ms, wait_ms);
	wait_ms = stream_left_ms(w->config->tables.interval_ms, w->tables.since_ms, wait_ms);
	tcpt_reader_wait(w->reader, wait_ms, &w->signals->waiting);
}

/* ---- the output ---- */

/* Begins with what stdout is now. */
static void begin(struct watch *w)
{
	stream_begin(&w->out);
	view_begin(&w->view);
	w->begins = true;
	if (prints(w))
		w->out.used += view_heading(&w->view, w->out.buf + w->out.used);
}

/*
 * Opens the file again if SIGHUP has come. It is called when all that was taken has been
 * written and acknowledged, so each event is in one file.
 */
static int obey_hangup(struct watch *w)
{
	int err = 0;

	if (w->signals->hung_up)
		err = logfile_open(w->cli, w->config->output);
	if (w->signals->hung_up && !err)
		begin(w);
	w->signals->hung_up = 0;
	return err;
}

static int watch_trace(struct watch *w)
{
	bool over = false;
	int got, err;

	if (w->config->banner)
		cli_error(w->cli, "ready");
	got = write_batch(w); /* the heading */
	if (got)
		return got;
	for (;;) {
		signals_look(w->signals); /* first: what happened before a signal is printed */
		look_for_end(w);
		got = obey_hangup(w);
		if (!got)
			got = print_batch(w);
		if (got < 0)
			return got;
		if (got)
			w->last_ms = stream_now_ms();
		err = tables_look(&w->tables);
		if (err)
			return err;
		w->gone = over && !got;
		if (w->gone || is_over(w, got))
			return print_losses(w);
		if (got)
			continue;
		over = over || has_ended(w);
		await_events(w, over ? LAST_MS : ask_ms(w));
	}
}

/* ---- one trace after the other ---- */

#define AWAIT_NS 500000000

/* Opens a trace, but not one that has ended: if its keeper was killed it is still there. */
static int open_trace(struct watch *w, const struct tcpt_log *log)
{
	const struct config *config = w->config;
	int err = tcpt_reader_open(&w->reader, config->pin, config->tap, log);

	if (!err && w->gone && tcpt_reader_is_over(w->reader)) {
		tcpt_reader_close(w->reader);
		return -ENOENT;
	}
	if (!err && w->resolver && log)
		tcpt_resolver_use(w->resolver, config->pin, log);
	return err;
}

/*
 * Waits for a trace and opens it. It says once that there is none, and then looks again
 * without messages until it is there. -EINTR: the program was ended before.
 */
static int await_trace(struct watch *w, const struct tcpt_log *log)
{
	const struct timespec look = { .tv_nsec = AWAIT_NS };
	bool waits = w->gone;
	int err = waits ? -ENOENT : open_trace(w, log);

	while (err == -ENOENT && w->config->follow) {
		if (!waits)
			cli_error(w->cli, "waiting for a trace at %s", w->config->pin);
		waits = true;
		if (is_over(w, 0))
			return -EINTR;
		ppoll(NULL, 0, &look, &w->signals->waiting);
		err = tables_look(&w->tables);
		if (!err)
			err = obey_hangup(w);
		if (err)
			return err;
		err = open_trace(w, NULL);
		if (!err)
			tcpt_reader_close(w->reader);
		if (err != -ENOENT)
			err = open_trace(w, log);
	}
	return err;
}

static int watch_all(struct watch *w, const struct tcpt_log *log)
{
	int err;

	do {
		err = watch_trace(w);
		tcpt_reader_close(w->reader);
		if (err || !w->gone || !w->config->follow)
			return err;
		err = await_trace(w, log);
	} while (!err);
	return err;
}

static void open_output(struct watch *w)
{
	size_t line_max = w->config->view.resolve ? TCPT_LINE_MAX : TCPT_LINE_PLAIN_MAX;

	if (!prints(w)) /* the last table comes after the time is over, and after a signal */
		stream_open(&w->out, line_max, 0, &w->signals->waiting, &w->signals->insists);
	else
		stream_open(&w->out, line_max, w->config->duration_ms, &w->signals->waiting,
			    &w->signals->came);
	tables_begin(&w->tables, &w->out, w->config->output);
	begin(w);
}

/* The status of an end that is no failure. */
static enum cli_status status_of(const struct watch *w)
{
	if (w->lost && w->config->fail_on_loss)
		return CLI_FAILURE;
	return w->events < w->config->num_events ? CLI_TOO_FEW : CLI_DONE;
}

/* Opens what is needed beside the trace, before anybody waits for it. */
static int prepare(struct watch *w, const struct tcpt_log *log)
{
	const struct config *config = w->config;

	view_open(&w->view, &config->view, w->cli);
	tables_open(&w->tables, &config->tables, config->view.format, !config->view.no_heading,
		    w->cli);
	w->start_ms = w->last_ms = stream_now_ms();
	w->start_ns = tcpt_monotonic_ns();
	w->drains = config->drain;
	return config->view.resolve ? tcpt_resolver_open(&w->resolver, config->view.resolve, log) :
				      0;
}

enum cli_status watch(const struct cli *cli, const struct config *config, struct signals *signals,
		      const struct tcpt_log *log)
{
	static struct watch w;
	int err;

	w.cli = cli;
	w.config = config;
	w.signals = signals;
	err = prepare(&w, log);
	if (err)
		return cli_status(err);
	if (config->follow)
		open_output(&w);
	err = await_trace(&w, log);
	if (err)
		return err == -EINTR ? status_of(&w) : cli_status(err);
	if (!config->follow)
		open_output(&w);
	if (config->peek)
		tcpt_reader_peek(w.reader);
	err = tables_end(&w.tables, watch_all(&w, log));
	stream_end(&w.out);
	tcpt_resolver_close(w.resolver);
	if (err && err != -EINTR) /* a signal or the deadline came while nobody read the output */
		return err == -EPERM ? CLI_UNSUPPORTED : CLI_FAILURE;
	return status_of(&w);
}
