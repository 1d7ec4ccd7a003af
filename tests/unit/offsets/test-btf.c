// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The offsets as BTF are read back by libbpf. */
#include <bpf/btf.h>
#include <stdlib.h>

#include "../rng.h"
#include "../test.h"
#include "internal.h"
#include "offsets/offsets.h"

static const struct btf_type *find_struct(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	CHECK(id > 0);
	return id > 0 ? btf__type_by_id(btf, id) : NULL;
}

static const struct btf_member *find_member(const struct btf *btf, const char *type,
					    const char *name)
{
	const struct btf_type *t = find_struct(btf, type);
	const struct btf_member *members = t ? btf_members(t) : NULL;

	for (int i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, members[i].name_off), name))
			return &members[i];
	return NULL;
}

/* Splits the key of a field. net.ns.inum lies in a struct of its own. */
static void split_key(int f, char *type, const char **member)
{
	const char *dot = strchr(fields[f].key, '.');

	sprintf(type, "%.*s", (int)(dot - fields[f].key), fields[f].key);
	*member = dot + 1;
	if (f == F_NET_INUM) {
		strcpy(type, "ns_common");
		*member = "inum";
	}
}

static void check_field(const struct btf *btf, int f, int at)
{
	const struct btf_member *m;
	const char *member;
	char type[32];

	split_key(f, type, &member);
	m = find_member(btf, type, member);
	if (at < 0) {
		CHECK(!m);
		return;
	}
	if (!m) {
		FAIL("%s is not in the BTF", fields[f].key);
		return;
	}
	CHECK_INT(m->offset, at * 8);
	CHECK_INT(btf__resolve_size(btf, m->type), field_size(f, sizeof(void *)));
	CHECK((unsigned int)at + field_size(f, sizeof(void *)) <= find_struct(btf, type)->size);
	CHECK(!btf_kflag(find_struct(btf, type)));
}

static void check_count(const struct btf *btf, const char *type, int expected)
{
	const struct btf_type *t = find_struct(btf, type);

	if (t)
		CHECK_INT(btf_vlen(t), expected);
}

/* Checks that the structs have no other members, and that inner structs are at their beginning. */
static void check_nesting(const struct btf *btf, const int *at)
{
	static const struct {
		const char *type;
		int more; /* members that are not fields */
	} types[] = {
		{ "sock_common", 0 }, { "sock", 1 },	     { "inet_sock", 0 }, { "tcp_sock", 0 },
		{ "net", 1 },	      { "ns_common", 0 },    { "socket", 0 },	 { "file", 0 },
		{ "task_struct", 0 }, { "files_struct", 0 }, { "fdtable", 0 },
	};
	const struct btf_member *m = find_member(btf, "sock", "__sk_common");

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int expected = types[i].more;

		for (int f = 0; f < FIELD_COUNT; f++) {
			const char *member;
			char type[32];

			split_key(f, type, &member);
			expected += at[f] >= 0 && !strcmp(type, types[i].type);
		}
		check_count(btf, types[i].type, expected);
	}
	CHECK(m && m->offset == 0 &&
	      btf__type_by_id(btf, m->type) == find_struct(btf, "sock_common"));
	m = find_member(btf, "net", "ns");
	CHECK(m && m->offset == 0 &&
	      btf__type_by_id(btf, m->type) == find_struct(btf, "ns_common"));
}

/* Checks typedef struct { struct net *net; } possible_net_t; it is empty without namespaces. */
static void check_possible_net(const struct btf *btf, const int *at)
{
	int id = btf__find_by_name_kind(btf, "possible_net_t", BTF_KIND_TYPEDEF);
	const struct btf_member *m = find_member(btf, "sock_common", "skc_net");
	const struct btf_type *t;

	CHECK(id > 0);
	if (id <= 0)
		return;
	t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	CHECK(btf_is_struct(t));
	CHECK_INT(btf_vlen(t), at[F_SKC_NET] >= 0);
	if (at[F_SKC_NET] < 0)
		return;
	CHECK(m && (int)m->type == id);
	CHECK_STR(btf__name_by_offset(btf, btf_members(t)->name_off), "net");
	CHECK_INT(btf_members(t)->offset, 0);
	CHECK(btf_is_ptr(btf__type_by_id(btf, btf_members(t)->type)));
}

