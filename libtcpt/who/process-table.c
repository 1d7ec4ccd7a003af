// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the processes of events are, or were. The trace has written down those that it saw
 * fork and execute, with the times, so that a process id that was used twice is told apart,
 * and a process that has executed another file since.
 */
#include "who/process-table.h"

#include "base/kernel.h"
#include "base/process.h"
#include "internal.h"
#include "pins/arrays.h"
#include "tcpt_abi_process.h"

#define LOOKS 1000 /* at a place that is being written */

/* ---- the trace's table ---- */

/* Copies an entry of the table. Returns false if it changes all the time. */
static bool copy(const struct words *words, unsigned int i, struct tcpt_abi_process *process)
{
	const struct tcpt_abi_process *place = (const struct tcpt_abi_process *)words->at + i;

	for (int looks = 0; looks < LOOKS; looks++) {
		uint32_t seq;

		if (words_renew(words, i, i + 1))
			return false;
		seq = __atomic_load_n(&place->seq, __ATOMIC_ACQUIRE);
		memcpy(process, place, sizeof(*process));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (!(seq & 1) && __atomic_load_n(&place->seq, __ATOMIC_RELAXED) == seq)
			return true;
	}
	return false;
}

/* The process in the place of this one is another, or one that was not there yet. */
static bool is_another(const struct tcpt_abi_process *process, const struct tcpt_event *event)
{
	return process->pid != event->pid || process->started > event->ts;
}

/* Returns false if the table does not have the process. */
static bool look_up(const struct words *words, const struct tcpt_event *event,
		    struct process_known *known)
{
	struct tcpt_abi_process process;

	if (words->entries != TCPT_ABI_PROCESSES ||
	    !copy(words, event->pid % TCPT_ABI_PROCESSES, &process) || is_another(&process, event))
		return false;
	known->started = process.started;
	known->ppid = process.ppid;
	if (process.executed > event->ts)
		return true; /* it was something else then */
	memcpy(known->comm, process.comm, sizeof(process.comm));
	memcpy(known->exe, process.exe, sizeof(process.exe));
	known->exe[sizeof(process.exe) - 1] = '\0';
	return true;
}

/* ---- what is still there ---- */

/* What it has executed since the event is known only from the table. */
static void ask_proc(const struct tcpt_event *event, bool is_in_table, struct process_known *known)
{
	struct process found;

	if (!process_read(event->pid, &found) || found.started > event->ts)
		return;
	known->started = found.started;
	known->ppid = found.ppid;
	if (is_in_table)
		return;
	memcpy(known->comm, found.comm, sizeof(found.comm));
	strcpy(known->exe, found.exe);
}

void process_table_find(const struct process_table *table, const struct tcpt_event *event,
			struct process_known *known)
{
	bool has_place;

	known->ppid = 0;
	known->started = 0;
	known->exe[0] = '\0';
	memset(known->comm, 0, sizeof(known->comm));
	if (!event->pid)
		return;
	has_place = look_up(&table->words, event, known);
	if (table->sees_proc && !known->started)
		ask_proc(event, has_place, known);
	if (event->pid == event->tid) /* its first thread's name is its own */
		memcpy(known->comm, event->comm, sizeof(known->comm));
}

/* ---- the trace ---- */

void process_table_close(struct process_table *table)
{
	words_close(&table->words);
	table->words = (struct words)WORDS_NONE;
}

void process_table_open(struct process_table *table, const char *pin, const struct tcpt_log *log)
{
	bool known;
	int err;

	process_table_close(table);
	table->sees_proc = kernel_is_first_pidns("/proc/self/ns/pid", &known);
	err = arrays_open(&table->words, pin, "processes", false, sizeof(struct tcpt_abi_process));
	if (err)
		log_warning(log, "cannot look at the processes of the trace: %s", strerror(-err));
	else if (table->words.entries != TCPT_ABI_PROCESSES)
		log_warning(log,
			    "the trace has no table of processes (tcpt-load --processes): of those "
			    "that have ended nothing is known, and of others what they are now");
}
