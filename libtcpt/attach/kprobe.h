/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Probes on kernel functions. */
#ifndef TCPT_KPROBE_H
#define TCPT_KPROBE_H

#include <stdbool.h>
#include <stdint.h>

/* By name, or by address if symbol is NULL. -ENODEV: this kernel has no kprobes. */
int kprobe_open(const char *symbol, uint64_t address, bool is_return);
bool kprobe_is_known(void);
/* Whether a named probe is one that was made here, on this function. */
bool kprobe_is_on(const char *event, const char *function);
/* Removes named probes that this or a dead process has made; returns how many are in use. */
unsigned int kprobe_tidy(void);

#endif
