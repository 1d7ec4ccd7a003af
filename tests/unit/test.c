// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "test.h"

unsigned int failed_checks;

int run_tests(const struct test *tests, size_t count)
{
	unsigned int failed = 0;

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
