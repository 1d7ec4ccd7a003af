// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Finds names for what events have as numbers. It does so when an event is read, and not when
 * it happens: then nobody would wait for a name service.
 */
#include "base/kernel.h"
#include "base/monotonic.h"
#include "internal.h"
#include "who/cgroup-paths.h"
#include "who/effective.h"
#include "who/process-table.h"
#include "who/users.h"

#define OF_PATHS (TCPT_RESOLVE_CGROUP | TCPT_RESOLVE_SERVICE | TCPT_RESOLVE_CONTAINER)

#define OF_PROCESSES \
	(TCPT_RESOLVE_EXE | TCPT_RESOLVE_PPID | TCPT_RESOLVE_PROCESS | TCPT_RESOLVE_STARTED)

struct tcpt_resolver {
	unsigned int what; /* bits of enum tcpt_resolve */
	struct users *users; /* NULL: ids of users are not those of events */
	struct effective *effective; /* NULL: threads of events are not to be found */
	struct cgroup_paths *paths; /* NULL: nobody asks for them */
	struct process_table processes;
	struct process_known process; /* of the last event */
	struct tcpt_who who; /* of the last event */
	char user[USER_NAME_SIZE]; /* while that of the effective one is looked up */
};

/* ---- names of what there is ---- */

static const struct {
	const char *name;
	enum tcpt_resolve bit;
} kinds[] = {
	{ "user", TCPT_RESOLVE_USER },	     { "cgroup", TCPT_RESOLVE_CGROUP },
	{ "service", TCPT_RESOLVE_SERVICE }, { "container", TCPT_RESOLVE_CONTAINER },
	{ "exe", TCPT_RESOLVE_EXE },	     { "ppid", TCPT_RESOLVE_PPID },
	{ "process", TCPT_RESOLVE_PROCESS }, { "started", TCPT_RESOLVE_STARTED },
};

TCPT_API int tcpt_resolve_find(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return kinds[i].bit;
	return -ENOENT;
}

TCPT_API const char *tcpt_resolve_name(enum tcpt_resolve bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].bit == bit)
			return kinds[i].name;
	return NULL;
}

/* ---- users ---- */

static void resolve_user(struct tcpt_resolver *resolver, const struct tcpt_event *event)
{
	struct tcpt_who *who = &resolver->who;

	if (!resolver->users || !event->pid)
		return;
	who->user = users_name(resolver->users, event->uid);
	if (!resolver->effective || !effective_user_of(resolver->effective, event, &who->euid))
		return;
	if (who->user)
		who->user = strcpy(resolver->user, who->user);
	who->has_euid = true;
	who->euser = users_name(resolver->users, who->euid);
}

/* Threads have the ids of events only where /proc is that of the first pid namespace. */
static bool sees_threads(void)
{
	bool known;

	return kernel_is_first_pidns("/proc/self/ns/pid", &known) && !monotonic_namespace_ns();
}

static int open_users(struct tcpt_resolver *resolver, const struct tcpt_log *log)
{
	if (!users_are_of_the_kernel()) {
		log_warning(log, "users are not resolved: this process is in a user namespace, and "
				 "its users have other ids than those of events");
		return 0;
	}
	resolver->users = calloc(1, sizeof(*resolver->users));
	if (sees_threads())
		resolver->effective = calloc(1, sizeof(*resolver->effective));
	return resolver->users ? 0 : -ENOMEM;
}

/* ---- control groups ---- */

static const char *known(const char *name)
{
	return *name ? name : NULL;
}

static void resolve_cgroup(struct tcpt_resolver *resolver, const struct tcpt_event *event)
{
	struct tcpt_who *who = &resolver->who;
	const struct cgroup_path *path = cgroup_path_of(resolver->paths, event->cgroup);

	if (!path)
		return;
	if (resolver->what & TCPT_RESOLVE_CGROUP)
		who->cgroup_path = path->path;
	if (resolver->what & TCPT_RESOLVE_SERVICE) {
		who->service = known(path->names.service);
		who->slice = known(path->names.slice);
	}
	if (resolver->what & TCPT_RESOLVE_CONTAINER) {
		who->container = known(path->names.container);
		who->runtime = known(path->names.runtime);
	}
}

/* ---- processes ---- */

static void resolve_process(struct tcpt_resolver *resolver, const struct tcpt_event *event)
{
	struct process_known *process = &resolver->process;
	struct tcpt_who *who = &resolver->who;

	process_table_find(&resolver->processes, event, process);
	if (resolver->what & TCPT_RESOLVE_EXE)
		who->exe = known(process->exe);
	if (resolver->what & TCPT_RESOLVE_PPID)
		who->ppid = process->ppid;
	if (resolver->what & TCPT_RESOLVE_PROCESS)
		who->process = known(process->comm);
	if (resolver->what & TCPT_RESOLVE_STARTED)
		who->started = process->started;
}

TCPT_API void tcpt_resolver_use(struct tcpt_resolver *resolver, const char *pin,
				const struct tcpt_log *log)
{
	if (resolver->what & OF_PROCESSES)
		process_table_open(&resolver->processes, pin ? pin : TCPT_DEFAULT_PIN, log);
}

/* ---- all of it ---- */

TCPT_API void tcpt_resolver_resolve(struct tcpt_resolver *resolver, struct tcpt_event *event)
{
	resolver->who = (struct tcpt_who){};
	event->who = &resolver->who;
	if (resolver->what & TCPT_RESOLVE_USER)
		resolve_user(resolver, event);
	if (resolver->paths)
		resolve_cgroup(resolver, event);
	if (resolver->what & OF_PROCESSES)
		resolve_process(resolver, event);
}

TCPT_API void tcpt_resolver_close(struct tcpt_resolver *resolver)
{
	if (!resolver)
		return;
	process_table_close(&resolver->processes);
	cgroup_paths_close(resolver->paths);
	free(resolver->effective);
	free(resolver->users);
	free(resolver);
}

static int open_all(struct tcpt_resolver *resolver, const struct tcpt_log *log)
{
	int err = resolver->what & TCPT_RESOLVE_USER ? open_users(resolver, log) : 0;

	if (err || !(resolver->what & OF_PATHS))
		return err;
	resolver->paths = cgroup_paths_open(log);
	return resolver->paths ? 0 : -ENOMEM;
}

TCPT_API int tcpt_resolver_open(struct tcpt_resolver **out, unsigned int what,
				const struct tcpt_log *log)
{
	struct tcpt_resolver *resolver = calloc(1, sizeof(*resolver));
	int err = resolver ? 0 : -ENOMEM;

	*out = NULL;
	if (!err) {
		resolver->what = what;
		resolver->processes = (struct process_table)PROCESS_TABLE_NONE;
		err = open_all(resolver, log);
	}
	if (err) {
		tcpt_resolver_close(resolver);
		return log_error(log, err, "cannot resolve names: %s", strerror(-err));
	}
	*out = resolver;
	return 0;
}
