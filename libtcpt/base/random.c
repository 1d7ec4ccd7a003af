// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Random values. */
#include <sys/random.h>

#include "base/random.h"
#include "internal.h"

void random_bytes(void *out, size_t size)
{
	unsigned char *to = out;
	ssize_t n;

	while (size) {
		n = getrandom(to, size, 0);
		if (n <= 0)
			continue;
		to += n;
		size -= n;
	}
}

/*
 * The two bytes of the port differ, and neither is 0: in the other byte order it is
 * another number.
 */
uint16_t random_port(void)
{
	uint16_t port;

	do
		random_bytes(&port, sizeof(port));
	while (port < 10000 || !(port & 0xff) || (port & 0xff) == port >> 8);
	return port;
}
