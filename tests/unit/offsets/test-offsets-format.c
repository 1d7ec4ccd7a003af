// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The other forms of the offsets. Nothing in a document can break out of them. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "../json.h"
#include "../test.h"
#include "internal.h"
#include "offsets/offsets.h"

/* Each of these characters would end a string, a comment or a line somewhere, or be expanded. */
static const char hostile[] =
	"'\"\\'' */ /* $(false) `false` ${x} ?\?/ \n\r\t\x01\x1b\x7f %s #x //";

static struct tcpt_offsets *some_offsets(void)
{
	struct tcpt_offsets *offsets = tcpt_offsets_new();

	strcpy(offsets->kernel.release, "6.1");
	strcpy(offsets->kernel.machine, "x86_64");
	strcpy(offsets->kernel.build_id, "e1b6");
	CHECK_INT(tcpt_offsets_set(offsets, "sock_common.skc_dport", 12), 0);
	CHECK_INT(tcpt_offsets_set(offsets, "sock_common.skc_daddr", 0), 0);
	CHECK_INT(tcpt_offsets_set(offsets, "net.ns.inum", TCPT_ABSENT), 0);
	return offsets;
}

static char *form(const struct tcpt_offsets *offsets, enum tcpt_offsets_format format)
{
	void *data = NULL;
	size_t size = 0;

	CHECK_INT(tcpt_offsets_format(offsets, format, &data, &size), 0);
	if (!data)
		abort();
	CHECK_INT(size, strlen(data));
	return data;
}

static void has_form(enum tcpt_offsets_format format, const char *expected)
{
	struct tcpt_offsets *offsets = some_offsets();
	char *text = form(offsets, format);

	CHECK_STR(text, expected);
	free(text);
	tcpt_offsets_free(offsets);
}

static void text(void)
{
	has_form(TCPT_OFFSETS_TEXT, "# tcpt-offsets 1\n"
				    "kernel.release=6.1\n"
				    "kernel.machine=x86_64\n"
				    "kernel.build_id=e1b6\n"
				    "source=hand\n"
				    "sock_common.skc_daddr=0\n"
				    "sock_common.skc_dport=12\n"
				    "net.ns.inum=absent\n");
}

static void json(void)
{
	has_form(TCPT_OFFSETS_JSON,
		 "{\"kernel\":{\"release\":\"6.1\",\"machine\":\"x86_64\",\"build_id\":\"e1b6\"},"
		 "\"source\":\"hand\",\"offsets\":{\"sock_common.skc_daddr\":0,"
		 "\"sock_common.skc_dport\":12,\"net.ns.inum\":null}}\n");
}

static void shell(void)
{
	has_form(TCPT_OFFSETS_SHELL, "TCPT_KERNEL_RELEASE='6.1'\n"
				     "TCPT_KERNEL_MACHINE='x86_64'\n"
				     "TCPT_KERNEL_BUILD_ID='e1b6'\n"
				     "TCPT_SOURCE='hand'\n"
				     "TCPT_SOCK_COMMON_SKC_DADDR=0\n"
				     "TCPT_SOCK_COMMON_SKC_DPORT=12\n"
				     "TCPT_NET_NS_INUM=\n");
}

static void c(void)
{
	has_form(TCPT_OFFSETS_C,
		 "/* Where a kernel keeps the fields of its sockets: see tcpt-offsets(5). */\n"
		 "#ifndef TCPT_OFFSETS_H\n"
		 "#define TCPT_OFFSETS_H\n\n"
		 "#define TCPT_KERNEL_RELEASE \"6.1\"\n"
		 "#define TCPT_KERNEL_MACHINE \"x86_64\"\n"
		 "#define TCPT_KERNEL_BUILD_ID \"e1b6\"\n"
		 "#define TCPT_SOURCE \"hand\"\n\n"
		 "#define TCPT_OFFSETOF_SOCK_COMMON_SKC_DADDR 0\n"
		 "#define TCPT_OFFSETOF_SOCK_COMMON_SKC_DPORT 12\n"
		 "/* TCPT_OFFSETOF_NET_NS_INUM is absent */\n"
		 "\n#endif\n");
}

static void btf(void)
{
	struct tcpt_offsets *offsets = some_offsets();
	void *data = NULL, *same = NULL;
	size_t size = 0, same_size = 1;

	CHECK_INT(tcpt_offsets_format(offsets, TCPT_OFFSETS_BTF, &data, &size), 0);
	CHECK_INT(tcpt_offsets_btf(offsets, &same, &same_size), 0);
	CHECK_INT(size, same_size);
	CHECK(size == same_size && !memcmp(data, same, size));
	free(data);
	free(same);
	tcpt_offsets_free(offsets);
}

