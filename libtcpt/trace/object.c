// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The BPF object of a trace: opening it, sizing its maps and loading it. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include "attach/attach.h"
#include "attach/embedded.h"
#include "attach/helpers.h"
#include "attach/steps.h"
#include "attach/trial.h"
#include "base/caps.h"
#include "base/kernel.h"
#include "base/knobs.h"
#include "internal.h"
#include "maps/ring-name.h"
#include "offsets/btf.h"
#include "offsets/offsets.h"
#include "tcpt_abi_process.h"
#include "trace/existing.h"
#include "trace/layout.h"
#include "trace/object.h"
#include "trace/replace.h"
#include "trace/trace.h"
#include "trace_v1.object.h"
#include "trace_v1_slots.object.h"
#include "trace_v1_slots_split.object.h"
#include "trace_v3.object.h"
#include "trace_v3_slots.object.h"

/* ---- opening ---- */

/* Returns true if the kernel has atomic operations that return a value (Linux 5.12). */
static bool has_atomics(void)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = 1 },
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 10, .src_reg = 1, .off = -8 },
		{ .code = BPF_STX | 0xc0 | BPF_DW,
		  .dst_reg = 10,
		  .src_reg = 1,
		  .off = -8,
		  .imm = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd;

	if (knob_without("atomics"))
		return false;
	insns[2].imm = BPF_ADD | 0x01; /* BPF_FETCH */
	fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, ARRAY_SIZE(insns),
			   NULL);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* The programs of other modes need a kernel that has no such limit. */
static bool is_to_be_split(enum tcpt_attach mode)
{
	return (mode == TCPT_ATTACH_KPROBE || mode == TCPT_ATTACH_TRACEPOINT) &&
	       trial_long() == -E2BIG;
}

static int write_btf(int fd, const struct tcpt_offsets *offsets, const struct records *records)
{
	void *data;
	size_t size;
	ssize_t written;
	int err = btf_build(offsets, records, &data, &size);

	if (err)
		return err;
	written = write(fd, data, size);
	if (written != (ssize_t)size)
		err = written < 0 ? -errno : -ENOSPC;
	free(data);
	return err;
}

#define OPEN(name, opts) embedded_open(name##_object, sizeof(name##_object), opts)

/* Opens the object. libbpf reads the BTF only when it loads it; now the file is empty. */
static struct bpf_object *open_object(int btf_fd, enum tcpt_store store, bool has_atomics,
				      bool is_split)
{
	char path[64];
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "tcpt", .btf_custom_path = path);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", btf_fd);
	if (is_split)
		return OPEN(trace_v1_slots_split, &opts);
	if (store == TCPT_STORE_RING)
		return has_atomics ? OPEN(trace_v3, &opts) : OPEN(trace_v1, &opts);
	return has_atomics ? OPEN(trace_v3_slots, &opts) : OPEN(trace_v1_slots, &opts);
}

static int size_map(struct bpf_object *object, const char *name, unsigned int entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map ? bpf_map__set_max_entries(map, entries) : -ENOENT;
}

static int size_for_tests(struct bpf_object *object)
{
	static const char *const maps[] = { "conns", "pending", "hidden" };
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(maps); i++)
		if (knob_entries(maps[i]))
			err = size_map(object, maps[i], knob_entries(maps[i]));
	return err;
}

static int size_maps(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	struct bpf_object *object = trace->object;
	int err = 0;

	for (uint32_t tap = 1; !err && tap <= TCPT_ABI_TAPS_MAX; tap++)
		err = size_map(object, ring_name(tap).text, layout_entries(trace, tap));
	if (!err)
		err = size_map(object, "counters", libbpf_num_possible_cpus());
	if (!err)
		err = size_map(object, "cursor", libbpf_num_possible_cpus() * trace->taps);
	if (!err)
		err = size_map(object, "processes", trace->processes ? TCPT_ABI_PROCESSES : 1);
	if (!err)
		err = size_map(object, "existing", existing_room(opts));
	if (!err)
		err = size_map(object, "unannounced", existing_room(opts));
	return err ? err : size_for_tests(object);
}

/* The kinds of maps that the kernel has. */
struct kinds {
	bool mappable, lru, trie;
};

/*
 * Where the kernel has no such maps, others do (maps/shapes.c). A hash in the place of a trie is
 * for whole addresses; before Linux 4.6 every hash has its memory from the start.
 */
static int replace_missing_kind(struct bpf_map *map, const struct kinds *has)
{
	bool is_lru = bpf_map__type(map) == BPF_MAP_TYPE_LRU_HASH;
	bool is_trie = bpf_map__type(map) == BPF_MAP_TYPE_LPM_TRIE;
	__u32 flags = bpf_map__map_flags(map);
	int err = 0;

	if (!has->mappable)
		flags &= ~BPF_F_MMAPABLE;
	if ((is_lru && !has->lru) || (is_trie && !has->trie))
		err = bpf_map__set_type(map, BPF_MAP_TYPE_HASH);
	if (is_trie && !has->trie)
		flags &= ~BPF_F_NO_PREALLOC;
	return err ? err : bpf_map__set_map_flags(map, flags);
}

/* The maps that are taken over from another trace keep their own kinds and flags. */
static int replace_missing_kinds(struct bpf_object *object)
{
	const struct kinds has = { .mappable = trial_array() != -EINVAL,
				   .lru = trial_lru() != -EINVAL,
				   .trie = trial_trie() != -EINVAL };
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, object) if (!err) err = replace_missing_kind(map, &has);
	return err;
}

