// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Documents that the reader of offsets refuses, and its messages. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "../test.h"
#include "document.h"
#include "internal.h"
#include "offsets/offsets.h"

static void first_line(void)
{
	refused_with(1, "# tcpt-offsets 2", "doc:1: the first line is not '# tcpt-offsets 1'");
	refused_with(1, "", "doc:1: the first line is not '# tcpt-offsets 1'");
	refused_with(1, NULL, "doc:1: the first line is not '# tcpt-offsets 1'");
	refused_with(1, "# tcpt-offsets 1 ", "doc:1: the first line is not '# tcpt-offsets 1'");
}

static void keys(void)
{
	refused_with(7, "sock_common.skc_saddr=4", "doc:7: unknown key 'sock_common.skc_saddr'");
	refused_with(7, " sock_common.skc_rcv_saddr=4",
		     "doc:7: unknown key ' sock_common.skc_rcv_saddr'");
	refused_with(3, "kernel=x86_64", "doc:3: unknown key 'kernel'");
	refused_with(32, "=8", "doc:32: unknown key ''");
	refused_with(9, "sock_common.skc_num",
		     "doc:9: expected key=value, found 'sock_common.skc_num'");
	refused_with(9, " # indented", "doc:9: expected key=value, found ' # indented'");
}

static void duplicates(void)
{
	refused_with(9, "sock_common.skc_num=14\nsock_common.skc_num=14",
		     "doc:10: sock_common.skc_num is given twice");
	refused_with(32, "fdtable.fd=8\n\nnet.ns.inum=absent",
		     "doc:34: net.ns.inum is given twice");
	refused_with(2, "kernel.release=a\nkernel.release=a",
		     "doc:3: kernel.release is given twice");
	refused_with(4, "kernel.build_id=a\nsource=hand", "doc:6: source is given twice");
}

static void missing(void)
{
	char message[128];

	for (unsigned int line = 6; line <= LINES; line++) {
		snprintf(message, sizeof(message),
			 "doc:31: %.*s is missing: the document is not complete",
			 (int)strcspn(valid[line - 1], "="), valid[line - 1]);
		refused_with(line, NULL, message);
	}
	refused_with(2, NULL, "doc:31: kernel.release is missing: the document is not complete");
	refused_with(3, NULL, "doc:31: kernel.machine is missing: the document is not complete");
	refused_with(5, NULL, "doc:31: source is missing: the document is not complete");
	accepted_with(4, NULL);
}

static void metadata(void)
{
	char line[256];

	refused_with(2, "kernel.release=", "doc:2: kernel.release must have 1 to 64 characters");
	sprintf(line, "kernel.release=%064d", 0);
	accepted_with(2, line);
	sprintf(line, "kernel.release=%065d", 0);
	refused_with(2, line, "doc:2: kernel.release must have 1 to 64 characters");
	sprintf(line, "kernel.build_id=%047d", 0);
	accepted_with(4, line);
	sprintf(line, "kernel.build_id=%048d", 0);
	refused_with(4, line, "doc:4: kernel.build_id must have 1 to 47 characters");
	refused_with(5, "source=luck",
		     "doc:5: source must be guess, btf, replay, hand or none, not 'luck'");
	refused_with(5, "source=guessing", "doc:5: source must have 1 to 7 characters");
	accepted_with(5, "source=btf");
	accepted_with(5, "source=replay");
	accepted_with(5, "source=hand");
}

static void absent_where_required(void)
{
	char line[128], message[128];

	for (unsigned int i = 6; i <= 11; i++) {
		int length = strcspn(valid[i - 1], "=");

		snprintf(line, sizeof(line), "%.*s=absent", length, valid[i - 1]);
		snprintf(message, sizeof(message), "doc:%u: %.*s cannot be absent", i, length,
			 valid[i - 1]);
		refused_with(i, line, message);
	}
}

static void numbers(void)
{
	static const char *const bad[] = { "",	    "-1",  "+8",	 "0x8",
					   "8 ",    " 8",  "8.0",	 "1e1",
					   "eight", "8=8", "absent ",	 "Absent",
					   "-2",    "8,",  "0000000008", "18446744073709551624" };
	char line[128], message[128];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(line, sizeof(line), "fdtable.fd=%s", bad[i]);
		snprintf(message, sizeof(message),
			 "doc:32: fdtable.fd=%s is neither a byte offset nor 'absent'", bad[i]);
		refused_with(32, line, message);
	}
	refused_with(32, "fdtable.fd=65536",
		     "doc:32: fdtable.fd=65536 is out of range (0 to 65535)");
	refused_with(32, "fdtable.fd=999999999",
		     "doc:32: fdtable.fd=999999999 is out of range (0 to 65535)");
	accepted_with(32, "fdtable.fd=65528");
	accepted_with(32, "fdtable.fd=000000008");
	accepted_with(19, "sock.sk_shutdown=65535");
}

static void alignment(void)
{
	refused_with(6, "sock_common.skc_daddr=802",
		     "doc:6: sock_common.skc_daddr=802 is not a multiple of 4");
	refused_with(8, "sock_common.skc_dport=801",
		     "doc:8: sock_common.skc_dport=801 is not a multiple of 2");
	refused_with(12, "sock_common.skc_net=804",
		     "doc:12: sock_common.skc_net=804 is not a multiple of 8");
	refused_with(14, "sock_common.skc_v6_daddr=806",
		     "doc:14: sock_common.skc_v6_daddr=806 is not a multiple of 4");
	accepted_with(14, "sock_common.skc_v6_daddr=804");
}

/*
 * Checks two lines that overlap. The later one is the last line, so that it is known
 * which one the message names.
 */
