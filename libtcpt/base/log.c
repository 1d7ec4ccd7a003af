// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

TCPT_API char *tcpt_message_text(const char *text)
{
	char *line = text ? malloc(4 * strlen(text) + 1) : NULL;

	if (line)
		*escape_message(line, text) = '\0';
	return line;
}

/* Names in it are others' choice, which could have any character. */
static void send_line(const struct tcpt_log *log, enum tcpt_log_level level, const char *line)
{
	char *shown = tcpt_message_text(line);

	if (shown)
		log->message(log->arg, level, shown);
	free(shown);
}

/* A message is a line; the verifier's log is many. */
static void send(const struct tcpt_log *log, enum tcpt_log_level level, const char *fmt, va_list ap)
{
	char *text, *save, *line;

	if (!log || !log->message || vasprintf(&text, fmt, ap) < 0)
		return;
	if (level != TCPT_LOG_DEBUG)
		send_line(log, level, text);
	else
		for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
			log->message(log->arg, level, line);
	free(text);
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

/* libbpf's print function has no argument, hence one log a thread. */
static __thread const struct tcpt_log *captured;
static libbpf_print_fn_t before;

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	send(captured, TCPT_LOG_DEBUG, fmt, ap);
	return 0;
}

void log_capture_libbpf(const struct tcpt_log *log)
{
	libbpf_print_fn_t previous = libbpf_set_print(print_libbpf);

	if (previous != print_libbpf)
		before = previous;
	captured = log;
}

void log_release_libbpf(void)
{
	captured = NULL;
	libbpf_set_print(before);
}
