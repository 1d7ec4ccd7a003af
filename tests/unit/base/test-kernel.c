// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the kernel says of itself. */
#include <stdio.h>
#include <sys/utsname.h>

#include "../test.h"
#include "base/kernel.h"

/* The last number of a release need not be that of the version. */
static void test_version(void)
{
	unsigned int a = 0, b = 0;
	struct utsname name;

	CHECK_INT(uname(&name), 0);
	CHECK_INT(sscanf(name.release, "%u.%u", &a, &b), 2);
	CHECK_INT(kernel_version() >> 8, a << 8 | b);
}

int main(void)
{
	static const struct test tests[] = { TEST(test_version) };

	return run_tests(tests, sizeof(tests) / sizeof(tests[0]));
}
