// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A snapshot: a copy of a sock at one moment, and its needles. */
#include "guess/snapshot.h"
#include "internal.h"

struct snapshot *snapshot_new(const char *label)
{
	struct snapshot *snap = calloc(1, sizeof(*snap));

	if (!snap)
		return NULL;
	snprintf(snap->label, sizeof(snap->label), "%s", label);
	snap->fd = -1;
	return snap;
}

void snapshot_free(struct snapshot *snap)
{
	if (snap)
		free(snap->task_bytes);
	free(snap);
}

static void add_needle(struct snapshot *snap, enum field field, enum needle_kind kind,
		       const void *bytes)
{
	struct needle *needle;

	snap->is_overfull |= snap->needles == NEEDLES_MAX;
	if (snap->is_overfull)
		return;
	needle = &snap->needle[snap->needles++];
	needle->field = field;
	needle->kind = kind;
	memcpy(needle->bytes, bytes, field_size(field, sizeof(void *)));
}

void snapshot_need(struct snapshot *snap, enum field field, const void *bytes)
{
	add_needle(snap, field, NEEDLE_IS, bytes);
}

void snapshot_need_soft(struct snapshot *snap, enum field field, const void *bytes)
{
	add_needle(snap, field, NEEDLE_SOFT, bytes);
}

void snapshot_need_unlike(struct snapshot *snap, enum field field, const void *bytes)
{
	add_needle(snap, field, NEEDLE_UNLIKE, bytes);
}

const struct needle *snapshot_needle(const struct snapshot *snap, enum field field)
{
	for (unsigned int i = 0; i < snap->needles; i++)
		if (snap->needle[i].field == field && snap->needle[i].kind == NEEDLE_IS)
			return &snap->needle[i];
	return NULL;
}
