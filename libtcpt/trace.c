// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loading and unloading a trace. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"
#include "tcpt_abi.h"
#include "trace_v1.skel.h"
#include "trace_v3.skel.h"

#define DEFAULT_RING (8 << 20)

struct tcpt_trace {
	enum tcpt_attach attach;
	struct bpf_object *object;
	struct links links;
	int keeper; /* its lock; -1 if the links are pinned */
	char pin[PIN_MAX];
};

/* ---- opening the object ---- */

/* Linux 5.12 and later have atomic operations that return a value. */
static bool has_atomics(void)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = 1 },
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 10, .src_reg = 1, .off = -8 },
		{ .code = BPF_STX | 0xc0 | BPF_DW, .dst_reg = 10, .src_reg = 1, .off = -8, .imm = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd;

	insns[2].imm = BPF_ADD | 0x01; /* BPF_FETCH */
	fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, ARRAY_SIZE(insns), NULL);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int btf_file(const struct tcpt_offsets *offsets, const struct records *records)
{
	void *data;
	size_t size;
	int err = btf_build(offsets, records, &data, &size), fd;

	if (err)
		return err;
	fd = memfd_create("tcpt-btf", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, data, size) != (ssize_t)size) {
		close(fd);
		fd = -1;
		errno = ENOSPC;
	}
	free(data);
	return fd < 0 ? -errno : fd;
}

/* libbpf reads the BTF while it opens the object's programs for loading, so fd stays open. */
static struct bpf_object *open_object(int btf_fd)
{
	char path[64];
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "tcpt", .btf_custom_path = path);
	const void *elf;
	size_t size;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", btf_fd);
	elf = has_atomics() ? trace_v3_bpf__elf_bytes(&size) : trace_v1_bpf__elf_bytes(&size);
	return bpf_object__open_mem(elf, size, &opts);
}

static size_t ring_size(size_t wanted)
{
	size_t size = sysconf(_SC_PAGESIZE);

	while (size < (wanted ? wanted : DEFAULT_RING) && size < (1U << 31))
		size <<= 1;
	return size;
}

static int size_map(struct bpf_object *object, const char *name, unsigned int entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map ? bpf_map__set_max_entries(map, entries) : -ENOENT;
}

static int configure(struct bpf_object *object, const struct tcpt_load_opts *opts)
{
	int err = size_map(object, "ring", ring_size(opts->ring_bytes));

	if (!err)
		err = helpers_replace_missing(object);
	if (!err)
		err = size_map(object, "counters", libbpf_num_possible_cpus());
	if (!err)
		err = size_map(object, "cursor", libbpf_num_possible_cpus());
	if (!err)
		err = size_map(object, "existing", existing_room(opts));
	if (!err)
		err = size_map(object, "unannounced", existing_room(opts));
	return err;
}

/* ---- what is loaded here ---- */

static int write_meta(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	struct tcpt_abi_meta meta = {
		.magic = TCPT_ABI_MAGIC,
		.abi = TCPT_ABI_VERSION,
		.attach = trace->attach,
		.keeper = opts->hold ? getpid() : 0,
		.loaded = monotonic_ns(),
		.version = PACKAGE_VERSION,
	};
	char *text = tcpt_offsets_text(opts->offsets);
	__u32 zero = 0;
	int err = 0;

	if (!text)
		return -errno;
	if (strlen(text) >= sizeof(meta.offsets))
		err = -EFBIG;
	else
		strcpy(meta.offsets, text);
	free(text);
	kernel_boot_id(meta.boot_id, sizeof(meta.boot_id));
	if (!err && bpf_map_update_elem(bpf_object__find_map_fd_by_name(trace->object, "meta"),
					&zero, &meta, BPF_ANY))
		err = -errno;
	return err;
}

/* ---- loading ---- */

