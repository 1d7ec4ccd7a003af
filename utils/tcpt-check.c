// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli.h"
#include "doctor.h"
#include "json-text.h"
#include "private.h"
#include "programs.h"
#include "self-test.h"
#include "text.h"

enum format {
	TEXT,
	JSON,
};

struct config {
	enum format format;
	enum tcpt_attach attach;
	bool all_modes;
	bool no_self_test;
	struct cli_log log;
};

static const struct cli cli = {
	.name = "tcpt-check",
	.synopsis = "[OPTION]...",
	.about = "Say what this machine has for a trace, and try one on known connections.",
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to try"),
			{ 0, "attach", "MODE", "auto, kprobe, fentry, tracepoint or cgroup (auto)",
			  cli_take_choice, CLI_TO(attach),
			  CLI_CHOICES("auto", "kprobe", "fentry", "tracepoint", "cgroup") },
			{ 0, "all-modes", NULL, "try each attach mode that works here",
			  cli_take_true, CLI_TO(all_modes) },
			{ 0, "no-self-test", NULL, "look, and try nothing", cli_take_true,
			  CLI_TO(no_self_test) },
			CLI_GROUP("What to print"),
			{ 'f', "format", "FORMAT", "text or json (text)", cli_take_choice,
			  CLI_TO(format), CLI_CHOICES("text", "json") },
			CLI_GROUP("Diagnosis"),
			CLI_VERBOSE,
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt-check", "does it work here, and what is to be done?" },
			{ "tcpt-check --all-modes", "is each attach mode exact here?" },
			{},
		},
};

/* What is printed, all of it at the end. */
struct report {
	enum format format;
	struct text text;
	unsigned int tests;
	bool is_wrong;
};

/* ---- the machine ---- */

static void put_finding(struct report *report, const struct finding *finding, bool is_first)
{
	struct text *text = &report->text;

	if (report->format == TEXT) {
		text_add(text, "%-6s%-14s%s%s%s\n", doctor_state_name(finding->state),
			 finding->name, finding->found, *finding->cure ? "; " : "", finding->cure);
		return;
	}
	text_add(text, "%s{\"name\":", is_first ? "" : ",");
	json_text_add(text, finding->name);
	text_add(text, ",\"state\":\"%s\",\"found\":", doctor_state_name(finding->state));
	json_text_add(text, finding->found);
	if (*finding->cure) {
		text_add(text, ",\"cure\":");
		json_text_add(text, finding->cure);
	}
	text_add(text, "}");
}

static void put_machine(struct report *report, const struct tcpt_probe *probe)
{
	struct utsname name = {};
	struct doctor doctor;
	char *choice = doctor_choice(probe);

	uname(&name);
	doctor_look(&doctor, probe);
	if (report->format == JSON) {
		text_add(&report->text, "{\"kernel\":");
		json_text_add(&report->text, name.release);
		text_add(&report->text, ",\"machine\":\"%s\",\"checks\":[", name.machine);
	}
	for (unsigned int i = 0; i < doctor.n; i++)
		put_finding(report, &doctor.of[i], !i);
	if (report->format == JSON) {
		text_add(&report->text, "],\"auto\":");
		json_text_add(&report->text, choice ? choice : "");
		text_add(&report->text, ",\"tests\":[");
	} else {
		text_add(&report->text, "\nattach mode auto takes %s\n", choice ? choice : "-");
	}
	free(choice);
}

/* ---- the self-test ---- */

static void put_test_json(struct report *report, const struct self_test *test, const char *wrong)
{
	struct text *text = &report->text;
	const char *separator = "";

	text_add(text, "%s{\"attach\":\"%s\",\"due\":%u,\"exact\":%u,\"wrong\":[",
		 report->tests++ ? "," : "", tcpt_attach_name(test->attach), test->of.due,
		 test->of.exact);
	while (*wrong) {
		size_t size = strcspn(wrong, "\n");
		char *line = strndup(wrong, size);

		text_add(text, "%s", separator);
		json_text_add(text, line ? line : "");
		free(line);
		separator = ",";
		wrong += size + (wrong[size] == '\n');
	}
	text_add(text, "]}");
}

static void put_test(struct report *report, struct self_test *test)
{
	struct utsname name = {};
	char *wrong;

	wrong = text_end(&test->of.wrong);
	report->is_wrong |= !wrong || *wrong || test->of.exact != test->of.due;
	uname(&name);
	if (report->format == JSON)
		put_test_json(report, test, wrong ? wrong : "");
	else
		text_add(&report->text, "on Linux %s, in %s mode: %u of %u exact%s\n%s",
			 name.release, tcpt_attach_name(test->attach), test->of.exact, test->of.due,
			 test->of.knows_acceptor ? "" :
						   ", but for who accepts, which it cannot know",
			 wrong ? wrong : "");
	free(wrong);
}

static int try_mode(struct report *report, enum tcpt_attach attach, const struct tcpt_probe *probe,
		    struct private_offsets *offsets, const struct cli_log *log)
{
	struct self_test test;
	int err = self_test_run(&test, attach, probe, offsets, log);

	if (!err)
		put_test(report, &test);
	else
		free(text_end(&test.of.wrong));
	return err;
}

static int try_modes(struct report *report, const struct config *config,
		     const struct tcpt_probe *probe, struct private_offsets *offsets)
{
	int err = private_enter(&cli);

	if (!err)
		err = private_mount_bpffs(&cli);
	if (!err && !config->all_modes)
		err = try_mode(report, config->attach, probe, offsets, &config->log);
	for (enum tcpt_attach mode = TCPT_ATTACH_KPROBE;
	     !err && config->all_modes && mode <= TCPT_ATTACH_CGROUP; mode++)
		if (tcpt_probe_mode(probe, mode)->works)
			err = try_mode(report, mode, probe, offsets, &config->log);
	return err;
}

/* ---- both ---- */

static int print_report(struct report *report)
{
	char *text;

	if (report->format == JSON)
		text_add(&report->text, "]}\n");
	text = text_end(&report->text);
	if (!text) {
		cli_error(&cli, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	fputs(text, stdout);
	free(text);
	return 0;
}

static int check(const struct config *config)
{
	struct report report = { .format = config->format };
	struct private_offsets offsets = {};
	struct tcpt_probe *probe;
	int err = tcpt_probe_run(&probe), printed;

	if (err) {
		cli_error(&cli, "cannot probe: %s", strerror(-err));
		return err;
	}
	put_machine(&report, probe);
	if (tcpt_probe_best(probe, true) == TCPT_ATTACH_AUTO) {
		cli_error(&cli, "no attach mode works here, so nothing was tried");
		err = -EOPNOTSUPP;
	} else if (!config->no_self_test) {
		err = try_modes(&report, config, probe, &offsets);
	}
	printed = print_report(&report);
	tcpt_offsets_free(offsets.of);
	tcpt_probe_free(probe);
	return err ? err : printed ? printed : report.is_wrong ? -EIO : 0;
}

PROGRAM_MAIN(check)
{
	struct config config = {};

	cli_begin(&config.log, &cli);
	cli_parse(&cli, &config, argc, argv);
	if (config.no_self_test && (config.all_modes || config.attach != TCPT_ATTACH_AUTO))
		cli_misuse(&cli, "--no-self-test tries nothing, and excludes --all-modes and "
				 "--attach");
	if (config.all_modes && config.attach != TCPT_ATTACH_AUTO)
		cli_misuse(&cli, "--all-modes and --attach exclude each other");
	return cli_close_stdout(&cli, cli_status(check(&config)));
}
