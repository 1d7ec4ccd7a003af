/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A group that may read. */
#ifndef TCPT_GROUP_H
#define TCPT_GROUP_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct tcpt_log;

#define GROUP_PATHS 12

/* What the pins' owners and modes were. */
struct group_rights {
	bool is_there[GROUP_PATHS];
	struct stat of[GROUP_PATHS];
};

/* Lets members read the trace. */
int group_admit(const char *dir, gid_t group, const struct tcpt_log *log);
/* For undoing that. */
void group_note(const char *dir, struct group_rights *before);
void group_give_back(const char *dir, const struct group_rights *before,
		     const struct tcpt_log *log);
/* Warns if members cannot get to it. */
void group_check_way(const char *dir, gid_t group, const struct tcpt_log *log);
/* Why the caller may not open a trace; -EPERM. */
int group_explain_denial(const char *dir, const struct tcpt_log *log);
/* -EOPNOTSUPP and a message if this kernel keeps them from reading all the same. */
int group_check_kernel(const struct tcpt_log *log);
/* Of the maps, the writing of which is no reason not to trust a trace. */
bool group_may_write(const char *map);

#endif
