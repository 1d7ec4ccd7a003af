// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Describes the trace and the machine in a stream of events. */
#include <sys/utsname.h>

#include "base/json.h"
#include "internal.h"
#include "read/format.h"
#include "read/reader.h"

/* Writes what distinguishes the machine and its boot. */
static void put_machine(struct json *json, const struct tcpt_reader *reader)
{
	struct utsname uts;

	json_string(json, "boot_id", *reader->boot_id ? reader->boot_id : NULL);
	if (uname(&uts))
		return;
	json_string(json, "host", uts.nodename);
	json_string(json, "kernel", uts.release);
}

static void put_trace(struct json *json, const struct tcpt_reader *reader)
{
	json_string(json, "version", reader->version);
	json_string(json, "attach", tcpt_attach_name(reader->attach));
	json_string(json, "pin", reader->pin);
	json_number(json, "tap", reader->progress.tap);
	json_number(json, "loaded", reader->loaded);
}

TCPT_API size_t tcpt_reader_describe(struct tcpt_reader *reader, bool again, char *buf)
{
	struct tcpt_event now = {};
	struct json json;

	if (!reader || !buf || (reader->is_described && !again))
		return 0;
	reader->is_described = true;
	times_set_now(&reader->times, &now);
	json_begin(&json, buf, NULL);
	format_json_times(&json, &now);
	json_string(&json, "type", "trace");
	put_machine(&json, reader);
	put_trace(&json, reader);
	return json_end(&json) - buf;
}
