/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this machine has of all that a trace can use, and the cure where it lacks something. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "tcpt.h"

enum finding_state {
	FINDING_OK,
	FINDING_NOTE, /* it is missing, and a trace does without it or makes it */
	FINDING_LACKS, /* it is missing, and has to be there */
};

struct finding {
	const char *name;
	enum finding_state state;
	char found[400];
	char cure[200]; /* empty: none is needed */
};

#define FINDINGS_MAX 12

struct doctor {
	struct finding of[FINDINGS_MAX];
	unsigned int n;
};

/* Looks at everything once. */
void doctor_look(struct doctor *doctor, const struct tcpt_probe *probe);

/* Returns "ok", "note" or "lacks". */
const char *doctor_state_name(enum finding_state state);

/*
 * Returns which mode the attach mode auto takes for a trace that a process holds, and why no
 * better one. The caller frees it; NULL: ENOMEM.
 */
char *doctor_choice(const struct tcpt_probe *probe);

#endif
