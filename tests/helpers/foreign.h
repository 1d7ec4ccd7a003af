/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The program of foreign and its loader share this. */
#ifndef FOREIGN_H
#define FOREIGN_H

#include <linux/types.h>

struct foreign_event {
	__u32 family;
	__u32 netns;
	__u32 saddr[4]; /* as in the kernel, the first one alone for IPv4 */
	__u32 daddr[4];
	__u16 sport; /* host byte order */
	__u16 dport; /* network byte order */
};

#endif
