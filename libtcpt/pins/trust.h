/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Trust in pins. */
#ifndef TCPT_TRUST_H
#define TCPT_TRUST_H

struct tcpt_log;

/*
 * Checks that root or the caller owns the directory that dir is in, and that nobody else
 * can exchange dir. Returns -EACCES, with a message that says who owns it.
 */
int trust_parent(const char *dir, const struct tcpt_log *log);
/*
 * Checks the same, and that root or the caller owns dir and all that is in it, and nobody
 * else can change it. Returns 0 if there is no dir; -EINVAL, with a message, if it is not
 * in a bpffs.
 */
int trust_trace(const char *dir, const struct tcpt_log *log);

#endif
