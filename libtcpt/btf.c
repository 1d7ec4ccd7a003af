// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Offsets as BTF: structs with the kernel's names, in which only the known
 * members exist. What is absent is left out, so that bpf_core_field_exists()
 * in the programs says so.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Large enough for any member; nothing reads a struct's size. */
#define STRUCT_SIZE (OFFSET_MAX + 17)

struct types {
	int u8, u16, u32, int32, long_int, in6_addr, pointer;
	int possible_net, ns_common, sock_common;
};

struct member {
	const char *name;
	enum field field;
	size_t type; /* which of struct types */
};

#define TYPE(t) offsetof(struct types, t)

static const struct member sock_common_members[] = {
	{ "skc_daddr", F_SKC_DADDR, TYPE(u32) },
	{ "skc_rcv_saddr", F_SKC_RCV_SADDR, TYPE(u32) },
	{ "skc_dport", F_SKC_DPORT, TYPE(u16) },
	{ "skc_num", F_SKC_NUM, TYPE(u16) },
	{ "skc_family", F_SKC_FAMILY, TYPE(u16) },
	{ "skc_state", F_SKC_STATE, TYPE(u8) },
	{ "skc_net", F_SKC_NET, TYPE(possible_net) },
	{ "skc_v6_daddr", F_SKC_V6_DADDR, TYPE(in6_addr) },
	{ "skc_v6_rcv_saddr", F_SKC_V6_RCV_SADDR, TYPE(in6_addr) },
};

static const struct member sock_members[] = {
	{ "sk_shutdown", F_SK_SHUTDOWN, TYPE(u8) },
	{ "sk_socket", F_SK_SOCKET, TYPE(pointer) },
};

static const struct member inet_sock_members[] = {
	{ "inet_sport", F_INET_SPORT, TYPE(u16) },
};

static const struct member ns_common_members[] = {
	{ "inum", F_NET_INUM, TYPE(u32) },
};

static const struct member socket_members[] = {
	{ "file", F_SOCKET_FILE, TYPE(pointer) },
	{ "sk", F_SOCKET_SK, TYPE(pointer) },
};

static const struct member file_members[] = {
	{ "private_data", F_FILE_PRIVATE_DATA, TYPE(pointer) },
};

static const struct member task_members[] = {
	{ "files", F_TASK_FILES, TYPE(pointer) },
};

static const struct member files_members[] = {
	{ "fdt", F_FILES_FDT, TYPE(pointer) },
};

static const struct member fdtable_members[] = {
	{ "fd", F_FDTABLE_FD, TYPE(pointer) },
};

static int add_members(struct btf *btf, const struct tcpt_offsets *o, const struct types *types,
		       const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int at = o->at[members[i].field];
		int type = *(const int *)((const char *)types + members[i].type);
		int err;

		if (at < 0)
			continue;
		err = btf__add_field(btf, members[i].name, type, at * 8, 0);
		if (err)
			return err;
	}
	return 0;
}

#define ADD_MEMBERS(btf, o, types, members) \
	add_members(btf, o, types, members, ARRAY_SIZE(members))

/* Types are added in the order of their ids, so a failure shows in the last one added. */
static int add_basic_types(struct btf *btf, const struct tcpt_offsets *o, struct types *types)
{
	int anonymous;

	types->u8 = btf__add_int(btf, "unsigned char", 1, 0);
	types->u16 = btf__add_int(btf, "unsigned short", 2, 0);
	types->u32 = btf__add_int(btf, "unsigned int", 4, 0);
	types->int32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	types->long_int = btf__add_int(btf, "long int", sizeof(long), BTF_INT_SIGNED);
	types->in6_addr = btf__add_struct(btf, "in6_addr", 16);
	types->pointer = btf__add_ptr(btf, 0);
	anonymous = btf__add_struct(btf, NULL, sizeof(void *));
	if (o->at[F_SKC_NET] >= 0)
		btf__add_field(btf, "net", types->pointer, 0, 0);
	types->possible_net = btf__add_typedef(btf, "possible_net_t", anonymous);
	return types->possible_net;
}

static int add_struct(struct btf *btf, const char *name)
{
	return btf__add_struct(btf, name, STRUCT_SIZE);
}

