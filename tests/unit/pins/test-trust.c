// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A directory that cannot be opened is not trusted. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "../test.h"
#include "pins/trust.h"
#include "tcpt.h"

static char last[512];

static void on_message(void *arg, enum tcpt_log_level level, const char *text)
{
	(void)arg;
	(void)level;
	snprintf(last, sizeof(last), "%s", text);
}

static const struct tcpt_log logged = { on_message, NULL };

static int trust_without_descriptors(const char *pin)
{
	struct rlimit limit, none;
	int err;

	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	err = trust_parent(pin, &logged);
	setrlimit(RLIMIT_NOFILE, &limit);
	return err;
}

static void no_descriptors(void)
{
	*last = '\0';
	CHECK_INT(mkdir("mine", 0700), 0);
	CHECK_INT(trust_parent("mine/pin", &logged), 0);
	CHECK_STR(last, "");
	CHECK_INT(trust_without_descriptors("mine/pin"), -EMFILE);
	CHECK_STR(last, "cannot look at mine: Too many open files");
}

/* A missing directory is no error here: a later step reports that. */
static void nothing_there(void)
{
	CHECK_INT(trust_parent("missing/pin", &logged), 0);
}

int main(void)
{
	static const struct test tests[] = { TEST(no_descriptors), TEST(nothing_there) };

	int status;

	test_enter_folder();
	status = run_tests(tests, sizeof(tests) / sizeof(*tests));
	test_leave_folder();
	return status;
}
