// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds a pinned map that does not have the shape that it must have. */
#include <linux/bpf.h>

#include "base/advice.h"
#include "internal.h"
#include "maps/ring-name.h"
#include "maps/shapes.h"
#include "pins/pin-shapes.h"
#include "pins/pin.h"

static int explain(int err, const char *dir, const char *path, const struct tcpt_log *log)
{
	return log_error(log, -EPROTO,
			 err == -ENOENT ?
				 "%s is missing; run tcpt-unload%s, then load the trace anew" :
				 "%s is not the map that tcpt has made: its kind or its size "
				 "differs; run tcpt-unload%s, then load the trace anew",
			 path, advice_pin(dir).text);
}

/*
 * The rings of further taps need not be there. A map that the caller may not open is not
 * checked, because the caller does not use it.
 */
int pin_shapes_explain(const char *dir, const struct tcpt_log *log)
{
	for (const struct shape *shape = shapes; shape->name; shape++) {
		struct pin_path path = pin_join(dir, "maps", shape->name);
		int fd = shape_open(path.text, BPF_F_RDONLY);

		if (fd >= 0)
			close(fd);
		if (fd == -EPROTO || (fd == -ENOENT && ring_name_tap(shape->name) <= 1))
			return explain(fd, dir, path.text, log);
	}
	return 0;
}
