// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whether a reader's trace is still the one that it has opened. */
#include "internal.h"
#include "pins/locks.h"
#include "pins/meta.h"
#include "read/reader.h"
#include "tcpt_abi.h"

/* What it says changes when the trace is replaced. */
void reader_trace_note(struct tcpt_reader *reader, const struct tcpt_abi_meta *meta,
		       uint64_t identity)
{
	reader->keeper = meta->keeper;
	reader->current_ring = meta->ring;
	reader->identity = identity;
}

/* What is at that path may be another trace by now. */
bool reader_trace_is_own(const struct tcpt_reader *reader)
{
	return locks_are_on(
		pin_join(reader->pin, locks_of_tap(reader->progress.tap).text, NULL).text,
		reader->lock);
}

/* Whether the trace has been replaced since this was last asked: its description is another one. */
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
