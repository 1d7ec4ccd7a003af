/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The hooks that serve watched processes alone. */
#ifndef TCPT_FD_HOOKS_H
#define TCPT_FD_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

#include "pins/pin.h"
#include "tcpt.h"

/* A pinned trace. All zero: one whose hooks stay as they are. */
struct fd_hooks {
	enum tcpt_attach mode; /* TCPT_ATTACH_AUTO: a keeper has the links, or there are none yet */
	char dir[PIN_MAX];
};

/* Returns true if one of the filters is a watched process. */
bool fd_hooks_are_wanted(const struct tcpt_filter *list, size_t n);
/*
 * Attaches those that are not attached yet, and pins their links. If it fails, with a
 * message, some may be attached. The caller has the lock of editors.
 */
int fd_hooks_attach(const struct fd_hooks *hooks, const struct tcpt_log *log);
/* Ends their links, those too that another editor has left. */
void fd_hooks_detach(const struct fd_hooks *hooks);

#endif
