// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The path of a pin, and opening the map that is pinned there. */
#include <linux/bpf.h>

#include "internal.h"
#include "maps/shapes.h"
#include "pins/pin.h"

struct pin_path pin_join(const char *a, const char *b, const char *c)
{
	struct pin_path p;

	snprintf(p.text, sizeof(p.text), "%s%s%s%s%s", a, b ? "/" : "", b ? b : "", c ? "/" : "",
		 c ? c : "");
	return p;
}

int pin_check(const char *dir)
{
	struct pin_path meta = pin_join(dir, "maps", "meta");

	if (!access(meta.text, F_OK))
		return 0;
	return errno == EACCES ? -EPERM : -errno;
}

int pin_open_map(const char *dir, const char *map)
{
	return shape_open(pin_join(dir, "maps", map).text, 0);
}

int pin_open_map_to_read(const char *dir, const char *map)
{
	return shape_open(pin_join(dir, "maps", map).text, BPF_F_RDONLY);
}