bool object_has_tries(const struct bpf_object *object)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, "networks");

	return bpf_map__type(map) == BPF_MAP_TYPE_LPM_TRIE;
}

static int configure(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	int err = steps_select(trace->object) ?: helpers_replace_missing(trace->object);

	if (!err)
		err = replace_missing_kinds(trace->object);
	if (err)
		return err;
	return trace->old.lock >= 0 ? replace_reuse_maps(trace) : size_maps(trace, opts);
}

/* ---- loading ---- */

/* Explains EPERM. If other tracing programs can be loaded, the privileges are sufficient. */
static int explain_refusal(int err, enum tcpt_attach mode, const struct tcpt_log *log)
{
	int prog = mode == TCPT_ATTACH_FENTRY ? trial_load(BPF_PROG_TYPE_TRACEPOINT, 0, 0) : -1;

	if (prog < 0)
		return caps_explain_bpf(err, log);
	close(prog);
	if (caps_explain_memory(log))
		return -EPERM;
	return log_error(log, -EOPNOTSUPP, "this kernel refuses fentry programs: %s",
			 strerror(-err));
}

static int explain_load(int err, enum tcpt_attach mode, const struct tcpt_log *log)
{
	if (err == -EPERM)
		return explain_refusal(err, mode, log);
	if (err == -EINVAL || err == -EACCES || err == -ENOENT || err == -E2BIG ||
	    err == -EOPNOTSUPP || err == -KERNEL_ENOTSUPP)
		return log_error(log, -EOPNOTSUPP,
				 "this kernel refuses the programs: %s; --verbose shows why",
				 err == -KERNEL_ENOTSUPP ? "not supported" : strerror(-err));
	return log_error(log, err, "cannot load the programs: %s; --verbose shows why",
			 strerror(-err));
}

static int fail_btf(int err, const struct tcpt_log *log)
{
	return log_error(log, err, "cannot make BTF from the offsets, in a file in memory: %s%s",
			 strerror(-err), err == -EFBIG ? "; run first: ulimit -f unlimited" : "");
}

/* Adds the records that belong to no tracepoint. The hooks of the trace are known by now. */
static void add_constants(const struct tcpt_trace *trace, struct records *records)
{
	records->at[R_TAPS] = trace->taps;
	records->at[R_SLOTS] = trace->layout.slots.slots;
	records->at[R_CPUS] = trace->layout.slots.cpus;
	records->at[R_RECORDER] = trace->layout.slots.is_recorder ? 0 : -1;
	records->at[R_GENERATION] = trace->generation % TCPT_ABI_TURNS;
	records->at[R_HEEDS_IPV4] = links_have(&trace->links, "ip_icmp_error") ? 0 : -1;
	records->at[R_CGROUP_ACCEPT] =
		trace->attach == TCPT_ATTACH_CGROUP &&
				links_have(&trace->links, "security_sock_graft") ?
			0 :
			-1;
	records->at[R_HEEDS_IPV6] = links_have(&trace->links, "ipv6_icmp_error") ? 1 : -1;
}

/* Only in cgroup mode the programs can do without reading the kernel's memory. */
static void choose_offsets(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	trace->offsets = *opts->offsets;
	if (trace->attach == TCPT_ATTACH_CGROUP && !trial_cgroup_reads())
		offsets_forget(&trace->offsets);
}

static int open_and_load(struct tcpt_trace *trace, int btf_fd, struct records *records,
			 const struct tcpt_load_opts *opts, const struct tcpt_log *log)
{
	bool is_split = is_to_be_split(trace->attach), atomics = !is_split && has_atomics();
	int err = layout_choose(trace, opts, atomics ? 1 : TCPT_ABI_LEVELS_MAX, log);

	if (err)
		return err;
	choose_offsets(trace, opts);
	trace->object = open_object(btf_fd, trace->layout.store, atomics, is_split);
	if (!trace->object)
		return explain_load(-errno, trace->attach, log);
	bpf_object__set_kversion(trace->object, kernel_version());
	err = attach_prepare(trace->object, trace->attach, opts->hold,
			     trace->offsets.at[F_SKC_COOKIE] >= 0, &trace->links, log);
	if (!err && trace->processes)
		err = attach_prepare_processes(trace->object, opts->hold, &trace->links, log);
	if (err)
		return err;
	add_constants(trace, records);
	err = write_btf(btf_fd, &trace->offsets, records);
	if (err)
		return fail_btf(err, log);
	err = configure(trace, opts);
	if (!err)
		err = bpf_object__load(trace->object);
	if (!err)
		err = steps_insert(trace->object);
	if (err)
		return explain_load(err, trace->attach, log);
	err = layout_begin(trace);
	return err ? log_error(log, err, "cannot write the ring: %s", strerror(-err)) : 0;
}

int object_load(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		const struct tcpt_log *log)
{
	struct records records;
	int err = attach_records(trace->attach, trace->processes, &records, log), btf_fd;

	if (err)
		return err;
	btf_fd = memfd_create("tcpt-btf", MFD_CLOEXEC);
	if (btf_fd < 0)
		return fail_btf(-errno, log);
	err = open_and_load(trace, btf_fd, &records, opts, log);
	close(btf_fd);
	return err;
}
