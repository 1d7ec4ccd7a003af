/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <arpa/inet.h>
#include <string.h>

#include "address.h"

void address_loopback(union address *address, enum family family)
{
	static const char *const texts[FAMILIES] = { "", "::1", "::ffff:127.0.0.1" };

	memset(address, 0, sizeof(*address));
	if (family == V4) {
		address->in.sin_family = AF_INET;
		address->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return;
	}
	address->in6.sin6_family = AF_INET6;
	inet_pton(AF_INET6, texts[family], &address->in6.sin6_addr);
}

socklen_t address_size(const union address *address)
{
	return address->sa.sa_family == AF_INET ? sizeof(address->in) : sizeof(address->in6);
}

unsigned int address_port(const union address *address)
{
	return ntohs(address->in.sin_port); /* lies where sin6_port does */
}

static const char *address_text(const union address *address, char *text)
{
	const struct in6_addr *in6 = &address->in6.sin6_addr;

	if (address->sa.sa_family == AF_INET)
		return inet_ntop(AF_INET, &address->in.sin_addr, text, INET6_ADDRSTRLEN);
	if (IN6_IS_ADDR_V4MAPPED(in6))
		return inet_ntop(AF_INET, &in6->s6_addr[12], text, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, in6, text, INET6_ADDRSTRLEN);
}

void tuple_print(FILE *out, const struct tuple *tuple)
{
	char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];

	fprintf(out, "%s\t%u\t%s\t%u", address_text(&tuple->local, local),
		address_port(&tuple->local), address_text(&tuple->remote, remote),
		address_port(&tuple->remote));
}
