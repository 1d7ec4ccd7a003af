/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* odd32 sends this to odd. It has the same layout in 32 and 64 bits. */
#ifndef ODD32_H
#define ODD32_H

#define ODD32_NAME "odd32"

enum {
	ODD32_NONE = 0,
	ODD32_LOCAL = -1,
	ODD32_PEER = -2
};

struct odd32_event {
	int event; /* enum odd_event */
	int pid;
	int how; /* on fail: errno; on close: who closed first */
#ifdef ODD32_FREESTANDING
	struct odd32_address local;
	struct odd32_address remote;
#else
	struct sockaddr_in local;
	struct sockaddr_in remote;
#endif
};

#endif
