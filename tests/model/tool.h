/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What tcpt's tools do to a trace while it goes on, in steps as of libtcpt. */
#ifndef MODEL_TOOL_H
#define MODEL_TOOL_H

#include "world.h"

/* tcpt-load: attaches the hooks one after the other, and takes stock. */
void tool_load(void);
void tool_take_stock(void); /* the hooks are attached already */

/* Those that are running now. */
void tool_await_programs(void);

/* tcpt-load --replace; in the others a process is killed on the way. */
void tool_replace(void);
void tool_replace_killed(void); /* this one */
void tool_replace_lost(void); /* that of the new links */
void tool_replace_left(void); /* that of the old links */
/* The same by programs of each other attach mode. */
void tool_change_mode(void);
void tool_change_mode_killed(void);
void tool_change_mode_lost(void);
void tool_change_mode_left(void);

/* tcpt-filter: selects one value of a key, or no longer. */
void tool_add_filter(uint32_t key, uint64_t value);
void tool_begin_filter(uint32_t key, uint64_t value); /* before anything runs */
/* The first bits of an IPv4 address; the name of a task. */
void tool_begin_network(uint32_t key, uint32_t address, uint32_t bits);
void tool_begin_comm(uint32_t key, int task);
void tool_remove_filter(uint32_t key, uint64_t value);
void tool_leave_out(int task); /* it guesses */
int tool_leaves_out(int task);
int tool_selects(uint32_t key, uint64_t value);
uint64_t tool_selected(uint32_t key); /* a value of it */
int tool_hides(const struct tcpt_abi_tuple *tuple, const struct tcpt_abi_task *task, int role);

#endif
