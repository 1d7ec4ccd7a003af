// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The decoder of records from the ring. */
#include <errno.h>
#include <stdlib.h>

#include "../test.h"
#include "internal.h"
#include "maps/event.h"
#include "tcpt_abi.h"

static struct tcpt_abi_event record(enum tcpt_abi_event_type type)
{
	struct tcpt_abi_event r = {
		.size = sizeof(r),
		.version = TCPT_ABI_VERSION,
		.type = type,
		.cpu = 3,
		.seq = 0x1122334455667788,
		.ts = 5000000000,
		.id = 0xfedcba9876543210,
		.cookie = 77,
		.by = { .pid = 100, .tid = 101, .uid = 1000, .cgroup = 4711, .comm = "server" },
		.tuple = { .sport = 8080,
			   .dport = 40000,
			   .netns = 4026531840,
			   .netns_cookie = 3,
			   .family = 6 },
		.role = TCPT_ABI_SERVER,
	};

	for (unsigned int i = 0; i < 16; i++) {
		((unsigned char *)r.tuple.saddr)[i] = i;
		((unsigned char *)r.tuple.daddr)[i] = 0x80 + i;
	}
	return r;
}

static struct tcpt_abi_close close_record(void)
{
	struct tcpt_abi_close r = {
		.event = record(TCPT_ABI_CLOSE),
		.figures = { .bytes_sent = 1 << 20,
			     .bytes_received = 0x123456789abc,
			     .srtt_us = 250,
			     .retransmits = 3 },
		.opener_pid = 99,
		.known = TCPT_ABI_BYTES_SENT | TCPT_ABI_BYTES_RECEIVED | TCPT_ABI_SRTT |
			 TCPT_ABI_RETRANSMITS,
		.reason = TCPT_ABI_PEER,
	};

	r.event.size = sizeof(r);
	r.event.began = 2000000000;
	return r;
}

static void all_fields(void)
{
	struct tcpt_abi_event r = record(TCPT_ABI_ACCEPT);
	struct tcpt_event e;

	memset((void *)&e, 0xaa, sizeof(e));
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.type, TCPT_EVENT_ACCEPT);
	CHECK_INT(e.role, TCPT_ROLE_SERVER);
	CHECK_INT(e.cpu, 3);
	CHECK_INT(e.seq, 0x1122334455667788);
	CHECK_INT(e.ts, 5000000000);
	CHECK(e.id == 0xfedcba9876543210);
	CHECK_INT(e.pid, 100);
	CHECK_INT(e.tid, 101);
	CHECK_INT(e.uid, 1000);
	CHECK_STR(e.comm, "server");
	CHECK_INT(e.family, 6);
	CHECK(!memcmp(e.saddr, r.tuple.saddr, 16));
	CHECK(!memcmp(e.daddr, r.tuple.daddr, 16));
	CHECK_INT(e.sport, 8080);
	CHECK_INT(e.dport, 40000);
	CHECK_INT(e.netns, 4026531840);
	CHECK_INT(e.netns_cookie, 3);
	CHECK_INT(e.late, false);
	CHECK_INT(e.has_duration, false); /* only a close has one */
	CHECK_INT(e.duration_ns, 0);
	CHECK_INT(e.has_wait, false);
	CHECK_INT(e.wait_ns, 0);
	CHECK_INT(e.opener_pid, 0);
	CHECK_INT(e.count, 0);
	CHECK_INT(e.cgroup, 4711);
	CHECK_INT(e.cookie, 77);
	CHECK_INT(e.reason, TCPT_REASON_UNKNOWN);
	CHECK_INT(e.has_bytes_sent | e.has_bytes_received | e.has_srtt | e.has_retransmits, false);
	CHECK_INT(e.error, 0);
	CHECK_INT(e.fd, 0);
}

