// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random values. None of them is a secret: nobody else may meet the same by chance. So nobody
 * waits for the kernel's entropy, of which a machine that has just started may have none.
 */
#include <fcntl.h>
#include <sys/random.h>

#include "base/files.h"
#include "base/knobs.h"
#include "base/monotonic.h"
#include "base/random.h"
#include "internal.h"

/* Reads from the device, which does not wait. */
static ssize_t read_device(void *out, size_t size)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : file_read(fd, out, size);

	if (fd >= 0)
		close(fd);
	return n;
}

/* Where nothing else is there: a generator (xorshift) that begins with time and place. */
static void make_up(unsigned char *out, size_t size)
{
	static uint64_t state;

	if (!state)
		state = monotonic_ns() * 0x9e3779b97f4a7c15 ^ (uint64_t)getpid() << 32 ^
			(uintptr_t)&state;
	for (size_t i = 0; i < size; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		out[i] = state >> 32;
	}
}

void random_bytes(void *out, size_t size)
{
	ssize_t n = knob_without("getrandom") ? -1 : getrandom(out, size, GRND_NONBLOCK);

	if (n != (ssize_t)size)
		n = read_device(out, size);
	if (n != (ssize_t)size)
		make_up(out, size);
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
