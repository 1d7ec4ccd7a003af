// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Numbers and addresses, compared with what the C library writes. */
#include <arpa/inet.h>
#include <inttypes.h>

#include "../test.h"
#include "base/put.h"
#include "internal.h"

#define ROUNDS 300000

/* A generator of Marsaglia's; a failure is the same each time. */
static uint64_t next(void)
{
	static uint64_t x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static void check_number(uint64_t number)
{
	char text[32], expected[32];

	*put_number(text, number) = '\0';
	snprintf(expected, sizeof(expected), "%" PRIu64, number);
	CHECK_STR(text, expected);
}

static void numbers(void)
{
	uint64_t power = 1;

	check_number(0);
	check_number(UINT64_MAX);
	for (int i = 0; i < 20; i++, power *= 10) {
		check_number(power - 1);
		check_number(power);
		check_number(power + 1);
	}
	for (int i = 0; i < 64; i++) {
		check_number(1ULL << i);
		check_number((1ULL << i) - 1);
	}
	for (int i = 0; i < ROUNDS; i++)
		check_number(next() >> next() % 64);
}

static void micros(void)
{
	char text[8], expected[8];

	for (uint32_t i = 0; i < 1000000; i += 7) {
		*put_micros(text, i) = '\0';
		snprintf(expected, sizeof(expected), "%06u", i % 1000000);
		CHECK_STR(text, expected);
	}
}

static void check_address(int family, const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN + 1], expected[INET6_ADDRSTRLEN];

	*put_address(text, family, address) = '\0';
	inet_ntop(family == 6 ? AF_INET6 : AF_INET, address, expected, sizeof(expected));
	CHECK_STR(text, expected);
}

static void addresses_of_ipv4(void)
{
	for (int i = 0; i < 256; i++)
		for (int at = 0; at < 4; at++) {
			uint8_t address[4] = { next(), next(), next(), next() };

			address[at] = i;
			check_address(4, address);
		}
}

/* Makes an address with each set of groups that are zero, and groups of each length. */
static void check_zeroes(unsigned int zeroes)
{
	uint8_t address[16] = {};

	for (int i = 0; i < 8; i++) {
		unsigned int group = next() >> next() % 16 & 0xffff;

		if (zeroes >> i & 1)
			continue;
		if (!(next() % 16))
			group = 0xffff;
		address[2 * i] = group >> 8;
		address[2 * i + 1] = group;
	}
	check_address(6, address);
}

static void addresses_of_ipv6(void)
{
	for (int i = 0; i < ROUNDS; i++)
		check_zeroes(i & 0xff);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(numbers),
		TEST(micros),
		TEST(addresses_of_ipv4),
		TEST(addresses_of_ipv6),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
