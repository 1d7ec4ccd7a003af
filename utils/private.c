// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "private.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "cache.h"

#define BPFFS "/sys/fs/bpf"

int private_enter(const struct cli *cli)
{
	int err;

	if (!unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL))
		return 0;
	err = -errno;
	cli_error(cli, "cannot make a mount namespace: %s%s", strerror(-err),
		  err == -EPERM ? "; run as root" : "");
	return err;
}

int private_mount_bpffs(const struct cli *cli)
{
	int err;

	if (!mount("bpf", BPFFS, "bpf", 0, "mode=0700"))
		return 0;
	err = -errno;
	if (err == -ENODEV || err == -ENOENT)
		err = -EOPNOTSUPP;
	cli_error(cli, "cannot mount a bpffs at " BPFFS ": %s%s", strerror(-err),
		  err == -EPERM	     ? "; run as root" :
		  err == -EOPNOTSUPP ? "; this kernel is built without bpf() (Linux 4.4)" :
				       "");
	return err;
}

/* Keeps the message of a guess that failed, and hands on all others. */
struct reason {
	const struct tcpt_log *log;
	char text[512];
};

static void keep_reason(void *arg, enum tcpt_log_level level, const char *text)
{
	struct reason *reason = arg;

	if (level == TCPT_LOG_ERROR)
		snprintf(reason->text, sizeof(reason->text), "%s", text);
	else
		reason->log->message(reason->log->arg, level, text);
}

static int guess(struct tcpt_offsets **offsets, struct reason *reason)
{
	const struct tcpt_log log = { keep_reason, reason };
	const struct tcpt_guess_opts opts = { .size = sizeof(opts), .log = &log };
	struct tcpt_guess *made;
	int err = tcpt_guess_run(&made, &opts);

	if (!err) {
		*offsets = tcpt_offsets_copy(tcpt_guess_offsets(made));
		err = *offsets ? 0 : -ENOMEM;
	}
	tcpt_guess_free(made);
	if (err && !*reason->text)
		snprintf(reason->text, sizeof(reason->text), "%s", strerror(-err));
	return err;
}

static bool allows_cgroup(const struct tcpt_load_opts *opts)
{
	return opts->attach == TCPT_ATTACH_AUTO || opts->attach == TCPT_ATTACH_CGROUP;
}

/* Sets the offsets to those of a guess, or to none. */
static int guess_or_do_without(struct tcpt_load_opts *opts, struct private_offsets *offsets,
			       const struct cli_log *log)
{
	struct reason reason = { .log = &log->log };
	int err = guess(&offsets->of, &reason);

	if (!err)
		return 0;
	if (err != -EOPNOTSUPP || !allows_cgroup(opts)) {
		cli_error(log->cli, "%s", reason.text);
		return err;
	}
	cli_error(log->cli, "warning: %s; tracing in cgroup mode, without offsets", reason.text);
	opts->attach = TCPT_ATTACH_CGROUP;
	offsets->of = tcpt_offsets_none();
	return offsets->of ? 0 : -ENOMEM;
}

int private_load(struct tcpt_trace **out, struct tcpt_load_opts *opts,
		 struct private_offsets *offsets, const struct cli_log *log)
{
	int err = offsets->of	  ? 0 :
		  offsets->cached ? cache_get(&offsets->of, offsets->cache_dir, log) :
				    guess_or_do_without(opts, offsets, log);

	if (err)
		return err;
	opts->size = sizeof(*opts);
	opts->offsets = offsets->of;
	opts->pin = TCPT_DEFAULT_PIN;
	opts->hold = true;
	opts->log = &log->log;
	return tcpt_trace_load(out, opts);
}
