/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The holders of connections. */
#ifndef TCPT_EXISTING_HOLDER_H
#define TCPT_EXISTING_HOLDER_H

struct census;
struct stock;

/*
 * Fills in the opener of each connection, which is its holder. If there are several, it is
 * the holder that was started first; of two started at once, the parent.
 */
void existing_holder_find(struct stock *stock, struct census *census);

#endif
