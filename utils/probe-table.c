// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe-table.h"
#include "table.h"

static const enum tcpt_attach modes[] = {
	TCPT_ATTACH_KPROBE,
	TCPT_ATTACH_FENTRY,
	TCPT_ATTACH_TRACEPOINT,
	TCPT_ATTACH_CGROUP,
};

#define MODES (sizeof(modes) / sizeof(modes[0]))

/* Returns the state of a hook for one mode, in parentheses if the mode can do without it. */
static const char *cell(const struct tcpt_hook *hook, enum tcpt_use use, char *buf, size_t size)
{
	const char *state = tcpt_hook_state_name(hook->state);

	if (use == TCPT_USE_NONE)
		return "-";
	if (use == TCPT_USE_REQUIRED)
		return state;
	snprintf(buf, size, "(%s)", state);
	return buf;
}

static void add_hook(struct table *table, const struct tcpt_probe *probe, unsigned int i,
		     const struct tcpt_hook *hook)
{
	bool is_there = hook->state == TCPT_HOOK_THERE || hook->state == TCPT_HOOK_RENAMED;
	char buf[16];

	table_add(table, "%s %s", hook->kind, hook->target);
	for (size_t m = 0; m < MODES; m++)
		table_add(table, "%s",
			  cell(hook, tcpt_probe_use(probe, i, modes[m]), buf, sizeof(buf)));
	table_add(table, "%s", !is_there ? "-" : hook->pinnable ? "yes" : "no");
	table_add(table, "%s", hook->note ? hook->note : "");
}

static int print_hooks(const struct tcpt_probe *probe, const struct cli *cli)
{
	struct table table = { .columns = { { .heading = "HOOK" } }, .n = MODES + 3 };
	const struct tcpt_hook *hook;

	for (size_t m = 0; m < MODES; m++)
		table.columns[m + 1].heading = tcpt_attach_name(modes[m]);
	table.columns[MODES + 1].heading = "PIN";
	table.columns[MODES + 2].heading = "NOTE";
	for (unsigned int i = 0; (hook = tcpt_probe_hook(probe, i)); i++)
		add_hook(&table, probe, i, hook);
	return table_print(&table, cli);
}

static void print_mode(const struct tcpt_probe *probe, enum tcpt_attach attach)
{
	const struct tcpt_mode *mode = tcpt_probe_mode(probe, attach);

	printf("%s: ", tcpt_attach_name(attach));
	if (!mode->works)
		printf("no: %s\n", mode->why);
	else
		puts(mode->pinnable ? "works, and its links can be pinned" :
				      "works with --hold: its links cannot be pinned");
}

static void print_best(const struct tcpt_probe *probe)
{
	enum tcpt_attach pinned = tcpt_probe_best(probe, false);
	enum tcpt_attach held = tcpt_probe_best(probe, true);

	printf("auto: %s", pinned == TCPT_ATTACH_AUTO ? "none" : tcpt_attach_name(pinned));
	if (held != pinned)
		printf(", with --hold %s", tcpt_attach_name(held));
	putchar('\n');
}

static void print_store(const struct tcpt_probe *probe)
{
	bool is_mapped;
	enum tcpt_store store = tcpt_probe_store(probe, &is_mapped);

	printf("store: %s%s\n", tcpt_store_name(store),
	       is_mapped ? "" : ", which readers look up: arrays cannot be mapped (Linux 5.5)");
	if (tcpt_probe_is_split(probe))
		puts("programs: split into steps, for one tap: none can have more than 4,096 "
		     "instructions (Linux 5.2)");
}

int probe_table_print(const struct tcpt_probe *probe, const struct cli *cli)
{
	int err = print_hooks(probe, cli);

	if (err)
		return err;
	putchar('\n');
	for (size_t m = 0; m < MODES; m++)
		print_mode(probe, modes[m]);
	print_best(probe);
	print_store(probe);
	return 0;
}

/* It gives the reason once, if all modes have the same. */
char *probe_table_why_none(const struct tcpt_probe *probe)
{
	const char *why[MODES];
	char *text = NULL;

	if (tcpt_probe_best(probe, true) != TCPT_ATTACH_AUTO)
		return NULL;
	for (size_t m = 0; m < MODES; m++)
		why[m] = tcpt_probe_mode(probe, modes[m])->why;
	if (!strcmp(why[0], why[1]) && !strcmp(why[0], why[2]) && !strcmp(why[0], why[3]))
		return strdup(why[0]);
	return asprintf(&text, "kprobe: %s; fentry: %s; tracepoint: %s; cgroup: %s", why[0], why[1],
			why[2], why[3]) < 0 ?
		       NULL :
		       text;
}

static void add_count(struct table *table, bool is_known, uint64_t count)
{
	if (is_known)
		table_add(table, "%" PRIu64, count);
	else
		table_add(table, "-");
}

int missed_table_print(const char *pin, bool is_required, const struct tcpt_log *log,
		       const struct cli *cli)
{
	struct tcpt_missed missed[32];
	const size_t max = sizeof(missed) / sizeof(missed[0]);
	struct table table = { .columns = { { .heading = "MISSED BY" },
					    { .heading = "RUNS", .right = true },
					    { .heading = "CALLS", .right = true } },
			       .n = 3 };
	int count = tcpt_missed_read(pin, missed, max, NULL);

	if (count == -ENOENT && !is_required)
		return 0;
	if (count < 0)
		return tcpt_missed_read(pin, missed, max, log); /* once more, with a message */
	for (int i = 0; i < count; i++) {
		table_add(&table, "%s", missed[i].program);
		add_count(&table, missed[i].has_runs, missed[i].runs);
		add_count(&table, missed[i].has_calls, missed[i].calls);
	}
	putchar('\n');
	return table_print(&table, cli);
}
