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

/* The model opens no descriptor in cgroup mode: these are proved in kprobe mode alone. */
static const char *const of_kprobe[] = { "kp_install_into", "kp_fd_install", "kp_dup2" };

static bool is_of(const struct mode *mode, enum tcpt_attach attach)
{
	const char *name = tcpt_attach_name(attach);

	return !strncmp(mode->name, name, strlen(name));
}

/* Returns what keeps the programs of hooks of this kind from running within each other. */
static enum guard guard_of(enum hook_kind kind)
{
	switch (kind) {
	case KIND_KPROBE:
	case KIND_KRETPROBE:
	case KIND_TRACEPOINT:
		return GUARD_CPU;
	case KIND_CGROUP:
		return GUARD_NONE;
	default:
		return GUARD_OWN;
	}
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
		if (guard_of(at->kind) != hook->guard)
			FAIL("%s: %s has the other guard", mode->name, hook->program);
		from = at + 1;
	}
}

static void order_is_that_of_the_library(void)
{
	for (const struct mode *mode = modes; mode->name; mode++) {
		unsigned int of = 0;

		for (int attach = TCPT_ATTACH_KPROBE; attach <= TCPT_ATTACH_CGROUP; attach++)
			if (is_of(mode, attach)) {
				check_order(mode, attach);
				of++;
			}
		if (of != 1)
			FAIL("%s is no mode of the library's", mode->name);
	}
}

static bool has(const char *const *programs, size_t count, const char *program)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(programs[i], program))
			return true;
	return false;
}

static bool is_proved(enum tcpt_attach attach, const char *program)
{
	if (has(alike, ARRAY_SIZE(alike), program))
		return true;
	if (attach == TCPT_ATTACH_CGROUP && has(of_kprobe, ARRAY_SIZE(of_kprobe), program))
		attach = TCPT_ATTACH_KPROBE;
	for (const struct mode *mode = modes; mode->name; mode++)
		for (const struct mode_hook *hook = mode->hooks; hook->program; hook++)
			if (is_of(mode, attach) && !strcmp(hook->program, program))
				return true;
	return false;
}

static void all_programs_are_proved(void)
{
	for (int attach = TCPT_ATTACH_KPROBE; attach <= TCPT_ATTACH_CGROUP; attach++)
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
