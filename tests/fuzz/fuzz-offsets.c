/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The reader of offsets documents on arbitrary input. What it accepts has to
 * come back the same when written and read again.
 */
#include <stdlib.h>
#include <string.h>

#include "offsets/offsets.h"
#include "tcpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tcpt_offsets *read_document(const char *data, size_t size)
{
	struct tcpt_offsets *offsets = NULL;

	return tcpt_offsets_parse(&offsets, data, size, "fuzz", NULL) ? NULL : offsets;
}

static void write_all_forms(const struct tcpt_offsets *offsets)
{
	for (unsigned int form = TCPT_OFFSETS_TEXT; form <= TCPT_OFFSETS_BTF; form++) {
		void *data = NULL;
		size_t size;

		if (tcpt_offsets_format(offsets, form, &data, &size) != 0 || !size)
			abort();
		free(data);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcpt_offsets *first = read_document((const char *)data, size);
	struct tcpt_offsets *second;
	char *text, *again;

	if (!first)
		return 0;
	text = tcpt_offsets_text(first);
	if (!text)
		abort();
	second = read_document(text, strlen(text));
	again = second ? tcpt_offsets_text(second) : NULL;
	if (!again || strcmp(text, again) != 0)
		abort();
	write_all_forms(first);
	free(again);
	free(text);
	tcpt_offsets_free(second);
	tcpt_offsets_free(first);
	return 0;
}
