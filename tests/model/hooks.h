/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs the programs at a place of the kernel, or skips them as the kernel may. */
#ifndef MODEL_HOOKS_H
#define MODEL_HOOKS_H

#include "modes.h"
#include "world.h"

#define HOOKS_ALL 255

void hooks_begin(void); /* of mode_now */
int hooks_count(void);

/* sock is that to whose connection the step belongs. */
void hook_fire(enum site site, enum step step, int sock, uint64_t a, uint64_t b, uint64_t c);
void hook_run_announce(uint64_t cookie);

const char *hook_program_name(int program);
uint64_t sock_address(int sock);

#endif
