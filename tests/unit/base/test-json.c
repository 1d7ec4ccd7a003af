// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The writer of JSON: its commas and escapes, in a line and on a stream. */
#include "../test.h"
#include "base/json.h"
#include "internal.h"

static const char expected[] = "{\"none\":{},\"list\":[],\"nested\":[[1,2],{\"a\":-1,\"b\":null},"
			       "\"x\",true],\"most\":18446744073709551615,\"least\":-2147483648,"
			       "\"text\":\"a\\\"b\\\\c\\u000a\\u200b\\ud834\\udd73\\ufffd\u20ac\","
			       "\"no\":false}\n";

static void write_all(struct json *json)
{
	json_open(json, "none", '{');
	json_close(json, '}');
	json_open(json, "list", '[');
	json_close(json, ']');
	json_open(json, "nested", '[');
	json_open(json, NULL, '[');
	json_number(json, NULL, 1);
	json_int(json, NULL, 2);
	json_close(json, ']');
	json_open(json, NULL, '{');
	json_string(json, "left out", NULL);
	json_int(json, "a", -1);
	json_literal(json, "b", "null");
	json_close(json, '}');
	json_string(json, NULL, "x");
	json_bool(json, NULL, true);
	json_close(json, ']');
	json_number(json, "most", UINT64_MAX);
	json_int(json, "least", INT32_MIN);
	json_string(json, "text", "a\"b\\c\n\u200b\U0001d173\xff\u20ac");
	json_bool(json, "no", false);
}

static void line(void)
{
	char text[sizeof(expected) + 1];
	struct json json;

	memset(text, '@', sizeof(text));
	json_begin(&json, text, NULL);
	write_all(&json);
	CHECK_INT(json_end(&json) - text, sizeof(expected) - 1);
	CHECK_INT(text[sizeof(expected) - 1], '@');
	text[sizeof(expected) - 1] = '\0';
	CHECK_STR(text, expected);
}

static void stream(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct json json;

	json_begin(&json, NULL, out);
	write_all(&json);
	json_end(&json);
	fclose(out);
	CHECK_STR(text, expected);
	free(text);
}

/* Each stretch of values meets the end of the writer's own room at another place. */
static void longer_than_its_room(unsigned int start)
{
	static const char key[] =
		"0123456789012345678901234567890123456789012345678901234567890123";
	char fill[512], *text = NULL, *want = NULL;
	size_t size, wanted;
	FILE *out = open_memstream(&text, &size), *truth = open_memstream(&want, &wanted);
	struct {
		struct json json;
		char behind[512];
	} w;

	memset(w.behind, '@', sizeof(w.behind));
	memset(fill, 'f', start);
	fill[start] = '\0';
	json_begin(&w.json, NULL, out);
	json_string(&w.json, "fill", fill);
	fprintf(truth, "{\"fill\":\"%s\"", fill);
	for (int i = 0; i < 40; i++) {
		for (int n = 0; n < 4; n++) {
			json_number(&w.json, key, UINT64_MAX);
			fprintf(truth, ",\"%s\":18446744073709551615", key);
		}
		json_literal(&w.json, key, key);
		json_string(&w.json, key,
			    "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01");
		json_open(&w.json, key, '[');
		json_close(&w.json, ']');
		fprintf(truth, ",\"%s\":%s,\"%s\":\"", key, key, key);
		for (int c = 0; c < 14; c++)
			fputs("\\u0001", truth);
		fprintf(truth, "\",\"%s\":[]", key);
	}
	json_end(&w.json);
	fputs("}\n", truth);
	fclose(out);
	fclose(truth);
	CHECK_STR(text, want);
	for (size_t i = 0; i < sizeof(w.behind); i++)
		CHECK_INT(w.behind[i], '@');
	free(text);
	free(want);
}

static void any_length(void)
{
	for (unsigned int start = 0; start < 512; start++)
		longer_than_its_room(start);
}

int main(void)
{
	static const struct test tests[] = { TEST(line), TEST(stream), TEST(any_length) };

	return run_tests(tests, ARRAY_SIZE(tests));
}