/* Where other tracing programs can be loaded it is not the privileges that are lacking. */
static int explain_refusal(int err, enum tcpt_attach mode, const struct tcpt_log *log)
{
	int prog = mode == TCPT_ATTACH_FENTRY ? try_load(BPF_PROG_TYPE_TRACEPOINT, 0, 0) : -1;

	if (prog >= 0) {
		close(prog);
		return log_error(log, -EOPNOTSUPP, "this kernel refuses fentry programs: %s",
				 strerror(-err));
	}
	return log_error(log, -EPERM,
			 "may not load BPF programs: %s; run as root or with CAP_BPF and "
			 "CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8)",
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

/* The BTF is read while the programs are loaded. */
static int open_and_load(struct tcpt_trace *trace, int btf_fd, const struct tcpt_load_opts *opts,
			 const struct tcpt_log *log)
{
	int err;

	trace->object = open_object(btf_fd);
	if (!trace->object)
		return explain_load(-errno, trace->attach, log);
	err = attach_prepare(trace->object, trace->attach, opts->hold, &trace->links, log);
	if (err)
		return err;
	err = configure(trace->object, opts);
	if (!err)
		err = bpf_object__load(trace->object);
	return err ? explain_load(err, trace->attach, log) : 0;
}

static int load_object(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		       const struct tcpt_log *log)
{
	struct records records;
	int err = attach_records(trace->attach, &records, log), btf_fd;

	if (err)
		return err;
	btf_fd = btf_file(opts->offsets, &records);
	if (btf_fd < 0)
		return log_error(log, btf_fd, "cannot make BTF from the offsets: %s",
				 strerror(-btf_fd));
	err = open_and_load(trace, btf_fd, opts, log);
	close(btf_fd);
	return err;
}

static int load_mode(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		     const struct tcpt_log *log)
{
	int err = attach_check_offsets(trace->attach, opts->offsets, log);

	if (!err)
		err = load_object(trace, opts, log);
	if (err)
		return err;
	err = write_meta(trace, opts);
	if (err)
		return log_error(log, err, "cannot write the trace's description: %s", strerror(-err));
	err = existing_begin(trace->object, opts);
	if (err)
		return log_error(log, err, "cannot write the map control: %s", strerror(-err));
	err = filters_init(bpf_object__find_map_fd_by_name(trace->object, "filters"),
			   bpf_object__find_map_fd_by_name(trace->object, "control"), opts->filters,
			   opts->filter_count, log);
	if (err)
		return err;
	err = attach_programs(trace->object, &trace->links, log);
	if (!err)
		err = pins_create(trace->pin, trace->object, &trace->links,
				  opts->hold ? &trace->keeper : NULL, log);
	return err;
}

static void drop(struct tcpt_trace *trace)
{
	links_destroy(&trace->links);
	bpf_object__close(trace->object);
	trace->object = NULL;
}

/* Keeps the reason of a failure, while other modes are tried. */
struct reason {
	const struct tcpt_log *log;
	char text[512];
};

static void keep_reason(void *arg, enum tcpt_log_level level, const char *text)
{
	struct reason *reason = arg;

	if (level == TCPT_LOG_ERROR)
		snprintf(reason->text, sizeof(reason->text), "%s", text);
	else if (reason->log && reason->log->message)
		reason->log->message(reason->log->arg, level, text);
}

const enum tcpt_attach attach_order[ATTACH_MODES] = {
	TCPT_ATTACH_KPROBE,
	TCPT_ATTACH_FENTRY,
	TCPT_ATTACH_TRACEPOINT,
};

static int explain_all(int err, const struct reason *reasons, const struct tcpt_log *log)
{
	return log_error(log, err, "no attach mode works here: kprobe: %s; fentry: %s; tracepoint: %s",
			 reasons[0].text, reasons[1].text, reasons[2].text);
}

static int load_best(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	struct reason reasons[ATTACH_MODES] = {};
	int err = 0;

	for (size_t i = 0; i < ATTACH_MODES; i++) {
		struct tcpt_log log = { keep_reason, &reasons[i] };

		reasons[i].log = opts->log;
		trace->attach = attach_order[i];
		err = load_mode(trace, opts, &log);
		if (!err)
			return 0;
		drop(trace);
		if (err != -EOPNOTSUPP)
			return log_error(opts->log, err, "%s", reasons[i].text);
		log_debug(opts->log, "not by %s: %s", tcpt_attach_name(attach_order[i]),
			  reasons[i].text);
	}
	return explain_all(err, reasons, opts->log);
}

/* All or nothing here too. */
static int admit_group(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	int err = group_admit(trace->pin, opts->group, opts->log);

	if (!err) {
		group_check_way(trace->pin, opts->group, opts->log);
		return 0;
	}
	pins_remove(trace->pin, opts->log);
	if (trace->keeper >= 0)
		close(trace->keeper);
	trace->keeper = -1;
	return err;
}

static int load(struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	int err = pins_prepare(trace->pin, opts->log);

	if (!err && opts->for_group)
		err = group_check_kernel(opts->log);
	if (err)
		return err;
	kprobes_tidy();
	log_capture_libbpf(opts->log);
	trace->attach = opts->attach;
	err = opts->attach == TCPT_ATTACH_AUTO ? load_best(trace, opts) :
						 load_mode(trace, opts, opts->log);
	if (!err && opts->for_group)
		err = admit_group(trace, opts);
	if (!err && opts->existing)
		existing_seed(trace->object, opts);
	log_release_libbpf();
	return err;
}

TCPT_API int tcpt_trace_load(struct tcpt_trace **out, const struct tcpt_load_opts *opts)
{
	struct tcpt_trace *trace = calloc(1, sizeof(*trace));
	int err;

	if (!trace)
		return -ENOMEM;
	trace->keeper = -1;
	err = pins_normalise(trace->pin, opts->pin, opts->log);
	if (!err)
		err = load(trace, opts);
	if (err) {
		drop(trace);
		free(trace);
		return err;
	}
	*out = trace;
	return 0;
}

TCPT_API void tcpt_trace_close(struct tcpt_trace *trace)
{
	if (!trace)
		return;
	if (trace->keeper >= 0) {
		if (locks_are_of(trace->pin, trace->keeper))
			pins_remove(trace->pin, NULL);
		close(trace->keeper);
	}
	drop(trace);
	free(trace);
}

TCPT_API enum tcpt_attach tcpt_trace_attach(const struct tcpt_trace *trace)
{
	return trace->attach;
}

/* A probe is in use until the kernel has let go of its link, some time after the pin is gone. */
static void tidy_kprobes(void)
{
	for (int tries = 0; tries < 100 && kprobes_tidy(); tries++)
		usleep(10000);
}

TCPT_API int tcpt_trace_unload(const char *pin, const struct tcpt_log *log)
{
	char dir[PIN_MAX];
	int err = pins_normalise(dir, pin, log), lock;

	if (!err)
		err = trust_trace(dir, log);
	if (err)
		return err;
	err = pins_remove_remains(dir, log);
	if (err)
		return err;
	err = pins_check(dir);
	if (err)
		return log_error(log, err, err == -EPERM ? "may not look at %s; run as root" :
							   "no trace is loaded at %s", dir);
	lock = locks_take_keeper(dir, log);
	if (lock < 0)
		return lock;
	err = pins_remove(dir, log);
	close(lock);
	tidy_kprobes();
	return err;
}
