/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel itself counts of TCP in a network namespace: /proc/PID/net/snmp. */
#ifndef SNMP_H
#define SNMP_H

#include <stdint.h>

struct snmp {
	uint64_t before_ns, after_ns; /* it was read between these, by the clock of events */
	uint64_t active_opens, passive_opens, attempt_fails;
};

/* Reads the counters of the namespace of a process. Returns 0 or a negative errno. */
int snmp_read(struct snmp *snmp, const char *pid);

struct snmp_sockets {
	uint64_t connecting; /* sockets that have sent a SYN, and wait */
	uint64_t queued; /* connections that wait to be accepted */
};

/* Counts sockets of the namespace. The same. */
int snmp_count_sockets(struct snmp_sockets *sockets, const char *pid);

#endif
