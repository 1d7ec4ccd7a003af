/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The fields: the members of kernel structs that tcpt knows. Their table is in fields.c. */
#ifndef TCPT_FIELDS_H
#define TCPT_FIELDS_H

#include <stdbool.h>

enum field {
	F_SKC_DADDR,
	F_SKC_RCV_SADDR,
	F_SKC_DPORT,
	F_SKC_NUM,
	F_SKC_FAMILY,
	F_SKC_STATE,
	F_SKC_NET,
	F_NET_INUM,
	F_SKC_V6_DADDR,
	F_SKC_V6_RCV_SADDR,
	F_SKC_COOKIE,
	F_SK_ERR,
	F_SK_ERR_SOFT,
	F_SK_SHUTDOWN,
	F_SK_PROTOCOL,
	F_INET_SPORT,
	F_BYTES_ACKED,
	F_BYTES_RECEIVED,
	F_SRTT_US,
	F_TOTAL_RETRANS,
	F_SK_SOCKET,
	F_SOCKET_SK,
	F_SOCKET_FILE,
	F_FILE_PRIVATE_DATA,
	F_TASK_FILES,
	F_FILES_FDT,
	F_FDTABLE_FD,
	FIELD_COUNT,
};

/*
 * The struct in which a field's offset counts. sock_common, sock, inet_sock and
 * tcp_sock start at the same address, and have one base.
 */
enum base {
	BASE_SOCK,
	BASE_NET,
	BASE_SOCKET,
	BASE_FILE,
	BASE_TASK,
	BASE_FILES,
	BASE_FDTABLE,
	BASE_COUNT,
};

/* The values of a pointer in different snapshots have one of these relations. */
enum varies {
	VARIES_FREELY,
	VARIES_BY_SOCK, /* has one value for one sock, and another for another sock */
	VARIES_BY_NETNS, /* has one value in one network namespace, and another in another */
	VARIES_BY_FDTABLE, /* has one value with one descriptor table, and another with another */
};

/* The consequence if a guess has not found a field: it writes the field as absent, or fails. */
enum need {
	OPTIONAL,
	NEEDED,
	NEEDED_WITH_NETNS, /* if the kernel has network namespaces */
	NEEDED_WITH_IPV6, /* if IPv6 sockets can be made */
	ON_REQUEST, /* optional, and looked for only if all fields are asked for, or this one */
};

/* A member has one of these types in the BTF. */
enum btf_type_kind {
	TYPE_POINTER,
	TYPE_U8,
	TYPE_U16,
	TYPE_U32,
	TYPE_U64,
	TYPE_INT,
	TYPE_ATOMIC64,
	TYPE_IN6_ADDR,
	TYPE_NET, /* possible_net_t */
	TYPE_COUNT,
};

/* These are the facts about a field. A member that is not given is 0, the first of its enum. */
struct field_info {
	const char *key; /* struct.member */
	enum base base;
	unsigned char shift; /* the needle is the value shifted right by so many bits */
	bool wide; /* needs a needle with a bit in its upper half, else a smaller field would do */
	enum need need;
	enum varies varies;
	enum btf_type_kind type; /* decides the size, also of the needle, and the alignment */
	const char *rule; /* for people: what shows that an offset is right */
	const char *without; /* for people: what could not be had, if the field was not tried */
};

extern const struct field_info fields[FIELD_COUNT];

/* Return the size and the alignment of a field on a kernel with such pointers. */
unsigned int field_size(enum field field, unsigned int pointer_size);
unsigned int field_align(enum field field, unsigned int pointer_size);

/* The number of bytes that are searched for a field, in a struct of this base. */
extern const unsigned int base_window[BASE_COUNT];

/* Returns the field with this key; -ENOENT if there is none. */
int field_find(const char *key);

#define SOCK_WINDOW 4096
#define TASK_WINDOW 8192

#define PATH_MAX_STEPS 3

/* The value that has to be at the end of a path. */
enum goal {
	GOAL_NEEDLE, /* the last field holds its needle */
	GOAL_BACK, /* the last field holds the pointer that .back leads to, from the sock */
	GOAL_DESCRIPTOR, /* the last field's array holds that pointer at the descriptor's index */
};

/* A path starts at the sock or at the task, and follows one pointer after the other. */
struct path {
	enum base root;
	enum goal goal;
	unsigned int backs; /* 0: the path ends at the sock itself */
	enum field back[2];
	unsigned int steps;
	enum field step[PATH_MAX_STEPS];
};

/*
 * A chain has paths in their order. Each one finds fields that the goal of the next one
 * needs.
 */
struct chain {
	unsigned int count;
	const struct path *path;
};

#define CHAIN_COUNT 2
extern const struct chain chains[CHAIN_COUNT];

#define WALK_STEPS 5
/*
 * These fields lead from the task to the array of its descriptors (the first
 * WALK_TO_ARRAY), and from a descriptor to its sock (the others).
 */
extern const enum field descriptor_walk[WALK_STEPS];
#define WALK_TO_ARRAY 3

#endif
