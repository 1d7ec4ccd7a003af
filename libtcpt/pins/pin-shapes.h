/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The shapes of the pinned maps. */
#ifndef TCPT_PIN_SHAPES_H
#define TCPT_PIN_SHAPES_H

struct tcpt_log;

/*
 * Checks the shape of each pinned map. Returns -EPROTO, with a message that names the first
 * map of a wrong shape.
 */
int pin_shapes_explain(const char *dir, const struct tcpt_log *log);

#endif
