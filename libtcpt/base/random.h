/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random values. */
#ifndef TCPT_RANDOM_H
#define TCPT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Returns a port from 10000 on, whose bytes differ and are not 0. */
uint16_t random_port(void);
void random_bytes(void *out, size_t size);

#endif
