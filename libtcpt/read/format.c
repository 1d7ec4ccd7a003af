// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events as lines. */
#include "internal.h"
#include "read/format.h"

static size_t put(const struct tcpt_event *event, enum tcpt_format format, char *buf)
{
	switch (format) {
	case TCPT_FORMAT_TEXT:
		return format_text(buf, event) - buf;
	case TCPT_FORMAT_JSON:
		return format_json(buf, event) - buf;
	case TCPT_FORMAT_TSV:
		return format_tsv(buf, event) - buf;
	case TCPT_FORMAT_TCPTRACER:
		return format_tcptracer(buf, event) - buf;
	}
	return 0;
}

TCPT_API size_t tcpt_event_format(const struct tcpt_event *event, enum tcpt_format format,
				  char *buf)
{
	struct tcpt_event whole;

	if (!event || !buf || !tcpt_event_type_name(event->type))
		return 0;
	if (memchr(event->comm, '\0', sizeof(event->comm)))
		return put(event, format, buf);
	whole = *event;
	whole.comm[sizeof(whole.comm) - 1] = '\0';
	return put(&whole, format, buf);
}

TCPT_API size_t tcpt_event_heading(enum tcpt_format format, char *buf)
{
	return buf && format == TCPT_FORMAT_TEXT ? format_text_heading(buf) - buf : 0;
}
