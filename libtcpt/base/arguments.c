// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Checks of what callers of the library hand over. */
#include "base/arguments.h"
#include "internal.h"

/*
 * Larger than any struct of options will be. A caller that gives a larger size is
 * refused, and nothing behind the size is read.
 */
#define SIZE_MOST 4096

int argument_check(const void *given, const char *what, const struct tcpt_log *log)
{
	return given ? 0 : log_error(log, -EINVAL, "no %s given: the argument is NULL", what);
}

int argument_check_tap(const void *given, const char *what, unsigned int tap,
		       const struct tcpt_log *log)
{
	int err = argument_check(given, what, log);

	if (err || (tap >= 1 && tap <= TCPT_TAPS_MAX))
		return err;
	return log_error(log, -EINVAL, "there is no tap %u: they are 1 to %d", tap, TCPT_TAPS_MAX);
}

static size_t size_of(const void *given)
{
	size_t size;

	memcpy(&size, given, sizeof(size));
	return size;
}

static bool is_zero(const unsigned char *from, const unsigned char *to)
{
	while (from < to)
		if (*from++)
			return false;
	return true;
}

int argument_copy(void *own, size_t size, const void *given, const struct tcpt_log *log)
{
	const unsigned char *bytes = given;
	size_t theirs;

	if (!given)
		return log_error(log, -EINVAL, "no options given: the argument is NULL");
	theirs = size_of(given);
	if (theirs < sizeof(theirs) || theirs > SIZE_MOST)
		return log_error(log, -EINVAL,
				 "the options have a size of %zu: set size to that of the struct",
				 theirs);
	if (theirs > size && !is_zero(bytes + size, bytes + theirs))
		return log_error(
			log, -E2BIG,
			"the options have members that this version of libtcpt does not know");
	memset(own, 0, size);
	memcpy(own, given, theirs < size ? theirs : size);
	memcpy(own, &size, sizeof(size));
	return 0;
}

const struct tcpt_log *argument_log(const void *given, size_t at)
{
	const struct tcpt_log *log = NULL;

	if (given && size_of(given) >= at + sizeof(log) && size_of(given) <= SIZE_MOST)
		memcpy(&log, (const char *)given + at, sizeof(log));
	return log;
}
