// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of the maps' shapes agrees with the BPF objects, one map after the other. */
#include <bpf/libbpf.h>
#include <string.h>

#include "../test.h"
#include "maps/shapes.h"
#include "trace_v1.skel.h"
#include "trace_v3.skel.h"

static const struct shape *shape_of(const char *name)
{
	for (const struct shape *shape = shapes; shape->name; shape++)
		if (!strcmp(shape->name, name))
			return shape;
	return NULL;
}

/* Checks a map against its shape. If the shape names no number of entries, the loader sets it. */
static void check_map(const struct bpf_map *map)
{
	const struct shape *shape = shape_of(bpf_map__name(map));

	CHECK(shape != NULL);
	if (!shape)
		return;
	CHECK_INT(bpf_map__type(map), shape->type);
	CHECK_INT(bpf_map__map_flags(map), shape->flags);
	CHECK_INT(bpf_map__key_size(map), shape->key_size);
	CHECK(bpf_map__value_size(map) == shape->value_size || !strcmp(shape->name, "meta"));
	CHECK(!shape->entries || bpf_map__max_entries(map) == shape->entries);
}

static unsigned int check_object(const void *elf, size_t size)
{
	struct bpf_object *object = bpf_object__open_mem(elf, size, NULL);
	struct bpf_map *map;
	unsigned int maps = 0;

	CHECK(object != NULL);
	if (!object)
		return 0;
	bpf_object__for_each_map(map, object)
	{
		check_map(map);
		maps++;
	}
	bpf_object__close(object);
	return maps;
}

static void test_objects(void)
{
	unsigned int known = 0;
	const void *elf;
	size_t size;

	while (shapes[known].name)
		known++;
	elf = trace_v1_bpf__elf_bytes(&size);
	CHECK_INT(check_object(elf, size), known);
	elf = trace_v3_bpf__elf_bytes(&size);
	CHECK_INT(check_object(elf, size), known);
}

int main(void)
{
	static const struct test tests[] = { TEST(test_objects) };

	return run_tests(tests, sizeof(tests) / sizeof(tests[0]));
}
