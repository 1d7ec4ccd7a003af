// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Words of the commands that messages advise, quoted for a shell. */
#include "base/advice.h"
#include "internal.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%="

static void quote(char *p, const char *text)
{
	*p++ = '\'';
	for (; *text; text++)
		if (*text == '\'')
			p = stpcpy(p, "'\\''");
		else
			*p++ = *text;
	strcpy(p, "'");
}

static void put_word(char *p, const char *path)
{
	if (strlen(path) >= PATH_MAX)
		strcpy(p, "...");
	else if (path[strspn(path, PLAIN)])
		quote(p, path);
	else
		strcpy(p, path);
}

struct advice advice_path(const char *path)
{
	struct advice word;

	put_word(word.text, path);
	return word;
}

struct advice advice_pin(const char *dir)
{
	const char *other = secure_getenv("TCPT_PIN"); /* if it is set, the programs' default */
	struct advice option = {};

	if (strcmp(dir, TCPT_DEFAULT_PIN) || (other && *other))
		put_word(stpcpy(option.text, " --pin="), dir);
	return option;
}
