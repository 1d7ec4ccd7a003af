/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command that a program runs, and waits for while it does other things. */
#ifndef COMMAND_H
#define COMMAND_H

#include <signal.h>
#include <sys/types.h>

#include "cli.h"
#include "signals.h"

struct command {
	char **argv; /* NULL: there is none, and a signal plays its end */
	pid_t pid; /* 0: it has ended, or was not started */
	int go; /* the pipe that it waits for */
	int why; /* the pipe by which it says why it was not executed */
	volatile sig_atomic_t has_ended;
	volatile int status; /* then, as from waitpid() */
};

/*
 * Makes the process, which waits. It is not executed if this process ends before
 * command_go(). Returns 0 or a negative errno, after a message.
 */
int command_prepare(struct command *command, char **argv, const struct cli *cli);

/*
 * Makes has_ended known from now on, whenever this process waits with signals->waiting. What
 * would have ended this process goes to the command, unless the terminal has sent it there
 * too; a second one ends this process.
 */
void command_catch(struct command *command, struct signals *signals);

/* Lets the command be executed. */
int command_go(struct command *command, const struct cli *cli);

/* Ends a command that was not let go. */
void command_drop(struct command *command);

/* Says how a command ended that was let go, unless that was well. Returns whether it was. */
bool command_succeeded(const struct command *command, const struct cli *cli);

#endif
