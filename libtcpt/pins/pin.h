/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The path of a pin. */
#ifndef TCPT_PIN_H
#define TCPT_PIN_H

#define PIN_MAX 256
/* 0, -ENOENT, -EPERM where that may not be seen, or why it cannot be. */
int pin_check(const char *dir);
int pin_open_map(const char *dir, const char *map);
int pin_open_map_to_read(const char *dir, const char *map);

/* Room for the longest name below a pin directory. */
struct pin_path {
	char text[PIN_MAX + 64];
};

/* A/B/C, or A/B, or A. */
struct pin_path pin_join(const char *a, const char *b, const char *c);

#endif
