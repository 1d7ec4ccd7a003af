// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Offsets from BTF, of made-up kernels and of the running one. btf-offsets is the truth. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "../test.h"
#include "document.h"
#include "internal.h"
#include "offsets/offsets.h"

/* ---- made-up kernels ---- */

static struct btf *btf;
static int u8, u16, u32, pointer, common;

/* Adds a member to the struct that was added last. */
static void member(const char *name, int type, int at)
{
	CHECK_INT(btf__add_field(btf, name, type, at * 8, 0), 0);
}

static void add_basic(void)
{
	btf = btf__new_empty();
	u8 = btf__add_int(btf, "u8", 1, 0);
	u16 = btf__add_int(btf, "u16", 2, 0);
	u32 = btf__add_int(btf, "u32", 4, 0);
	pointer = btf__add_ptr(btf, 0);
}

/* Adds sock_common as the kernel has it: two of the pairs lie in unions without a name. */
static void add_common(int daddr_type)
{
	int addrs, addrs_or_pair, ports, net, netns, state;

	addrs = btf__add_struct(btf, NULL, 8);
	member("skc_daddr", daddr_type, 0);
	member("skc_rcv_saddr", u32, 4);
	addrs_or_pair = btf__add_union(btf, NULL, 8);
	member("skc_addrpair", pointer, 0);
	member(NULL, addrs, 0);
	ports = btf__add_struct(btf, NULL, 4);
	member("skc_dport", u16, 0);
	member("skc_num", u16, 2);
	net = btf__add_struct(btf, NULL, 8);
	member("net", pointer, 0);
	netns = btf__add_typedef(btf, "possible_net_t", net);
	state = btf__add_volatile(btf, u8);
	common = btf__add_struct(btf, "sock_common", 64);
	member(NULL, addrs_or_pair, 8);
	member(NULL, ports, 16);
	member("skc_family", u16, 20);
	member("skc_state", state, 22);
	member("skc_net", netns, 32);
}

static void add_net(int inum_at)
{
	int ns = btf__add_struct(btf, "ns_common", 16);

	member("other", u32, 0);
	member("inum", u32, inum_at);
	btf__add_struct(btf, "net", 64);
	member("ns", ns, 24);
}

static const char path[] = "kernel.btf";

static void write_btf(const void *data, size_t size)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(data, 1, size, file) != size || fclose(file))
		abort();
}

static int read_kernel(struct tcpt_offsets **offsets)
{
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);

	write_btf(data, size);
	btf__free(btf);
	memset(&messages, 0, sizeof(messages));
	*offsets = NULL;
	return tcpt_offsets_from_btf(offsets, path, &message_log);
}

static void at(const struct tcpt_offsets *offsets, const char *field, int expected)
{
	int got = tcpt_offsets_get(offsets, field);

	if (got != expected)
		FAIL("%s is at %d, not %d", field, got, expected);
}

static void anonymous_and_nested(void)
{
	struct tcpt_offsets *offsets;
	char *text;

	add_basic();
	add_common(u32);
	add_net(8);
	CHECK_INT(read_kernel(&offsets), 0);
	if (!offsets)
		return;
	at(offsets, "sock_common.skc_daddr", 8);
	at(offsets, "sock_common.skc_rcv_saddr", 12);
	at(offsets, "sock_common.skc_dport", 16);
	at(offsets, "sock_common.skc_num", 18);
	at(offsets, "sock_common.skc_family", 20);
	at(offsets, "sock_common.skc_state", 22);
	at(offsets, "sock_common.skc_net", 32);
	at(offsets, "net.ns.inum", 32);
	at(offsets, "sock.sk_shutdown", TCPT_ABSENT);
	at(offsets, "fdtable.fd", TCPT_ABSENT);
	text = tcpt_offsets_text(offsets);
	CHECK(text && strstr(text, "\nsource=btf\n"));
	CHECK_INT(messages.count, 0);
	if (text)
		tcpt_offsets_free(accepted(text, strlen(text)));
	free(text);
	tcpt_offsets_free(offsets);
}

/*
 * sk_shutdown was a bit-field before Linux 5.6. It is tested as kernels wrote
 * bit-fields then, and as they do now.
 */
