/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The group whose members may read a trace. */
#ifndef TCPT_GROUP_H
#define TCPT_GROUP_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct tcpt_log;

#define GROUP_PATHS 13

/* The owners and modes that the pins had. */
struct group_rights {
	bool is_there[GROUP_PATHS];
	struct stat of[GROUP_PATHS];
};

/* Lets members read the trace. */
int group_admit(const char *dir, gid_t group, const struct tcpt_log *log);
/* Notes owners and modes, so that group_give_back() can undo group_admit(). */
void group_note(const char *dir, struct group_rights *before);
/* Gives the pins back their former owners and modes. */
void group_give_back(const char *dir, const struct group_rights *before,
		     const struct tcpt_log *log);
/* Warns if members cannot get to the trace. */
void group_check_way(const char *dir, gid_t group, const struct tcpt_log *log);
/* Says why the caller may not open a trace. Returns -EPERM. */
int group_explain_denial(const char *dir, const struct tcpt_log *log);
/* Returns -EOPNOTSUPP, with a message, if this kernel keeps members from reading anyway. */
int group_check_kernel(const struct tcpt_log *log);
/* Returns true if members may write this map; a trace in which they may can be trusted. */
bool group_may_write(const char *map);

#endif
