// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Memory is short: one allocation after the other fails, alone or with all that follow.
 * Each call returns what it returns otherwise, or -ENOMEM with one message, and keeps
 * nothing.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "../test.h"
#include "guess/guess.h"
#include "guess/solver.h"
#include "guess/verdict.h"
#include "internal.h"
#include "world.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)

/* ---- allocations that fail ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);

static bool counts; /* allocations are counted: a call is tried */
static bool from_then_on; /* all allocations that follow fail too */
static long made, failing; /* number of the one that fails; 0 if none does */
static long living;

static bool fails(void)
{
	if (!counts)
		return false;
	made++;
	if (!failing || (from_then_on ? made < failing : made != failing))
		return false;
	errno = ENOMEM;
	return true;
}

/* The allocations that were made here and not freed. The C library has some of its own. */
#define ROOM (1U << 18)
static void *lives[ROOM];

static size_t place_of(const void *what)
{
	size_t at = (uintptr_t)what / 16 % ROOM;

	while (lives[at] && lives[at] != what)
		at = (at + 1) % ROOM;
	return at;
}

static void *count(void *new)
{
	if (new) {
		lives[place_of(new)] = new;
		living++;
	}
	return new;
}

/* Forgets an allocation. The entries behind it in the table move up. */
static void discount(void *old)
{
	size_t at = place_of(old);

	if (!old || !lives[at])
		return;
	living--;
	lives[at] = NULL;
	for (at = (at + 1) % ROOM; lives[at]; at = (at + 1) % ROOM) {
		void *other = lives[at];

		lives[at] = NULL;
		lives[place_of(other)] = other;
	}
}

/* The C library itself allocates by these, in open_memstream() for example. */
#define VISIBLE __attribute__((visibility("default")))

VISIBLE void *malloc(size_t size)
{
	return fails() ? NULL : count(__libc_malloc(size));
}

VISIBLE void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : count(__libc_calloc(n, size));
}

VISIBLE void *realloc(void *old, size_t size)
{
	if (fails())
		return NULL;
	discount(old);
	return count(__libc_realloc(old, size));
}

VISIBLE void free(void *old)
{
	discount(old);
	__libc_free(old);
}

/* ---- calls ---- */

static unsigned int messages;

static void on_message(void *arg, enum tcpt_log_level level, const char *text)
{
	(void)arg;
	messages += level == TCPT_LOG_ERROR && *text;
}

static const struct tcpt_log logged = { on_message, NULL };

static struct tcpt_offsets *known; /* offsets of all fields */
static char *document;
static char result[1 << 16]; /* the result of the call that is tried, if it has any */

static int keep(int err, const char *text)
{
	snprintf(result, sizeof(result), "%s", err || !text ? "" : text);
	return err;
}

static int new_offsets(void)
{
	struct tcpt_offsets *offsets = tcpt_offsets_new();
	int err = offsets ? 0 : -errno;

	tcpt_offsets_free(offsets);
	return err;
}

static int copy_offsets(void)
{
	struct tcpt_offsets *offsets = tcpt_offsets_copy(known);
	int err = offsets ? 0 : -errno;

	tcpt_offsets_free(offsets);
	return err;
}

static int parse_offsets(void)
{
	struct tcpt_offsets *offsets = NULL;
	int err = tcpt_offsets_parse(&offsets, document, strlen(document), "doc", &logged);

	CHECK(!err == !!offsets);
	tcpt_offsets_free(offsets);
	return err;
}

static int keep_and_free(char *text)
{
	int err = keep(text ? 0 : -errno, text);

	free(text);
	return err;
}

static int text_of_offsets(void)
{
	return keep_and_free(tcpt_offsets_text(known));
}

/* All formats, of which the first that fails says so. */
static int formats_of_offsets(void)
{
	int err = 0;

	for (int format = TCPT_OFFSETS_TEXT; !err && format <= TCPT_OFFSETS_C; format++) {
		void *data = NULL;
		size_t size = 0;

		err = tcpt_offsets_format(known, format, &data, &size);
		keep(err, data);
		free(data);
	}
	return err;
}

static int btf_of_offsets(void)
{
	void *data = NULL;
	size_t size = 0;
	int err = tcpt_offsets_btf(known, &data, &size);

	free(data);
	return err;
}

static int figures_of_no_trace(void)
{
	return keep_and_free(tcpt_stat_format(NULL, TCPT_STAT_PROMETHEUS));
}

static int json_message(void)
{
	char *text = tcpt_message_json("tcpt", "a\x01b");
	int err = keep(text ? 0 : -errno, text ? strstr(text, "\"type\"") : NULL);

	free(text);
	return err;
}

static int text_message(void)
{
	return keep_and_free(tcpt_message_text("a\x01b"));
}

static int replay(void)
{
	struct tcpt_guess_opts opts = { .size = sizeof(opts), .log = &logged, .replay = "dump" };
	struct tcpt_guess *guess;
	int err = tcpt_guess_run(&guess, &opts);

	CHECK(!err == !!tcpt_guess_offsets(guess));
	tcpt_guess_free(guess);
	return err;
}

