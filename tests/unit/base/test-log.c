// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* libbpf's messages go to the log of the thread that causes them. */
#include <bpf/libbpf.h>
#include <pthread.h>
#include <stdarg.h>

#include "../test.h"
#include "base/log.h"
#include "tcpt.h"

static unsigned int others, outer_lines, inner_lines;

static int print_others(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	others++;
	return 0;
}

static void count(void *arg, enum tcpt_log_level level, const char *text)
{
	(void)level;
	(void)text;
	++*(unsigned int *)arg;
}

static const struct tcpt_log outer = { count, &outer_lines }, inner = { count, &inner_lines };

/* Prints as libbpf would. It has no function that only prints, so its printer is called. */
static void say(const char *fmt, ...)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	va_list ap;

	libbpf_set_print(print);
	va_start(ap, fmt);
	print(LIBBPF_WARN, fmt, ap);
	va_end(ap);
}

static void check_lines(unsigned int in_others, unsigned int in_outer, unsigned int in_inner)
{
	say("a line\n");
	CHECK_INT(others, in_others);
	CHECK_INT(outer_lines, in_outer);
	CHECK_INT(inner_lines, in_inner);
}

static void nested(void)
{
	const struct tcpt_log *first, *second, *third;

	others = outer_lines = inner_lines = 0;
	libbpf_set_print(print_others);
	check_lines(1, 0, 0);
	first = log_capture_libbpf(&outer);
	check_lines(1, 1, 0);
	second = log_capture_libbpf(&inner);
	check_lines(1, 1, 1);
	third = log_capture_libbpf(NULL);
	check_lines(1, 1, 1);
	log_release_libbpf(third);
	check_lines(1, 1, 2);
	log_release_libbpf(second);
	check_lines(1, 2, 2);
	log_release_libbpf(first);
	check_lines(2, 2, 2);
}

static pthread_barrier_t barrier;

static void *capture_here(void *arg)
{
	const struct tcpt_log *before = log_capture_libbpf(&outer);

	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	say("a line\n");
	log_release_libbpf(before);
	return arg;
}

/*
 * One thread captures. The messages of another thread, which does not, still go where
 * they went before.
 */
static void of_two_threads(void)
{
	pthread_t thread;

	others = outer_lines = inner_lines = 0;
	libbpf_set_print(print_others);
	pthread_barrier_init(&barrier, NULL, 2);
	CHECK_INT(pthread_create(&thread, NULL, capture_here, NULL), 0);
	pthread_barrier_wait(&barrier);
	check_lines(1, 0, 0);
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&barrier);
	CHECK_INT(outer_lines, 1);
	check_lines(2, 1, 0);
	CHECK(libbpf_set_print(NULL) == print_others);
}

int main(void)
{
	static const struct test tests[] = { TEST(nested), TEST(of_two_threads) };

	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
