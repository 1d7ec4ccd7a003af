// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the command's process ---- */

__attribute__((noreturn)) static void execute(char **argv, int go, int why)
{
	char byte;
	int err;

	if (read(go, &byte, 1) != 1)
		_exit(CLI_FAILURE);
	signal(SIGXFSZ, SIG_DFL); /* cli_begin() ignores it */
	execvp(*argv, argv);
	err = errno;
	if (write(why, &err, sizeof(err)) < 0)
		_exit(CLI_FAILURE);
	_exit(CLI_FAILURE);
}

int command_prepare(struct command *command, char **argv, const struct cli *cli)
{
	int go[2] = { -1, -1 }, why[2] = { -1, -1 }, err = 0;

	command->argv = argv;
	if (pipe2(go, O_CLOEXEC) || pipe2(why, O_CLOEXEC) || (command->pid = fork()) < 0)
		err = -errno;
	if (!err && !command->pid) {
		close(go[1]);
		execute(argv, go[0], why[1]);
	}
	close(go[0]);
	close(why[1]);
	command->go = go[1];
	command->why = why[0];
	if (err)
		cli_error(cli, "cannot make a process for %s: %s", *argv, strerror(-err));
	return err;
}

void command_drop(struct command *command)
{
	if (command->pid <= 0 || command->go < 0)
		return;
	close(command->go);
	close(command->why);
	while (waitpid(command->pid, NULL, 0) < 0 && errno == EINTR)
		;
	command->pid = 0;
}

int command_go(struct command *command, const struct cli *cli)
{
	int why = 0;
	ssize_t n = write(command->go, "", 1);

	close(command->go);
	command->go = -1;
	do
		n = read(command->why, &why, sizeof(why));
	while (n < 0 && errno == EINTR);
	close(command->why);
	if (n != sizeof(why))
		return 0;
	cli_error(cli, "cannot execute %s: %s", *command->argv, strerror(why));
	return -why;
}

/* ---- its end ---- */

static struct command *caught_for;
static struct signals *caught_by;

static void on_child(int signal)
{
	int saved = errno, status;

	(void)signal;
	if (caught_for->pid && waitpid(caught_for->pid, &status, WNOHANG) == caught_for->pid) {
		caught_for->status = status;
		caught_for->pid = 0;
		caught_for->has_ended = 1;
	}
	errno = saved;
}

/* What the terminal sends, SI_KERNEL, it sends to all processes in its foreground. */
static void on_ending(int signal, siginfo_t *info, void *context)
{
	static volatile sig_atomic_t times;

	(void)context;
	if (times++)
		caught_by->came = 1;
	else if (!caught_for->argv)
		caught_for->has_ended = 1;
	if (caught_for->pid && info->si_code <= 0)
		kill(caught_for->pid, signal);
}

void command_catch(struct command *command, struct signals *signals)
{
	struct sigaction child = { .sa_handler = on_child, .sa_flags = SA_NOCLDSTOP };
	struct sigaction ending = { .sa_sigaction = on_ending, .sa_flags = SA_SIGINFO };
	sigset_t set;

	caught_for = command;
	caught_by = signals;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGCHLD, &child, NULL);
	sigaction(SIGINT, &ending, NULL);
	sigaction(SIGTERM, &ending, NULL);
}

bool command_succeeded(const struct command *command, const struct cli *cli)
{
	int status = command->status;

	if (!command->has_ended)
		cli_error(cli, "%s goes on, and is traced no longer", *command->argv);
	else if (WIFSIGNALED(status))
		cli_error(cli, "%s was ended by the signal %s", *command->argv,
			  strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		cli_error(cli, "%s ended with status %d", *command->argv, WEXITSTATUS(status));
	return command->has_ended && !status;
}
