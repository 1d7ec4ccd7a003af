// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The programs of steps. A map has those of one attach mode and one type, because the kernel
 * goes on only with a program of the same type.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "attach/steps.h"
#include "internal.h"
#include "tcpt_abi_steps.h"

static const struct map {
	const char *name, *hook; /* the program that goes on with the steps */
	const char *programs[TCPT_ABI_STEPS];
} maps[] = {
#define OF_CHANGE(prefix)                                                                   \
	[TCPT_ABI_STEP_CONNECTING] = prefix "_connecting",                                  \
	[TCPT_ABI_STEP_ESTABLISHED] = prefix "_established",                                \
	[TCPT_ABI_STEP_FAILED] = prefix "_failed", [TCPT_ABI_STEP_ENDED] = prefix "_ended", \
	[TCPT_ABI_STEP_FINISHING] = prefix "_finishing"
	{ "kp_steps",
	  "kp_set_state",
	  { OF_CHANGE("kp"), [TCPT_ABI_STEP_CLOSING] = "kp_closing",
	    [TCPT_ABI_STEP_CLOSED] = "kp_closed" } },
	{ "rt_steps", "rt_state", { OF_CHANGE("rt") } },
	{ "tp_steps", "tp_set_state", { OF_CHANGE("tp") } },
	{ "rtp_steps", "rt_state_tp", { OF_CHANGE("rtp") } },
};

static const struct map *find_map(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (!strcmp(maps[i].name, name))
			return &maps[i];
	return NULL;
}

bool steps_have(const struct bpf_program *prog)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		for (size_t step = 0; step < TCPT_ABI_STEPS; step++)
			if (maps[i].programs[step] &&
			    !strcmp(maps[i].programs[step], bpf_program__name(prog)))
				return true;
	return false;
}

bool steps_are(const struct bpf_map *map)
{
	return bpf_map__type(map) == BPF_MAP_TYPE_PROG_ARRAY;
}

bool steps_are_used(const struct bpf_map *map)
{
	return steps_are(map) && bpf_map__autocreate(map);
}

static int select_map(struct bpf_object *object, struct bpf_map *map)
{
	const struct map *of = find_map(bpf_map__name(map));
	struct bpf_program *hook;
	bool is_selected;
	int err;

	if (!of)
		return -ENOENT;
	hook = bpf_object__find_program_by_name(object, of->hook);
	is_selected = hook && bpf_program__autoload(hook);
	err = bpf_map__set_autocreate(map, is_selected);
	for (size_t step = 0; !err && step < TCPT_ABI_STEPS; step++)
		if (of->programs[step])
			err = bpf_program__set_autoload(
				bpf_object__find_program_by_name(object, of->programs[step]),
				is_selected);
	return err;
}

int steps_select(struct bpf_object *object)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, object) if (!err && steps_are(map))
		err = select_map(object, map);
	return err;
}

static int fill_map(struct bpf_object *object, const struct bpf_map *map)
{
	const struct map *of = find_map(bpf_map__name(map));

	for (__u32 step = 0; step < TCPT_ABI_STEPS; step++) {
		struct bpf_program *prog;
		int fd;

		if (!of->programs[step])
			continue;
		prog = bpf_object__find_program_by_name(object, of->programs[step]);
		fd = bpf_program__fd(prog);
		if (bpf_map_update_elem(bpf_map__fd(map), &step, &fd, BPF_ANY))
			return -errno;
	}
	return 0;
}

int steps_insert(struct bpf_object *object)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, object) if (!err && steps_are_used(map))
		err = fill_map(object, map);
	return err;
}
