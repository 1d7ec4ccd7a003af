/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The clock that events are stamped by. */
#ifndef TCPT_MONOTONIC_H
#define TCPT_MONOTONIC_H

#include <stdint.h>

uint64_t monotonic_ns(void);

#endif
