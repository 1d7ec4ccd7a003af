// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The lines of tcpt-watch(8). */
#include <stdlib.h>

#include "../json.h"
#include "../rng.h"
#include "../test.h"
#include "events.h"
#include "base/escape.h"
#include "internal.h"

static const char *line_of(const struct tcpt_event *event, enum tcpt_format format)
{
	static char line[TCPT_LINE_MAX + 1];
	size_t length;

	memset(line, '@', sizeof(line));
	length = tcpt_event_format(event, format, line);
	CHECK(length <= TCPT_LINE_MAX);
	CHECK(line[TCPT_LINE_MAX] == '@');
	line[length <= TCPT_LINE_MAX ? length : 0] = '\0';
	return line;
}

static void durations(void)
{
	static const struct {
		uint64_t ns;
		const char *note;
	} cases[] = {
		{ 0, " 0 us\n" },	    { 1000, " 1 us\n" },
		{ 1000000, " 1.0 ms\n" },   { 999900000, " 999.9 ms\n" },
		{ 1000000000, " 1.0 s\n" }, { 86400000000000, " 86400.0 s\n" },
	};
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CLOSE);

	event.has_duration = true;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		event.duration_ns = cases[i].ns;
		CHECK_STR(strstr(line_of(&event, TCPT_FORMAT_TEXT), "4026531840") + 10,
			  cases[i].note);
	}
}

static void heading(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);
	char buf[TCPT_LINE_MAX + 1];
	size_t n = tcpt_event_heading(TCPT_FORMAT_TEXT, buf);
	const char *line = line_of(&event, TCPT_FORMAT_TEXT);

	buf[n] = '\0';
	CHECK(n && buf[n - 1] == '\n');
	CHECK_INT(strstr(buf, "TYPE") - buf, strstr(line, "connect") - line);
	CHECK_INT(strstr(buf, "PID") - buf, strstr(line, "23202") - line);
	CHECK_INT(strstr(buf, "COMM") - buf, strstr(line, "curl") - line);
	CHECK_INT(strstr(buf, "LOCAL") - buf, strstr(line, "127.0.0.1") - line);
	CHECK_INT(strstr(buf, "REMOTE") - buf, strstr(line, "10.200.30.4") - line);
	CHECK_INT(strstr(buf, "NETNS") - buf, strstr(line, "4026531840") - line);
	CHECK_INT(strstr(buf, "NOTE") - buf, strstr(line, "4026531840") + 11 - line);
	CHECK_INT(tcpt_event_heading(TCPT_FORMAT_JSON, buf), 0);
	CHECK_INT(tcpt_event_heading(TCPT_FORMAT_TSV, buf), 0);
	CHECK_INT(tcpt_event_heading(TCPT_FORMAT_TCPTRACER, buf), 0);
}

/* ---- names of commands ---- */

static void check_json_comm(const char *comm, const char *expected)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);
	char json[256];
	const char *line;

	snprintf(event.comm, sizeof(event.comm), "%s", comm);
	snprintf(json, sizeof(json), ",\"comm\":\"%s\",\"family\"", expected);
	line = line_of(&event, TCPT_FORMAT_JSON);
	if (!strstr(line, json))
		FAIL("'%s' is not in %s", json, line);
	CHECK(json_is_object(line, strlen(line) - 1));
}

static void json_escapes(void)
{
	check_json_comm("a\"b\\c/d", "a\\\"b\\\\c/d");
	check_json_comm("a\nb\tc\x01\x1f\x7f", "a\\u000ab\\u0009c\\u0001\\u001f\\u007f");
	check_json_comm("", "");
	check_json_comm("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7",
			"\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7");
	check_json_comm("\xef\xbf\xbf\xf4\x8f\xbf\xbf", "\xef\xbf\xbf\xf4\x8f\xbf\xbf");
	check_json_comm("x\xffy", "x\\ufffdy");
	check_json_comm("\xc3", "\\ufffd"); /* cut off */
	check_json_comm("\xe2\x82", "\\ufffd\\ufffd");
	check_json_comm("0123456789abcd\xf0\x9f", "0123456789abcd\\ufffd\\ufffd");
	check_json_comm("\xc0\xaf", "\\ufffd\\ufffd"); /* too long a form */
	check_json_comm("\xc1\xbf", "\\ufffd\\ufffd");
	check_json_comm("\xe0\x9f\xbf", "\\ufffd\\ufffd\\ufffd");
	check_json_comm("\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"); /* a surrogate */
	check_json_comm("\xf0\x8f\xbf\xbf", "\\ufffd\\ufffd\\ufffd\\ufffd");
	check_json_comm("\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd");
	check_json_comm("\xf5\x80\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd");
}

static unsigned int count_tabs(const char *line)
{
	unsigned int n = 0;

	for (; *line; line++)
		n += *line == '\t';
	return n;
}

