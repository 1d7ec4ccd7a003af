// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Perf events, to which programs of kprobes, kretprobes and tracepoints are attached. */
#include <linux/perf_event.h>
#include <sys/syscall.h>

#include "attach/perf.h"
#include "base/tracefs.h"
#include "internal.h"

static int open_event(struct perf_event_attr *attr, pid_t thread, int cpu)
{
	int fd = syscall(SYS_perf_event_open, attr, thread, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int perf_open(struct perf_event_attr *attr)
{
	return open_event(attr, -1, 0);
}

int perf_open_own(struct perf_event_attr *attr)
{
	return open_event(attr, 0, -1);
}

int perf_open_tracepoint(const char *category, const char *event)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	int id = tracefs_event_id(category, event);

	attr.config = id;
	return id < 0 ? id : perf_open(&attr);
}
