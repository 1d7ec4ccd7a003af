// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The offsets document: what was written is read back. */
#include <errno.h>
#include <stdlib.h>

#include "../rng.h"
#include "../test.h"
#include "document.h"
#include "internal.h"
#include "offsets/offsets.h"

/* ---- round trip ---- */

static void round_trip(void)
{
	char text[4096];
	size_t size = document(text, 0, NULL);
	struct tcpt_offsets *offsets = accepted(text, size);
	char *again = tcpt_offsets_text(offsets);

	text[size] = '\0';
	CHECK_STR(again, text);
	CHECK_INT(tcpt_offsets_get(offsets, "sock_common.skc_net"), 48);
	CHECK_INT(tcpt_offsets_get(offsets, "fdtable.fd"), 8);
	free(again);
	tcpt_offsets_free(offsets);
}

static void absent_and_no_build_id_round_trip(void)
{
	char text[4096], *p = text, *again;
	struct tcpt_offsets *offsets;

	for (int i = 0; i < LINES; i++) {
		if (i == 3)
			continue;
		if (i >= 11 && i != 12)
			p += sprintf(p, "%.*s=absent\n", (int)strcspn(valid[i], "="), valid[i]);
		else
			p += sprintf(p, "%s\n", valid[i]);
	}
	offsets = accepted(text, p - text);
	again = tcpt_offsets_text(offsets);
	CHECK_STR(again, text);
	CHECK_INT(tcpt_offsets_get(offsets, "sock_common.skc_net"), TCPT_ABSENT);
	free(again);
	tcpt_offsets_free(offsets);
}

static void order_comments_and_empty_lines_are_free(void)
{
	char text[4096], *p = text, *again, plain[4096];
	struct tcpt_offsets *offsets;

	p += sprintf(p, "%s\n# a comment\n\n", valid[0]);
	for (int i = LINES - 1; i > 0; i--)
		p += sprintf(p, "%s\n#\n", valid[i]);
	offsets = accepted(text, p - text);
	again = tcpt_offsets_text(offsets);
	plain[document(plain, 0, NULL)] = '\0';
	CHECK_STR(again, plain);
	free(again);
	tcpt_offsets_free(offsets);
}

static void set_and_get(void)
{
	struct tcpt_offsets *offsets = tcpt_offsets_new();

	CHECK(offsets);
	CHECK_INT(tcpt_offsets_get(offsets, "fdtable.fd"), -ENOENT);
	CHECK_INT(tcpt_offsets_set(offsets, "fdtable.fd", 65535), 0);
	CHECK_INT(tcpt_offsets_get(offsets, "fdtable.fd"), 65535);
	CHECK_INT(tcpt_offsets_set(offsets, "fdtable.fd", 65536), -ERANGE);
	CHECK_INT(tcpt_offsets_set(offsets, "fdtable.fd", -2), -ERANGE);
	CHECK_INT(tcpt_offsets_set(offsets, "fdtable.df", 8), -ENOENT);
	CHECK_INT(tcpt_offsets_get(offsets, "fdtable.df"), -ENOENT);
	CHECK_INT(tcpt_offsets_get(offsets, "fdtable.fd"), 65535);
	tcpt_offsets_free(offsets);
	tcpt_offsets_free(NULL);
}

/* Unknown fields are left out. Then the reader does not accept the document. */
static void unset_fields_are_left_out(void)
{
	struct tcpt_offsets *offsets = tcpt_offsets_new();
	char *text;

	CHECK_INT(tcpt_offsets_set(offsets, "fdtable.fd", 8), 0);
	CHECK_INT(tcpt_offsets_set(offsets, "net.ns.inum", TCPT_ABSENT), 0);
	text = tcpt_offsets_text(offsets);
	CHECK(text);
	if (text) {
		CHECK_STR(strstr(text, "source="),
			  "source=hand\nnet.ns.inum=absent\nfdtable.fd=8\n");
		refused(text, strlen(text), -EINVAL, NULL);
		CHECK(strstr(messages.last, "sock_common.skc_daddr is missing"));
	}
	free(text);
	tcpt_offsets_free(offsets);
}

static void every_field_has_a_name(void)
{
	for (unsigned int f = 0; f < FIELD_COUNT; f++) {
		CHECK(tcpt_field_name(f));
		CHECK_INT(field_find(tcpt_field_name(f)), f);
	}
	CHECK(!tcpt_field_name(FIELD_COUNT));
}

