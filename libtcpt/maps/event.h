/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events, from the record in the ring to struct tcpt_event. */
#ifndef TCPT_EVENT_H
#define TCPT_EVENT_H

#include "tcpt.h"

struct tcpt_abi_task;
struct tcpt_abi_tuple;

/* Returns the role's name; NULL if it is not known. */
const char *event_role_name(enum tcpt_role role);
/* Returns true if the event stands for others, which were lost or overwritten. */
bool event_is_gap(const struct tcpt_event *event);
/* Returns the name of the place of a loss, never NULL. */
const char *event_where_name(const struct tcpt_event *event);
/* These fill in the task and both ends. */
void event_set_task(struct tcpt_event *event, const struct tcpt_abi_task *task);
void event_set_ends(struct tcpt_event *event, const struct tcpt_abi_tuple *tuple);
/* Fills in the event from a record. Returns -EPROTO if its size or version is not of this ABI. */
int event_decode(struct tcpt_event *event, const void *record, size_t size);

#endif
