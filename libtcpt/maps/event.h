/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events. */
#ifndef TCPT_EVENT_H
#define TCPT_EVENT_H

#include "tcpt.h"

const char *event_role_name(enum tcpt_role role); /* NULL if it is not known */
const char *event_where_name(const struct tcpt_event *event); /* of a loss, never NULL */
/* -EPROTO if size or version are not of this ABI. */
int event_decode(struct tcpt_event *event, const void *record, size_t size);

#endif
