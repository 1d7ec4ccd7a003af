// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Offsets as BTF. The structs have the kernel's names, and only members whose offsets
 * are known. A member that is absent is left out, so that bpf_core_field_exists() is
 * false for it in the programs.
 */
#include <bpf/btf.h>

#include "internal.h"
#include "offsets/btf.h"
#include "offsets/offsets.h"

/* This is large enough for any member. Nothing reads a struct's size. */
#define STRUCT_SIZE (OFFSET_MAX + 17)
#define NAME_SIZE 64

struct types {
	int of[TYPE_COUNT]; /* by enum btf_type_kind */
	int int32, long_int;
};

#define TYPE(t) offsetof(struct types, t)

/*
 * If a type could not be added, the types and members that refer to it cannot be added
 * either. Therefore the result of each single one is not checked. All of them are valid,
 * so if libbpf calls one invalid, there was no memory for one before it.
 */

/*
 * Adds struct in6_addr { union { __u8 u6_addr8[16]; ... } in6_u; } of
 * include/uapi/linux/in6.h.
 */
static int add_in6_addr(struct btf *btf, const struct types *types)
{
	static const struct {
		const char *name;
		enum btf_type_kind kind;
		unsigned int count;
	} views[] = {
		{ "u6_addr8", TYPE_U8, 16 },
		{ "u6_addr16", TYPE_U16, 8 },
		{ "u6_addr32", TYPE_U32, 4 },
	};
	int array[ARRAY_SIZE(views)], in6_u, in6_addr;

	for (size_t i = 0; i < ARRAY_SIZE(views); i++)
		array[i] = btf__add_array(btf, types->of[TYPE_U32], types->of[views[i].kind],
					  views[i].count);
	in6_u = btf__add_union(btf, NULL, 16);
	for (size_t i = 0; i < ARRAY_SIZE(views); i++)
		btf__add_field(btf, views[i].name, array[i], 0, 0);
	in6_addr = btf__add_struct(btf, "in6_addr", 16);
	btf__add_field(btf, "in6_u", in6_u, 0, 0);
	return in6_addr;
}

/* Adds typedef struct { s64 counter; } atomic64_t of include/linux/types.h. */
static int add_atomic64(struct btf *btf)
{
	int s64 = btf__add_int(btf, "long long int", 8, BTF_INT_SIGNED);
	int anonymous = btf__add_struct(btf, NULL, 8);

	btf__add_field(btf, "counter", s64, 0, 0);
	return btf__add_typedef(btf, "atomic64_t", anonymous);
}

/* Adds typedef struct { struct net *net; } possible_net_t of include/net/net_namespace.h. */
static int add_possible_net(struct btf *btf, const struct tcpt_offsets *o, int pointer)
{
	int anonymous = btf__add_struct(btf, NULL, sizeof(void *));

	if (o->at[F_SKC_NET] >= 0)
		btf__add_field(btf, "net", pointer, 0, 0);
	return btf__add_typedef(btf, "possible_net_t", anonymous);
}

static int add_basic_types(struct btf *btf, const struct tcpt_offsets *o, struct types *types)
{
	types->of[TYPE_U8] = btf__add_int(btf, "unsigned char", 1, 0);
	types->of[TYPE_U16] = btf__add_int(btf, "unsigned short", 2, 0);
	types->of[TYPE_U32] = btf__add_int(btf, "unsigned int", 4, 0);
	types->of[TYPE_U64] = btf__add_int(btf, "long long unsigned int", 8, 0);
	types->of[TYPE_INT] = types->int32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	types->long_int = btf__add_int(btf, "long int", sizeof(long), BTF_INT_SIGNED);
	types->of[TYPE_POINTER] = btf__add_ptr(btf, 0);
	types->of[TYPE_IN6_ADDR] = add_in6_addr(btf, types);
	types->of[TYPE_ATOMIC64] = add_atomic64(btf);
	types->of[TYPE_NET] = add_possible_net(btf, o, types->of[TYPE_POINTER]);
	return types->of[TYPE_NET];
}

/* Splits a key. Writes the struct's name to name, and returns the member's. */
static const char *split_key(const char *key, char *name, size_t size)
{
	const char *dot = strchr(key, '.');

	snprintf(name, size, "%.*s", (int)(dot - key), key);
	return dot + 1;
}

static int add_member(struct btf *btf, const char *name, const struct types *types, int f, int at)
{
	return btf__add_field(btf, name, types->of[fields[f].type], at * 8, 0);
}

/* Adds the fields whose keys begin with this struct's name as its members. */
static int add_members(struct btf *btf, const struct tcpt_offsets *o, const struct types *types,
		       const char *name)
{
	char of[NAME_SIZE];
	const char *member;
	int err = 0;

	for (int f = 0; !err && f < FIELD_COUNT; f++) {
		member = split_key(fields[f].key, of, sizeof(of));
		if (o->at[f] >= 0 && !strcmp(of, name) && !strchr(member, '.'))
			err = add_member(btf, member, types, f, o->at[f]);
	}
	return err;
}

/*
 * Structs that are the first member of another. They begin where that one begins, and
 * so their sizes need not fit into it.
 */
static const struct inner {
	const char *outer;
	const char *member;
	const char *name;
} inners[] = {
	{ "sock", "__sk_common", "sock_common" },
	{ "net", "ns", "ns_common" },
};

