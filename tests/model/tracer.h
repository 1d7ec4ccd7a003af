/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs under test. */
#ifndef MODEL_TRACER_H
#define MODEL_TRACER_H

struct tracer_program {
	const char *name;
	int (*run)(void *context);
};

extern const struct tracer_program tracer_programs[]; /* ends with an empty one */

#endif
