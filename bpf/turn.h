/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The turn says which generation of the programs handles what happens. A generation
 * that replaces another (libtcpt/trace/replace.c) is attached beside it and works on
 * the same maps. The word control.turn says which of the two has the turn.
 *
 * For a while both have it, so that no step falls between them: whoever comes first
 * deletes the map entry, and the other finds none. But where a sock without an entry
 * looks like one that was never seen, the first has to leave a mark while the turn is
 * shared. A close leaves an entry that stands in (close.h), a connect says which
 * generation saw it (connect.h), and so does a descriptor (fd.h).
 */
#ifndef TCPT_TURN_H
#define TCPT_TURN_H

#include "conn.h"

/*
 * The member stands for the number of the generation's bit. It is a constant: the
 * loader puts it into the BTF as the offset of this member.
 */
struct tcpt_generation {
	__u8 bit;
} __attribute__((preserve_access_index));

#define OWN_BIT bpf_core_field_offset(struct tcpt_generation, bit)
#define OWN_TURN (1U << OWN_BIT)
#define OLDER_TURN (1U << (OWN_BIT ? OWN_BIT - 1 : TCPT_ABI_TURNS - 1))

static __always_inline __u32 turn(void)
{
	struct tcpt_abi_control *control = controls();

	return control ? control->turn : 0;
}

/* Each attach point that reports asks this first. */
static __always_inline int is_in_turn(void)
{
	return !!(turn() & OWN_TURN);
}

/* The older generation has the turn too. Its bit is the one before. */
static __always_inline int is_in_turn_with_older(void)
{
	return !!(turn() & OLDER_TURN);
}

/* Another generation's turn has just begun or is about to end, and needs marks. */
static __always_inline int is_shared(void)
{
	return !!(turn() & TCPT_ABI_TURN_SHARED);
}

#endif