static void check_any_comm(const struct tcpt_event *event)
{
	const char *line = line_of(event, TCPT_FORMAT_JSON);

	if (!json_is_object(line, strlen(line) - 1))
		FAIL("not JSON: %s", line);
	for (int format = TCPT_FORMAT_TEXT; format <= TCPT_FORMAT_TCPTRACER; format++) {
		line = line_of(event, format);
		CHECK(strchr(line, '\n') == line + strlen(line) - 1);
		for (const char *c = line; c[1]; c++)
			CHECK(((unsigned char)*c >= ' ' && *c != 0x7f) ||
			      (*c == '\t' && format == TCPT_FORMAT_TSV));
		if (format == TCPT_FORMAT_TSV)
			CHECK_INT(count_tabs(line), 31);
	}
}

static void every_byte_in_a_comm(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);

	for (int byte = 1; byte < 256; byte++) {
		memset(event.comm, byte, 16);
		check_any_comm(&event);
		memset(event.comm, 0, sizeof(event.comm));
		event.comm[0] = byte;
		check_any_comm(&event);
		strcpy(event.comm, "ab?cd");
		event.comm[2] = byte;
		check_any_comm(&event);
	}
}

static void random_comms(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);
	struct rng rng = { .state = 3 };

	for (int i = 0; i < 50000 && !failed_checks; i++) {
		for (int at = 0; at < 16; at++)
			event.comm[at] = rng_below(&rng, 2) ? rng_next(&rng) :
							      0xc0 | rng_next(&rng);
		check_any_comm(&event);
	}
}

/* Unseen characters change what is beside them: a bidirectional override, separators, C1. */
static void unseen_characters(void)
{
	char out[256];

	check_json_comm("a\u202eb", "a\\u202eb");
	check_json_comm("\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029");
	check_json_comm("\302\23331m", "\\u009b31m");
	check_json_comm("\xf3\xa0\x80\x81", "\\udb40\\udc01");
	check_json_comm("\xdb\x9d", "\\u06dd");
	check_json_comm("\xf0\x9d\x85\xb3", "\\ud834\\udd73");
	check_json_comm("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80",
			"\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80");
	*escape_column(out, "a\xe2\x80\xae \xe2\x80\xa8\xc2\x85\\") = '\0';
	CHECK_STR(out, "a\\xe2\\x80\\xae \\xe2\\x80\\xa8\\xc2\\x85\\\\");
	*escape_message(out, "\x1b[31m a\\b\nc\xe2\x80\xae\xff\xc3\xa9") = '\0';
	CHECK_STR(out, "\\x1b[31m a\\b\\x0ac\\xe2\\x80\\xae\\xff\xc3\xa9");
}

/* A name is one word, whatever characters it has. */
static void words(void)
{
	static const char *const names[][2] = {
		{ "a b", "a\\x20b" },  { "", "-" },	 { "-", "\\x2d" },
		{ "--", "--" },	       { " ", "\\x20" }, { "\\x20", "\\\\x20" },
		{ "a\tb", "a\\x09b" },
	};
	char out[128];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		*escape_word(out, names[i][0]) = '\0';
		CHECK_STR(out, names[i][1]);
	}
}

static const char *utf8(uint32_t c)
{
	static const uint8_t heads[] = { 0, 0xc0, 0xe0, 0xf0 };
	static char text[5];
	int more = (c >= 0x80) + (c >= 0x800) + (c >= 0x10000); /* bytes behind the first */

	text[0] = heads[more] | c >> 6 * more;
	for (int i = 1; i <= more; i++)
		text[i] = 0x80 | (c >> 6 * (more - i) & 0x3f);
	text[more + 1] = '\0';
	return text;
}

/* Checks that each byte of a character is escaped, between letters that stay. */
static void check_escaped(char *(*escape)(char *p, const char *text), uint32_t c)
{
	char name[8], expected[32] = "a", out[64];

	snprintf(name, sizeof(name), "a%sb", utf8(c));
	for (const char *byte = utf8(c); *byte; byte++)
		sprintf(expected + strlen(expected), "\\x%02x", (unsigned char)*byte);
	strcat(expected, "b");
	*escape(out, name) = '\0';
	CHECK_STR(out, expected);
}

/* Blanks: Unicode's category Zs, and a character that looks like them. */
static void blanks_in_a_word(void)
{
	static const uint32_t blanks[] = {
		' ',	0xa0,	0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005,
		0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x202f, 0x205f, 0x2800, 0x3000,
	};
	char out[64];

	for (size_t i = 0; i < ARRAY_SIZE(blanks); i++)
		check_escaped(escape_word, blanks[i]);
	*escape_column(out, "a \xe3\x80\x80") = '\0';
	CHECK_STR(out, "a \xe3\x80\x80");
}

