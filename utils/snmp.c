// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tcpt.h"

static FILE *open_file(const char *pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/net/%s", pid, name);
	return fopen(path, "re");
}

/* Sets the value of the column with this name. */
static bool find_value(char *names, char *values, const char *name, uint64_t *value)
{
	char *save_name, *save_value;
	char *n = strtok_r(names, " \n", &save_name), *v = strtok_r(values, " \n", &save_value);

	while (n && v && strcmp(n, name)) {
		n = strtok_r(NULL, " \n", &save_name);
		v = strtok_r(NULL, " \n", &save_value);
	}
	return n && v && sscanf(v, "%" SCNu64, value) == 1;
}

/* Reads the two lines that begin with Tcp: names, and values below them. */
static bool read_lines(FILE *file, char *names, char *values, int size)
{
	while (fgets(names, size, file))
		if (!strncmp(names, "Tcp:", 4))
			return fgets(values, size, file);
	return false;
}

int snmp_read(struct snmp *snmp, const char *pid)
{
	const struct {
		const char *name;
		uint64_t *value;
	} wanted[] = { { "ActiveOpens", &snmp->active_opens },
		       { "PassiveOpens", &snmp->passive_opens },
		       { "AttemptFails", &snmp->attempt_fails } };
	char names[1024], values[1024], name_copy[1024], value_copy[1024];
	FILE *file = open_file(pid, "snmp");
	bool is_read;

	if (!file)
		return -errno;
	snmp->before_ns = tcpt_monotonic_ns();
	is_read = read_lines(file, names, values, sizeof(names));
	snmp->after_ns = tcpt_monotonic_ns();
	fclose(file);
	for (size_t i = 0; is_read && i < sizeof(wanted) / sizeof(*wanted); i++) {
		memcpy(name_copy, names, sizeof(names));
		memcpy(value_copy, values, sizeof(values));
		is_read = find_value(name_copy, value_copy, wanted[i].name, wanted[i].value);
	}
	return is_read ? 0 : -EINVAL;
}

enum {
	SYN_SENT = 0x02,
	LISTENING = 0x0a,
};

static int count_in(struct snmp_sockets *sockets, const char *pid, const char *name)
{
	FILE *file = open_file(pid, name);
	unsigned int state, queue;
	char line[512];

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " %*u: %*s %*s %x %*x:%x", &state, &queue) != 2)
			continue;
		sockets->connecting += state == SYN_SENT;
		sockets->queued += state == LISTENING ? queue : 0;
	}
	fclose(file);
	return 0;
}

int snmp_count_sockets(struct snmp_sockets *sockets, const char *pid)
{
	int err;

	memset(sockets, 0, sizeof(*sockets));
	err = count_in(sockets, pid, "tcp");
	if (!err)
		count_in(sockets, pid, "tcp6"); /* there is none without IPv6 */
	return err;
}
