// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of the maps' shapes agrees with the BPF objects, one map after the other. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../test.h"
#include "attach/embedded.h"
#include "attach/steps.h"
#include "maps/keys.h"
#include "maps/shapes.h"
#include "trace_v1.object.h"
#include "trace_v1_slots.object.h"
#include "trace_v1_slots_split.object.h"
#include "trace_v3.object.h"
#include "trace_v3_slots.object.h"

static bool has_shape(const struct bpf_map *map, const struct shape *shape)
{
	return !strcmp(shape->name, bpf_map__name(map)) && bpf_map__type(map) == shape->type &&
	       bpf_map__map_flags(map) == shape->flags &&
	       bpf_map__key_size(map) == shape->key_size &&
	       (bpf_map__value_size(map) == shape->value_size || !strcmp(shape->name, "meta")) &&
	       (!shape->entries || bpf_map__max_entries(map) == shape->entries);
}

/*
 * Checks that a map has one of the shapes of its name. If the shape names no number of
 * entries, the loader sets it.
 */
static void check_map(const struct bpf_map *map)
{
	unsigned int fitting = 0;

	for (const struct shape *shape = shapes; shape->name; shape++)
		fitting += has_shape(map, shape);
	if (fitting != 1)
		fprintf(stderr, "%s\n", bpf_map__name(map));
	CHECK_INT(fitting, 1);
	CHECK(bpf_map__key_size(map) <= KEY_MOST);
}

static unsigned int check_object(const unsigned char *bytes, size_t size)
{
	struct bpf_object *object = embedded_open(bytes, size, NULL);
	struct bpf_map *map;
	unsigned int maps = 0;

	CHECK(object != NULL);
	if (!object)
		return 0;
	bpf_object__for_each_map(map, object)
	{
		if (steps_are(map))
			continue;
		check_map(map);
		maps++;
	}
	bpf_object__close(object);
	return maps;
}

static unsigned int count_names(void)
{
	unsigned int names = 0;

	for (const struct shape *shape = shapes; shape->name; shape++)
		names += shape == shapes || strcmp(shape->name, shape[-1].name) != 0;
	return names;
}

#define CHECK_OBJECT(name) CHECK_INT(check_object(name, sizeof(name)), count_names())

static void test_objects(void)
{
	CHECK_OBJECT(trace_v1_object);
	CHECK_OBJECT(trace_v1_slots_object);
	CHECK_OBJECT(trace_v1_slots_split_object);
	CHECK_OBJECT(trace_v3_object);
	CHECK_OBJECT(trace_v3_slots_object);
}

/* What does not become as long as it says, or not what it was, is not opened. */
static void test_damaged(void)
{
	unsigned char bytes[sizeof(trace_v3_object)];

	memcpy(bytes, trace_v3_object, sizeof(bytes));
	bytes[sizeof(bytes) - 4]++;
	errno = 0;
	CHECK(!embedded_open(bytes, sizeof(bytes), NULL));
	CHECK_INT(errno, EBADMSG);
	memcpy(bytes, trace_v3_object, sizeof(bytes));
	bytes[sizeof(bytes) / 2] ^= 1;
	errno = 0;
	CHECK(!embedded_open(bytes, sizeof(bytes), NULL));
	CHECK_INT(errno, EBADMSG);
}

int main(void)
{
	static const struct test tests[] = { TEST(test_objects), TEST(test_damaged) };

	return run_tests(tests, sizeof(tests) / sizeof(tests[0]));
}
