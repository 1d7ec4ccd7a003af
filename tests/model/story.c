// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "story.h"

#include <stdarg.h>
#include <stdio.h>

#include "hooks.h"
#include "threads.h"

int story_is_narrated;
static char reason[400];
static int line;

void story_begin(const char *title)
{
	line = 0;
	printf("%s\n", title);
}

/* Who says it: the processor, then the task or interrupt, further in for a program. */
void narrate(const char *format, ...)
{
	const struct thread *thread = current_thread;
	va_list args;

	printf("%4d  cpu%u %-9s ", ++line, thread->cpu,
	       thread->is_interrupt ? "interrupt" : tasks[thread->task].comm);
	if (thread->program)
		printf("  %s%s: ", hook_program_name(thread->program),
		       world.stage.generations > 1 ? thread->generation ? " (new)" : " (old)" : "");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void fail(const char *format, ...)
{
	va_list args;

	if (reason[0])
		return;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
}

const char *failure(void)
{
	return reason[0] ? reason : NULL;
}

void failure_clear(void)
{
	reason[0] = 0;
}
