// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "stream.h"
#include "view.h"

struct config {
	const char *pin;
	unsigned int tap;
	struct view_options view;
	unsigned int types; /* bit N: type N is printed */
	uint64_t num_events;
	uint64_t duration_ms;
	uint64_t idle_ms;
	bool drain;
	bool follow;
	bool banner;
	bool fail_on_loss;
};

static cli_take take_types;

#define ALL_TYPES ~0U
#define TIMES .min = 1, .max = 1000000000000 /* milliseconds */

static const struct cli cli = {
	.name = "tcpt-watch",
	.synopsis = "[OPTION]...",
	.about = "Print the events of a pinned trace, and take from it what was printed.",
	.options =
		(const struct cli_option[]){
			{ 'f', "format", "FORMAT", "text, json, tsv or tcptracer", cli_take_choice,
			  CLI_TO(view.format), CLI_CHOICES("text", "json", "tsv", "tcptracer") },
			{ 't', "type", "TYPE,...",
			  "print only these types: connect, accept, close, fail, fdinstall, "
			  "existing",
			  take_types, CLI_TO(types) },
			{ 0, "columns", "NAME,...", "text: these columns, as in time,comm,remote",
			  cli_take_text, CLI_TO(view.columns) },
			{ 0, "summary", NULL, "text: one line for each connection, at its close",
			  cli_take_true, CLI_TO(view.summary) },
			{ 0, "no-heading", NULL, "text: without a heading", cli_take_true,
			  CLI_TO(view.no_heading) },
			{ 0, "color", "WHEN", "text: auto (on a terminal), always or never",
			  cli_take_choice, CLI_TO(view.color),
			  CLI_CHOICES("auto", "always", "never") },
			{ 'n', "num-events", "N", "end after N events", cli_take_number,
			  CLI_TO(num_events), .min = 1, .max = UINT64_MAX },
			{ 0, "duration", "TIME",
			  "end after this time, as in 2.5 (seconds), 500ms, 5m or 1h",
			  cli_take_duration, CLI_TO(duration_ms), TIMES },
			{ 0, "idle-timeout", "TIME", "end when no event has come for this time",
			  cli_take_duration, CLI_TO(idle_ms), TIMES },
			{ 0, "drain", NULL, "print the events that are there, and end",
			  cli_take_true, CLI_TO(drain) },
			{ 0, "follow", NULL,
			  "wait for a trace, and when it has ended for the next one", cli_take_true,
			  CLI_TO(follow) },
			{ 0, "fail-on-loss", NULL, "exit with status 1 if events were lost",
			  cli_take_true, CLI_TO(fail_on_loss) },
			{ 0, "banner", NULL, "print a line on stderr when ready", cli_take_true,
			  CLI_TO(banner) },
			{ 0, "tap", "N", "read this tap of a trace that has several (1)",
			  cli_take_number, CLI_TO(tap), .min = 1, .max = TCPT_TAPS_MAX },
			CLI_PIN,
			{},
		},
};

/* ---- options ---- */

static void take_types(const struct cli *program, const struct cli_option *option, char *list,
		       void *to)
{
	const char *names[TCPT_EVENT_TYPES];
	unsigned int types = 1U << TCPT_EVENT_LOST;
	char *save, *name = strtok_r(list, ",", &save);

	for (int type = TCPT_EVENT_CONNECT; type < TCPT_EVENT_TYPES; type++)
		names[type - TCPT_EVENT_CONNECT] = tcpt_event_type_name(type);
	names[TCPT_EVENT_TYPES - TCPT_EVENT_CONNECT] = NULL;

	if (!name)
		cli_misuse(program, "--type: no type is given");
	for (; name; name = strtok_r(NULL, ",", &save))
		types |= 1U
			 << (TCPT_EVENT_CONNECT + cli_choice(program, option->name, name, names));
	*(unsigned int *)to = types;
}

static void parse(struct config *config, int argc, char **argv)
{
	cli_parse(&cli, config, argc, argv);
	if (config->follow && config->drain)
		cli_misuse(&cli, "--follow and --drain exclude each other");
	if (config->view.summary && config->types != ALL_TYPES)
		cli_misuse(&cli, "--summary and --type exclude each other");
	if (config->view.summary)
		config->types = 1U << TCPT_EVENT_LOST | 1U << TCPT_EVENT_CLOSE;
}

/* Makes messages JSON too, if they go to the same place as the events, such as a journal. */
static void choose_messages(const struct config *config)
{
	struct stat out, err;

	if (config->view.format == TCPT_FORMAT_JSON && !isatty(STDERR_FILENO) &&
	    !fstat(STDOUT_FILENO, &out) && !fstat(STDERR_FILENO, &err) &&
	    out.st_dev == err.st_dev && out.st_ino == err.st_ino)
		cli_messages_in_json();
}

/* ---- signals, which come only while the program waits ---- */

static volatile sig_atomic_t ended;
static sigset_t waiting; /* the signals blocked while it waits */

static void on_ending(int signal)
{
	(void)signal;
	ended = 1;
}

static void catch_endings(void)
{
	static const int endings[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_ending };
	sigset_t caught;

	sigemptyset(&caught);
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		if (endings[i] == SIGHUP && cli_is_ignored(SIGHUP))
			continue; /* nohup, or a shell's background */
		sigaction(endings[i], &action, NULL);
		sigaddset(&caught, endings[i]);
	}
	sigprocmask(SIG_BLOCK, &caught, &waiting);
}

