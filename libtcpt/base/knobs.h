/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests: what this kernel is to lack, or to have little room for. */
#ifndef TCPT_KNOBS_H
#define TCPT_KNOBS_H

#include <stdbool.h>

/* For tests: whether TCPT_TEST_WITHOUT, a list with commas, has what or the hook. */
bool knob_without(const char *what);
/* For tests: how large TCPT_TEST_ENTRIES, a list of MAP:NUMBER with commas, has the map; or 0. */
unsigned int knob_entries(const char *map);

#endif
