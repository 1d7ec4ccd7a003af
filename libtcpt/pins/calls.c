// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Clearing the maps of what threads do, before and after a replacement. */
#include <bpf/bpf.h>

#include "base/wait.h"
#include "internal.h"
#include "maps/keys.h"
#include "pins/calls.h"
#include "pins/pin.h"
#include "pins/swap.h"
#include "tcpt_abi.h"

static int clear(const char *dir, const char *map, size_t size)
{
	int fd = pin_open_map(dir, map), err = 0;
	__u64 key; /* has room for one of size bytes */

	if (fd < 0)
		return fd;
	while (!err && !key_next(fd, NULL, &key, size)) {
		err = bpf_map_delete_elem(fd, &key);
		if (err == -ENOENT)
			err = 0;
	}
	close(fd);
	return err;
}

/* The programs of this part are those of tracepoint mode, which alone insert. */
static bool has_inserting(const char *dir, const char *part)
{
	return swap_exists(pin_join(dir, part, "tp_shutdown").text) > 0;
}

/* The kernel detaches a program some time after the pin of its link is gone. */
int calls_clear(const char *dir)
{
	int err;

	if (has_inserting(dir, "progs"))
		return 0;
	wait_ns(TCPT_ABI_TURN_NS);
	err = clear(dir, "shutdowns", sizeof(__u64));
	return err ? err : clear(dir, "fd_calls", sizeof(__u32));
}

void calls_clear_fds(const char *dir)
{
	clear(dir, "fds_reported", sizeof(__u64));
}

int calls_clear_replaced(const char *dir)
{
	return has_inserting(dir, "progs-old") || has_inserting(dir, "progs-new") ?
		       calls_clear(dir) :
		       0;
}
