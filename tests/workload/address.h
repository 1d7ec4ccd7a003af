/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <netinet/in.h>
#include <stdio.h>

enum family {
	V4,
	V6,
	MAPPED, /* IPv4 over sockets of IPv6 */
	FAMILIES
};

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* The addresses of a connection, as one of its ends has them. */
struct tuple {
	union address local;
	union address remote;
};

/* Sets the loopback address of a family, and port 0. */
void address_loopback(union address *address, enum family family);
socklen_t address_size(const union address *address);
unsigned int address_port(const union address *address);

/* Prints the four columns SADDR SPORT DADDR DPORT; v4-mapped addresses as plain IPv4. */
void tuple_print(FILE *out, const struct tuple *tuple);

#endif
