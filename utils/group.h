/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Groups by their names, as the name service knows them; in a static program, which has none,
 * as /etc/group does.
 */
#ifndef GROUP_H
#define GROUP_H

#include <stdint.h>

/* Finds the group of this name, or else of this number. Returns 0 or -ENOENT. */
int group_find(const char *text, uint32_t *gid);

#endif
