/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The steps of a hook's program, where it is split (steps.h). The BPF programs and libtcpt
 * share this.
 */
#ifndef TCPT_ABI_STEPS_H
#define TCPT_ABI_STEPS_H

enum tcpt_abi_step {
	TCPT_ABI_STEP_CONNECTING, /* the change to SYN_SENT */
	TCPT_ABI_STEP_ESTABLISHED,
	TCPT_ABI_STEP_FAILED, /* the change to CLOSE of what was not open; ENDED comes next */
	TCPT_ABI_STEP_ENDED, /* the change to CLOSE */
	TCPT_ABI_STEP_FINISHING, /* any other change */
	TCPT_ABI_STEP_CLOSING, /* a task closes; CLOSED comes next, if that has an entry */
	TCPT_ABI_STEP_CLOSED,
	TCPT_ABI_STEPS,
};

#endif
