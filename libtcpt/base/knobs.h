/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Knobs for tests: what this kernel is said to lack, and how small its maps are. */
#ifndef TCPT_KNOBS_H
#define TCPT_KNOBS_H

#include <stdbool.h>

/* Returns whether what is in TCPT_TEST_WITHOUT, a list of features and hooks with commas. */
bool knob_without(const char *what);
/*
 * Returns the number of entries that TCPT_TEST_ENTRIES, a list of MAP:NUMBER with
 * commas, gives the map; 0 if it gives none.
 */
unsigned int knob_entries(const char *map);

#endif
