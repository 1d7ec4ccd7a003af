// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events as lines. */
#include "internal.h"
#include "read/format.h"

static size_t put(const struct tcpt_event *event, enum tcpt_format format, const char *when,
		  char *buf)
{
	switch (format) {
	case TCPT_FORMAT_TEXT:
		return format_text(buf, event, when) - buf;
	case TCPT_FORMAT_JSON:
		return format_json(buf, event) - buf;
	case TCPT_FORMAT_TSV:
		return format_tsv(buf, event, when) - buf;
	case TCPT_FORMAT_TCPTRACER:
		return format_tcptracer(buf, event) - buf;
	}
	return 0;
}

TCPT_API size_t tcpt_event_format_at(const struct tcpt_event *event, enum tcpt_format format,
				     const char *when, char *buf)
{
	struct tcpt_event whole;

	if (!event || !buf || !tcpt_event_type_name(event->type) ||
	    (when && strnlen(when, TCPT_WHEN_MAX + 1) > TCPT_WHEN_MAX))
		return 0;
	if (memchr(event->comm, '\0', sizeof(event->comm)))
		return put(event, format, when, buf);
	whole = *event;
	whole.comm[sizeof(whole.comm) - 1] = '\0';
	return put(&whole, format, when, buf);
}

TCPT_API size_t tcpt_event_format(const struct tcpt_event *event, enum tcpt_format format,
				  char *buf)
{
	return tcpt_event_format_at(event, format, NULL, buf);
}

TCPT_API size_t tcpt_event_heading_at(enum tcpt_format format, unsigned int width, char *buf)
{
	if (!buf || format != TCPT_FORMAT_TEXT)
		return 0;
	return format_text_heading(buf, width < TCPT_WHEN_MAX ? width : TCPT_WHEN_MAX) - buf;
}

TCPT_API size_t tcpt_event_heading(enum tcpt_format format, char *buf)
{
	return tcpt_event_heading_at(format, 0, buf);
}
