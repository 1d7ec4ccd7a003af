// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Finds the difference of the kernel's clocks in its memory: offs_real of struct
 * timekeeper (include/linux/timekeeper_internal.h). Two members behind it is offs_tai, the
 * same for CLOCK_TAI (unchanged since Linux 3.17). Any program can read these clocks, so
 * both numbers are known.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "base/monotonic.h"
#include "base/realtime.h"
#include "base/symbols.h"
#include "guess/kmem.h"
#include "guess/memory.h"
#include "guess/realtime-address.h"
#include "internal.h"

#define OFFS_TAI 2 /* members behind offs_real */

/* ---- looking ---- */

int realtime_address_search(const int64_t *words, size_t count, int64_t realtime, int64_t tai)
{
	for (size_t i = 0; i + OFFS_TAI < count; i++)
		if (realtime_is_near(words[i], realtime) && words[i + OFFS_TAI] - words[i] == tai)
			return i;
	return -ENOENT;
}

struct search {
	struct kmem *kmem;
	uint64_t variable; /* its address */
	int64_t words[REALTIME_ADDRESS_WORDS];
	int found; /* index of the word, or an error */
};

/* The kernel's own clock is that of the initial time namespace. */
static int read_and_search(struct search *search)
{
	struct memory memory = { .fetch = kmem_fetch, .arg = search->kmem };
	int64_t realtime = realtime_offset() + monotonic_namespace_ns();
	int found = memory_read(&memory, search->variable, search->words, sizeof(search->words)) ?
			    realtime_address_search(search->words, ARRAY_SIZE(search->words),
						    realtime, realtime_tai()) :
			    -ENOENT;

	memory_clear(&memory);
	return found;
}

/* The bell is bound to loopback, because it listens for a moment. */
static int open_bell(void)
{
	const struct sockaddr_in loopback = { .sin_family = AF_INET,
					      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd >= 0 && !bind(fd, (const struct sockaddr *)&loopback, sizeof(loopback)))
		return fd;
	err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static void *run(void *arg)
{
	struct search *search = arg;
	int bell = open_bell();

	search->found = bell;
	if (bell < 0)
		return NULL;
	kmem_adopt_thread(search->kmem);
	kmem_use_bell(search->kmem, bell);
	search->found = read_and_search(search);
	close(bell);
	return NULL;
}

/* ---- the whole ---- */

/* Since Linux 6.17 there is one timekeeper for each kind of clock; the first is this one's. */
static uint64_t find_variable(void)
{
	struct symbols variables[] = {
		{ .wanted = "tk_core", .is_data = true },
		{ .wanted = "timekeeper_data", .is_data = true },
	};

	if (symbols_find(variables, ARRAY_SIZE(variables)))
		return 0;
	return variables[0].address ?: variables[1].address;
}

int realtime_address_find(uint64_t *address)
{
	struct search search = { .variable = find_variable() };
	pthread_t thread;
	int err;

	if (!search.variable)
		return -ENOENT;
	err = kmem_open(&search.kmem, TCPT_VIA_AUTO, NULL);
	if (err)
		return err;
	err = -pthread_create(&thread, NULL, run, &search);
	if (!err)
		pthread_join(thread, NULL);
	kmem_close(search.kmem);
	if (err || search.found < 0)
		return err ? err : search.found;
	*address = search.variable + search.found * sizeof(*search.words);
	return 0;
}
