/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's members that tcpt knows: see fields.c. */
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

/* Where a field's struct starts: sock_common, sock, inet_sock and tcp_sock share theirs. */
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

enum varies {
	VARIES_FREELY,
	VARIES_BY_SOCK, /* the same for one sock, different for two */
	VARIES_BY_NETNS, /* equal within a network namespace, different across two */
	VARIES_BY_FDTABLE, /* likewise with descriptor tables */
};

/* A field that was not found is absent from the document, or fails the guess. */
enum need {
	OPTIONAL,
	NEEDED,
	NEEDED_WITH_NETNS, /* where the kernel has network namespaces */
	NEEDED_WITH_IPV6, /* where IPv6 sockets can be had */
	ON_REQUEST, /* optional, and only looked for when all fields are asked for */
};

/* What a member is in the BTF. */
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

/* What is not given is the first of its kind. */
struct field_info {
	const char *key; /* struct.member */
	enum base base;
	unsigned char shift; /* the needle is the value without so many of its lowest bits */
	bool wide; /* only a needle of more than half the size rules out a smaller field */
	enum need need;
	enum varies varies;
	enum btf_type_kind type; /* its size, also of what is compared, and alignment follow */
	const char *rule; /* for people: what decides */
	const char *without; /* for people: what it was that could not be had, if it is absent */
};

extern const struct field_info fields[FIELD_COUNT];

unsigned int field_size(enum field field, unsigned int pointer_size);
unsigned int field_align(enum field field, unsigned int pointer_size);

/* How far into a struct of this base a field is looked for, in bytes. */
extern const unsigned int base_window[BASE_COUNT];

/* -ENOENT if there is none of that name. */
int field_find(const char *key);

#define SOCK_WINDOW 4096
#define TASK_WINDOW 8192

#define PATH_MAX_STEPS 3

/* What lies at the end of a path. */
enum goal {
	GOAL_NEEDLE, /* the last field holds its needle */
	GOAL_BACK, /* the last field holds what .back leads to from the sock */
	GOAL_DESCRIPTOR, /* the last field's array holds that at the descriptor's index */
};

/* A path starts at the sock or the task, and follows one pointer after the other. */
struct path {
	enum base root;
	enum goal goal;
	unsigned int backs; /* none: the sock itself */
	enum field back[2];
	unsigned int steps;
	enum field step[PATH_MAX_STEPS];
};

/* In their order each path gives the next one its goal. */
struct chain {
	unsigned int count;
	const struct path *path;
};

#define CHAIN_COUNT 2
extern const struct chain chains[CHAIN_COUNT];

#define WALK_STEPS 5
/* From the task to the array of its descriptors; from one of those on to the sock. */
extern const enum field descriptor_walk[WALK_STEPS];
#define WALK_TO_ARRAY 3

#endif
