// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names that were resolved, in each format: others choose them. */
#include "../json.h"
#include "../test.h"
#include "events.h"
#include "internal.h"
#include "read/who-value.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PLAIN_COLUMNS 32

static char line[TCPT_LINE_MAX + 1];

static const char *line_of(const struct tcpt_event *event, enum tcpt_format format)
{
	size_t length;

	memset(line, '@', sizeof(line));
	length = tcpt_event_format(event, format, line);
	CHECK(length <= TCPT_LINE_MAX);
	CHECK(line[TCPT_LINE_MAX] == '@');
	line[length <= TCPT_LINE_MAX ? length : 0] = '\0';
	return line;
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), n = strlen(end);

	return size >= n && !strcmp(text + size - n, end);
}

static const struct tcpt_who all = {
	.user = "alice",
	.has_euid = true,
	.euser = "root",
	.cgroup_path = "/system.slice/web.service/docker/" ID,
	.service = "web.service",
	.slice = "system.slice",
	.container = ID,
	.runtime = "docker",
	.exe = "/usr/bin/curl",
	.ppid = 77,
	.process = "curl",
	.started = 1234567890123,
};

static void all_names(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);

	event.who = &all;
	CHECK(ends_with(line_of(&event, TCPT_FORMAT_JSON),
			",\"netns\":4026531840,\"user\":\"alice\",\"euid\":0,\"euser\":\"root\","
			"\"cgroup_path\":\"/system.slice/web.service/docker/" ID
			"\",\"service\":\"web.service\",\"slice\":\"system.slice\","
			"\"container\":\"" ID "\",\"runtime\":\"docker\","
			"\"exe\":\"/usr/bin/curl\",\"ppid\":77,\"process\":\"curl\","
			"\"started\":1234567890123}\n"));
	CHECK(ends_with(line_of(&event, TCPT_FORMAT_TSV),
			"\t-\talice\t0\troot\t/system.slice/web.service/docker/" ID
			"\tweb.service\tsystem.slice\t" ID
			"\tdocker\t/usr/bin/curl\t77\tcurl\t1234567890123\n"));
	CHECK(ends_with(line_of(&event, TCPT_FORMAT_TEXT),
			" user alice euser root cgroup /system.slice/web.service/docker/" ID
			" service web.service container " ID
			" exe /usr/bin/curl ppid 77 process curl\n"));
}

static unsigned int columns_of(const char *text)
{
	unsigned int n = 1;

	for (; *text; text++)
		n += *text == '\t';
	return n;
}

/* What nobody asked for adds nothing, and what is not known is left out. */
static void no_names(void)
{
	struct tcpt_who nothing = {};

	for (int type = TCPT_EVENT_LOST; type < TCPT_EVENT_TYPES; type++) {
		struct tcpt_event event = ipv4_event(type);
		char plain[TCPT_LINE_MAX];

		CHECK_INT(columns_of(line_of(&event, TCPT_FORMAT_TSV)), PLAIN_COLUMNS);
		event.who = &nothing;
		CHECK_INT(columns_of(line_of(&event, TCPT_FORMAT_TSV)), PLAIN_COLUMNS + WHO_KEYS);
		CHECK(ends_with(line, "\t-\t-\n"));
		for (int format = TCPT_FORMAT_TEXT; format <= TCPT_FORMAT_JSON; format++) {
			strcpy(plain, line_of(&event, format));
			event.who = NULL;
			CHECK_STR(line_of(&event, format), plain);
			event.who = &nothing;
		}
	}
	CHECK_STR(tcpt_resolve_name(TCPT_RESOLVE_SERVICE), "service");
	CHECK_INT(tcpt_resolve_find("container"), TCPT_RESOLVE_CONTAINER);
	CHECK_INT(tcpt_resolve_find("containers"), -ENOENT);
}

static void euid_without_a_name(void)
{
	struct tcpt_who who = { .has_euid = true, .euid = 4294967294 };
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);

	event.who = &who;
	CHECK(ends_with(line_of(&event, TCPT_FORMAT_TEXT), " euid 4294967294\n"));
	CHECK(ends_with(line_of(&event, TCPT_FORMAT_JSON), ",\"euid\":4294967294}\n"));
}

static bool is_one_line(const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i + 1 < size; i++)
		if ((unsigned char)text[i] < ' ' && text[i] != '\t')
			return false;
	return size && text[size - 1] == '\n';
}

static void check_strange(const char *name)
{
	struct tcpt_who who = {
		.user = name,
		.has_euid = true,
		.euser = name,
		.cgroup_path = name,
		.service = name,
		.slice = name,
		.container = name,
		.runtime = name,
		.exe = name,
		.ppid = UINT32_MAX,
		.process = name,
		.started = UINT64_MAX,
	};
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CLOSE);

	event.who = &who;
	CHECK(is_one_line(line_of(&event, TCPT_FORMAT_JSON)));
	CHECK(json_is_object(line, strlen(line) - 1));
	CHECK(is_one_line(line_of(&event, TCPT_FORMAT_TSV)));
	CHECK_INT(columns_of(line), PLAIN_COLUMNS + WHO_KEYS);
	CHECK(is_one_line(line_of(&event, TCPT_FORMAT_TEXT)));
	CHECK(!strpbrk(line, "\t\x1b\xff"));
	for (unsigned int i = 0; tcpt_value_name(i); i++) {
		char value[TCPT_VALUE_MAX + 1];

		if (!tcpt_value_resolve(i))
			continue;
		value[TCPT_VALUE_MAX] = '@';
		value[tcpt_value_format(&event, i, value)] = '\0';
		CHECK(!strpbrk(value, "\t\n \x1b\xff"));
		value[tcpt_value_json(&event, i, value)] = '\0';
		CHECK(!strpbrk(value, "\t\n\x1b\xff"));
		CHECK(value[TCPT_VALUE_MAX] == '@' || !value[TCPT_VALUE_MAX]);
	}
}

static void strange_names(void)
{
	static const char *const names[] = {
		"a\nb",	     "\"quoted\"", "back\\slash", "tab\there",	  "\x1b[31mred\x1b[0m",
		"\xff\xfe",  "\xe2\x82",   "caf\xc3\xa9", "\xe2\x80\xae", "-",
		"two words", "'",	   "\x7f",	  "{}[],:",
	};
	char name[2] = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		check_strange(names[i]);
	for (int c = 1; c < 256; c++) {
		*name = c;
		check_strange(name);
	}
}

/* Names of any length leave the line whole, and those that fit are in it. */
static void long_names(void)
{
	static char name[2048];

	for (size_t size = 1; size < sizeof(name); size += size / 8 + 1) {
		for (int c = 0; c < 4; c++) {
			memset(name, "a\n\"\xff"[c], size);
			name[size] = '\0';
			check_strange(name);
		}
	}
	memset(name, 'a', sizeof(name));
	name[700] = '\0';
	{
		struct tcpt_who who = { .user = "u", .cgroup_path = name, .runtime = "r" };
		struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);

		event.who = &who;
		CHECK(strstr(line_of(&event, TCPT_FORMAT_JSON), name));
		CHECK(strstr(line, "\"runtime\":\"r\""));
		name[700] = 'a';
		name[1200] = '\0';
		CHECK(!strstr(line_of(&event, TCPT_FORMAT_JSON), "cgroup_path"));
		CHECK(strstr(line, "\"runtime\":\"r\""));
	}
}

int main(void)
{
	static const struct test tests[] = {
		TEST(all_names),     TEST(no_names),   TEST(euid_without_a_name),
		TEST(strange_names), TEST(long_names),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
