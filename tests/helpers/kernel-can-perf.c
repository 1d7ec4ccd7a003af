/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel-can.h"

#define KPROBE_PMU "/sys/bus/event_source/devices/kprobe/type"

static char event_name[64]; /* of our line in kprobe_events, if there is one */

static int number_read(const char *path)
{
	FILE *file = fopen(path, "re");
	int number;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &number) != 1) {
		number = -1;
		errno = EIO;
	}
	fclose(file);
	return number;
}

static int perf_open(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	attr->sample_period = 1;
	attr->wakeup_events = 1;
	return (int)syscall(SYS_perf_event_open, attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

int perf_tracepoint_open(const char *category, const char *name)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT };
	const char *tracefs = tracefs_path();
	char path[256];
	int id;

	if (!tracefs)
		return -1;
	snprintf(path, sizeof(path), "%s/events/%s/%s/id", tracefs, category, name);
	id = number_read(path);
	if (id < 0)
		return -1;
	attr.config = (uint32_t)id;
	return perf_open(&attr);
}

static int kprobe_events_write(const char *line)
{
	const char *tracefs = tracefs_path();
	char path[256];
	int fd, result, why;

	if (!tracefs)
		return -1;
	snprintf(path, sizeof(path), "%s/kprobe_events", tracefs);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = write(fd, line, strlen(line)) < 0 ? -1 : 0;
	why = errno;
	close(fd);
	errno = why;
	return result;
}

/* Before Linux 4.17 there is no kprobe PMU, only the list in tracefs. */
static int kprobe_by_tracefs(const char *function)
{
	char line[160];
	int perf, why;

	snprintf(event_name, sizeof(event_name), "kernel_can_%d", (int)getpid());
	snprintf(line, sizeof(line), "p:kprobes/%s %s", event_name, function);
	if (kprobe_events_write(line)) {
		event_name[0] = '\0';
		return -1;
	}
	perf = perf_tracepoint_open("kprobes", event_name);
	why = errno;
	if (perf < 0)
		perf_kprobe_forget();
	errno = why;
	return perf;
}

int perf_kprobe_open(const char *function)
{
	struct perf_event_attr attr = { .config1 = (uint64_t)(uintptr_t)function };
	int type = number_read(KPROBE_PMU);

	if (type < 0)
		return kprobe_by_tracefs(function);
	attr.type = (uint32_t)type;
	return perf_open(&attr);
}

void perf_kprobe_forget(void)
{
	char line[160];

	if (!event_name[0])
		return;
	snprintf(line, sizeof(line), "-:kprobes/%s", event_name);
	kprobe_events_write(line);
	event_name[0] = '\0';
}

int perf_prog_set(int perf, int prog)
{
	if (ioctl(perf, PERF_EVENT_IOC_SET_BPF, prog))
		return -1;
	return ioctl(perf, PERF_EVENT_IOC_ENABLE, 0);
}

/* A perf event of the whole machine, as probes are, with no other capability. */
static int open_with_perfmon(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
	};

	data[CAP_TO_INDEX(CAP_PERFMON)].permitted = CAP_TO_MASK(CAP_PERFMON);
	data[CAP_TO_INDEX(CAP_PERFMON)].effective = CAP_TO_MASK(CAP_PERFMON);
	return syscall(SYS_capset, &header, data) ? -1 : perf_open(&attr);
}

/* Debian's kernels have a kernel.perf_event_paranoid above 2, where it takes CAP_SYS_ADMIN. */
int can_perfmon(const char *unused)
{
	(void)unused;
	return can_child(open_with_perfmon, "opening a perf event with CAP_PERFMON alone");
}
