/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the rings of a trace are called. */
#ifndef TCPT_RING_NAME_H
#define TCPT_RING_NAME_H

#include <stdint.h>

struct ring_name {
	char text[24];
};

/* Of a tap, from 1; and of one of its that was replaced. */
struct ring_name ring_name(uint32_t tap);
struct ring_name ring_name_old(uint32_t tap, uint32_t number);
/* Whose ring the map of this name is; 0: none. */
uint32_t ring_name_tap(const char *name);

#endif
