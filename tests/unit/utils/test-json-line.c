// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lines of JSON are read as others write them, and what is none is refused, not passed. */
#include <stdlib.h>

#include "../rng.h"
#include "../test.h"
#include "json-line.h"

static char taken[1024];

static void take(void *arg, const char *key, const char *value)
{
	size_t used = strlen(taken);

	(void)arg;
	snprintf(taken + used, sizeof(taken) - used, "%s=%s;", key, value);
}

/* A copy of its own ends where the line does, so that more than it would be seen. */
static bool reads(const char *line)
{
	char *copy = strdup(line);
	bool is_object;

	*taken = '\0';
	is_object = json_line_read(copy, take, NULL);
	free(copy);
	return is_object;
}

static void check(const char *line, const char *expected)
{
	CHECK(reads(line));
	CHECK_STR(taken, expected);
}

static void members(void)
{
	check("{}", "");
	check(" { } \n", "");
	check("{\"a\":1}", "a=1;");
	check("{\"a\" : -1.5e3 , \"b\":\"x y\",\"c\":true,\"d\":null}\n",
	      "a=-1.5e3;b=x y;c=true;d=null;");
	check("{\"\":\"\"}", "=;");
	check("{\"a\":18446744073709551615}", "a=18446744073709551615;");
}

static void strings(void)
{
	check("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "a=\"\\/\b\f\n\r\t;");
	check("{\"\\u0061\":\"\\u00e9\\u20ac\\u0001\"}", "a=\xc3\xa9\xe2\x82\xac\x01;");
	check("{\"a\":\"\\ud83d\\ude00\\u0000\"}", "a=???;");
	check("{\"a\":\"\xc3\xa9\xff\xc3\"}", "a=\xc3\xa9??;");
	check("{\"a\":\"}\",\"b\":\"{[\"}", "a=};b={[;");
}

/* Others may write more than tcpt-watch does. */
static void nested(void)
{
	check("{\"a\":{\"b\":[1,{\"c\":\"]}\"}]},\"d\":2}", "d=2;");
	check("{\"a\":[],\"b\":{}}", "");
}

static void no_objects(void)
{
	static const char *const bad[] = {
		"",
		" ",
		"five",
		"[]",
		"{",
		"{\"a\"",
		"{\"a\":",
		"{\"a\":}",
		"{\"a\":1",
		"{\"a\":1,",
		"{\"a\":1}x",
		"{a:1}",
		"{\"a\":\"",
		"{\"a\":\"b}",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\",
		"{\"a\":[1}",
		"{\"a\":{",
		"{\"a\":\"\\u12\"}",
		"{\"a\" 1}",
		"{\"a\":1 2}",
		"{\"a\":1}}",
		"{\"a\":1,}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (reads(bad[i]))
			FAIL("taken for an object: '%s'", bad[i]);
}

/* With a byte changed it may be another object or none; nothing else is touched. */
static void at_random(void)
{
	static const char line[] = "{\"a\":\"b\\u0041\\n\",\"c\":[1,{\"d\":\"\\\"\"}],\"e\":-1}";
	static const char bytes[] = "{}[]\",:\\u0 \n\xc3\xa9";
	struct rng rng = { 1 };
	char changed[sizeof(line)];

	for (int i = 0; i < 100000; i++) {
		memcpy(changed, line, sizeof(line));
		for (uint64_t n = 1 + rng_below(&rng, 3); n; n--)
			changed[rng_below(&rng, sizeof(line) - 1)] =
				bytes[rng_below(&rng, sizeof(bytes))];
		reads(changed);
	}
}

int main(void)
{
	static const struct test tests[] = { TEST(members), TEST(strings), TEST(nested),
					     TEST(no_objects), TEST(at_random) };

	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
