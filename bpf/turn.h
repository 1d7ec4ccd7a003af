/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which generation of the programs handles what happens. One that replaces
 * another (libtcpt/trace/replace.c) is attached beside it, works on the same maps, and
 * the word control.turn says whose turn it is. For a while it is that of both,
 * so that no step falls between them: whoever comes first takes the entry away,
 * and the other one finds nothing left to do. Where nothing left looks like
 * something never seen, turns are shared and word is left: a close leaves a
 * stand-in (close.h), a connect says who has seen it (connect.h), and so does a
 * descriptor (fd.h).
 */
#ifndef TCPT_TURN_H
#define TCPT_TURN_H

#include "conn.h"

/* A constant of each generation, which the loader puts into the BTF as this member's offset. */
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

/* To be asked first by each attach point, but for those that only keep books. */
static __always_inline int is_in_turn(void)
{
	return !!(turn() & OWN_TURN);
}

/* The older generation, whose bit is the one before, has a turn too. */
static __always_inline int is_in_turn_with_older(void)
{
	return !!(turn() & OLDER_TURN);
}

/* The other generation's turn ends now, or has just begun: word is to be left for it. */
static __always_inline int is_shared(void)
{
	return !!(turn() & TCPT_ABI_TURN_SHARED);
}

#endif
