/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Named test functions, and checks that go on after a failure. */
#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct test {
	const char *name;
	void (*run)(void);
};

/* clang-format off */
#define TEST(function) { #function, function }
/* clang-format on */

/* The number of failed checks in the test that runs. */
extern unsigned int failed_checks;

#define FAIL(fmt, ...)                                                                \
	do {                                                                          \
		fprintf(stderr, "%s:%d: " fmt "\n", __FILE__, __LINE__, __VA_ARGS__); \
		failed_checks++;                                                      \
	} while (0)

#define CHECK(condition)                                  \
	do {                                              \
		if (!(condition))                         \
			FAIL("not true: %s", #condition); \
	} while (0)

#define CHECK_INT(actual, expected)                                                    \
	do {                                                                           \
		long long a_ = (actual), e_ = (expected);                              \
		if (a_ != e_)                                                          \
			FAIL("%s is %lld, not %lld (%s)", #actual, a_, e_, #expected); \
	} while (0)

#define CHECK_STR(actual, expected)                                                         \
	do {                                                                                \
		const char *a_ = (actual), *e_ = (expected);                                \
		if (!a_ || strcmp(a_, e_) != 0)                                             \
			FAIL("%s is\n    '%s'\nnot '%s'", #actual, a_ ? a_ : "(null)", e_); \
	} while (0)

/* Runs the tests in the user's locale, which the library has to ignore. */
int run_tests(const struct test *tests, size_t count);

/*
 * Make a folder in $TMPDIR the current one, which other users can enter; and remove it
 * with all that is in it.
 */
void test_enter_folder(void);
void test_leave_folder(void);

#endif
