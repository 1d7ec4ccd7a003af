// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The offsets document, tcpt-offsets(5). */
#include <ctype.h>

#include "base/arguments.h"
#include "base/files.h"
#include "base/lines.h"
#include "internal.h"
#include "offsets/offsets-format.h"
#include "offsets/offsets.h"

#define DOCUMENT_MAX 65536

TCPT_API struct tcpt_offsets *tcpt_offsets_new(void)
{
	struct tcpt_offsets *offsets = calloc(1, sizeof(*offsets));
	int err;

	if (!offsets)
		return NULL;
	for (int f = 0; f < FIELD_COUNT; f++)
		offsets->at[f] = OFFSET_UNSET;
	strcpy(offsets->source, "hand");
	err = kernel_id_read(&offsets->kernel);
	if (err) {
		free(offsets);
		errno = -err;
		return NULL;
	}
	return offsets;
}

TCPT_API struct tcpt_offsets *tcpt_offsets_none(void)
{
	struct tcpt_offsets *offsets = tcpt_offsets_new();

	if (offsets)
		offsets_forget(offsets);
	return offsets;
}

void offsets_forget(struct tcpt_offsets *offsets)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		offsets->at[f] = TCPT_ABSENT;
	strcpy(offsets->source, "none");
}

bool offsets_are_none(const struct tcpt_offsets *offsets)
{
	return !strcmp(offsets->source, "none");
}

TCPT_API struct tcpt_offsets *tcpt_offsets_copy(const struct tcpt_offsets *offsets)
{
	struct tcpt_offsets *copy = offsets ? malloc(sizeof(*copy)) : NULL;

	if (copy)
		*copy = *offsets;
	else if (!offsets)
		errno = EINVAL;
	return copy;
}

TCPT_API void tcpt_offsets_free(struct tcpt_offsets *offsets)
{
	free(offsets);
}

TCPT_API int tcpt_offsets_get(const struct tcpt_offsets *offsets, const char *field)
{
	int f = offsets && field ? field_find(field) : -EINVAL;

	if (f == -EINVAL)
		return f;
	if (f < 0 || offsets->at[f] == OFFSET_UNSET)
		return -ENOENT;
	return offsets->at[f];
}

TCPT_API int tcpt_offsets_set(struct tcpt_offsets *offsets, const char *field, int offset)
{
	int f = offsets && field ? field_find(field) : -EINVAL;

	if (f < 0)
		return f;
	if (offset != TCPT_ABSENT && (offset < 0 || offset > OFFSET_MAX))
		return -ERANGE;
	offsets->at[f] = offset;
	return 0;
}

TCPT_API const char *tcpt_offsets_build_id(const struct tcpt_offsets *offsets)
{
	return offsets && offsets->kernel.build_id[0] ? offsets->kernel.build_id : NULL;
}

/* ---- reading ---- */

struct parser {
	struct tcpt_offsets *offsets;
	struct lines lines;
	unsigned int seen; /* bit N is set once metadata key N was given */
};

struct metadata {
	const char *key;
	size_t at;
	size_t size;
	bool required;
};

#define TEXT_MEMBER(m) offsetof(struct tcpt_offsets, m), sizeof(((struct tcpt_offsets *)0)->m)

static const struct metadata metadata[] = {
	{ "kernel.release", TEXT_MEMBER(kernel.release), true },
	{ "kernel.machine", TEXT_MEMBER(kernel.machine), true },
	{ "kernel.build_id", TEXT_MEMBER(kernel.build_id), false },
	{ "source", TEXT_MEMBER(source), true },
};

#define refuse(p, fmt, ...) lines_refuse(&(p)->lines, fmt, ##__VA_ARGS__)

static bool is_source(const char *value)
{
	static const char *const sources[] = { "guess", "btf", "replay", "hand", "none" };

	for (unsigned int i = 0; i < ARRAY_SIZE(sources); i++)
		if (!strcmp(value, sources[i]))
			return true;
	return false;
}