/* Adds the members of keys such as net.ns.inum, which belong to the inner struct. */
static int add_inner_members(struct btf *btf, const struct tcpt_offsets *o,
			     const struct types *types, const struct inner *inner)
{
	char prefix[NAME_SIZE];
	int err = 0, n = snprintf(prefix, sizeof(prefix), "%s.%s.", inner->outer, inner->member);

	for (int f = 0; !err && f < FIELD_COUNT; f++)
		if (o->at[f] >= 0 && !strncmp(fields[f].key, prefix, n))
			err = add_member(btf, fields[f].key + n, types, f, o->at[f]);
	return err;
}

static int add_inner(struct btf *btf, const struct tcpt_offsets *o, const struct types *types,
		     const struct inner *inner)
{
	int id = btf__add_struct(btf, inner->name, STRUCT_SIZE);
	int err = add_members(btf, o, types, inner->name);

	if (!err)
		err = add_inner_members(btf, o, types, inner);
	return err ? err : id;
}

static int add_struct(struct btf *btf, const struct tcpt_offsets *o, const struct types *types,
		      const char *name)
{
	const struct inner *inner = NULL;
	int id = 0, err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(inners); i++)
		if (!strcmp(inners[i].outer, name))
			inner = &inners[i];
	if (inner)
		id = add_inner(btf, o, types, inner);
	if (id < 0)
		return id;
	btf__add_struct(btf, name, STRUCT_SIZE);
	if (inner)
		err = btf__add_field(btf, inner->member, id, 0, 0);
	return err ? err : add_members(btf, o, types, name);
}

static int add_structs(struct btf *btf, const struct tcpt_offsets *o, const struct types *types)
{
	char name[NAME_SIZE];
	int err = 0;

	for (int f = 0; !err && f < FIELD_COUNT; f++) {
		split_key(fields[f].key, name, sizeof(name));
		if (btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT) < 0 &&
		    strcmp(name, inners[0].name))
			err = add_struct(btf, o, types, name);
	}
	return err;
}

static const struct record {
	const char *type; /* the kernel's name of the record */
	const char *member;
	size_t type_of; /* offset of a member of struct types */
} records_of[RECORD_FIELD_COUNT] = {
	[R_STATE_SKADDR] = { "trace_event_raw_inet_sock_set_state", "skaddr",
			     TYPE(of[TYPE_POINTER]) },
	[R_STATE_OLDSTATE] = { "trace_event_raw_inet_sock_set_state", "oldstate", TYPE(int32) },
	[R_STATE_NEWSTATE] = { "trace_event_raw_inet_sock_set_state", "newstate", TYPE(int32) },
	[R_DESTROY_SKADDR] = { "trace_event_raw_tcp_event_sk", "skaddr", TYPE(of[TYPE_POINTER]) },
	[R_ENTER_ARG0] = { "trace_event_raw_sys_enter", "arg0", TYPE(long_int) },
	[R_ENTER_ARG1] = { "trace_event_raw_sys_enter", "arg1", TYPE(long_int) },
	[R_EXIT_RET] = { "trace_event_raw_sys_exit", "ret", TYPE(long_int) },
	[R_NEWTASK_PID] = { "trace_event_raw_task_newtask", "pid", TYPE(int32) },
	[R_NEWTASK_FLAGS] = { "trace_event_raw_task_newtask", "clone_flags", TYPE(of[TYPE_U64]) },
	[R_EXEC_FILENAME] = { "trace_event_raw_sched_process_exec", "__data_loc_filename",
			      TYPE(of[TYPE_U32]) },
	[R_TAPS] = { "tcpt_taps", "count", TYPE(of[TYPE_U8]) },
	[R_SLOTS] = { "tcpt_segments", "slots", TYPE(of[TYPE_U8]) },
	[R_CPUS] = { "tcpt_segments", "cpus", TYPE(of[TYPE_U8]) },
	[R_RECORDER] = { "tcpt_segments", "recorder", TYPE(of[TYPE_U8]) },
	[R_HEEDS_IPV4] = { "tcpt_heeds", "ipv4", TYPE(of[TYPE_U8]) },
	[R_HEEDS_IPV6] = { "tcpt_heeds", "ipv6", TYPE(of[TYPE_U8]) },
	[R_CGROUP_ACCEPT] = { "tcpt_cgroup_hooks", "accept", TYPE(of[TYPE_U8]) },
	[R_GENERATION] = { "tcpt_generation", "bit", TYPE(of[TYPE_U8]) },
};

static int add_records(struct btf *btf, const struct records *records, const struct types *types)
{
	const char *type = "";
	int err = 0;

	for (int r = 0; !err && r < RECORD_FIELD_COUNT; r++) {
		const struct record *record = &records_of[r];

		if (strcmp(record->type, type))
			btf__add_struct(btf, record->type, STRUCT_SIZE);
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
		err = add_structs(btf, offsets, &types);
	if (!err && records)
		err = add_records(btf, records, &types);
	if (!err)
		err = copy_out(btf, data, size);
	btf__free(btf);
	return err == -EINVAL ? -ENOMEM : err;
}

TCPT_API int tcpt_offsets_btf(const struct tcpt_offsets *offsets, void **data, size_t *size)
{
	return offsets && data && size ? btf_build(offsets, NULL, data, size) : -EINVAL;
}
