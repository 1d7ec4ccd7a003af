// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache.h"
#include "cli.h"
#include "document.h"
#include "group.h"
#include "notify.h"
#include "probe-table.h"
#include "programs.h"

#define REASON_MAX 512

struct config {
	struct tcpt_load_opts load;
	const char *offsets; /* NULL: none given */
	bool cached;
	const char *cache_dir;
	struct cli_filters filters;
	bool force;
	bool no_verify;
	bool probe;
	bool loads; /* an option is given that --probe has no use for */
	size_t recorder_bytes; /* 0: the default */
	struct cli_log log;
};

static cli_take take_group;

#define SIZES .min = 4 << 10, .max = 1 << 30

static const struct cli cli = {
	.name = "tcpt-load",
	.synopsis = "[OPTION]... < OFFSETS\n       tcpt-load --cached [OPTION]...\n       "
		    "tcpt-load --probe [--pin=DIR]",
	.about = "Load the tracer with the given offsets, attach it and pin it in bpffs.",
	.options =
		(const struct cli_option[]){
			CLI_GROUP("The offsets"),
			{ 0, "offsets", "FILE",
			  "the offsets document; - for stdin, btf for the kernel's BTF, none for "
			  "none (-)",
			  cli_take_text, CLI_TO(offsets) },
			{ 0, "cached", NULL,
			  "use kept offsets if they still hold; else guess, and keep them",
			  cli_take_true, CLI_TO(cached) },
			{ 0, "cache-dir", "DIR", "where they are kept (" CACHE_DIR ")",
			  cli_take_text, CLI_TO(cache_dir) },
			{ 0, "force", NULL,
			  "accept offsets of another kernel build, and a file that "
			  "others can change",
			  cli_take_true, CLI_TO(force) },
			{ 0, "no-verify", NULL,
			  "do not try the offsets of a file on two connections first",
			  cli_take_true, CLI_TO(no_verify) },
			CLI_GROUP("What to report"),
			{ 0, "filter", "KEY=VALUE,...",
			  "report only events that have one of these values; see tcpt-filter(8)",
			  cli_take_filters, CLI_TO(filters) },
			{ 0, "watch", "PID,...", "report the new descriptors of these processes",
			  cli_take_watched, CLI_TO(filters) },
			{ 0, "existing", NULL,
			  "report the connections that are open already (default)", cli_take_true,
			  CLI_TO(load.existing) },
			{ 0, "no-existing", NULL, "do not look for them", cli_take_false,
			  CLI_TO(load.existing) },
			{ 0, "processes", NULL,
			  "keep what processes execute, for tcpt-watch --resolve=exe",
			  cli_take_true, CLI_TO(load.processes) },
			CLI_GROUP("How to trace"),
			{ 0, "attach", "MODE", "auto, kprobe, fentry, tracepoint or cgroup (auto)",
			  cli_take_choice, CLI_TO(load.attach),
			  CLI_CHOICES("auto", "kprobe", "fentry", "tracepoint", "cgroup") },
			{ 0, "ring-size", "SIZE", "size of the event ring, as in 64K or 1G (8M)",
			  cli_take_size, CLI_TO(load.ring_bytes), SIZES },
			{ 0, "store", "KIND", "kind of the rings: auto, ring or slots (auto)",
			  cli_take_choice, CLI_TO(load.store),
			  CLI_CHOICES("auto", "ring", "slots") },
			{ 0, "recorder", "[=SIZE]",
			  "flight recorder: the newest events overwrite the oldest, read or not, "
			  "in rings of this size (8M)",
			  cli_take_size, CLI_TO(recorder_bytes), SIZES },
			{ 0, "taps", "N",
			  "rings of every event, each with a reader; auto: two if that can be (1)",
			  cli_take_number_or_auto, CLI_TO(load.taps), .min = 1,
			  .max = TCPT_TAPS_MAX },
			{ 0, "hold", NULL,
			  "stay and keep the links, for kernels that cannot pin them",
			  cli_take_true, CLI_TO(load.hold) },
			{ 0, "replace", NULL,
			  "replace the programs of the trace that is pinned there, if any",
			  cli_take_true, CLI_TO(load.replace) },
			CLI_GROUP("Where"),
			{ 0, "pin", "DIR",
			  "where to pin the trace (TCPT_PIN, or " TCPT_DEFAULT_PIN ")",
			  cli_take_text, CLI_TO(load.pin) },
			{ 0, "group", "GROUP", "let members of this group read; a name or a number",
			  take_group, CLI_TO(load) },
			CLI_GROUP("Diagnosis"),
			{ 0, "probe", NULL,
			  "show to which hooks programs can be attached, and load nothing",
			  cli_take_true, CLI_TO(probe) },
			CLI_VERBOSE,
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt-guess | tcpt-load", "guess the offsets, and load" },
			{ "tcpt-load --cached --group=adm",
			  "use kept offsets, and let a group read" },
			{ "tcpt-load --cached --recorder=64M",
			  "always keep the newest events, for tcpt-watch --peek" },
			{ "tcpt-load --offsets=btf --filter=dport=443",
			  "take the offsets from BTF, and report only these connections" },
			{},
		},
};