static void bit_fields(void)
{
	for (int way = 0; way < 3; way++) {
		struct tcpt_offsets *offsets;

		add_basic();
		add_common(u32);
		btf__add_struct(btf, "sock", 64);
		member("__sk_common", common, 0);
		if (way == 0)
			CHECK_INT(btf__add_field(btf, "sk_shutdown", u8, 48 * 8, 2), 0);
		else if (way == 1)
			CHECK_INT(btf__add_field(btf, "sk_shutdown", u8, 48 * 8 + 2, 2), 0);
		else
			member("sk_shutdown", u8, 48);
		CHECK_INT(read_kernel(&offsets), 0);
		if (offsets)
			at(offsets, "sock.sk_shutdown", way == 2 ? 48 : TCPT_ABSENT);
		tcpt_offsets_free(offsets);
	}
}

static void other_sizes(void)
{
	struct tcpt_offsets *offsets;

	add_basic();
	add_common(u32);
	btf__add_struct(btf, "sock", 64);
	member("sk_shutdown", u16, 48); /* too long */
	member("sk_socket", pointer, 52); /* not aligned */
	btf__add_struct(btf, "net", 64);
	member("ns", pointer, 0); /* is no struct */
	CHECK_INT(read_kernel(&offsets), 0);
	if (offsets) {
		at(offsets, "sock.sk_shutdown", TCPT_ABSENT);
		at(offsets, "sock.sk_socket", TCPT_ABSENT);
		at(offsets, "net.ns.inum", TCPT_ABSENT);
	}
	tcpt_offsets_free(offsets);
}

static void required_member_missing(void)
{
	struct tcpt_offsets *offsets;

	add_basic();
	add_common(u16);
	CHECK_INT(read_kernel(&offsets), -ENODATA);
	CHECK(!offsets);
	CHECK_INT(messages.count, 1);
	CHECK(strstr(messages.last, "sock_common.skc_daddr of 4 bytes"));
}

static void several_of_a_name(void)
{
	for (int second = 8; second <= 12; second += 4) {
		struct tcpt_offsets *offsets;

		add_basic();
		add_common(u32);
		add_net(8);
		add_net(second);
		btf__add_struct(btf, "net", 8); /* another struct, without that member */
		CHECK_INT(read_kernel(&offsets), second == 8 ? 0 : -ENOTUNIQ);
		if (offsets)
			at(offsets, "net.ns.inum", 32);
		else
			CHECK(strstr(messages.last, "net.ns.inum"));
		tcpt_offsets_free(offsets);
	}
}

/* ---- no BTF ---- */

static void refuses(const char *file, int err)
{
	struct tcpt_offsets *offsets = NULL;

	memset(&messages, 0, sizeof(messages));
	CHECK_INT(tcpt_offsets_from_btf(&offsets, file, &message_log), err);
	CHECK(!offsets);
	CHECK_INT(messages.level, TCPT_LOG_ERROR);
	CHECK(strstr(messages.last, file));
}

static void no_btf(void)
{
	refuses("/nonexistent", -ENOENT);
	write_btf("", 0);
	refuses(path, -EINVAL);
	write_btf("This is not BTF, nor is it ELF. It is as long as a header.", 58);
	refuses(path, -EINVAL);
}

/* ---- the running kernel ---- */

static void compare(const struct tcpt_offsets *offsets, FILE *truth)
{
	char line[128];
	unsigned int count = 0;

	while (fgets(line, sizeof(line), truth)) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value++ = '\0';
		at(offsets, line, *value >= '0' && *value <= '9' ? atoi(value) : TCPT_ABSENT);
		count++;
	}
	CHECK_INT(count, FIELD_COUNT);
}

static void running_kernel(void)
{
	char command[4096] = "btf-offsets";
	struct tcpt_offsets *offsets;
	FILE *truth;

	if (access("/sys/kernel/btf/vmlinux", R_OK) ||
	    system("command -v btf-offsets >/dev/null")) {
		printf("no BTF of this kernel, or no btf-offsets in PATH\n");
		return;
	}
	for (unsigned int f = 0; f < FIELD_COUNT; f++) {
		strcat(command, " ");
		strcat(command, tcpt_field_name(f));
	}
	CHECK_INT(tcpt_offsets_from_btf(&offsets, NULL, NULL), 0);
	CHECK_INT(tcpt_offsets_check_kernel(offsets, NULL), 0);
	truth = popen(command, "r");
	compare(offsets, truth);
	pclose(truth);
	tcpt_offsets_free(offsets);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(anonymous_and_nested),    TEST(bit_fields),	TEST(other_sizes),
		TEST(required_member_missing), TEST(several_of_a_name), TEST(no_btf),
		TEST(running_kernel),
	};
	int status;

	test_enter_folder();
	status = run_tests(tests, ARRAY_SIZE(tests));
	test_leave_folder();
	return status;
}
