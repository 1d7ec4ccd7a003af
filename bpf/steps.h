/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The programs of hooks, split into steps. Before Linux 5.2 a program has at most 4,096
 * instructions. In the object for such kernels (TCPT_SPLIT) the program on a hook finds out
 * which step comes next, and the kernel goes on with the program of that step. Such a tail
 * call passes on nothing but the context, so that the step reads its arguments again. On
 * other kernels one program does all of it.
 */
#ifndef TCPT_STEPS_H
#define TCPT_STEPS_H

#include "tcpt_abi_steps.h"

#ifdef TCPT_SPLIT

/*
 * Each keeps the programs of steps that have one type and one mode; the key is the step. The
 * loader inserts them (libtcpt/attach/steps.c).
 */
struct steps {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, TCPT_ABI_STEPS);
	__type(key, __u32);
	__type(value, __u32);
};
struct steps kp_steps SEC(".maps");
struct steps rt_steps SEC(".maps");
struct steps tp_steps SEC(".maps");
struct steps rtp_steps SEC(".maps");

/* Goes on with this step, or does what stands for it in an unsplit program. */
#define go_on(ctx, steps, step, unsplit)                \
	do {                                            \
		if (0)                                  \
			unsplit;                        \
		bpf_tail_call((ctx), &(steps), (step)); \
	} while (0)

/* Defines the program of a step. */
#define STEP(type, context, program, call) \
	SEC(type)                          \
	int program(context *ctx)          \
	{                                  \
		call;                      \
		return 0;                  \
	}

/* Defines the programs of the steps that a change of state can be. */
#define STEPS_OF_CHANGE(type, context, prefix)                                                   \
	STEP(type, context, prefix##_connecting, prefix##_step(ctx, TCPT_ABI_STEP_CONNECTING))   \
	STEP(type, context, prefix##_established, prefix##_step(ctx, TCPT_ABI_STEP_ESTABLISHED)) \
	STEP(type, context, prefix##_failed, prefix##_step(ctx, TCPT_ABI_STEP_FAILED);           \
	     go_on(ctx, prefix##_steps, TCPT_ABI_STEP_ENDED, (void)0))                           \
	STEP(type, context, prefix##_ended, prefix##_step(ctx, TCPT_ABI_STEP_ENDED))             \
	STEP(type, context, prefix##_finishing, prefix##_step(ctx, TCPT_ABI_STEP_FINISHING))

#else

#define go_on(ctx, steps, step, unsplit) unsplit
#define STEP(type, context, program, call)
#define STEPS_OF_CHANGE(type, context, prefix)

#endif

#endif
