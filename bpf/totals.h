/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each CPU counts the events of each type, and what connections carried. */
#ifndef TCPT_TOTALS_H
#define TCPT_TOTALS_H

#include "tcpt_abi.h"
#include "verifier.h"

/* Counts an event. type is a constant. */
static __always_inline void count_event(struct tcpt_abi_counters *own, __u8 type)
{
	add(own, totals.events[type], 1);
}

/*
 * Counts what a connection carried. Most carry something, and few retransmit. What is
 * not known is 0.
 */
static __always_inline void count_traffic(struct tcpt_abi_counters *own,
					  const struct tcpt_abi_figures *figures)
{
	add(own, totals.bytes_sent, figures->bytes_sent);
	add(own, totals.bytes_received, figures->bytes_received);
	if (figures->retransmits)
		add(own, totals.retransmits, figures->retransmits);
}

#endif