static int read_metadata(struct parser *p, unsigned int which, const char *value)
{
	const struct metadata *m = &metadata[which];

	if (p->seen & 1U << which)
		return refuse(p, "%s is given twice", m->key);
	if (!*value || strlen(value) >= m->size)
		return refuse(p, "%s must have 1 to %zu characters", m->key, m->size - 1);
	if (!strcmp(m->key, "source") && !is_source(value))
		return refuse(p, "source must be guess, btf, replay, hand or none, not '%s'",
			      value);
	p->seen |= 1U << which;
	strcpy((char *)p->offsets + m->at, value);
	return 0;
}

static int parse_offset(const char *value, int *at)
{
	char *end;
	unsigned long number;

	if (!isdigit((unsigned char)*value) || strlen(value) > 9)
		return -EINVAL;
	number = strtoul(value, &end, 10);
	if (*end)
		return -EINVAL;
	if (number > OFFSET_MAX)
		return -ERANGE;
	*at = number;
	return 0;
}

static int read_field(struct parser *p, int f, const char *value)
{
	const struct field_info *field = &fields[f];
	int at = TCPT_ABSENT, err;

	if (p->offsets->at[f] != OFFSET_UNSET)
		return refuse(p, "%s is given twice", field->key);
	if (strcmp(value, "absent")) {
		err = parse_offset(value, &at);
		if (err == -ERANGE)
			return refuse(p, "%s=%s is out of range (0 to %d)", field->key, value,
				      OFFSET_MAX);
		if (err)
			return refuse(p, "%s=%s is neither a byte offset nor 'absent'", field->key,
				      value);
		if (at % field_align(f, sizeof(void *)))
			return refuse(p, "%s=%d is not a multiple of %u", field->key, at,
				      field_align(f, sizeof(void *)));
	} else if (field->need == NEEDED && !offsets_are_none(p->offsets)) {
		return refuse(p, "%s cannot be absent", field->key);
	}
	p->offsets->at[f] = at;
	return 0;
}

static int read_pair(void *arg, char *line)
{
	char *value = strchr(line, '=');
	struct parser *p = arg;
	int f;

	if (!value)
		return refuse(p, "expected key=value, found '%s'", line);
	*value++ = '\0';
	for (unsigned int m = 0; m < ARRAY_SIZE(metadata); m++)
		if (!strcmp(line, metadata[m].key))
			return read_metadata(p, m, value);
	f = field_find(line);
	if (f < 0)
		return refuse(p, "unknown key '%s'", line);
	return read_field(p, f, value);
}

static int check_complete(struct parser *p)
{
	for (unsigned int m = 0; m < ARRAY_SIZE(metadata); m++)
		if (metadata[m].required && !(p->seen & 1U << m))
			return refuse(p, "%s is missing: the document is not complete",
				      metadata[m].key);
	for (int f = 0; f < FIELD_COUNT; f++)
		if (p->offsets->at[f] == OFFSET_UNSET)
			return refuse(p, "%s is missing: the document is not complete",
				      fields[f].key);
		else if (p->offsets->at[f] >= 0 && offsets_are_none(p->offsets))
			return refuse(p, "%s=%d is no 'absent', but source is none", fields[f].key,
				      p->offsets->at[f]);
	return 0;
}

static bool overlap(const struct tcpt_offsets *o, int f, int g)
{
	return fields[f].base == fields[g].base && o->at[f] >= 0 && o->at[g] >= 0 &&
	       o->at[f] < o->at[g] + (int)field_size(g, sizeof(void *)) &&
	       o->at[g] < o->at[f] + (int)field_size(f, sizeof(void *));
}

static int check_overlaps(struct parser *p)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		for (int g = 0; g < f; g++)
			if (overlap(p->offsets, f, g))
				return refuse(p, "%s=%d and %s=%d overlap", fields[g].key,
					      p->offsets->at[g], fields[f].key, p->offsets->at[f]);
	return 0;
}

static int parse(struct parser *p, char *text, size_t size)
{
	int err = lines_read(&p->lines, text, size, read_pair, p);

	if (!err)
		err = check_complete(p);
	if (!err)
		err = check_overlaps(p);
	return err;
}