static void overlaps_at_end(unsigned int line, const char *last, const char *message)
{
	char text[4096], *p = text + document(text, line, NULL);

	p += sprintf(p, "%s\n", last);
	refused(text, p - text, -EINVAL, message);
}

static void overlaps(void)
{
	/* sock_common, sock and inet_sock begin at the same byte. */
	overlaps_at_end(21, "inet_sock.inet_sport=14",
			"doc:32: sock_common.skc_num=14 and inet_sock.inet_sport=14 overlap");
	overlaps_at_end(19, "sock.sk_shutdown=3",
			"doc:32: sock_common.skc_daddr=0 and sock.sk_shutdown=3 overlap");
	overlaps_at_end(26, "sock.sk_socket=792",
			"doc:32: inet_sock.inet_sport=798 and sock.sk_socket=792 overlap");
	overlaps_at_end(
		15, "sock_common.skc_v6_rcv_saddr=68",
		"doc:32: sock_common.skc_v6_daddr=56 and sock_common.skc_v6_rcv_saddr=68 overlap");
	overlaps_at_end(28, "socket.file=24", "doc:32: socket.sk=24 and socket.file=24 overlap");
	accepted_with(32, "fdtable.fd=32"); /* the same offset in another struct */
	accepted_with(19, "sock.sk_shutdown=19"); /* directly behind skc_state */
}

static void bytes(void)
{
	static const struct {
		char byte;
		const char *message;
	} bad[] = {
		{ '\0', "doc:9: byte 0x00 is not text" },
		{ '\t', "doc:9: byte 0x09 is not text" },
		{ '\r', "doc:9: byte 0x0d is not text" },
		{ '\x1b', "doc:9: byte 0x1b is not text" },
		{ '\x7f', "doc:9: byte 0x7f is not text" },
		{ '\x80', "doc:9: byte 0x80 is not text" },
		{ '\xff', "doc:9: byte 0xff is not text" },
	};
	char text[4096];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		size_t size = document(text, 9, "sock_common.skc_num=14@");

		*(char *)memchr(text, '@', size) = bad[i].byte;
		refused(text, size, -EINVAL, bad[i].message);
		size = document(text, 9, "# comment @ comment");
		*(char *)memchr(text, '@', size) = bad[i].byte;
		refused(text, size, -EINVAL, bad[i].message);
	}
}

static void dos_line_ends(void)
{
	char text[4096], *p = text;

	for (int i = 0; i < LINES; i++)
		p += sprintf(p, "%s\r\n", valid[i]);
	refused(text, p - text, -EINVAL, "doc:1: byte 0x0d is not text");
	refused_with(32, "fdtable.fd=8\r", "doc:32: byte 0x0d is not text");
}

static void truncation(void)
{
	char text[4096], *copy;
	size_t size = document(text, 0, NULL);

	refused(text, 0, -EINVAL, "doc: the offsets document is empty (did tcpt-guess fail?)");
	refused(text, size - 1, -EINVAL, "doc:32: the last line is cut off: it has no newline");
	for (size_t n = 1; n < size; n++) {
		copy = malloc(n); /* a read past its end shows */
		memcpy(copy, text, n);
		refused(copy, n, -EINVAL, NULL);
		free(copy);
	}
}

static void length(void)
{
	static char text[65537];
	size_t size = document(text, 0, NULL);

	text[size] = '#';
	memset(text + size + 1, 'x', sizeof(text) - size - 1);
	text[65534] = '\n';
	tcpt_offsets_free(accepted(text, 65535));
	refused(text, 65536, -EINVAL,
		"cannot read offsets from doc: too long for an offsets document");
	refused(text, 65537, -EINVAL, NULL);
}

static void unreadable(void)
{
	struct tcpt_offsets *offsets = NULL;

	memset(&messages, 0, sizeof(messages));
	CHECK_INT(tcpt_offsets_read(&offsets, -1, "doc", &message_log), -EBADF);
	CHECK_INT(messages.count, 1);
	CHECK_STR(messages.last, "cannot read offsets from doc: Bad file descriptor");
	CHECK(!offsets);
	CHECK_INT(tcpt_offsets_read(&offsets, -1, "doc", NULL), -EBADF);
}

/*
 * Returns the bytes in use. It is always 0 under tools that replace malloc, which look
 * for leaks themselves.
 */
static size_t allocated(void)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
	return mallinfo2().uordblks;
#else
	return 0;
#endif
}

static void nothing_stays_behind(void)
{
	static const char *const bad[] = { "",
					   "x",
					   "x=1",
					   "fdtable.fd=1",
					   "source=x",
					   "fdtable.fd=65536",
					   "socket.sk=24",
					   "socket.sk=absent" };
	size_t before = 0;

	for (int i = 0; i < 2000; i++) {
		char text[4096];
		size_t size = document(text, 1 + i % LINES, bad[i % ARRAY_SIZE(bad)]);
		struct tcpt_offsets *offsets;

		if (!read_bytes(&offsets, text, size))
			tcpt_offsets_free(offsets);
		if (i == 100)
			before = allocated();
	}
	CHECK(allocated() < before + 64 * sizeof(struct tcpt_offsets));
}

int main(void)
{
	static const struct test tests[] = {
		TEST(first_line), TEST(keys),	       TEST(duplicates),
		TEST(missing),	  TEST(metadata),      TEST(absent_where_required),
		TEST(numbers),	  TEST(alignment),     TEST(overlaps),
		TEST(bytes),	  TEST(dos_line_ends), TEST(truncation),
		TEST(length),	  TEST(unreadable),    TEST(nothing_stays_behind),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
