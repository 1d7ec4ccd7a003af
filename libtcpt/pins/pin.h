/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The path of a pin. */
#ifndef TCPT_PIN_H
#define TCPT_PIN_H

#define PIN_MAX 256
/*
 * Checks that a trace is pinned in dir. Returns 0; -ENOENT; -EPERM if the caller may not
 * see it; or the error of looking.
 */
int pin_check(const char *dir);
/* These open a pinned map of the trace, and return a descriptor. */
int pin_open_map(const char *dir, const char *map);
int pin_open_map_to_read(const char *dir, const char *map);

/* A path, with room for the longest name below a pin directory. */
struct pin_path {
	char text[PIN_MAX + 64];
};

/* Returns A/B/C; A/B if c is NULL; A if b is NULL too. */
struct pin_path pin_join(const char *a, const char *b, const char *c);

#endif
