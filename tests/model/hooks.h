/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs the programs at a place of the kernel, or skips them as the kernel may. */
#ifndef MODEL_HOOKS_H
#define MODEL_HOOKS_H

#include "modes.h"
#include "world.h"

#define HOOKS_ALL 255

void hooks_begin(void); /* of all modes */
int hooks_count(void); /* of mode_now */

/* sock is that to whose connection the step belongs. */
void hook_fire(enum site site, enum step step, int sock, uint64_t a, uint64_t b, uint64_t c);
/* The same, where only programs of control groups are. */
void hook_fire_cgroup(enum site site, enum step step, int sock, uint64_t a, uint64_t b);
void hook_fire_ops(enum step step, int sock, int op); /* tcp_call_bpf() */
/* Between the files. */
void hook_run_for_sock(int (*run)(void *context), enum context context, const uint64_t *argument);
void hook_refresh(void); /* its context: a program looks at it now */
void hook_looks_for_turn(void); /* a program, in the map control */
void hook_run_announce(uint64_t cookie);

/* ---- the attach modes of the generations ---- */

const struct mode *mode_of(int generation);
/* That of generation 1 becomes number n of those that this kernel has besides mode_now. */
void mode_choose(int n);
int modes_besides(void); /* how many there are */

/* Of any generation. */
int modes_make_cookies(void);
int hooks_are_loaded(void); /* one after the other, in this scenario */
int modes_have_tracepoint(void);
int modes_end_mptcp(void);
int modes_accept_late(void);

const char *hook_program_name(int program);
uint64_t sock_address(int sock);

#endif
