/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BTF made from offsets. */
#ifndef TCPT_BTF_H
#define TCPT_BTF_H

#include <stddef.h>

struct tcpt_offsets;

/*
 * Members of tracepoint records, which a BPF program reads. The last eight belong to no
 * record. They are the bit of a generation (bpf/turn.h), the number of taps
 * (bpf/counters.h), the sizes of a ring of slots, and whether it is a flight recorder
 * (bpf/slots.h), which hooks see ICMP errors (bpf/connect.h), and whether one sees accepts
 * (bpf/cgroup.h).
 */
enum record_field {
	R_STATE_SKADDR,
	R_STATE_OLDSTATE,
	R_STATE_NEWSTATE,
	R_DESTROY_SKADDR,
	R_ENTER_ARG0,
	R_ENTER_ARG1,
	R_EXIT_RET,
	R_NEWTASK_PID, /* from here on: of processes */
	R_NEWTASK_FLAGS,
	R_EXEC_FILENAME,
	R_GENERATION,
	R_TAPS,
	R_SLOTS,
	R_CPUS,
	R_RECORDER,
	R_HEEDS_IPV4,
	R_HEEDS_IPV6,
	R_CGROUP_ACCEPT,
	RECORD_FIELD_COUNT,
};

/* The records have the offset of each member; -1 if it is not known, or not to be added. */
struct records {
	int at[RECORD_FIELD_COUNT];
};

/* Does what tcpt_offsets_btf() does, and adds the records unless they are NULL. */
int btf_build(const struct tcpt_offsets *offsets, const struct records *records, void **data,
	      size_t *size);

#endif
