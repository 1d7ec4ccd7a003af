// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Options of the commands that messages advise, quoted for a shell. */
#include "base/advice.h"
#include "internal.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%="

static char *quote(char *p, const char *text)
{
	*p++ = '\'';
	for (; *text; text++)
		if (*text == '\'')
			p = stpcpy(p, "'\\''");
		else
			*p++ = *text;
	*p++ = '\'';
	*p = '\0';
	return p;
}

struct advice advice_pin(const char *dir)
{
	struct advice option = {};

	if (!strcmp(dir, TCPT_DEFAULT_PIN) || strlen(dir) > 255)
		return option;
	if (dir[strspn(dir, PLAIN)])
		quote(stpcpy(option.text, " --pin="), dir);
	else
		snprintf(option.text, sizeof(option.text), " --pin=%s", dir);
	return option;
}
