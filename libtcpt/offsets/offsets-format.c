// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The forms in which offsets are written. A document can be made by hand: its metadata
 * may contain anything that would end a string or a comment.
 */
#include <ctype.h>

#include "base/json.h"
#include "base/text.h"
#include "internal.h"
#include "offsets/offsets-format.h"
#include "offsets/offsets.h"

/* ---- text ---- */

static void write_text(FILE *out, const struct tcpt_offsets *o)
{
	fprintf(out, "%s\n", OFFSETS_FIRST_LINE);
	fprintf(out, "kernel.release=%s\n", o->kernel.release);
	fprintf(out, "kernel.machine=%s\n", o->kernel.machine);
	if (o->kernel.build_id[0])
		fprintf(out, "kernel.build_id=%s\n", o->kernel.build_id);
	fprintf(out, "source=%s\n", o->source);
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (o->at[f] == TCPT_ABSENT)
			fprintf(out, "%s=absent\n", fields[f].key);
		else if (o->at[f] >= 0)
			fprintf(out, "%s=%d\n", fields[f].key, o->at[f]);
	}
}

/* ---- JSON ---- */

static void write_known(struct json *json, const char *key, const char *value)
{
	if (*value)
		json_string(json, key, value);
	else
		json_literal(json, key, "null");
}

void offsets_format_json(struct json *json, const struct tcpt_offsets *o)
{
	json_open(json, "kernel", '{');
	write_known(json, "release", o->kernel.release);
	write_known(json, "machine", o->kernel.machine);
	write_known(json, "build_id", o->kernel.build_id);
	json_close(json, '}');
	write_known(json, "source", o->source);
	json_open(json, "offsets", '{');
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (o->at[f] == TCPT_ABSENT)
			json_literal(json, fields[f].key, "null");
		else if (o->at[f] >= 0)
			json_number(json, fields[f].key, o->at[f]);
	}
	json_close(json, '}');
}

static void write_json(FILE *out, const struct tcpt_offsets *o)
{
	struct json json;

	json_begin(&json, NULL, out);
	offsets_format_json(&json, o);
	json_end(&json);
}

/* ---- shell ---- */

/*
 * Writes SOCK_COMMON_SKC_DADDR for sock_common.skc_daddr, in every locale: a Turkish i
 * has another capital.
 */
static void write_name(FILE *out, const char *key)
{
	for (; *key; key++)
		fputc(*key == '.'		 ? '_' :
		      *key >= 'a' && *key <= 'z' ? *key - 'a' + 'A' :
						   *key,
		      out);
}

/*
 * Writes a shell string. Between apostrophes each character stands for itself, except
 * the apostrophe.
 */
static void write_shell_string(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s='", name);
	for (; *value; value++) {
		if (*value == '\'')
			fputs("'\\''", out);
		else
			fputc(*value, out);
	}
	fputs("'\n", out);
}

static void write_shell(FILE *out, const struct tcpt_offsets *o)
{
	write_shell_string(out, "TCPT_KERNEL_RELEASE", o->kernel.release);
	write_shell_string(out, "TCPT_KERNEL_MACHINE", o->kernel.machine);
	write_shell_string(out, "TCPT_KERNEL_BUILD_ID", o->kernel.build_id);
	write_shell_string(out, "TCPT_SOURCE", o->source);
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (o->at[f] == OFFSET_UNSET)
			continue;
		fputs("TCPT_", out);
		write_name(out, fields[f].key);
		if (o->at[f] == TCPT_ABSENT)
			fputs("=\n", out);
		else
			fprintf(out, "=%d\n", o->at[f]);
	}
}

/* ---- C ---- */

/*
 * Writes a C string. An octal escape ends after three digits, whatever follows. The
 * characters that are written as they are have one meaning only.
 */
static void write_c_string(FILE *out, const char *name, const char *value)
{
	fprintf(out, "#define %s \"", name);
	for (; *value; value++) {
		unsigned char c = *value;

		if (c < 0x80 && (isalnum(c) || strchr("+-._~ ", c)))
			fputc(c, out);
		else
			fprintf(out, "\\%03o", c);
	}
	fputs("\"\n", out);
}

static void write_c(FILE *out, const struct tcpt_offsets *o)
{
	fputs("/* Where a kernel keeps the fields of its sockets: see tcpt-offsets(5). */\n"
	      "#ifndef TCPT_OFFSETS_H\n"
	      "#define TCPT_OFFSETS_H\n\n",
	      out);
	write_c_string(out, "TCPT_KERNEL_RELEASE", o->kernel.release);
	write_c_string(out, "TCPT_KERNEL_MACHINE", o->kernel.machine);
	write_c_string(out, "TCPT_KERNEL_BUILD_ID", o->kernel.build_id);
	write_c_string(out, "TCPT_SOURCE", o->source);
	fputc('\n', out);
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (o->at[f] == OFFSET_UNSET)
			continue;
		fputs(o->at[f] >= 0 ? "#define TCPT_OFFSETOF_" : "/* TCPT_OFFSETOF_", out);
		write_name(out, fields[f].key);
		if (o->at[f] >= 0)
			fprintf(out, " %d\n", o->at[f]);
		else
			fputs(" is absent */\n", out);
	}
	fputs("\n#endif\n", out);
}

/* ---- all of them ---- */

static void (*const writers[])(FILE *out, const struct tcpt_offsets *o) = {
	[TCPT_OFFSETS_TEXT] = write_text,
	[TCPT_OFFSETS_JSON] = write_json,
	[TCPT_OFFSETS_SHELL] = write_shell,
	[TCPT_OFFSETS_C] = write_c,
};

TCPT_API int tcpt_offsets_format(const struct tcpt_offsets *offsets,
				 enum tcpt_offsets_format format, void **data, size_t *size)
{
	struct text text;
	char *bytes;

	if (!offsets || !data || !size)
		return -EINVAL;
	if (format == TCPT_OFFSETS_BTF)
		return tcpt_offsets_btf(offsets, data, size);
	if ((unsigned int)format >= ARRAY_SIZE(writers))
		return -EINVAL;
	if (text_open(&text))
		return -ENOMEM;
	writers[format](text.out, offsets);
	bytes = text_close(&text);
	if (!bytes)
		return -ENOMEM;
	*data = bytes;
	*size = text.size;
	return 0;
}

TCPT_API char *tcpt_offsets_text(const struct tcpt_offsets *offsets)
{
	void *text;
	size_t size;
	int err = tcpt_offsets_format(offsets, TCPT_OFFSETS_TEXT, &text, &size);

	if (!err)
		return text;
	errno = -err;
	return NULL;
}
