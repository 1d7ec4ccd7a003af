/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages. */
#ifndef TCPT_LOG_H
#define TCPT_LOG_H

struct tcpt_log;

/* Sends a message about a failure. Returns err, so that a failure is one statement. */
int log_error(const struct tcpt_log *log, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void log_warning(const struct tcpt_log *log, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void log_debug(const struct tcpt_log *log, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Sends what libbpf says in this thread to log, or nowhere if it is NULL, until
 * log_release_libbpf() is given the result back. Captures may be nested.
 */
const struct tcpt_log *log_capture_libbpf(const struct tcpt_log *log);
void log_release_libbpf(const struct tcpt_log *outer);

#endif
