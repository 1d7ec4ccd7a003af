/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The model passes arguments to each kind of program in an array, the result behind them. */
#ifndef MODEL_BPF_TRACING_H
#define MODEL_BPF_TRACING_H

#define PT_REGS_PARM1(ctx) (((const __u64 *)(const void *)(ctx))[0])
#define PT_REGS_PARM2(ctx) (((const __u64 *)(const void *)(ctx))[1])
#define PT_REGS_PARM3(ctx) (((const __u64 *)(const void *)(ctx))[2])
#define PT_REGS_RC(ctx) (((const __u64 *)(const void *)(ctx))[0])

#endif
