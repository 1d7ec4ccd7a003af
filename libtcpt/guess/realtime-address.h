/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds where the kernel keeps the difference of its clocks. */
#ifndef TCPT_REALTIME_ADDRESS_H
#define TCPT_REALTIME_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

/* The kernel's variable fits into this many words; where locks are debugged it is larger. */
#define REALTIME_ADDRESS_WORDS 128

/*
 * Finds the address of a number of 64 bits in the kernel's memory, which is
 * CLOCK_REALTIME - CLOCK_MONOTONIC in nanoseconds. -ENOENT: the kernel does not list its
 * variables (CONFIG_KALLSYMS_ALL), or hides addresses, or the number is not there.
 */
int realtime_address_find(uint64_t *address);
/*
 * Returns the index of that number in the words of the variable, or -ENOENT. realtime is
 * the difference, and tai is CLOCK_TAI - CLOCK_REALTIME.
 */
int realtime_address_search(const int64_t *words, size_t count, int64_t realtime, int64_t tai);

#endif
