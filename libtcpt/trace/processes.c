// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The table of processes of a trace that is being loaded. The programs see those that fork
 * and execute from now on (bpf/processes.h). What is older is taken from /proc.
 */
#include "trace/processes.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <dirent.h>

#include "base/kernel.h"
#include "base/monotonic.h"
#include "base/process.h"
#include "internal.h"
#include "maps/facts.h"
#include "pins/pin.h"
#include "tcpt_abi_process.h"
#include "trace/trace.h"

int processes_choose(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	unsigned int entries = 0;
	int fd, err;

	trace->processes = opts->processes;
	if (trace->old.lock < 0)
		return 0;
	fd = pin_open_map(trace->pin, "processes");
	err = fd < 0 ? fd : facts_entries(fd, &entries);
	if (fd >= 0)
		close(fd);
	if (err)
		return log_error(opts->log, err,
				 "cannot look at the processes of the trace at %s: %s", trace->pin,
				 strerror(-err));
	trace->processes = entries == TCPT_ABI_PROCESSES;
	if (opts->processes && !trace->processes)
		return log_error(
			opts->log, -EINVAL,
			"the trace at %s has no table of processes, and a replacement cannot "
			"change this; leave out --processes, or unload the trace first",
			trace->pin);
	return 0;
}

/* ---- those that are older ---- */

/* What the programs have seen already is newer than what /proc said. */
static void merge(struct tcpt_abi_process *process, const struct tcpt_abi_process *there)
{
	if (there->pid != process->pid || there->started)
		return;
	process->executed = there->executed;
	memcpy(process->comm, there->comm, sizeof(process->comm));
	memcpy(process->exe, there->exe, sizeof(process->exe));
}

static void write_one(int map, uint32_t pid)
{
	struct tcpt_abi_process process = { .pid = pid }, there;
	uint32_t key = pid % TCPT_ABI_PROCESSES;
	struct process found;

	if (!process_read(pid, &found) || bpf_map_lookup_elem(map, &key, &there))
		return;
	if (there.pid && (there.pid != pid || there.started || there.has_ended))
		return; /* it is younger than the trace */
	process.ppid = found.ppid;
	process.started = process.executed = found.started;
	memcpy(process.comm, found.comm, sizeof(process.comm));
	if (strlen(found.exe) < sizeof(process.exe))
		strcpy(process.exe, found.exe);
	merge(&process, &there);
	bpf_map_update_elem(map, &key, &process, BPF_ANY);
}

void processes_seed(struct bpf_object *object, const struct tcpt_log *log)
{
	int map = bpf_object__find_map_fd_by_name(object, "processes");
	struct dirent *entry;
	bool known;
	DIR *proc;

	if (!kernel_is_first_pidns("/proc/self/ns/pid", &known)) {
		log_warning(log, "the processes that are older than the trace are not known: this "
				 "process is in a pid namespace");
		return;
	}
	proc = opendir("/proc");
	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)*entry->d_name))
			write_one(map, strtoul(entry->d_name, NULL, 10));
	if (proc)
		closedir(proc);
}