static void take_group(const struct cli *program, const struct cli_option *option, char *text,
		       void *to)
{
	struct tcpt_load_opts *load = to;

	load->for_group = true;
	if (group_find(text, &load->group))
		cli_misuse(&cli, "--group: there is no group '%s'", text);
}

static bool is_btf(const struct config *config)
{
	return config->offsets && !strcmp(config->offsets, "btf");
}

static bool is_none(const struct config *config)
{
	return config->offsets && !strcmp(config->offsets, "none");
}

/* Refuses options that would be ignored. */
static void check_together(const struct config *config)
{
	bool from_stdin = !config->cached && (!config->offsets || !strcmp(config->offsets, "-"));

	if (config->probe && config->loads)
		cli_misuse(&cli, "--probe loads nothing, and goes with --pin only");
	if (config->cached && config->offsets)
		cli_misuse(&cli, "--cached and --offsets exclude each other");
	if (config->cached && config->force)
		cli_misuse(&cli, "--cached and --force exclude each other: kept offsets "
				 "are those of this kernel build");
	if (config->force && (is_btf(config) || is_none(config)))
		cli_misuse(&cli, "--force is for a document, not for --offsets=%s",
			   config->offsets);
	if (config->no_verify && (config->cached || is_btf(config) || is_none(config)))
		cli_misuse(&cli, "--no-verify is for a document, not for --%s%s",
			   config->cached ? "cached" : "offsets=",
			   config->cached ? "" : config->offsets);
	if (config->cache_dir && !*config->cache_dir)
		cli_misuse(&cli, "--cache-dir: no directory is given");
	if (config->cache_dir && !config->cached)
		cli_misuse(&cli, "--cache-dir goes with --cached only");
	if (config->load.recorder && config->load.store == TCPT_STORE_RING)
		cli_misuse(&cli, "--recorder and --store=ring exclude each other");
	if (config->load.recorder && config->load.ring_bytes)
		cli_misuse(&cli, "--recorder and --ring-size exclude each other");
	if (!config->probe && from_stdin && isatty(STDIN_FILENO))
		cli_misuse(&cli,
			   "stdin is a terminal, and the offsets come from stdin; run it behind "
			   "'tcpt-guess |'");
}

static void parse(struct config *config, int argc, char **argv)
{
	const struct cli_option *option;

	while ((option = cli_next(&cli, config, argc, argv))) {
		config->loads |= strcmp(option->name, "probe") && strcmp(option->name, "pin");
		config->load.recorder |= !strcmp(option->name, "recorder");
	}
	check_together(config);
	if (config->load.recorder)
		config->load.ring_bytes = config->recorder_bytes;
	if (!config->offsets)
		config->offsets = "-";
	if (!config->cache_dir)
		config->cache_dir = CACHE_DIR;
}

/* Keeps the library's reason. Its warnings are about places, not about the document. */
static void keep_reason(void *arg, enum tcpt_log_level level, const char *text)
{
	char *reason = arg;

	if (level == TCPT_LOG_ERROR)
		snprintf(reason, REASON_MAX, "%s", text);
}

/*
 * Returns true if the document comes from a file, which standard input may be too. A
 * document from a pipe was just proved by tcpt-guess, or was chosen on purpose.
 */
static bool is_file(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode);
}

/* This is printed when the trace is loaded. If it cannot be, that message says more. */
static char unverified[REASON_MAX + PATH_MAX];

static int verify(const struct tcpt_offsets *offsets, const char *name)
{
	char reason[REASON_MAX] = "";
	const struct tcpt_log log = { keep_reason, reason };
	int err = tcpt_offsets_verify(offsets, &log);

	if (!err)
		return 0;
	if (!*reason)
		snprintf(reason, sizeof(reason), "%s", strerror(-err));
	if (err == -EUCLEAN) {
		cli_error(&cli, "%s: %s; run tcpt-guess anew", name, reason);
		return err;
	}
	snprintf(unverified, sizeof(unverified),
		 "warning: %s could not be tried, and is used as it is: %s", name, reason);
	return 0;
}