/* ---- watching ---- */

struct watch {
	const struct config *config;
	struct tcpt_reader *reader;
	struct stream out;
	struct view view;
	uint64_t start_ms;
	uint64_t last_ms; /* when something came */
	uint64_t events;
	bool lost;
	bool gone; /* the trace has ended, and all of it was printed */
	bool drained; /* an event has come that is younger than this program's start */
};

static bool has_enough(const struct watch *w)
{
	return w->config->num_events && w->events >= w->config->num_events;
}

/* Puts an event into the buffer. It is counted if it has a line in this format. */
static void take(struct watch *w, const struct tcpt_event *event)
{
	size_t size;

	w->drained |= event->ts / 1000000 > w->start_ms;
	if (!(w->config->types >> event->type & 1))
		return;
	size = view_format(&w->view, event, NULL, w->out.buf + w->out.used);
	w->out.used += size;
	w->lost |= event->type == TCPT_EVENT_LOST;
	w->events += size && event->type != TCPT_EVENT_LOST;
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
		cli_error(&cli,
			  "cannot write to stdout: %s; what was not written stays in the trace",
			  strerror(-err));
	return err;
}

/* Prints the events there are, at most a buffer full. Returns their number, or an error. */
static int print_batch(struct watch *w)
{
	struct tcpt_event event;
	int got = 0, n = 0, err;

	view_look(&w->view);
	while (!stream_is_full(&w->out) && !has_enough(w) &&
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
		cli_error(&cli, "the trace holds a record of another version: %s", strerror(-n));
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

	if (ended || has_enough(w) || (config->drain && (!got || w->drained)))
		return true;
	if (config->duration_ms && now - w->start_ms >= config->duration_ms)
		return true;
	return config->idle_ms && !got && now - w->last_ms >= config->idle_ms;
}

static bool has_ended(const struct watch *w)
{
	if (!tcpt_reader_is_over(w->reader))
		return false;
	cli_error(&cli, "the trace has ended: it was unloaded, or its keeper is gone%s",
		  w->config->follow ? "; waiting for the next one" : "");
	return true;
}

/* The time between two looks for losses and for the end of the trace. */
#define ASK_MS 100
#define LAST_MS 10

/* Waits. It ignores errors, which show again when the events are read. */
static void await_events(struct watch *w, int wait_ms)
{
	wait_ms = stream_left_ms(w->config->duration_ms, w->start_ms, wait_ms);
	wait_ms = stream_left_ms(w->config->idle_ms, w->last_ms, wait_ms);
	tcpt_reader_wait(w->reader, wait_ms, &waiting);
}

static int watch(struct watch *w)
{
	bool over = false;
	int got;

	if (w->config->banner)
		cli_error(&cli, "ready");
	got = write_batch(w); /* the heading */
	if (got)
		return got;
	for (;;) {
		got = print_batch(w);
		if (got < 0)
			return got;
		if (got)
			w->last_ms = stream_now_ms();
		w->gone = over && !got;
		if (w->gone || is_over(w, got))
			return print_losses(w);
		if (got)
			continue;
		over = over || has_ended(w);
		await_events(w, over ? LAST_MS : ASK_MS);
	}
}

/* ---- one trace after the other ---- */

#define AWAIT_NS 500000000

/* Opens a trace, but not one that has ended: if its keeper was killed it is still there. */
static int open_trace(struct watch *w, const struct tcpt_log *log)
{
	const struct config *config = w->config;
	int err = tcpt_reader_open(&w->reader, config->pin, config->tap, log);

	if (err || !w->gone || !tcpt_reader_is_over(w->reader))
		return err;
	tcpt_reader_close(w->reader);
	return -ENOENT;
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
			cli_error(&cli, "waiting for a trace at %s", w->config->pin);
		waits = true;
		if (is_over(w, 0))
			return -EINTR;
		ppoll(NULL, 0, &look, &waiting);
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
		err = watch(w);
		tcpt_reader_close(w->reader);
		if (err || !w->gone || !w->config->follow)
			return err;
		err = await_trace(w, log);
	} while (!err);
	return err;
}

static enum cli_status run(const struct config *config, const struct tcpt_log *log)
{
	static struct watch w;
	int err;

	w.config = config;
	view_open(&w.view, &config->view, &cli);
	w.start_ms = w.last_ms = stream_now_ms();
	if (config->follow)
		catch_endings();
	err = await_trace(&w, log);
	if (err)
		return err == -EINTR ? CLI_DONE : cli_status(err);
	if (!config->follow)
		catch_endings();
	stream_open(&w.out, config->duration_ms, &waiting, &ended);
	w.out.used += view_heading(&w.view, w.out.buf + w.out.used);
	err = watch_all(&w, log);
	if (err && err != -EINTR) /* a signal or the deadline came while nobody read the output */
		return err == -EPERM ? CLI_UNSUPPORTED : CLI_FAILURE;
	return w.lost && config->fail_on_loss ? CLI_FAILURE : CLI_DONE;
}

int main(int argc, char **argv)
{
	struct config config = { .pin = TCPT_DEFAULT_PIN, .tap = 1, .types = ALL_TYPES };
	struct cli_log log;

	cli_begin(&log, &cli);
	parse(&config, argc, argv);
	choose_messages(&config);
	return cli_close_stdout(&cli, run(&config, &log.log));
}
