// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Does with the library what others' programs do, and the programs of tcpt do not: it
 * uses an older version's struct of options, and waits for events in other ways.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tcpt.h"

static void show(void *arg, enum tcpt_log_level level, const char *text)
{
	(void)arg;
	if (level != TCPT_LOG_DEBUG)
		fprintf(stderr, "%s\n", text);
}

static const struct tcpt_log log_all = { show, NULL };

static int fail(const char *what, int err)
{
	fprintf(stderr, "client: %s: %s\n", what, strerror(-err));
	return 1;
}

/* ---- options of another version ---- */

/* struct tcpt_load_opts as it might have been once; nothing behind it can be read. */
struct older_opts {
	size_t size;
	const struct tcpt_offsets *offsets;
	const char *pin;
	enum tcpt_attach attach;
};

/* As it may be some day: one member more. */
struct newer_opts {
	struct tcpt_load_opts opts;
	uint64_t more;
};

static struct tcpt_offsets *read_offsets(const char *path)
{
	struct tcpt_offsets *offsets = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || tcpt_offsets_read(&offsets, fd, path, &log_all))
		offsets = NULL;
	close(fd);
	return offsets;
}

static int load(const void *opts)
{
	struct tcpt_trace *trace;
	int err = tcpt_trace_load(&trace, opts);

	if (err)
		return fail("load", err);
	puts(tcpt_attach_name(tcpt_trace_attach(trace)));
	tcpt_trace_close(trace);
	return 0;
}

static int load_older(const char *pin, const char *document)
{
	struct older_opts *opts = malloc(sizeof(*opts)); /* alone, so that more of it shows */
	int status;

	*opts = (struct older_opts){ sizeof(*opts), read_offsets(document), pin, TCPT_ATTACH_AUTO };
	status = load(opts);
	free(opts);
	return status;
}

static int load_newer(const char *pin, const char *document, const char *more)
{
	struct newer_opts opts = {
		.opts = { .size = sizeof(opts),
			  .offsets = read_offsets(document),
			  .pin = pin,
			  .log = &log_all },
		.more = strtoull(more, NULL, 10),
	};

	return load(&opts);
}

/* ---- waiting ---- */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct tcpt_reader *open_reader(const char *pin)
{
	struct tcpt_reader *reader;
	int err = tcpt_reader_open(&reader, pin, 1, &log_all);

	if (err)
		exit(fail("open", err));
	return reader;
}

/* Waits for one event after the other, so long for each, and prints the types. */
static int wait_for_events(const char *pin, int timeout_ms, int count)
{
	struct tcpt_reader *reader = open_reader(pin);
	struct tcpt_event event;
	uint64_t start = now_ms();
	int found = 1;

	puts("ready");
	fflush(stdout);
	while (count-- && (found = tcpt_reader_wait(reader, timeout_ms, NULL)) > 0) {
		if (tcpt_reader_next(reader, &event) != 1)
			return fail("next", -EPROTO);
		puts(tcpt_event_type_name(event.type));
		fflush(stdout);
		tcpt_reader_ack(reader);
		start = now_ms();
	}
	if (found < 0)
		return fail("wait", found);
	if (!found)
		printf("nothing for %s\n",
		       now_ms() - start >= (uint64_t)timeout_ms ? "so long" : "less");
	tcpt_reader_close(reader);
	return 0;
}

static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	caught = signal;
}

/* A blocked signal that is there already is taken while it sleeps, if its mask lets it. */
static int wait_with_signals(const char *pin)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct tcpt_reader *reader = open_reader(pin);
	sigset_t blocked, none;
	int found;

	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaction(SIGUSR1, &action, NULL);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	raise(SIGUSR1);
	found = tcpt_reader_wait(reader, 50, NULL);
	printf("blocked: %d, caught %d\n", found, caught);
	found = tcpt_reader_wait(reader, 0, &none);
	printf("not asleep: %d, caught %d\n", found, caught);
	found = tcpt_reader_wait(reader, INT_MAX, &none);
	printf("asleep: %s, caught %d\n", found == -EINTR ? "interrupted" : "not",
	       caught == SIGUSR1);
	tcpt_reader_close(reader);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "load-older"))
		return load_older(argv[2], argv[3]);
	if (argc == 5 && !strcmp(argv[1], "load-newer"))
		return load_newer(argv[2], argv[3], argv[4]);
	if (argc == 5 && !strcmp(argv[1], "wait"))
		return wait_for_events(argv[2], atoi(argv[3]), atoi(argv[4]));
	if (argc == 3 && !strcmp(argv[1], "signals"))
		return wait_with_signals(argv[2]);
	fputs("Usage: client load-older|wait|signals PIN ...\n", stderr);
	return 2;
}
