/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All objects of libtcpt share this. */
#ifndef TCPT_INTERNAL_H
#define TCPT_INTERNAL_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tcpt.h"

#define TCPT_API __attribute__((visibility("default")))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
