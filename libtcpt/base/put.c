// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The pieces that a line is written from. */
#include <arpa/inet.h>

#include "internal.h"
#include "base/put.h"

/* The numbers below 100, two digits each. */
static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

static unsigned int count_digits(uint64_t number)
{
	static const uint64_t powers[] = {
		1ULL,
		10ULL,
		100ULL,
		1000ULL,
		10000ULL,
		100000ULL,
		1000000ULL,
		10000000ULL,
		100000000ULL,
		1000000000ULL,
		10000000000ULL,
		100000000000ULL,
		1000000000000ULL,
		10000000000000ULL,
		100000000000000ULL,
		1000000000000000ULL,
		10000000000000000ULL,
		100000000000000000ULL,
		1000000000000000000ULL,
		10000000000000000000ULL,
	};
	unsigned int bits = 64 - __builtin_clzll(number | 1);
	unsigned int least = bits * 1233 >> 12; /* log10(2) is 1233 / 4096 */

	return least + (least < ARRAY_SIZE(powers) && number >= powers[least]) + !number;
}

/* Writes the last digits of the number before end. Returns where they begin. */
static char *put_pairs(char *end, uint64_t number)
{
	while (number >= 100) {
		end -= 2;
		memcpy(end, pairs + number % 100 * 2, 2);
		number /= 100;
	}
	if (number >= 10) {
		end -= 2;
		memcpy(end, pairs + number * 2, 2);
	} else {
		*--end = '0' + number;
	}
	return end;
}

char *put_number(char *p, uint64_t number)
{
	char *end = p + count_digits(number);

	put_pairs(end, number);
	return end;
}

char *put_micros(char *p, uint32_t micros)
{
	memcpy(p, pairs + micros / 10000 * 2, 2);
	memcpy(p + 2, pairs + micros / 100 % 100 * 2, 2);
	memcpy(p + 4, pairs + micros % 100 * 2, 2);
	return p + 6;
}

/* ---- addresses ---- */

static char *put_byte(char *p, unsigned int byte)
{
	if (byte >= 100) {
		*p++ = '0' + byte / 100;
		byte %= 100;
		memcpy(p, pairs + byte * 2, 2);
		return p + 2;
	}
	if (byte < 10) {
		*p++ = '0' + byte;
		return p;
	}
	memcpy(p, pairs + byte * 2, 2);
	return p + 2;
}

static char *put_ipv4(char *p, const uint8_t *address)
{
	for (int i = 0; i < 4; i++) {
		p = put_byte(p, address[i]);
		*p++ = '.';
	}
	return p - 1;
}

#define GROUPS 8

static unsigned int group_at(const uint8_t *address, unsigned int i)
{
	return address[2 * i] << 8 | address[2 * i + 1];
}

static char *put_group(char *p, unsigned int group)
{
	static const char hex[] = "0123456789abcdef";

	if (group > 0xfff)
		*p++ = hex[group >> 12];
	if (group > 0xff)
		*p++ = hex[group >> 8 & 15];
	if (group > 0xf)
		*p++ = hex[group >> 4 & 15];
	*p++ = hex[group & 15];
	return p;
}

/* Finds the first of the longest rows of zeroes. Returns its length; 0 if none has two. */
static unsigned int find_zeroes(const uint8_t *address, unsigned int *at)
{
	unsigned int longest = 1, length = 0;

	for (unsigned int i = 0; i < GROUPS; i++) {
		length = group_at(address, i) ? 0 : length + 1;
		if (length > longest) {
			longest = length;
			*at = i + 1 - length;
		}
	}
	return longest > 1 ? longest : 0;
}

/* As inet_ntop(), which takes ten times as long. */
static char *put_ipv6(char *p, const uint8_t *address)
{
	unsigned int at = GROUPS, zeroes = find_zeroes(address, &at);

	if (!at && (zeroes == 6 || (zeroes == 5 && group_at(address, 5) == 0xffff))) {
		inet_ntop(AF_INET6, address, p, INET6_ADDRSTRLEN); /* it ends in one of IPv4 */
		return p + strlen(p);
	}
	for (unsigned int i = 0; i < GROUPS; i++) {
		if (i == at) {
			*p++ = ':';
			i += zeroes - 1;
			if (i == GROUPS - 1)
				*p++ = ':';
			continue;
		}
		if (i)
			*p++ = ':';
		p = put_group(p, group_at(address, i));
	}
	return p;
}

char *put_address(char *p, int family, const uint8_t *address)
{
	return family == 6 ? put_ipv6(p, address) : put_ipv4(p, address);
}

/* ---- what people read ---- */

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