static void check_types(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "in6_addr", BTF_KIND_STRUCT);

	CHECK(id > 0);
	CHECK_INT(btf__resolve_size(btf, id), 16);
	for (unsigned int i = 1; i < btf__type_cnt(btf); i++)
		CHECK(btf__type_by_id(btf, i));
}

static void check_offsets(const int *at)
{
	struct tcpt_offsets *offsets = tcpt_offsets_new();
	void *data = NULL;
	size_t size = 0;
	struct btf *btf;

	for (int f = 0; f < FIELD_COUNT; f++)
		CHECK_INT(tcpt_offsets_set(offsets, fields[f].key, at[f]), 0);
	CHECK_INT(tcpt_offsets_btf(offsets, &data, &size), 0);
	CHECK(size > 0 && size < 4096);
	btf = btf__new(data, size);
	CHECK(btf);
	if (btf) {
		for (int f = 0; f < FIELD_COUNT; f++)
			check_field(btf, f, at[f]);
		check_nesting(btf, at);
		check_possible_net(btf, at);
		check_types(btf);
	}
	btf__free(btf);
	free(data);
	tcpt_offsets_free(offsets);
}

static void offsets_of_a_kernel(void)
{
	static const int at[FIELD_COUNT] = {
		[F_SKC_DADDR] = 0,	[F_SKC_RCV_SADDR] = 4,
		[F_SKC_DPORT] = 12,	[F_SKC_NUM] = 14,
		[F_SKC_FAMILY] = 16,	[F_SKC_STATE] = 18,
		[F_SKC_NET] = 48,	[F_NET_INUM] = 136,
		[F_SKC_V6_DADDR] = 56,	[F_SKC_V6_RCV_SADDR] = 72,
		[F_SKC_COOKIE] = 88,	[F_SK_ERR] = 284,
		[F_SK_ERR_SOFT] = 372,	[F_SK_SHUTDOWN] = 571,
		[F_SK_PROTOCOL] = 532,	[F_INET_SPORT] = 798,
		[F_BYTES_ACKED] = 1824, [F_BYTES_RECEIVED] = 1752,
		[F_SRTT_US] = 1680,	[F_TOTAL_RETRANS] = TCPT_ABSENT,
		[F_SK_SOCKET] = 288,	[F_SOCKET_SK] = 24,
		[F_SOCKET_FILE] = 16,	[F_FILE_PRIVATE_DATA] = 32,
		[F_TASK_FILES] = 3048,	[F_FILES_FDT] = 32,
		[F_FDTABLE_FD] = 8,
	};

	check_offsets(at);
}

static void all_absent(void)
{
	int at[FIELD_COUNT];

	for (int f = 0; f < FIELD_COUNT; f++)
		at[f] = TCPT_ABSENT;
	check_offsets(at);
}

static void each_absent(void)
{
	int at[FIELD_COUNT];

	for (int missing = 0; missing < FIELD_COUNT; missing++) {
		for (int f = 0; f < FIELD_COUNT; f++)
			at[f] = f == missing ? TCPT_ABSENT : 16 * (f + 1);
		check_offsets(at);
	}
}

static void at_the_end(void)
{
	int at[FIELD_COUNT];

	for (int f = 0; f < FIELD_COUNT; f++) {
		int align = field_align(f, sizeof(void *));

		at[f] = OFFSET_MAX / align * align;
	}
	check_offsets(at);
}

static void random_offsets(void)
{
	struct rng rng = { .state = 2 };
	int at[FIELD_COUNT];

	for (int i = 0; i < 200; i++) {
		int limit = i & 1 ? OFFSET_MAX : 4096;

		for (int f = 0; f < FIELD_COUNT; f++) {
			int align = field_align(f, sizeof(void *));

			at[f] = rng_below(&rng, limit) / align * align;
			if (rng_below(&rng, 5) == 0)
				at[f] = TCPT_ABSENT;
		}
		check_offsets(at);
	}
}

int main(void)
{
	static const struct test tests[] = {
		TEST(offsets_of_a_kernel), TEST(all_absent),	 TEST(each_absent),
		TEST(at_the_end),	   TEST(random_offsets),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
