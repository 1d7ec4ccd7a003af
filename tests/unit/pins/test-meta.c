// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The description of a trace is accepted or refused, whatever is in it. Each bit and
 * each byte of it is flipped, and it is cut off everywhere.
 */
#include <errno.h>
#include <stdlib.h>

#include "../test.h"
#include "offsets/offsets.h"
#include "pins/meta.h"
#include "tcpt.h"
#include "tcpt_abi.h"

/* Returns offsets of all fields, one after the other, so that they do not overlap. */
static struct tcpt_offsets *some_offsets(void)
{
	struct tcpt_offsets *offsets = tcpt_offsets_new();

	for (unsigned int i = 0; tcpt_field_name(i); i++)
		CHECK_INT(tcpt_offsets_set(offsets, tcpt_field_name(i), i * 16), 0);
	return offsets;
}

/* Reads a description. If it is accepted, its values can be used. */
static int take(const unsigned char *bytes, size_t size)
{
	unsigned char *value = malloc(size ? size : 1);
	struct tcpt_abi_meta meta;
	struct tcpt_offsets *offsets;
	int err;

	memcpy(value, bytes, size);
	err = meta_take(&meta, value, size);
	free(value);
	if (err)
		return err;
	CHECK(meta.taps >= 1 && meta.taps <= TCPT_TAPS_MAX);
	CHECK(meta.attach && tcpt_attach_name((enum tcpt_attach)meta.attach));
	CHECK(strnlen(meta.offsets, sizeof(meta.offsets)) < sizeof(meta.offsets));
	CHECK(strnlen(meta.version, sizeof(meta.version)) < sizeof(meta.version));
	if (!tcpt_offsets_parse(&offsets, meta.offsets, strlen(meta.offsets), "meta", NULL))
		tcpt_offsets_free(offsets);
	return 0;
}

static struct tcpt_abi_meta good_meta(void)
{
	struct tcpt_abi_meta meta = {
		.magic = TCPT_ABI_MAGIC,
		.abi = TCPT_ABI_VERSION,
		.attach = TCPT_ATTACH_KPROBE,
		.version = "0.1.0",
		.taps = 1,
	};
	struct tcpt_offsets *offsets = some_offsets();
	char *text = tcpt_offsets_text(offsets);

	CHECK(strlen(text) < sizeof(meta.offsets));
	strcpy(meta.offsets, text);
	free(text);
	tcpt_offsets_free(offsets);
	return meta;
}

static void test_meta_flips(void)
{
	const struct tcpt_abi_meta good = good_meta();
	unsigned char bytes[sizeof(good)];

	memcpy(bytes, &good, sizeof(good));
	CHECK_INT(take(bytes, sizeof(bytes)), 0);
	for (size_t at = 0; at < sizeof(bytes); at++)
		for (unsigned int bit = 0; bit <= 8; bit++) {
			unsigned char flip = bit < 8 ? 1 << bit : 0xff;
			int err;

			bytes[at] ^= flip;
			err = take(bytes, sizeof(bytes));
			CHECK(!err || err == -EPROTO || err == -EBADMSG);
			bytes[at] ^= flip;
		}
}

static void test_meta_sizes(void)
{
	const struct tcpt_abi_meta good = good_meta();
	unsigned char bytes[2 * sizeof(good)] = {};

	memcpy(bytes, &good, sizeof(good));
	for (size_t size = 0; size < sizeof(bytes); size++)
		CHECK_INT(take(bytes, size), size == sizeof(good) ? 0 : -EPROTO);
}

static void test_meta_values(void)
{
	struct tcpt_abi_meta meta = good_meta();
	const uint32_t bad_taps[] = { 0, 5, 77, UINT32_MAX },
		       bad_attach[] = { 0, TCPT_ATTACH_CGROUP + 1, 77, UINT32_MAX };

	for (size_t i = 0; i < 4; i++) {
		meta.taps = bad_taps[i];
		CHECK_INT(take((void *)&meta, sizeof(meta)), -EBADMSG);
	}
	meta.taps = 4;
	for (size_t i = 0; i < 4; i++) {
		meta.attach = bad_attach[i];
		CHECK_INT(take((void *)&meta, sizeof(meta)), -EBADMSG);
	}
	meta.attach = TCPT_ATTACH_TRACEPOINT;
	meta.keeper = UINT32_MAX;
	CHECK_INT(take((void *)&meta, sizeof(meta)), -EBADMSG);
	meta.keeper = 1;
	CHECK_INT(take((void *)&meta, sizeof(meta)), 0);
	memset(meta.offsets, 'x', sizeof(meta.offsets));
	CHECK_INT(take((void *)&meta, sizeof(meta)), -EBADMSG);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(test_meta_flips),
		TEST(test_meta_sizes),
		TEST(test_meta_values),
	};

	return run_tests(tests, sizeof(tests) / sizeof(tests[0]));
}
