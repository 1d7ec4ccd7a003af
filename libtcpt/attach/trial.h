/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs that do nothing. */
#ifndef TCPT_TRIAL_H
#define TCPT_TRIAL_H

#include <stdbool.h>

#define KERNEL_ENOTSUPP 524 /* the kernel's own number, which has no name in user space */

/* A program that does nothing. Its descriptor. */
int trial_load(unsigned int type, unsigned int attach_type, unsigned int attach_btf_id);
/* One that asks for the cookie of the socket that such a tracepoint is passed. */
int trial_cookie(const char *tracepoint);
/* Attaches one of this type to a perf event for the moment, and says whether by a link. */
int trial_perf(unsigned int type, int perf, bool *pinnable);

#endif