static void no_such_form(void)
{
	struct tcpt_offsets *offsets = some_offsets();
	void *data = offsets;
	size_t size = 7;

	CHECK_INT(tcpt_offsets_format(offsets, TCPT_OFFSETS_BTF + 1, &data, &size), -EINVAL);
	CHECK_INT(tcpt_offsets_format(offsets, (enum tcpt_offsets_format) - 1, &data, &size),
		  -EINVAL);
	CHECK(data == offsets && size == 7);
	tcpt_offsets_free(offsets);
}

/* Each form has every field. */
static void all_fields(void)
{
	struct tcpt_offsets *offsets = some_offsets();
	char *forms[TCPT_OFFSETS_BTF];

	for (unsigned int f = 0; f < FIELD_COUNT; f++)
		CHECK_INT(tcpt_offsets_set(offsets, tcpt_field_name(f), 1000 + f), 0);
	for (unsigned int i = 0; i < TCPT_OFFSETS_BTF; i++)
		forms[i] = form(offsets, i);
	CHECK(json_is_object(forms[TCPT_OFFSETS_JSON], strlen(forms[TCPT_OFFSETS_JSON]) - 1));
	for (unsigned int f = 0; f < FIELD_COUNT; f++) {
		char number[16];

		snprintf(number, sizeof(number), "%d", 1000 + f);
		for (unsigned int i = 0; i < TCPT_OFFSETS_BTF; i++)
			CHECK(strstr(forms[i], number));
	}
	for (unsigned int i = 0; i < TCPT_OFFSETS_BTF; i++)
		free(forms[i]);
	tcpt_offsets_free(offsets);
}

/* ---- hostile metadata ---- */

static char *hostile_form(enum tcpt_offsets_format format)
{
	struct tcpt_offsets *offsets = some_offsets();
	char *data;

	snprintf(offsets->kernel.release, sizeof(offsets->kernel.release), "%s", hostile);
	snprintf(offsets->kernel.machine, sizeof(offsets->kernel.machine), "*/?\?/");
	snprintf(offsets->kernel.build_id, sizeof(offsets->kernel.build_id), "'");
	data = form(offsets, format);
	tcpt_offsets_free(offsets);
	return data;
}

static void hostile_json(void)
{
	char *data = hostile_form(TCPT_OFFSETS_JSON);
	size_t size = strlen(data);

	CHECK(json_is_object(data, size - 1));
	for (size_t i = 0; i < size - 1; i++)
		CHECK((unsigned char)data[i] >= 0x20);
	free(data);
}

static void write_file(const char *name, const char *before, const char *data, const char *after)
{
	FILE *file = fopen(name, "w");

	if (!file)
		abort();
	fprintf(file, "%s%s%s", before, data, after);
	fclose(file);
}

/* Checks that a shell command prints the hostile release. */
static void prints_hostile(const char *command)
{
	FILE *pipe = popen(command, "r");
	char got[256] = "";
	size_t n = fread(got, 1, sizeof(got) - 1, pipe);

	CHECK_INT(pclose(pipe), 0);
	got[n] = '\0';
	CHECK_STR(got, hostile);
}

static void hostile_shell(void)
{
	char *data = hostile_form(TCPT_OFFSETS_SHELL);

	write_file("offsets.sh", "", data, "");
	prints_hostile("eval \"$(cat offsets.sh)\"; set -u; : \"$TCPT_NET_NS_INUM\";"
		       "test $TCPT_SOCK_COMMON_SKC_DPORT = 12; printf %s \"$TCPT_KERNEL_RELEASE\"");
	free(data);
}

static bool have(const char *program)
{
	char command[64];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
	if (!system(command))
		return true;
	printf("no %s here to judge the header\n", program);
	return false;
}

static void hostile_c(void)
{
	static const char with[] =
		"-Wall -Wextra -Werror -pedantic -trigraphs -o program && ./program";
	char *data = hostile_form(TCPT_OFFSETS_C), command[256];

	write_file("program.c", "#include <stdio.h>\n", data,
		   "int main(void)\n{\n#ifdef TCPT_OFFSETOF_NET_NS_INUM\nreturn 1;\n#endif\n"
		   "\tfputs(TCPT_KERNEL_RELEASE, stdout);\n"
		   "\treturn TCPT_OFFSETOF_SOCK_COMMON_SKC_DPORT != 12;\n}\n");
	snprintf(command, sizeof(command), "cc -std=c99 program.c %s", with);
	if (have("cc"))
		prints_hostile(command);
	snprintf(command, sizeof(command), "c++ -std=c++98 -x c++ program.c %s", with);
	if (have("c++"))
		prints_hostile(command);
	free(data);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(text),	     TEST(json),	 TEST(shell),	   TEST(c),
		TEST(btf),	     TEST(no_such_form), TEST(all_fields), TEST(hostile_json),
		TEST(hostile_shell), TEST(hostile_c),
	};
	int status;

	test_enter_folder();
	status = run_tests(tests, ARRAY_SIZE(tests));
	test_leave_folder();
	return status;
}
