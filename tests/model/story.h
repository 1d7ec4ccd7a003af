/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happens, in words: printed when a run is narrated, which is when it has failed. */
#ifndef MODEL_STORY_H
#define MODEL_STORY_H

extern int story_is_narrated;

void narrate(const char *format, ...) __attribute__((format(printf, 1, 2)));
void story_begin(const char *title);

/* A run that has failed: the first reason is kept. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *failure(void);
void failure_clear(void);

#define say(...)                              \
	do {                                  \
		if (story_is_narrated)        \
			narrate(__VA_ARGS__); \
	} while (0)

#endif
