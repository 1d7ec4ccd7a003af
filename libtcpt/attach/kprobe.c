// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Kprobes and kretprobes, as perf events to which a program can be attached. Linux 4.17
 * and later make a nameless kprobe for a perf event. Earlier kernels need a named one, in
 * tracefs. Kretprobes are named too, because only a named one can say for how many calls
 * at once it has room. Named ones outlive the process that made them, so they carry its id
 * and are removed later.
 */
#include <bpf/libbpf.h>
#include <ctype.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>

#include "attach/kprobe.h"
#include "attach/perf.h"
#include "base/files.h"
#include "base/knobs.h"
#include "base/symbols.h"
#include "base/tracefs.h"
#include "base/wait.h"
#include "internal.h"

#define PMU_TYPE "/sys/bus/event_source/devices/kprobe/type"
#define GROUP "tcpt"
#define MAXACTIVE 4096 /* the most that the kernel allows */

/* ---- nameless ---- */

static int pmu_type(void)
{
	char text[16];
	ssize_t n = knob_without("pmu") ? -ENOENT : file_read_path(PMU_TYPE, text, sizeof(text));

	return n < 0 ? n : isdigit((unsigned char)*text) ? atoi(text) : -ENOENT;
}

static bool has_kprobes(void)
{
	int fd = tracefs_open("kprobe_events", O_RDONLY);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || pmu_type() >= 0;
}

/* Describes a kprobe by name, or by address if symbol is NULL. */
static struct perf_event_attr nameless(int type, const char *symbol, uint64_t address,
				       bool is_return)
{
	return (struct perf_event_attr){
		.type = type,
		.size = sizeof(struct perf_event_attr),
		.config = is_return,
		.config1 = (uint64_t)(unsigned long)symbol,
		.config2 = symbol ? 0 : address,
	};
}

static int open_nameless(int type, const char *symbol, uint64_t address, bool is_return)
{
	struct perf_event_attr attr = nameless(type, symbol, address, is_return);

	return perf_open(&attr);
}

/* The perf event counts the calls by this thread alone. */
bool kprobe_is_passed_by_pipe(const char *symbol)
{
	struct perf_event_attr attr = nameless(pmu_type(), symbol, 0, false);
	int ends[2], event = (int)attr.type < 0 ? -ENODEV : perf_open_own(&attr);
	uint64_t calls = 2;

	if (event < 0)
		return true;
	if (!pipe2(ends, O_CLOEXEC)) {
		close(ends[0]);
		close(ends[1]);
		if (read(event, &calls, sizeof(calls)) != sizeof(calls))
			calls = 2;
	}
	close(event);
	return calls >= 2;
}

/* ---- named ---- */

static int write_command(const char *command)
{
	int fd = tracefs_open("kprobe_events", O_WRONLY | O_APPEND), err = 0;

	if (fd < 0)
		return fd;
	if (write(fd, command, strlen(command)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* Makes a name for a kprobe. It has only letters, digits and underscores. */
static void make_name(char *name, size_t size, const char *symbol)
{
	static unsigned int made;

	snprintf(name, size, "%.40s_%d_%u", symbol ? symbol : "at", (int)getpid(),
		 __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED));
	for (char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p))
			*p = '_';
}

static int make_named(const char *name, const char *symbol, uint64_t address, const char *kind)
{
	char command[256], where[SYMBOL_MAX];

	if (symbol)
		snprintf(where, sizeof(where), "%s", symbol);
	else
		snprintf(where, sizeof(where), "0x%llx", (unsigned long long)address);
	snprintf(command, sizeof(command), "%s:" GROUP "/%s %s\n", kind, name, where);
	return write_command(command);
}

static int open_named(const char *symbol, uint64_t address, const char *kind)
{
	char name[64];
	int fd;

	make_name(name, sizeof(name), symbol);
	fd = make_named(name, symbol, address, kind);
	if (!fd)
		fd = perf_open_tracepoint(GROUP, name);
	if (fd < 0)
		kprobe_tidy();
	return fd;
}

/*
 * Opens a kretprobe with room for as many sleeping calls as the kernel gives. Kernels
 * before 4.12 have no such choice.
 */
static int open_return(const char *symbol, uint64_t address)
{
	char kind[16];
	int fd = -EINVAL;

	for (int room = MAXACTIVE; room >= 64 && fd == -EINVAL; room /= 2) {
		if (knob_without("maxactive"))
			break;
		snprintf(kind, sizeof(kind), "r%d", room);
		fd = open_named(symbol, address, kind);
	}
	return fd;
}

/*
 * Returns true if the kprobe of this name is left over. If another process made it and
 * still runs, it is about to use it.
 */
static bool is_left_over(const char *name)
{
	const char *number = strrchr(name, '_');
	int pid;

	while (number && number > name && number[-1] != '_')
		number--;
	if (!number || sscanf(number, "%d_", &pid) != 1)
		return false;
	return pid == getpid() || (kill(pid, 0) && errno == ESRCH);
}

bool kprobe_is_on(const char *event, const char *function)
{
	size_t size = strlen(function);

	return !strncmp(event, function, size) && event[size] == '_' &&
	       isdigit((unsigned char)event[size + 1]);
}

static bool remove_named(const char *name)
{
	char command[96];

	snprintf(command, sizeof(command), "-:" GROUP "/%s\n", name);
	return !write_command(command);
}

unsigned int kprobe_tidy(void)
{
	int fd = tracefs_open("kprobe_events", O_RDONLY);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL, name[64];
	unsigned int busy = 0;
	size_t size = 0;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (getline(&line, &size, file) > 0) {
		const char *group = strstr(line, ":" GROUP "/");

		if (group && sscanf(group, ":" GROUP "/%63s", name) == 1 && is_left_over(name))
			busy += !remove_named(name);
	}
	free(line);
	fclose(file);
	return busy;
}

void kprobe_tidy_await(void)
{
	unsigned int looks = 100;

	while (kprobe_tidy() && wait_again(&looks))
		;
}

/* ---- either ---- */

int kprobe_open(const char *symbol, uint64_t address, bool is_return)
{
	int type = pmu_type(), fd = -EINVAL;

	if (is_return)
		fd = open_return(symbol, address);
	if (fd < 0 && fd != -ENOENT && type >= 0)
		return open_nameless(type, symbol, address, is_return);
	if (fd < 0 && fd != -ENOENT)
		fd = open_named(symbol, address, is_return ? "r" : "p");
	return fd == -ENOENT && !has_kprobes() ? -ENODEV : fd;
}

/*
 * By libbpf's own way nobody would remove the name that a kprobe has before Linux 4.17, if
 * this process is killed.
 */
struct bpf_link *kprobe_attach(const char *symbol, const struct bpf_program *prog)
{
	struct bpf_link *link = NULL;
	int perf, err;

	kprobe_tidy();
	perf = kprobe_open(symbol, 0, false);
	err = -perf;
	if (perf >= 0) {
		link = bpf_program__attach_perf_event(prog, perf);
		err = errno;
	}
	if (perf >= 0 && !link)
		close(perf);
	errno = err;
	return link;
}
