/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Users' names, as the name service knows them, which may ask far away. A static program has
 * no name service, since that is made of shared libraries: it knows those of /etc/passwd.
 */
#ifndef TCPT_ACCOUNTS_H
#define TCPT_ACCOUNTS_H

#include <stddef.h>
#include <stdint.h>

/* Finds the user of this name. Returns 0 or -ENOENT. */
int account_uid(const char *name, uint32_t *uid);

/* Stores the name of the user, whole. Returns 0, -ENOENT, or -ENOSPC if size is too small. */
int account_name(uint32_t uid, char *name, size_t size);

#endif
