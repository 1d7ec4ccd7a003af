/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The targets of links in /proc. */
#ifndef TCPT_PROC_H
#define TCPT_PROC_H

#include <stdbool.h>
#include <stdint.h>

/* Returns whether target is what, a number and "]", as in "socket:[123]". Sets number. */
bool proc_is_link_to(const char *target, const char *what, uint64_t *number);

#endif
