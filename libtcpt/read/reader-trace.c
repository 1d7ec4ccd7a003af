// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The trace that a reader has opened, which may be replaced or gone by now. */
#include "internal.h"
#include "pins/locks.h"
#include "pins/meta.h"
#include "read/reader.h"
#include "tcpt_abi.h"

void reader_trace_note(struct tcpt_reader *reader, const struct tcpt_abi_meta *meta,
		       uint64_t identity)
{
	reader->keeper = meta->keeper;
	reader->current_ring = meta->ring;
	reader->identity = identity;
	reader->is_described = false;
	reader->loaded = meta->loaded;
	reader->attach = meta->attach;
	memcpy(reader->version, meta->version, sizeof(reader->version));
	memcpy(reader->boot_id, meta->boot_id, sizeof(reader->boot_id));
	times_begin(&reader->times, meta);
}

bool reader_trace_is_own(const struct tcpt_reader *reader)
{
	return locks_are_on(
		pin_join(reader->pin, locks_of_tap(reader->progress.tap).text, NULL).text,
		reader->lock);
}

bool reader_trace_is_replaced(struct tcpt_reader *reader)
{
	uint64_t identity = meta_identity(reader->pin);
	struct tcpt_abi_meta meta;

	if (!identity || identity == reader->identity || !reader_trace_is_own(reader) ||
	    meta_read(pin_join(reader->pin, "maps", "meta").text, &meta))
		return false;
	reader_trace_note(reader, &meta, identity);
	return true;
}
