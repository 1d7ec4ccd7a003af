/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The removal of pins. */
#ifndef TCPT_REMOVE_H
#define TCPT_REMOVE_H

/*
 * Removes a directory in a bpffs with all that is in it. Returns 0 if there is none, too.
 * -EBUSY: some of it is left.
 */
int remove_pins(const char *dir);

#endif
