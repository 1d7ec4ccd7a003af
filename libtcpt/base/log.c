// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Messages to the log that the caller of the library gave. */
#include <bpf/libbpf.h>
#include <pthread.h>
#include <stdarg.h>

#include "base/escape.h"
#include "internal.h"

TCPT_API char *tcpt_message_text(const char *text)
{
	char *line = text ? malloc(4 * strlen(text) + 1) : NULL;

	if (line)
		*escape_message(line, text) = '\0';
	return line;
}

/* The length of a message when memory is short: the beginning is better than nothing. */
#define BRIEF 256

/* The line may contain names that others chose, with any characters. */
static void send_line(const struct tcpt_log *log, enum tcpt_log_level level, const char *line)
{
	char *shown = tcpt_message_text(line), brief[4 * BRIEF + 1], start[BRIEF + 1];

	if (!shown) {
		snprintf(start, sizeof(start), "%s", line);
		*escape_message(brief, start) = '\0';
	}
	log->message(log->arg, level, shown ? shown : brief);
	free(shown);
}

/* A message is one line. The verifier's log, a debug message, has many. */
static void send_text(const struct tcpt_log *log, enum tcpt_log_level level, char *text)
{
	char *save, *line;

	if (level != TCPT_LOG_DEBUG) {
		send_line(log, level, text);
		return;
	}
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		log->message(log->arg, level, line);
}

static void send(const struct tcpt_log *log, enum tcpt_log_level level, const char *fmt, va_list ap)
{
	char *text, brief[BRIEF];
	va_list again;

	if (!log || !log->message)
		return;
	va_copy(again, ap);
	if (vasprintf(&text, fmt, ap) >= 0) {
		send_text(log, level, text);
		free(text);
	} else {
		vsnprintf(brief, sizeof(brief), fmt, again);
		send_text(log, level, brief);
	}
	va_end(again);
}

int log_error(const struct tcpt_log *log, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	send(log, TCPT_LOG_ERROR, fmt, ap);
	va_end(ap);
	return err;
}

void log_warning(const struct tcpt_log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	send(log, TCPT_LOG_WARNING, fmt, ap);
	va_end(ap);
}

void log_debug(const struct tcpt_log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	send(log, TCPT_LOG_DEBUG, fmt, ap);
	va_end(ap);
}

/* libbpf has one print function for all threads, without an argument. */
static pthread_mutex_t printing = PTHREAD_MUTEX_INITIALIZER;
static unsigned int capturing; /* captures of all threads */
static libbpf_print_fn_t before;
static __thread const struct tcpt_log *captured;
static __thread unsigned int depth; /* captures of this thread, one inside the other */

static libbpf_print_fn_t print_before(void)
{
	libbpf_print_fn_t print;

	pthread_mutex_lock(&printing);
	print = before;
	pthread_mutex_unlock(&printing);
	return print;
}

/* Passes on what libbpf prints in threads without a capture, as if there were none. */
static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	libbpf_print_fn_t print = depth ? NULL : print_before();

	if (depth)
		send(captured, TCPT_LOG_DEBUG, fmt, ap);
	return print ? print(level, fmt, ap) : 0;
}

const struct tcpt_log *log_capture_libbpf(const struct tcpt_log *log)
{
	const struct tcpt_log *outer = captured;

	pthread_mutex_lock(&printing);
	if (!capturing++)
		before = libbpf_set_print(print_libbpf);
	pthread_mutex_unlock(&printing);
	captured = log;
	depth++;
	return outer;
}

void log_release_libbpf(const struct tcpt_log *outer)
{
	captured = outer;
	depth--;
	pthread_mutex_lock(&printing);
	if (!--capturing)
		libbpf_set_print(before);
	pthread_mutex_unlock(&printing);
}
