/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The events that the tests of formats print. */
#ifndef EVENTS_H
#define EVENTS_H

#include "tcpt.h"

/* Returns a client's event, with all that every type has. */
struct tcpt_event ipv4_event(enum tcpt_event_type type);
/* Returns a server's event. */
struct tcpt_event ipv6_event(enum tcpt_event_type type);

#endif
