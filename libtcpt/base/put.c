// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The pieces that a line is written from. */
#include <arpa/inet.h>

#include "internal.h"
#include "base/put.h"

char *put_text(char *p, const char *text)
{
	size_t n = strlen(text);

	memcpy(p, text, n);
	return p + n;
}

char *put_number(char *p, uint64_t number)
{
	char digits[20];
	unsigned int n = 0;

	do
		digits[n++] = '0' + number % 10;
	while (number /= 10);
	while (n)
		*p++ = digits[--n];
	return p;
}

char *put_address(char *p, int family, const uint8_t *address)
{
	if (family == 6) {
		inet_ntop(AF_INET6, address, p, INET6_ADDRSTRLEN);
		return p + strlen(p);
	}
	for (int i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put_number(p, address[i]);
	}
	return p;
}

char *put_size(char *p, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	double value = bytes;
	unsigned int tenths;
	int unit = -1;

	if (bytes < 1000)
		return put_number(p, bytes);
	while (value >= 999.5) {
		value /= 1024;
		unit++;
	}
	tenths = value * 10 + 0.5;
	if (tenths >= 100)
		return p + sprintf(p, "%.0f%c", value, units[unit]);
	return p + sprintf(p, "%u.%u%c", tenths / 10, tenths % 10, units[unit]);
}

/* It names the errors of a connect. The C library has only messages for them. */
char *put_errno(char *p, int error)
{
#define NAME(number) [number] = #number
	static const char *const names[] = {
		NAME(ECONNREFUSED), NAME(ETIMEDOUT),	   NAME(EHOSTUNREACH),	NAME(ENETUNREACH),
		NAME(ECONNRESET),   NAME(ECANCELED),	   NAME(ECONNABORTED),	NAME(EHOSTDOWN),
		NAME(ENETDOWN),	    NAME(ENONET),	   NAME(EPROTO),	NAME(ENOPROTOOPT),
		NAME(EOPNOTSUPP),   NAME(EPROTONOSUPPORT), NAME(EPIPE),		NAME(EMSGSIZE),
		NAME(EACCES),	    NAME(EPERM),	   NAME(EINVAL),	NAME(EINTR),
		NAME(ENOBUFS),	    NAME(ENOMEM),	   NAME(EADDRNOTAVAIL), NAME(EADDRINUSE),
		NAME(EBADMSG),	    NAME(ENOTCONN),	   NAME(EAGAIN),	NAME(EIO),
	};
#undef NAME

	if (error > 0 && (size_t)error < ARRAY_SIZE(names) && names[error])
		return put_text(p, names[error]);
	return put_number(p, error);
}
