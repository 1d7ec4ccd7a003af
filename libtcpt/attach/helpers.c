// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * BPF helpers that the running kernel may not have. Kernels before 4.15 check calls in
 * dead code too, so a condition in the program is not enough. The calls themselves are
 * replaced.
 */
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "attach/helpers.h"
#include "attach/trial.h"
#include "internal.h"

static bool is_call(const struct bpf_insn *insn, enum bpf_func_id helper)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 0 && insn->imm == (int)helper;
}

static bool calls(const struct bpf_program *prog, enum bpf_func_id helper)
{
	const struct bpf_insn *insns = bpf_program__insns(prog);

	for (size_t i = 0; i < bpf_program__insn_cnt(prog); i++)
		if (is_call(&insns[i], helper))
			return true;
	return false;
}

/* Replaces each call of the helper in a program by the value 0. */
static int replace_calls(struct bpf_program *prog, enum bpf_func_id helper)
{
	size_t count = bpf_program__insn_cnt(prog);
	struct bpf_insn *insns = malloc(count * sizeof(*insns));
	int err;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, bpf_program__insns(prog), count * sizeof(*insns));
	for (size_t i = 0; i < count; i++)
		if (is_call(&insns[i], helper))
			insns[i] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K };
	err = bpf_program__set_insns(prog, insns, count);
	free(insns);
	return err;
}

/*
 * The kernel knows programs of fentry by their function, which a trial has not. They have the
 * helpers that kprobes have.
 */
static bool has(enum bpf_prog_type type, enum bpf_attach_type attach, enum bpf_func_id helper)
{
	return type == BPF_PROG_TYPE_TRACING ? trial_helper(BPF_PROG_TYPE_KPROBE, 0, helper) :
					       trial_helper(type, attach, helper);
}

bool helpers_lack(enum bpf_func_id helper)
{
	return !has(BPF_PROG_TYPE_SOCKET_FILTER, 0, helper);
}

/*
 * Returns true if the program can have the helper, or an older one that libbpf puts in its
 * place.
 */
static bool has_probe_read(const struct bpf_program *prog, bool has_tracing)
{
	return has_tracing && bpf_program__type(prog) != BPF_PROG_TYPE_SOCKET_FILTER;
}

/* Programs of different types have different helpers. */
static int replace_missing(struct bpf_program *prog, bool has_tracing)
{
	static const enum bpf_func_id helpers[] = {
		BPF_FUNC_get_current_cgroup_id, /* Linux 4.18, CONFIG_CGROUPS */
		BPF_FUNC_ktime_get_tai_ns, /* Linux 6.1 */
		BPF_FUNC_get_current_task,
		BPF_FUNC_get_netns_cookie, /* of sock_ops: Linux 5.15 */
		BPF_FUNC_probe_read_kernel, /* CONFIG_BPF_EVENTS; of tracing programs */
	};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(helpers); i++) {
		if (!calls(prog, helpers[i]))
			continue;
		if (helpers[i] == BPF_FUNC_probe_read_kernel ?
			    !has_probe_read(prog, has_tracing) :
			    !has(bpf_program__type(prog), bpf_program__expected_attach_type(prog),
				 helpers[i]))
			err = replace_calls(prog, helpers[i]);
	}
	return err;
}

int helpers_replace_missing(struct bpf_object *object)
{
	bool has_tracing = trial_tracing();
	struct bpf_program *prog;
	int err = 0;

	bpf_object__for_each_program(prog, object) if (!err && bpf_program__autoload(prog))
		err = replace_missing(prog, has_tracing);
	return err;
}
