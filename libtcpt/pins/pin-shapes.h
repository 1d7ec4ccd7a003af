/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether the pinned maps are as they have to be. */
#ifndef TCPT_PIN_SHAPES_H
#define TCPT_PIN_SHAPES_H

struct tcpt_log;

/* -EPROTO and a message that names the first map of a trace that is not as it has to be, else 0. */
int pin_shapes_explain(const char *dir, const struct tcpt_log *log);

#endif
