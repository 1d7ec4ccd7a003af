// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values of filters that are networks, ranges and names. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>

#include "../test.h"
#include "filter-text.h"
#include "internal.h"
#include "tcpt_abi.h"
#include "trace/filter.h"

static void bad_ones(void)
{
	static const char *const bad[] = {
		"sport=1-",
		"sport=-1",
		"sport=2-1",
		"sport=1-65536",
		"sport=80-http",
		"sport=1-2-3",
		"dport=",
		"daddr=",
		"daddr=10.0.0.0/33",
		"daddr=10.0.0.0/",
		"daddr=10.0.0.0/8/8",
		"daddr=10.0.0/8",
		"daddr=10.0.0.1/8",
		"daddr=localhost",
		"daddr=::/129",
		"daddr=fe80::1%lo",
		"daddr=::1/127",
		"saddr=/8",
		"comm=",
		"comm=sixteen-bytes-xx",
		"comm=\\x",
		"comm=\\x0",
		"comm=\\x00",
		"comm=\\n",
		"role=unknown",
		"role=Client",
		"role=",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (parse(bad[i]) != -EINVAL || !message[0])
			FAIL("'%s' gives '%s'", bad[i], message);
}

/* A value is shown as it can be given, in one form. */
static void shown(void)
{
	static const struct {
		const char *given, *text, *json;
	} some[] = {
		{ "pid=7", "7", "7" },
		{ "sport=80-80", "80", "80" },
		{ "sport=8000-8099", "8000-8099", "\"8000-8099\"" },
		{ "dport!=0-65535", "0-65535", "\"0-65535\"" },
		{ "daddr=10.0.0.0/8", "10.0.0.0/8", "\"10.0.0.0/8\"" },
		{ "daddr=10.1.2.3", "10.1.2.3", "\"10.1.2.3\"" },
		{ "daddr=10.1.2.3/32", "10.1.2.3", "\"10.1.2.3\"" },
		{ "daddr=0.0.0.0/0", "0.0.0.0/0", "\"0.0.0.0/0\"" },
		{ "saddr=::ffff:10.1.2.3", "10.1.2.3", "\"10.1.2.3\"" },
		{ "saddr=::ffff:10.0.0.0/104", "10.0.0.0/8", "\"10.0.0.0/8\"" },
		{ "saddr=2001:db8::/32", "2001:db8::/32", "\"2001:db8::/32\"" },
		{ "saddr=0:0:0:0:0:0:0:1", "::1", "\"::1\"" },
		{ "saddr!=::/0", "::/0", "\"::/0\"" },
		{ "comm=nginx", "nginx", "\"nginx\"" },
		{ "comm=a b\\x2c\\\\\\x22", "a\\x20b\\x2c\\\\\"", "\"a b,\\\\\\\"\"" },
		{ "comm=-", "\\x2d", "\"-\"" },
		{ "role=server", "server", "\"server\"" },
		{ "type!=close", "close", "\"close\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(some); i++) {
		char text[TCPT_FILTER_VALUE_MAX], json[TCPT_FILTER_VALUE_MAX], again[256];

		CHECK_INT(parse(some[i].given), 1);
		CHECK_INT(tcpt_filter_format(&parsed[0], TCPT_FORMAT_TEXT, text),
			  strlen(some[i].text));
		CHECK_STR(text, some[i].text);
		tcpt_filter_format(&parsed[0], TCPT_FORMAT_JSON, json);
		CHECK_STR(json, some[i].json);
		snprintf(again, sizeof(again), "%s=%s", tcpt_filter_key_name(parsed[0].key), text);
		CHECK_INT(parse(again), 1);
		tcpt_filter_format(&parsed[0], TCPT_FORMAT_TEXT, json);
		CHECK_STR(json, text);
	}
	CHECK_INT(tcpt_filter_format(&parsed[0], TCPT_FORMAT_TSV, (char[8]){}), 0);
	CHECK_INT(tcpt_filter_format(NULL, TCPT_FORMAT_TEXT, (char[8]){}), 0);
}

/* A host may have no list of services. */
static void services(void)
{
	const struct servent *https = getservbyname("https", "tcp");

	CHECK_INT(parse("dport!=no-such-service"), -EINVAL);
	if (!https)
		return;
	CHECK_INT(parse("dport!=https"), 1);
	CHECK_INT(parsed[0].key, TCPT_FILTER_NOT_DPORT);
	CHECK_INT(parsed[0].value, ntohs(https->s_port));
}

static struct tcpt_abi_conn conn_of(const char *daddr)
{
	struct tcpt_abi_conn conn = { .role = TCPT_ABI_CLIENT };

	conn.tuple.family = strchr(daddr, ':') ? 6 : 4;
	inet_pton(conn.tuple.family == 4 ? AF_INET : AF_INET6, daddr, conn.tuple.daddr);
	return conn;
}

static bool hides(const char *filter, const char *daddr)
{
	struct tcpt_abi_conn conn = conn_of(daddr);
	int n = parse(filter);

	CHECK(n > 0);
	return filter_hides(parsed, n, &conn);
}

static void networks(void)
{
	CHECK(!hides("daddr=10.0.0.0/8", "10.255.1.2"));
	CHECK(hides("daddr=10.0.0.0/8", "11.0.0.0"));
	CHECK(hides("daddr=10.0.0.0/8", "a00::1"));
	CHECK(!hides("daddr=10.0.0.0/9", "10.127.255.255"));
	CHECK(hides("daddr=10.0.0.0/9", "10.128.0.0"));
	CHECK(!hides("daddr=0.0.0.0/0", "1.2.3.4"));
	CHECK(hides("daddr=0.0.0.0/0", "::1"));
	CHECK(hides("daddr=::/0", "1.2.3.4"));
	CHECK(!hides("daddr=::/0", "2001:db8::1"));
	CHECK(!hides("daddr=2001:db8::/33", "2001:db8:7fff::1"));
	CHECK(hides("daddr=2001:db8::/33", "2001:db8:8000::1"));
	CHECK(hides("daddr!=127.0.0.0/8", "127.0.0.1"));
	CHECK(!hides("daddr!=127.0.0.0/8", "128.0.0.1"));
	CHECK(!hides("daddr=1.2.3.4,5.6.7.8", "5.6.7.8"));
}

static void ranges_names_roles(void)
{
	struct tcpt_abi_conn conn = { .tuple = { .dport = 8050 },
				      .opener = { .pid = 1, .comm = "nginx" },
				      .role = TCPT_ABI_CLIENT };

	CHECK_INT(parse("dport=8000-8050"), 1);
	CHECK(!filter_hides(parsed, 1, &conn));
	CHECK_INT(parse("dport=8051-9000"), 1);
	CHECK(filter_hides(parsed, 1, &conn));
	CHECK_INT(parse("dport!=0-65535"), 1);
	CHECK(filter_hides(parsed, 1, &conn));
	CHECK_INT(parse("comm=curl,nginx"), 2);
	CHECK(!filter_hides(parsed, 2, &conn));
	CHECK(filter_hides(parsed, 1, &conn));
	CHECK_INT(parse("comm!=nginx"), 1);
	CHECK(filter_hides(parsed, 1, &conn));
	CHECK_INT(parse("role=client"), 1);
	CHECK(!filter_hides(parsed, 1, &conn));
	conn.role = TCPT_ABI_ROLE_UNKNOWN;
	CHECK(filter_hides(parsed, 1, &conn));
	CHECK_INT(parse("role!=client"), 1);
	CHECK(!filter_hides(parsed, 1, &conn));
}

int main(void)
{
	static const struct test tests[] = {
		TEST(bad_ones),		  TEST(shown), TEST(services), TEST(networks),
		TEST(ranges_names_roles),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