static struct tcpt_guess *explained;

static int explain_in_text(void)
{
	return keep_and_free(tcpt_guess_explain(explained, TCPT_EXPLAIN_TEXT));
}

static int explain_in_json(void)
{
	return keep_and_free(tcpt_guess_explain(explained, TCPT_EXPLAIN_JSON));
}

/* ---- each of them ---- */

struct call {
	const char *name;
	int (*run)(void);
	bool has_log;
};

static const struct call calls[] = {
	{ "tcpt_offsets_new", new_offsets, false },
	{ "tcpt_offsets_copy", copy_offsets, false },
	{ "tcpt_offsets_parse", parse_offsets, true },
	{ "tcpt_offsets_text", text_of_offsets, false },
	{ "tcpt_offsets_format", formats_of_offsets, false },
	{ "tcpt_offsets_btf", btf_of_offsets, false },
	{ "tcpt_stat_format", figures_of_no_trace, false },
	{ "tcpt_message_json", json_message, false },
	{ "tcpt_message_text", text_message, false },
	{ "tcpt_guess_explain, text", explain_in_text, false },
	{ "tcpt_guess_explain, json", explain_in_json, false },
	{ "tcpt_guess_run", replay, true },
};

/* Runs the call, in which allocation number which fails. Returns how many it made. */
static long try_call(const struct call *call, long which, int *err)
{
	messages = 0;
	failing = which;
	made = 0;
	counts = true;
	*err = call->run();
	counts = false;
	return made;
}

static void check_failure(const struct call *call, long which, const char *expected)
{
	long before = living;
	int err;

	try_call(call, which, &err);
	if (err != -ENOMEM && err)
		FAIL("%s, allocation %ld: %s", call->name, which, strerror(-err));
	if (living != before)
		FAIL("%s, allocation %ld: %ld are left", call->name, which, living - before);
	if (err && call->has_log && messages != 1)
		FAIL("%s, allocation %ld: %u messages", call->name, which, messages);
	if (!err && strcmp(result, expected) != 0)
		FAIL("%s, allocation %ld: %s", call->name, which, result);
}

static void check_call(const struct call *call)
{
	char *expected;
	long all;
	int err;

	keep(0, NULL);
	all = try_call(call, 0, &err);
	CHECK_INT(err, 0);
	CHECK(all > 0);
	expected = strdup(result);
	/*
	 * A long call has many allocations that are alike: try the first 200, and then
	 * one of each hundredth part.
	 */
	for (long which = 1; which <= all; which += which < 200 ? 1 : all / 100 + 1)
		check_failure(call, which, expected);
	printf("  %s: %ld allocations\n", call->name, all);
	free(expected);
}

static void one_fails(void)
{
	from_then_on = false;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		check_call(&calls[i]);
}

static void all_fail_from_then_on(void)
{
	from_then_on = true;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		check_call(&calls[i]);
}

/* ---- what the calls are given ---- */

static void make_dump(void)
{
	const struct world_opts opts = { .seed = 1 };
	struct world *w = world_new(&opts);
	struct tcpt_guess *guess = calloc(1, sizeof(*guess));

	world_observe(w);
	guess->offsets = known;
	strcpy(guess->via, "raw_tp");
	guess->has_netns = guess->has_ipv6 = true;
	guess->mem = w->mem;
	guess->fresh = w->mem;
	guess->fresh.blocks = NULL;
	guess->fresh.last = NULL;
	guess->solving = w->count;
	guess->snapshots = w->all;
	memcpy(guess->snap, w->snap, sizeof(w->snap));
	for (int f = 0; f < FIELD_COUNT; f++)
		guess->wanted[f] = true;
	CHECK_INT(solver_solve(&guess->solution, guess->snap, guess->solving, &guess->mem), 0);
	CHECK_INT(verdict_of_solution(guess), 0);
	CHECK_INT(verdict_of_confirmation(guess), 0);
	CHECK_INT(tcpt_guess_dump(guess, "dump", &logged), 0);
	document = tcpt_offsets_text(known);
	CHECK_INT(tcpt_guess_run(&explained,
				 &(struct tcpt_guess_opts){
					 .size = sizeof(struct tcpt_guess_opts),
					 .replay = "dump",
				 }),
		  0);
	w->mem = guess->mem;
	memory_clear(&guess->fresh);
	free(guess);
	world_free(w);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(make_dump),
		TEST(one_fails),
		TEST(all_fail_from_then_on),
	};
	int status;

	test_enter_folder();
	known = tcpt_offsets_new();
	strcpy(known->source, "guess");
	status = run_tests(tests, ARRAY_SIZE(tests));
	test_leave_folder();
	free(document);
	tcpt_guess_free(explained);
	tcpt_offsets_free(known);
	return status;
}

#else

int main(void)
{
	puts("allocations cannot be made to fail here");
	return 77;
}

#endif
