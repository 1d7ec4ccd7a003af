// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "test.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

unsigned int failed_checks;

static char folder[] = "tcpt-test-XXXXXX";

/* Restores the signals that some tests send. Whoever started this program may ignore them. */
static void restore_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM };
	sigset_t none;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int run_tests(const struct test *tests, size_t count)
{
	unsigned int failed = 0;

	setlocale(LC_ALL, "");
	setlocale(LC_MESSAGES, "C"); /* the tests expect the C library's errors in English */
	restore_signals();
	for (size_t i = 0; i < count; i++) {
		failed_checks = 0;
		tests[i].run();
		printf("%s: %s\n", failed_checks ? "FAIL" : "ok", tests[i].name);
		fflush(stdout);
		failed += failed_checks != 0;
	}
	printf("%zu passed, %u failed\n", count - failed, failed);
	return failed != 0;
}

void test_enter_folder(void)
{
	const char *parent = getenv("TMPDIR");

	if (chdir(parent && *parent ? parent : "/tmp") || !mkdtemp(folder) || chmod(folder, 0755) ||
	    chdir(folder)) {
		perror("cannot make a folder for temporary files");
		exit(99);
	}
}

void test_leave_folder(void)
{
	char command[sizeof(folder) + 16];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (chdir("..") || system(command)) {
		perror("cannot remove the folder for temporary files");
		exit(99);
	}
}