/* tcpt-guess --only finds a field by its member. */
static void every_member_is_of_one_field(void)
{
	for (unsigned int f = 0; f < FIELD_COUNT; f++)
		for (unsigned int g = 0; g < f; g++)
			CHECK(strcmp(strrchr(tcpt_field_name(f), '.'),
				     strrchr(tcpt_field_name(g), '.')));
}

/* ---- another kernel ---- */

static void foreign(const char *release, const char *machine, const char *build_id, int expected)
{
	struct tcpt_offsets *offsets = tcpt_offsets_new();
	struct kernel_id *kernel = &offsets->kernel;

	snprintf(kernel->release, sizeof(kernel->release), "%s", release);
	snprintf(kernel->machine, sizeof(kernel->machine), "%s", machine);
	snprintf(kernel->build_id, sizeof(kernel->build_id), "%s", build_id);
	memset(&messages, 0, sizeof(messages));
	CHECK_INT(tcpt_offsets_check_kernel(offsets, &message_log), expected);
	CHECK_INT(messages.count, expected != 0);
	if (expected)
		CHECK(strstr(messages.last, "another kernel build") &&
		      strstr(messages.last, release));
	tcpt_offsets_free(offsets);
}

static void another_kernel(void)
{
	struct kernel_id ours;

	CHECK_INT(kernel_id_read(&ours), 0);
	foreign(ours.release, ours.machine, ours.build_id, 0);
	foreign(ours.release, ours.machine, "", 0);
	foreign("2.6.32", ours.machine, "", -ESTALE);
	foreign(ours.release, "pdp11", ours.build_id, -ESTALE);
	foreign(ours.release, "pdp11", "", -ESTALE);
	if (!ours.build_id[0]) {
		printf("this kernel shows no build id: the release alone is compared\n");
		foreign(ours.release, ours.machine, "0123456789abcdef", 0);
		return;
	}
	foreign(ours.release, ours.machine, "0123456789abcdef", -ESTALE);
	foreign("2.6.32", ours.machine, ours.build_id, 0); /* the build id decides */
}

/* ---- mutations ---- */

#define MUTATIONS 20000

static size_t mutate(struct rng *rng, char *text, size_t size)
{
	static const char likely[] = "\n\r\t =.#-0123456789absent\0\xff";
	size_t at = rng_below(rng, size), n = 1 + rng_below(rng, 40);
	char byte = rng_below(rng, 8) ? likely[rng_below(rng, sizeof(likely))] :
					(char)rng_next(rng);

	if (n > size - at)
		n = size - at;
	switch (rng_below(rng, 6)) {
	case 0: /* cut out */
		memmove(text + at, text + at + n, size - at - n);
		return size - n;
	case 1: /* repeat */
		memmove(text + at + n, text + at, size - at);
		return size + n;
	case 2: /* insert */
		memmove(text + at + 1, text + at, size - at);
		text[at] = byte;
		return size + 1;
	default:
		text[at] = byte;
		return size;
	}
}

/* Checks that an accepted document stays the same when it is written and read again. */
static void check_rewritten(const struct tcpt_offsets *offsets)
{
	char *text = tcpt_offsets_text(offsets), *again;
	struct tcpt_offsets *second;

	CHECK(text);
	if (!text)
		return;
	second = accepted(text, strlen(text));
	again = second ? tcpt_offsets_text(second) : NULL;
	CHECK_STR(again, text);
	free(again);
	free(text);
	tcpt_offsets_free(second);
}

static void mutations(void)
{
	struct rng rng = { .state = 1 };
	unsigned int taken = 0;

	for (int i = 0; i < MUTATIONS && !failed_checks; i++) {
		char text[8192];
		size_t size = document(text, 0, NULL);
		struct tcpt_offsets *offsets;

		for (unsigned int n = 1 + rng_below(&rng, 3); n && size; n--)
			size = mutate(&rng, text, size);
		if (read_bytes(&offsets, text, size)) {
			CHECK_INT(messages.count, 1);
			CHECK(!offsets);
			continue;
		}
		taken++;
		CHECK_INT(messages.count, 0);
		check_rewritten(offsets);
		tcpt_offsets_free(offsets);
	}
	printf("%u of %d mutations were valid documents\n", taken, MUTATIONS);
	CHECK(taken > 0 && taken < MUTATIONS);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(round_trip),
		TEST(absent_and_no_build_id_round_trip),
		TEST(order_comments_and_empty_lines_are_free),
		TEST(set_and_get),
		TEST(unset_fields_are_left_out),
		TEST(every_field_has_a_name),
		TEST(every_member_is_of_one_field),
		TEST(another_kernel),
		TEST(mutations),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
