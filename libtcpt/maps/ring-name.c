// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The names of a trace's rings: ring, ring2 and so on. A ring that was replaced is called
 * ring-N, ring2-N and so on.
 */
#include "internal.h"
#include "maps/ring-name.h"
#include "tcpt_abi.h"

struct ring_name ring_name(uint32_t tap)
{
	struct ring_name name = { "ring" };

	if (tap > 1)
		snprintf(name.text, sizeof(name.text), "ring%u", tap);
	return name;
}

uint32_t ring_name_tap(const char *name)
{
	for (uint32_t tap = 1; tap <= TCPT_ABI_TAPS_MAX; tap++)
		if (!strcmp(name, ring_name(tap).text))
			return tap;
	return 0;
}

struct ring_name ring_name_old(uint32_t tap, uint32_t number)
{
	struct ring_name name = ring_name(tap);
	size_t end = strlen(name.text);

	snprintf(name.text + end, sizeof(name.text) - end, "-%u", number);
	return name;
}
