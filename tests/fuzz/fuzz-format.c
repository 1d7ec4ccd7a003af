/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The formatters on arbitrary events: one line each, within its bounds, and
 * free of control characters whatever a task is called.
 */
#include <stdlib.h>
#include <string.h>

#include "tcpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *line, size_t length, enum tcpt_format format)
{
	if (length == 0)
		return;
	if (length > TCPT_LINE_MAX || line[length - 1] != '\n')
		abort();
	for (size_t i = 0; i < length - 1; i++) {
		unsigned char c = line[i];

		if ((c < ' ' && !(c == '\t' && format == TCPT_FORMAT_TSV)) || c == 0x7f)
			abort();
	}
}

/* What the kernel side and the decoder guarantee. */
static void make_plausible(struct tcpt_event *event, const uint8_t *data)
{
	event->type = data[0] % TCPT_EVENT_TYPES;
	event->role = data[1] % (TCPT_ROLE_SERVER + 1);
	event->family = data[2] & 2 ? 0 : data[2] & 1 ? 4 : 6;
	event->reason = (data[2] >> 4) % (TCPT_REASON_TIMEOUT + 1);
	event->late = data[3] & 1;
	event->has_duration = data[3] & 2;
	event->has_bytes_sent = data[3] & 4;
	event->has_bytes_received = data[3] & 8;
	event->has_srtt = data[3] & 16;
	event->has_retransmits = data[3] & 32;
	event->has_wait = data[3] & 64;
	event->who = NULL;
	event->comm[sizeof(event->comm) - 1] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned int flags = 4;
	struct tcpt_event event;
	char *line;

	if (size < flags + sizeof(event))
		return 0;
	memcpy((void *)&event, data + flags, sizeof(event));
	make_plausible(&event, data);
	line = malloc(TCPT_LINE_MAX); /* not on the stack: its end is watched */
	if (!line)
		abort();
	for (int format = TCPT_FORMAT_TEXT; format <= TCPT_FORMAT_TCPTRACER; format++)
		check_line(line, tcpt_event_format(&event, format, line), format);
	free(line);
	return 0;
}
