/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each CPU counts the events of each type, and what connections carried. */
#ifndef TCPT_TOTALS_H
#define TCPT_TOTALS_H

#include "tcpt_abi.h"

/* Counts an event. type is a constant. */
static __always_inline void count_event(struct tcpt_abi_totals *totals, __u8 type)
{
	__sync_fetch_and_add(&totals->events[type], 1);
}

/*
 * Counts what a connection carried. Most carry something, and few retransmit. What is
 * not known is 0.
 */
static __always_inline void count_traffic(struct tcpt_abi_totals *totals,
					  const struct tcpt_abi_figures *figures)
{
	__sync_fetch_and_add(&totals->bytes_sent, figures->bytes_sent);
	__sync_fetch_and_add(&totals->bytes_received, figures->bytes_received);
	if (figures->retransmits)
		__sync_fetch_and_add(&totals->retransmits, figures->retransmits);
}

#endif
