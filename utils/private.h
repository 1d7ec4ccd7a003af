/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A trace that is this process's alone. Its pins are in a bpffs that is mounted in a mount
 * namespace of this process, and its links are descriptors of this process, so the kernel
 * removes all of it when the process ends, also by SIGKILL.
 */
#ifndef PRIVATE_H
#define PRIVATE_H

#include <stdbool.h>

#include "cli.h"

/*
 * Makes the mount namespace. Mounts of others go on to come and go in it. Returns 0 or a
 * negative errno, after a message.
 */
int private_enter(const struct cli *cli);
/* Mounts the bpffs in it. The same. */
int private_mount_bpffs(const struct cli *cli);

struct private_offsets {
	bool cached; /* take kept offsets if they hold, as tcpt-load --cached */
	const char *cache_dir;
	struct tcpt_offsets *of; /* the caller frees them */
};

/*
 * Gets the offsets, if there are none yet, and loads a trace with opts, whose other members
 * are set. Where no guess can be made, the trace has no offsets, and is of cgroup mode if
 * opts->attach allows it.
 */
int private_load(struct tcpt_trace **out, struct tcpt_load_opts *opts,
		 struct private_offsets *offsets, const struct cli_log *log);

#endif
