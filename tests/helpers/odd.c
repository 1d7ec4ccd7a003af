/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "odd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_S 300 /* of one workload */
#define RECORDS 4096
#define MORE 128

int odd_netns[NETNS_MAX];

static const struct odd_workload *const tables[] = {
	connect_workloads, refused_workloads,  close_workloads, end_workloads,	   share_workloads,
	kill_workloads,	   fastopen_workloads, many_workloads,	special_workloads, uring_workloads,
};

#define N_TABLES (sizeof(tables) / sizeof(tables[0]))

/* A workload that was started, or is about to be */
struct job {
	const struct odd_workload *workload;
	pid_t pid; /* 0: not started yet, or over */
	time_t until;
	unsigned long long netns[NETNS_MAX];
	struct job *next;
};

static const char *directory = ".";
static const char *current = "";
static long most = 8;
static struct job *jobs;
static int status_all;

static void job_namespaces(struct job *job)
{
	int count = job->workload->n_netns ? job->workload->n_netns : 1;

	for (int i = 0; i < count; i++) {
		netns_enter_new();
		/* The descriptor keeps it until all is over. */
		odd_netns[i] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		job->netns[i] = netns_inode();
	}
}

static bool kernel_has(const char *function)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], name[128];
	bool has = false;

	if (!file)
		die("cannot read /proc/kallsyms");
	while (!has && fgets(line, sizeof(line), file))
		has = sscanf(line, "%*s %*s %127s", name) == 1 && !strcmp(name, function);
	fclose(file);
	return has;
}

/* With that function no mode misses any but cgroup mode, which does not use it. */
static const char *may_miss(const struct odd_workload *workload)
{
	if (workload->unless && kernel_has(workload->unless))
		return "cgroup";
	return workload->may_miss ? workload->may_miss : "-";
}

/* The namespaces that belong to the workload, and who may miss what was done in them */
static void record_head(const struct job *job, char *head, size_t size)
{
	int at = snprintf(head, size, "# netns");

	for (int i = 0; i < NETNS_MAX && job->netns[i]; i++)
		at += snprintf(head + at, size - (size_t)at, " %llu", job->netns[i]);
	snprintf(head + at, size - (size_t)at, "\n# may-miss %s\n", may_miss(job->workload));
}

static void run_job(const struct job *job)
{
	char path[4096], head[256];

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || setpgid(0, 0))
		die("cannot set up the process");
	netns_enter(odd_netns[0]);
	records_open(RECORDS, MORE);
	job->workload->run();
	snprintf(path, sizeof(path), "%s/%s", directory, current);
	record_head(job, head, sizeof(head));
	if (records_print(path, head))
		die("cannot write %s", path);
	printf("%s done\n", current);
	fflush(stdout);
	_exit(0);
}

static void start(struct job *job)
{
	current = job->workload->name;
	die_as(current);
	job_namespaces(job);
	fflush(stdout);
	job->pid = fork();
	if (job->pid < 0)
		die("cannot fork");
	if (!job->pid)
		run_job(job);
	setpgid(job->pid, job->pid);
	job->until = time(NULL) + DEADLINE_S;
}

/* Whatever the workload has left behind ends too. */
static void finish(struct job *job, int status)
{
	kill(-job->pid, SIGKILL);
	job->pid = 0;
	if (WIFEXITED(status) && (!WEXITSTATUS(status) || WEXITSTATUS(status) == ABSENT))
		return;
	if (!WIFEXITED(status))
		printf("%s failed killed by signal %d\n", job->workload->name, WTERMSIG(status));
	status_all = 1;
}

static long look(void)
{
	long running = 0;
	int status;

	for (struct job *job = jobs; job; job = job->next) {
		if (!job->pid)
			continue;
		if (waitpid(job->pid, &status, WNOHANG) == job->pid) {
			finish(job, status);
			continue;
		}
		if (time(NULL) > job->until)
			kill(-job->pid, SIGKILL);
		running++;
	}
	return running;
}

static void await_fewer(long than)
{
	const struct timespec second = { .tv_sec = 1 };
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (look() >= than) {
		got = sigtimedwait(&set, NULL, &second);
		if (got < 0 || got == SIGCHLD)
			continue;
		for (struct job *job = jobs; job; job = job->next)
			if (job->pid)
				kill(-job->pid, SIGKILL);
		_exit(1);
	}
}

static struct job *add(struct job *last, const struct odd_workload *workload)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		die("no memory");
	job->workload = workload;
	if (last)
		last->next = job;
	else
		jobs = job;
	return job;
}

static bool is_wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/* Those that wait come first. */
static void plan(char **names)
{
	struct job *last = NULL;

	for (int waits = 1; waits >= 0; waits--)
		for (size_t t = 0; t < N_TABLES; t++)
			for (const struct odd_workload *w = tables[t]; w->name; w++)
				if (w->waits == waits && is_wanted(w->name, names))
					last = add(last, w);
}

static int run(void)
{
	for (struct job *job = jobs; job; job = job->next) {
		await_fewer(most);
		start(job);
	}
	await_fewer(1);
	return status_all;
}

static int list(void)
{
	for (const struct job *job = jobs; job; job = job->next)
		puts(job->workload->name);
	return 0;
}

static int help(void)
{
	puts("Usage: odd [--jobs N] [--dir DIR] [WORKLOAD...]\n"
	     "       odd --list\n"
	     "Run the workloads (default: all), N at a time, each in network namespaces of its\n"
	     "own, and write what each has done to DIR/WORKLOAD. A line of that is\n"
	     "  type pid comm saddr sport daddr dport netns how bytes opener modes known\n"
	     "where modes are the attach modes that can know it (*, NAME or !NAME), and known\n"
	     "is - for the truth, or late or other for what is documented to be reported instead.\n"
	     "On stdout, for each: WORKLOAD done, WORKLOAD absent WHY, or WORKLOAD failed WHY.\n"
	     "Exit status: 0 none failed, 1 some did, 2 misuse.");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "jobs", required_argument, NULL, 'j' },
		{ "dir", required_argument, NULL, 'd' },
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, listing = 0;

	while ((option = getopt_long(argc, argv, "j:d:lh", table, NULL)) != -1) {
		if (option == 'h')
			return help();
		if (option == '?')
			return 2;
		if (option == 'j')
			most = strtol(optarg, NULL, 10);
		if (option == 'd')
			directory = optarg;
		if (option == 'l')
			listing = 1;
	}
	plan(argv + optind);
	if (!jobs || most < 1) {
		fputs("odd: no such workload, or no number of jobs\n", stderr);
		return 2;
	}
	return listing ? list() : run();
}