/* Fillers, joiners and selectors are escaped in names of all kinds. */
static void fillers(void)
{
	static const uint32_t unseen[] = {
		0xad,	 0x34f,	  0x61c,   0x115f,  0x1160,  0x17b4,  0x17b5,  0x180b,
		0x180e,	 0x180f,  0x200b,  0x200d,  0x2060,  0x2065,  0x3164,  0xfe00,
		0xfe0f,	 0xfeff,  0xffa0,  0xfff0,  0xfff8,  0x16fe4, 0x1bca0, 0x1d159,
		0x1d173, 0xe0001, 0xe0080, 0xe0100, 0xe01ef, 0xe0fff,
	};

	for (size_t i = 0; i < ARRAY_SIZE(unseen); i++) {
		check_escaped(escape_word, unseen[i]);
		check_escaped(escape_column, unseen[i]);
		check_escaped(escape_message, unseen[i]);
	}
	check_json_comm("\xe3\x85\xa4\xcd\x8f", "\\u3164\\u034f");
}

/* Visible characters stay: the letters next to all of these. */
static void letters(void)
{
	static const uint32_t seen[] = {
		'!',	0xa1,	0xac,	0xae,	0x350,	0x115e, 0x1161,	 0x1681,
		0x17b3, 0x1810, 0x2010, 0x2027, 0x2030, 0x205e, 0x2801,	 0x3001,
		0x3163, 0x3165, 0xfdff, 0xfe10, 0xff9f, 0xfffd, 0x1f600,
	};
	char name[8], out[64];

	for (size_t i = 0; i < ARRAY_SIZE(seen); i++) {
		snprintf(name, sizeof(name), "%s", utf8(seen[i]));
		*escape_word(out, name) = '\0';
		CHECK_STR(out, name);
	}
}

static void column_escapes(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);

	strcpy(event.comm, "a\tb\\c\n\x7f\x1b[1m");
	CHECK(strstr(line_of(&event, TCPT_FORMAT_TEXT), " a\\x09b\\\\c\\x0a\\x7f\\x1b[1m "));
	CHECK(strstr(line_of(&event, TCPT_FORMAT_TSV), "\ta\\x09b\\\\c\\x0a\\x7f\\x1b[1m\t"));
	CHECK(strstr(line_of(&event, TCPT_FORMAT_TCPTRACER), " a\\x09b\\\\c\\x0a\\x7f\\x1b[1m "));
}

/* ---- lengths and columns ---- */

static void largest_event(struct tcpt_event *event)
{
	memset((void *)event, 0xff, sizeof(*event));
	event->type = TCPT_EVENT_CONNECT;
	event->role = TCPT_ROLE_CLIENT;
	event->family = 6;
	event->late = event->has_duration = true;
	event->has_bytes_sent = event->has_bytes_received = true;
	event->has_srtt = event->has_retransmits = event->has_wait = true;
	event->reason = TCPT_REASON_TIMEOUT;
	event->error = event->fd = INT32_MAX;
	event->opener_pid = UINT32_MAX - 1;
	event->who = NULL;
	memset(event->comm, 0, sizeof(event->comm));
	memset(event->comm, '\x7f', 16);
}

static void longest_lines_fit(void)
{
	struct tcpt_event event;
	size_t longest = 0;

	largest_event(&event);
	for (int type = TCPT_EVENT_LOST; type < TCPT_EVENT_TYPES; type++) {
		for (int format = TCPT_FORMAT_TEXT; format <= TCPT_FORMAT_TCPTRACER; format++) {
			char *line = malloc(TCPT_LINE_MAX); /* a write past its end shows */
			size_t n;

			event.type = type;
			n = tcpt_event_format(&event, format, line);
			CHECK(n < TCPT_LINE_MAX);
			CHECK(n == 0 || line[n - 1] == '\n');
			longest = n > longest ? n : longest;
			free(line);
		}
	}
	printf("the longest line has %zu of %d bytes\n", longest, TCPT_LINE_MAX);
}

static void tsv_has_32_columns(void)
{
	for (int i = 0; i < 256; i++) {
		struct tcpt_event event = i & 1 ? ipv6_event(TCPT_EVENT_CLOSE) :
						  ipv4_event(TCPT_EVENT_CLOSE);

		event.type = (i >> 1) % TCPT_EVENT_TYPES;
		event.pid = i & 8 ? event.pid : 0;
		event.role = i & 16 ? event.role : TCPT_ROLE_UNKNOWN;
		event.netns = i & 32 ? event.netns : 0;
		event.has_duration = i & 64;
		event.opener_pid = i & 128 ? 5 : 0;
		CHECK_INT(count_tabs(line_of(&event, TCPT_FORMAT_TSV)), 31);
		CHECK(!strstr(line_of(&event, TCPT_FORMAT_TSV), "\t\t"));
	}
}

static void unknown_format(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);
	char line[TCPT_LINE_MAX];

	CHECK_INT(tcpt_event_format(&event, (enum tcpt_format)99, line), 0);
	CHECK_INT(tcpt_event_heading((enum tcpt_format)99, line), 0);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(durations),
		TEST(heading),
		TEST(json_escapes),
		TEST(every_byte_in_a_comm),
		TEST(random_comms),
		TEST(column_escapes),
		TEST(unseen_characters),
		TEST(words),
		TEST(blanks_in_a_word),
		TEST(fillers),
		TEST(letters),
		TEST(longest_lines_fit),
		TEST(tsv_has_32_columns),
		TEST(unknown_format),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