static int read_document(const struct config *config, struct tcpt_offsets **offsets)
{
	const char *name;
	int fd = document_open(&cli, config->offsets, &name), err;

	if (fd < 0)
		return fd;
	err = config->force || (!strcmp(config->offsets, "-") && !is_file(fd)) ?
		      0 :
		      tcpt_offsets_check_file(fd, name, &config->log.log);
	if (!err)
		err = tcpt_offsets_read(offsets, fd, name, &config->log.log);
	if (!err && !config->force)
		err = tcpt_offsets_check_kernel(*offsets, &config->log.log);
	if (!err && !config->no_verify && is_file(fd))
		err = verify(*offsets, name);
	close(fd);
	return err;
}

static int make_none(struct tcpt_offsets **offsets)
{
	int err;

	*offsets = tcpt_offsets_none();
	err = *offsets ? 0 : -errno;
	if (err)
		cli_error(&cli, "cannot make a set of offsets: %s", strerror(-err));
	return err;
}

static int get_offsets(const struct config *config, struct tcpt_offsets **offsets)
{
	if (config->cached)
		return cache_get(offsets, config->cache_dir, &config->log);
	if (is_none(config))
		return make_none(offsets);
	if (is_btf(config))
		return tcpt_offsets_from_btf(offsets, NULL, &config->log.log);
	return read_document(config, offsets);
}

static void block_endings(sigset_t *endings)
{
	sigemptyset(endings);
	sigaddset(endings, SIGINT);
	sigaddset(endings, SIGTERM);
	if (!cli_is_ignored(SIGHUP))
		sigaddset(endings, SIGHUP);
	sigprocmask(SIG_BLOCK, endings, NULL);
}

/* A line of the state is a variable, so a line break in a name must not begin another. */
static void notify_loaded(const char *mode, const char *pin)
{
	char *shown = tcpt_message_text(pin), *state = NULL;

	if (shown &&
	    asprintf(&state, "READY=1\nSTATUS=tracing by %s, pinned at %s", mode, shown) >= 0)
		notify(&cli, state);
	else
		notify(&cli, "READY=1");
	free(state);
	free(shown);
}

static void tell_loaded(const struct config *config, const struct tcpt_trace *trace)
{
	const char *mode = tcpt_attach_name(tcpt_trace_attach(trace));

	cli_error(&cli, "tracing by %s, pinned at %s%s", mode, config->load.pin,
		  config->load.hold ? ", held until this process ends" : "");
	notify_loaded(mode, config->load.pin);
}

/* This process is the keeper: it stays until a signal ends it, or another has taken over. */
static void keep(const struct config *config, const struct tcpt_trace *trace,
		 const sigset_t *endings)
{
	static const struct timespec look = { .tv_nsec = 200000000 };
	bool over = false;

	while (!over && sigtimedwait(endings, NULL, &look) < 0)
		over = tcpt_trace_is_over(trace);
	if (over)
		cli_error(&cli, "the trace at %s has been replaced or removed", config->load.pin);
	notify(&cli, "STOPPING=1");
}

static int load(struct config *config, const sigset_t *endings)
{
	struct tcpt_trace *trace;
	int err = tcpt_trace_load(&trace, &config->load);

	if (err)
		return err;
	if (*unverified)
		cli_error(&cli, "%s", unverified);
	tell_loaded(config, trace);
	if (config->load.hold)
		keep(config, trace, endings);
	tcpt_trace_close(trace);
	return 0;
}

static int probe(const struct config *config)
{
	const char *pin = config->load.pin;
	struct tcpt_probe *probe;
	char *why;
	int err = tcpt_probe_run(&probe);

	if (err) {
		cli_error(&cli, "cannot probe: %s", strerror(-err));
		return err;
	}
	err = probe_table_print(probe, &cli);
	why = probe_table_why_none(probe);
	tcpt_probe_free(probe);
	if (!err)
		err = missed_table_print(pin, strcmp(pin, cli_default_pin()), &config->log.log,
					 &cli);
	if (!err && why) {
		cli_error(&cli, "no attach mode works here: %s", why);
		err = -EOPNOTSUPP;
	}
	free(why);
	return err;
}

static int load_document(struct config *config)
{
	struct tcpt_offsets *offsets = NULL;
	sigset_t endings;
	int err = get_offsets(config, &offsets);

	if (!err) {
		config->load.offsets = offsets;
		config->load.filters = config->filters.of;
		config->load.filter_count = config->filters.count;
		config->load.log = &config->log.log;
		block_endings(&endings);
		err = load(config, &endings);
	}
	tcpt_offsets_free(offsets);
	free(config->filters.of);
	return err;
}

PROGRAM_MAIN(load)
{
	struct config config = {
		.load = { .size = sizeof(config.load), .pin = cli_default_pin(), .existing = true },
	};

	cli_begin(&config.log, &cli);
	parse(&config, argc, argv);
	if (config.probe)
		return cli_close_stdout(&cli, cli_status(probe(&config)));
	return cli_status(load_document(&config));
}