/* Makes offsets from the text, which it changes. */
static int parse_document(struct tcpt_offsets **out, char *text, size_t size, const char *name,
			  const struct tcpt_log *log)
{
	struct parser p = { .lines = { .name = name, .log = log, .first = OFFSETS_FIRST_LINE } };
	int err;

	if (size == 0)
		return log_error(log, -EINVAL,
				 "%s: the offsets document is empty (did tcpt-guess fail?)", name);
	p.offsets = tcpt_offsets_new();
	if (!p.offsets) {
		err = -errno;
		return log_error(log, err, "%s: cannot make a set of offsets: %s", name,
				 strerror(-err));
	}
	memset(&p.offsets->kernel, 0, sizeof(p.offsets->kernel));
	err = parse(&p, text, size);
	if (err)
		tcpt_offsets_free(p.offsets);
	else
		*out = p.offsets;
	return err;
}

static int explain_read(int err, const char *name, const struct tcpt_log *log)
{
	return log_error(log, err == -EFBIG ? -EINVAL : err, "cannot read offsets from %s: %s",
			 name, err == -EFBIG ? "too long for an offsets document" : strerror(-err));
}

static int read_document(struct tcpt_offsets **out, int fd, const char *name,
			 const struct tcpt_log *log)
{
	char *text = malloc(DOCUMENT_MAX);
	ssize_t size = text ? file_read(fd, text, DOCUMENT_MAX) : -ENOMEM;
	int err = size < 0	       ? explain_read(size, name, log) :
		  size == DOCUMENT_MAX ? explain_read(-EFBIG, name, log) :
					 parse_document(out, text, size, name, log);

	free(text);
	return err;
}

TCPT_API int tcpt_offsets_read(struct tcpt_offsets **out, int fd, const char *name,
			       const struct tcpt_log *log)
{
	int err = argument_check(out, "place for the offsets", log);

	return err ? err : read_document(out, fd, name ? name : "the document", log);
}

static int copy_document(struct tcpt_offsets **out, const char *given, size_t size,
			 const char *name, const struct tcpt_log *log)
{
	char *text = size < DOCUMENT_MAX ? malloc(size + 1) : NULL;
	int err;

	if (!text)
		return explain_read(size < DOCUMENT_MAX ? -ENOMEM : -EFBIG, name, log);
	memcpy(text, given, size);
	err = parse_document(out, text, size, name, log);
	free(text);
	return err;
}

TCPT_API int tcpt_offsets_parse(struct tcpt_offsets **out, const char *text, size_t size,
				const char *name, const struct tcpt_log *log)
{
	int err = argument_check(out, "place for the offsets", log);

	if (!err)
		err = argument_check(text, "document", log);
	return err ? err : copy_document(out, text, size, name ? name : "the document", log);
}

int offsets_check_known(const struct tcpt_offsets *offsets, const struct tcpt_log *log)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		if (offsets->at[f] == OFFSET_UNSET)
			return log_error(log, -EINVAL,
					 "the offset of %s is not known, nor that it is absent",
					 fields[f].key);
	return 0;
}

TCPT_API int tcpt_offsets_check_kernel(const struct tcpt_offsets *offsets,
				       const struct tcpt_log *log)
{
	const struct kernel_id *theirs;
	struct kernel_id ours;
	int err = argument_check(offsets, "offsets", log);
	bool same;

	if (err)
		return err;
	theirs = &offsets->kernel;
	err = kernel_id_read(&ours);
	if (err)
		return log_error(log, err, "cannot tell which kernel is running: %s",
				 strerror(-err));
	if (theirs->build_id[0] && ours.build_id[0])
		same = !strcmp(theirs->build_id, ours.build_id);
	else
		same = !strcmp(theirs->release, ours.release);
	if (same && !strcmp(theirs->machine, ours.machine))
		return 0;
	return log_error(log, -ESTALE,
			 "the offsets are those of another kernel build (%s %s %s), this is %s %s "
			 "%s: run tcpt-guess here, or use --force",
			 theirs->release, theirs->machine, theirs->build_id, ours.release,
			 ours.machine, ours.build_id);
}
