/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "odd.h"

const char *errno_name(int error)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{ ECONNREFUSED, "ECONNREFUSED" },   { ETIMEDOUT, "ETIMEDOUT" },
		{ EHOSTUNREACH, "EHOSTUNREACH" },   { ENETUNREACH, "ENETUNREACH" },
		{ ECONNRESET, "ECONNRESET" },	    { ECONNABORTED, "ECONNABORTED" },
		{ EADDRNOTAVAIL, "EADDRNOTAVAIL" }, { ECANCELED, "ECANCELED" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == error)
			return names[i].name;
	return "?";
}

/* The further columns: how bytes opener modes known */
void record_for(pid_t pid, const char *comm, enum event event, const struct odd_end *end,
		const char *how, const char *modes, enum odd_known known)
{
	static const char *const knowns[] = { "-", "late", "other" };
	struct record line = { .event = event, .pid = pid, .netns = end->netns, .tuple = end->at };
	char bytes[48] = "-", opener[16] = "-";

	snprintf(line.comm, sizeof(line.comm), "%s", comm);
	if (event == EVENT_CLOSE && end->counted)
		snprintf(bytes, sizeof(bytes), "%ld/%ld", end->sent, end->received);
	if (event == EVENT_CLOSE && end->opener)
		snprintf(opener, sizeof(opener), "%d", (int)end->opener);
	record_add(&line, "\t%s\t%s\t%s\t%s\t%s", how ? how : "-", bytes, opener, modes,
		   knowns[known]);
}

void record_known(enum event event, const struct odd_end *end, const char *how, const char *modes,
		  enum odd_known known)
{
	char comm[16];

	if (prctl(PR_GET_NAME, comm))
		die("cannot get the name");
	record_for(getpid(), comm, event, end, how, modes, known);
}

void record(enum event event, const struct odd_end *end, const char *how)
{
	record_known(event, end, how, ALL, KNOWN_TRUE);
}