static void types_and_roles(void)
{
	struct tcpt_abi_event r = record(TCPT_ABI_CONNECT);
	struct tcpt_event e;

	r.role = TCPT_ABI_CLIENT;
	r.tuple.family = 4;
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.type, TCPT_EVENT_CONNECT);
	CHECK_INT(e.role, TCPT_ROLE_CLIENT);
	CHECK_INT(e.family, 4);
	r.role = TCPT_ABI_ROLE_UNKNOWN;
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.role, TCPT_ROLE_UNKNOWN);
	CHECK_STR(tcpt_event_type_name(TCPT_EVENT_LOST), "lost");
	CHECK_STR(tcpt_event_type_name(TCPT_EVENT_CONNECT), "connect");
	CHECK_STR(tcpt_event_type_name(TCPT_EVENT_ACCEPT), "accept");
	CHECK_STR(tcpt_event_type_name(TCPT_EVENT_CLOSE), "close");
	CHECK_STR(tcpt_event_type_name(TCPT_EVENT_FAIL), "fail");
	CHECK_STR(tcpt_event_type_name(TCPT_EVENT_FDINSTALL), "fdinstall");
	CHECK_STR(tcpt_event_type_name(TCPT_EVENT_EXISTING), "existing");
	CHECK_STR(tcpt_event_type_name(TCPT_EVENT_OVERWRITTEN), "overwritten");
	CHECK(!tcpt_event_type_name(TCPT_EVENT_TYPES));
	CHECK(!tcpt_event_type_name((enum tcpt_event_type) - 1));
}

/* What comes after the beginning has waited, unless its time is not that of the step. */
static void waits_by_type(void)
{
	static const struct {
		uint8_t type;
		uint8_t flags;
		uint64_t began;
		bool known;
	} cases[] = {
		{ .type = TCPT_ABI_CONNECT, .began = 4999000000, .known = true },
		{ .type = TCPT_ABI_ACCEPT, .began = 4999000000, .known = true },
		{ .type = TCPT_ABI_FAIL, .began = 4999000000, .known = true },
		{ .type = TCPT_ABI_EXISTING, .began = 4999000000 },
		{ .type = TCPT_ABI_FDINSTALL, .began = 4999000000 },
		{ .type = TCPT_ABI_CONNECT },
		{ .type = TCPT_ABI_CONNECT, .began = 5000000001 },
		{ .type = TCPT_ABI_ACCEPT, .flags = TCPT_ABI_LATE, .began = 4999000000 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tcpt_abi_event r = record(cases[i].type);
		struct tcpt_event e;

		r.flags = cases[i].flags;
		r.began = cases[i].began;
		CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
		CHECK_INT(e.has_wait, cases[i].known);
		CHECK_INT(e.wait_ns, cases[i].known ? 1000000 : 0);
		CHECK_INT(e.has_duration, false);
	}
}

static void close_has_duration_and_opener(void)
{
	struct tcpt_abi_close r = close_record();
	struct tcpt_event e;

	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.type, TCPT_EVENT_CLOSE);
	CHECK_INT(e.has_duration, true);
	CHECK_INT(e.duration_ns, 3000000000);
	CHECK_INT(e.opener_pid, 99);
	r.event.began = 0; /* it was opened before the trace */
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.has_duration, false);
	CHECK_INT(e.duration_ns, 0);
	r.event.began = r.event.ts;
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.has_duration, true);
	CHECK_INT(e.duration_ns, 0);
	r.event.began = r.event.ts + 1; /* on another CPU's clock */
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.has_duration, false);
	CHECK_INT(e.duration_ns, 0);
}

static void close_has_figures_and_reason(void)
{
	struct tcpt_abi_close r = close_record();
	struct tcpt_event e;

	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK(e.has_bytes_sent && e.has_bytes_received && e.has_srtt && e.has_retransmits);
	CHECK_INT(e.bytes_sent, 1 << 20);
	CHECK_INT(e.bytes_received, 0x123456789abc);
	CHECK_INT(e.srtt_us, 250);
	CHECK_INT(e.retransmits, 3);
	CHECK_INT(e.reason, TCPT_REASON_PEER);
	for (int bit = 0; bit < 4; bit++) {
		r.known = 1 << bit;
		CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
		CHECK_INT(e.has_bytes_sent, bit == 0);
		CHECK_INT(e.has_bytes_received, bit == 1);
		CHECK_INT(e.has_srtt, bit == 2);
		CHECK_INT(e.has_retransmits, bit == 3);
		CHECK_INT(e.bytes_sent, bit == 0 ? 1 << 20 : 0);
		CHECK_INT(e.retransmits, bit == 3 ? 3 : 0);
	}
	CHECK_STR(tcpt_reason_name(TCPT_REASON_LOCAL), "local");
	CHECK_STR(tcpt_reason_name(TCPT_REASON_PEER), "peer");
	CHECK_STR(tcpt_reason_name(TCPT_REASON_RESET), "reset");
	CHECK_STR(tcpt_reason_name(TCPT_REASON_TIMEOUT), "timeout");
	CHECK(!tcpt_reason_name(TCPT_REASON_UNKNOWN));
	CHECK(!tcpt_reason_name((enum tcpt_reason)99));
}

