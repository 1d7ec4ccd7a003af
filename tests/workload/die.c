/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"

static const char *name;

void die_as(const char *whose)
{
	name = whose;
}

static void say(const char *what, const char *format, va_list args, int why)
{
	FILE *out = name ? stdout : stderr;
	char text[512];

	vsnprintf(text, sizeof(text), format, args);
	fprintf(out, "%s%s%s %s%s%s\n", name ? name : program_invocation_short_name,
		name ? " " : ":", name ? what : "", text, why ? ": " : "",
		why ? strerror(why) : "");
	fflush(out);
}

void die(const char *format, ...)
{
	int why = errno;
	va_list args;

	va_start(args, format);
	say("failed", format, args, why);
	va_end(args);
	_exit(1);
}

void absent(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("absent", format, args, 0);
	va_end(args);
	_exit(ABSENT);
}
