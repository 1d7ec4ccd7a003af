/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether pins can be trusted. */
#ifndef TCPT_TRUST_H
#define TCPT_TRUST_H

struct tcpt_log;

/*
 * -EACCES and a message that says whose it is, unless it is root's or the
 * caller's and nobody else can change it: the directory that dir is in, so that
 * nobody else can exchange dir; and that with dir and all in it. 0 if there is
 * no dir. -EINVAL and a message if it is in no bpffs.
 */
int trust_parent(const char *dir, const struct tcpt_log *log);
int trust_trace(const char *dir, const struct tcpt_log *log);

#endif
