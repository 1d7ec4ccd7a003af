/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The names of a trace's rings. */
#ifndef TCPT_RING_NAME_H
#define TCPT_RING_NAME_H

#include <stdint.h>

struct ring_name {
	char text[24];
};

/* Returns the name of the ring of a tap, from 1. */
struct ring_name ring_name(uint32_t tap);
/* Returns the name of a replaced ring of a tap. */
struct ring_name ring_name_old(uint32_t tap, uint32_t number);
/* Returns the tap whose ring has this name; 0 if it is not the name of a ring in use. */
uint32_t ring_name_tap(const char *name);

#endif