static int add_sock(struct btf *btf, const struct tcpt_offsets *o, struct types *types)
{
	int err;

	types->sock_common = add_struct(btf, "sock_common");
	err = ADD_MEMBERS(btf, o, types, sock_common_members);
	if (err)
		return err;
	/* One level only, so that sizes need not nest: the members of sock start at 0 too. */
	add_struct(btf, "sock");
	err = btf__add_field(btf, "__sk_common", types->sock_common, 0, 0);
	if (!err)
		err = ADD_MEMBERS(btf, o, types, sock_members);
	if (err)
		return err;
	add_struct(btf, "inet_sock");
	return ADD_MEMBERS(btf, o, types, inet_sock_members);
}

static int add_net(struct btf *btf, const struct tcpt_offsets *o, struct types *types)
{
	int err;

	types->ns_common = add_struct(btf, "ns_common");
	err = ADD_MEMBERS(btf, o, types, ns_common_members);
	if (err)
		return err;
	add_struct(btf, "net");
	return btf__add_field(btf, "ns", types->ns_common, 0, 0);
}

static int add_descriptors(struct btf *btf, const struct tcpt_offsets *o, struct types *types)
{
	int err;

	add_struct(btf, "socket");
	err = ADD_MEMBERS(btf, o, types, socket_members);
	add_struct(btf, "file");
	if (!err)
		err = ADD_MEMBERS(btf, o, types, file_members);
	add_struct(btf, "task_struct");
	if (!err)
		err = ADD_MEMBERS(btf, o, types, task_members);
	add_struct(btf, "files_struct");
	if (!err)
		err = ADD_MEMBERS(btf, o, types, files_members);
	add_struct(btf, "fdtable");
	if (!err)
		err = ADD_MEMBERS(btf, o, types, fdtable_members);
	return err;
}

static const struct record {
	const char *type; /* the kernel's name for the record */
	const char *member;
	size_t type_of; /* which of struct types */
} records_of[RECORD_FIELD_COUNT] = {
	[R_STATE_SKADDR] = { "trace_event_raw_inet_sock_set_state", "skaddr", TYPE(pointer) },
	[R_STATE_OLDSTATE] = { "trace_event_raw_inet_sock_set_state", "oldstate", TYPE(int32) },
	[R_STATE_NEWSTATE] = { "trace_event_raw_inet_sock_set_state", "newstate", TYPE(int32) },
	[R_DESTROY_SKADDR] = { "trace_event_raw_tcp_event_sk", "skaddr", TYPE(pointer) },
	[R_EXIT_RET] = { "trace_event_raw_sys_exit", "ret", TYPE(long_int) },
};

static int add_records(struct btf *btf, const struct records *records, const struct types *types)
{
	const char *type = "";
	int err = 0;

	for (int r = 0; !err && r < RECORD_FIELD_COUNT; r++) {
		const struct record *record = &records_of[r];

		if (strcmp(record->type, type))
			add_struct(btf, record->type);
		type = record->type;
		if (records->at[r] >= 0)
			err = btf__add_field(btf, record->member,
					     *(const int *)((const char *)types + record->type_of),
					     records->at[r] * 8, 0);
	}
	return err;
}

static int copy_out(const struct btf *btf, void **data, size_t *size)
{
	uint32_t raw_size;
	const void *raw = btf__raw_data(btf, &raw_size);

	if (!raw)
		return -ENOMEM;
	*data = malloc(raw_size);
	if (!*data)
		return -ENOMEM;
	memcpy(*data, raw, raw_size);
	*size = raw_size;
	return 0;
}

int btf_build(const struct tcpt_offsets *offsets, const struct records *records, void **data,
	      size_t *size)
{
	struct btf *btf = btf__new_empty();
	struct types types;
	int err;

	if (!btf)
		return -errno;
	err = add_basic_types(btf, offsets, &types);
	if (err >= 0)
		err = add_sock(btf, offsets, &types);
	if (!err)
		err = add_net(btf, offsets, &types);
	if (!err)
		err = add_descriptors(btf, offsets, &types);
	if (!err && records)
		err = add_records(btf, records, &types);
	if (!err)
		err = copy_out(btf, data, size);
	btf__free(btf);
	return err;
}

TCPT_API int tcpt_offsets_btf(const struct tcpt_offsets *offsets, void **data, size_t *size)
{
	return btf_build(offsets, NULL, data, size);
}
