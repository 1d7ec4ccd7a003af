// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The privileges that the calling thread lacks, for messages that name them. */
#include <bpf/bpf.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "base/caps.h"
#include "internal.h"

static bool has(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

/* CAP_SYS_ADMIN includes both capabilities. Before Linux 5.8 it is the only one. */
static const char *for_bpf(void)
{
	if (has(CAP_SYS_ADMIN))
		return NULL;
	if (prctl(PR_CAPBSET_READ, CAP_BPF) < 0)
		return "CAP_SYS_ADMIN";
	if (!has(CAP_BPF))
		return has(CAP_PERFMON) ? "CAP_BPF" : "CAP_BPF and CAP_PERFMON";
	return has(CAP_PERFMON) ? NULL : "CAP_PERFMON";
}

const char *caps_for_maps(void)
{
	if (has(CAP_SYS_ADMIN) || has(CAP_BPF))
		return NULL;
	return prctl(PR_CAPBSET_READ, CAP_BPF) < 0 ? "CAP_SYS_ADMIN" : "CAP_BPF";
}

bool caps_may_chown(void)
{
	return has(CAP_CHOWN);
}

/* Debian's kernels have a perf_event_paranoid above 2, at which CAP_PERFMON is not enough. */
const char *caps_for_perf(void)
{
	const char *lacking = for_bpf();

	if (lacking || has(CAP_SYS_ADMIN))
		return lacking;
	return "CAP_SYS_ADMIN, or first: sysctl kernel.perf_event_paranoid=2";
}

static int make_map(unsigned int pages)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 4096, pages, NULL);

	if (map < 0)
		return -errno;
	close(map);
	return 0;
}

/*
 * Returns whether the limit of locked memory keeps the maps from being made. Kernels
 * before 5.11 count maps as locked memory. It tries: a small map can be made, and one
 * larger than the limit cannot.
 */
static bool memory_is_short(void)
{
	struct rlimit limit;

	if (has(CAP_SYS_RESOURCE) || getrlimit(RLIMIT_MEMLOCK, &limit) ||
	    limit.rlim_cur / 4096 >= 1 << 14)
		return false;
	return !make_map(1) && make_map(limit.rlim_cur / 4096 + 1) == -EPERM;
}

int caps_explain_memory(const struct tcpt_log *log)
{
	if (!memory_is_short())
		return 0;
	return log_error(log, -EPERM,
			 "not permitted to lock as much memory as the maps need; "
			 "run as root or with CAP_SYS_RESOURCE, or first: ulimit "
			 "-l unlimited");
}

int caps_explain_bpf(int err, const struct tcpt_log *log)
{
	const char *lacking = for_bpf();

	if (lacking)
		return log_error(log, -EPERM,
				 "not permitted to load BPF programs: %s; run as root or "
				 "with %s",
				 strerror(-err), lacking);
	if (caps_explain_memory(log))
		return -EPERM;
	return log_error(log, -EPERM,
			 "not permitted to load BPF programs: %s, although the "
			 "capabilities are there; a user namespace, a seccomp "
			 "filter or a security module forbids it",
			 strerror(-err));
}