static void fail_has_errno(void)
{
	struct tcpt_abi_event r = record(TCPT_ABI_FAIL);
	struct tcpt_event e;

	r.value = ECONNREFUSED;
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.type, TCPT_EVENT_FAIL);
	CHECK_INT(e.error, ECONNREFUSED);
	CHECK_INT(e.fd, 0);
}

static void fdinstall_has_descriptor(void)
{
	struct tcpt_abi_event r = record(TCPT_ABI_FDINSTALL);
	struct tcpt_event e;

	r.value = 1000;
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.type, TCPT_EVENT_FDINSTALL);
	CHECK_INT(e.fd, 1000);
	CHECK_INT(e.error, 0);
}

static void flags(void)
{
	struct tcpt_abi_event r = record(TCPT_ABI_ACCEPT);
	struct tcpt_event e;

	r.flags = TCPT_ABI_LATE;
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.late, true);
	r.flags = (unsigned char)~TCPT_ABI_LATE;
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_INT(e.late, false);
}

static void comm_without_end(void)
{
	struct tcpt_abi_event r = record(TCPT_ABI_ACCEPT);
	struct tcpt_event e;

	memcpy(r.by.comm, "0123456789abcdef", TCPT_COMM_LEN);
	memset((void *)&e, 0xaa, sizeof(e));
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_STR(e.comm, "0123456789abcdef");
	memset(r.by.comm, 0, TCPT_COMM_LEN);
	CHECK_INT(event_decode(&e, &r, sizeof(r)), 0);
	CHECK_STR(e.comm, "");
}

/* Decodes a copy of exactly this size, so that a read behind it shows. */
static int decode_copy(const struct tcpt_abi_event *r, size_t size)
{
	size_t has = r->type == TCPT_ABI_CLOSE ? sizeof(struct tcpt_abi_close) : sizeof(*r);
	void *copy = calloc(1, size ? size : 1);
	struct tcpt_event e;
	int err;

	memcpy(copy, r, size < has ? size : has);
	err = event_decode(&e, copy, size);
	free(copy);
	return err;
}

static void wrong_size(void)
{
	struct tcpt_abi_event r = record(TCPT_ABI_ACCEPT);

	for (size_t size = 0; size < sizeof(r); size++)
		CHECK_INT(decode_copy(&r, size), -EPROTO);
	CHECK_INT(decode_copy(&r, sizeof(r)), 0);
	CHECK_INT(decode_copy(&r, sizeof(r) + 8), 0); /* the ring rounds up */
	r.size = sizeof(r) - 8;
	CHECK_INT(decode_copy(&r, sizeof(r)), -EPROTO);
	r.size = sizeof(r) + 8;
	CHECK_INT(decode_copy(&r, sizeof(r) + 8), -EPROTO);
}

static void wrong_size_of_a_close(void)
{
	struct tcpt_abi_close r = close_record();

	for (size_t size = 0; size < sizeof(r); size++)
		CHECK_INT(decode_copy(&r.event, size), -EPROTO);
	CHECK_INT(decode_copy(&r.event, sizeof(r)), 0);
	r.event.size = sizeof(r.event); /* the size of the other types */
	CHECK_INT(decode_copy(&r.event, sizeof(r)), -EPROTO);
}

static void wrong_version(void)
{
	struct tcpt_abi_event r = record(TCPT_ABI_ACCEPT);

	for (int version = 0; version < 256; version++) {
		r.version = version;
		CHECK_INT(decode_copy(&r, sizeof(r)), version == TCPT_ABI_VERSION ? 0 : -EPROTO);
	}
}

static void wrong_type(void)
{
	struct tcpt_abi_close r = close_record();

	for (int type = 0; type < 256; type++) {
		bool known = type >= TCPT_ABI_CONNECT && type <= TCPT_ABI_EXISTING;

		r.event.type = type;
		r.event.size = type == TCPT_ABI_CLOSE ? sizeof(r) : sizeof(r.event);
		CHECK_INT(decode_copy(&r.event, sizeof(r)), known ? 0 : -EPROTO);
	}
}

int main(void)
{
	static const struct test tests[] = {
		TEST(all_fields),
		TEST(types_and_roles),
		TEST(waits_by_type),
		TEST(close_has_duration_and_opener),
		TEST(close_has_figures_and_reason),
		TEST(fail_has_errno),
		TEST(fdinstall_has_descriptor),
		TEST(flags),
		TEST(comm_without_end),
		TEST(wrong_size),
		TEST(wrong_size_of_a_close),
		TEST(wrong_version),
		TEST(wrong_type),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
