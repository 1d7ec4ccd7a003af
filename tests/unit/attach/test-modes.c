// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The model proves the programs in the modes of its own tables. Here these tables are
 * compared with those by which the library attaches: a hook that is added, moved or
 * removed there has to be proved too.
 */
#include <string.h>

#include "../../model/modes.h"
#include "../test.h"
#include "attach/hooks.h"
#include "internal.h"

/* Programs that no table of the model has: the same program with another argument list. */
static const char *const alike[] = { "fx_accept_4" };

static bool is_of(const struct mode *mode, enum tcpt_attach attach)
{
	const char *name = tcpt_attach_name(attach);

	return !strncmp(mode->name, name, strlen(name));
}

/* Returns whether the program is attached to hooks whose guards are of this kind. */
static bool has_guard(const struct hook *hook, enum guard guard)
{
	bool is_per_cpu = hook->kind == KIND_KPROBE || hook->kind == KIND_KRETPROBE ||
			  hook->kind == KIND_TRACEPOINT;

	return is_per_cpu == (guard == GUARD_CPU);
}

static const struct hook *find(const struct hook *hook, const char *program)
{
	while (hook->program && strcmp(hook->program, program) != 0)
		hook++;
	return hook->program ? hook : NULL;
}

/* Each program of the mode is behind the one before it in the library's table too. */
static void check_order(const struct mode *mode, enum tcpt_attach attach)
{
	const struct hook *from = hooks_of(attach);

	for (const struct mode_hook *hook = mode->hooks; hook->program; hook++) {
		const struct hook *at = find(from, hook->program);

		if (!at)
			FAIL("%s: %s is not attached, or before the one above it", mode->name,
			     hook->program);
		if (!at)
			return;
		if (!has_guard(at, hook->guard))
			FAIL("%s: %s has the other guard", mode->name, hook->program);
		from = at + 1;
	}
}

static void order_is_that_of_the_library(void)
{
	for (const struct mode *mode = modes; mode->name; mode++) {
		unsigned int of = 0;

		for (int attach = TCPT_ATTACH_KPROBE; attach <= TCPT_ATTACH_TRACEPOINT; attach++)
			if (is_of(mode, attach)) {
				check_order(mode, attach);
				of++;
			}
		if (of != 1)
			FAIL("%s is no mode of the library's", mode->name);
	}
}

static bool is_proved(enum tcpt_attach attach, const char *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(alike); i++)
		if (!strcmp(alike[i], program))
			return true;
	for (const struct mode *mode = modes; mode->name; mode++)
		for (const struct mode_hook *hook = mode->hooks; hook->program; hook++)
			if (is_of(mode, attach) && !strcmp(hook->program, program))
				return true;
	return false;
}

static void all_programs_are_proved(void)
{
	for (int attach = TCPT_ATTACH_KPROBE; attach <= TCPT_ATTACH_TRACEPOINT; attach++)
		for (const struct hook *hook = hooks_of(attach); hook->program; hook++)
			if (!is_proved(attach, hook->program))
				FAIL("%s: no mode of the model has %s", tcpt_attach_name(attach),
				     hook->program);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(order_is_that_of_the_library),
		TEST(all_programs_are_proved),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
