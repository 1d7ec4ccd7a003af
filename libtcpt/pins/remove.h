/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Removing pins. */
#ifndef TCPT_REMOVE_H
#define TCPT_REMOVE_H

/*
 * A directory in a bpffs with all that is in it; 0 too if there is none. -EBUSY: some
 * of it is left.
 */
int remove_pins(const char *dir);

#endif
