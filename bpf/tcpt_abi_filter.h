/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Filters in the maps of a trace. The BPF programs and libtcpt share this. */
#ifndef TCPT_ABI_FILTER_H
#define TCPT_ABI_FILTER_H

#include <linux/types.h>

/* These are the bits of tcpt_abi_switches.keys, and the keys of the map filters. */
enum tcpt_abi_filter_key {
	TCPT_ABI_FILTER_PID = 0,
	TCPT_ABI_FILTER_UID = 1,
	TCPT_ABI_FILTER_COMM = 2,
	TCPT_ABI_FILTER_CGROUP = 3,
	TCPT_ABI_FILTER_NETNS = 4,
	TCPT_ABI_FILTER_FAMILY = 5,
	TCPT_ABI_FILTER_ROLE = 6,
	TCPT_ABI_FILTER_SADDR = 7,
	TCPT_ABI_FILTER_SPORT = 8,
	TCPT_ABI_FILTER_DADDR = 9,
	TCPT_ABI_FILTER_DPORT = 10,
	TCPT_ABI_FILTER_TYPE = 11,
	TCPT_ABI_FILTER_NOT = 16, /* added to a key: its values are hidden */
	TCPT_ABI_FILTER_WATCH = 31, /* pids whose new descriptors are reported */
};

/* These keys select connections. TCPT_ABI_FILTER_TYPE selects single events. */
#define TCPT_ABI_FILTERS_OF_CONNECTIONS (0x7ffU | 0x7ffU << TCPT_ABI_FILTER_NOT)
/*
 * The mark of a value says whether it is selected and whether it is hidden. Shifted by a key, it
 * is the key's bits in tcpt_abi_switches.keys.
 */
#define TCPT_ABI_FILTER_SELECTED 1U
#define TCPT_ABI_FILTER_HIDDEN (1U << TCPT_ABI_FILTER_NOT)
/*
 * A key of the map filters is a value that is selected or hidden, or a watched process. A key of
 * the map values has no TCPT_ABI_FILTER_NOT: the value there is the mark.
 */
#define TCPT_ABI_FILTERS_MAX 1024
struct tcpt_abi_filter {
	__u32 key;
	__u32 detail; /* the last port of a range, 0: a single port; bits of an address */
	__u64 value; /* of an address or a name: the first 8 bytes */
	__u64 rest; /* of these: the last 8 bytes */
};
_Static_assert(sizeof(struct tcpt_abi_filter) == 24, "tcpt_abi_filter");
#define TCPT_ABI_FILTER_FAMILY_OF 16 /* the family of an address, above these bits of detail */

/*
 * The map marks has rows of words, for the keys with few values. A word has the marks of 16
 * values: that of the first one as it is, that of the next one shifted by 1, and so on.
 */
#define TCPT_ABI_MARKS_IN_WORD 16
#define TCPT_ABI_MARKS_SPORT 0
#define TCPT_ABI_MARKS_DPORT (65536 / TCPT_ABI_MARKS_IN_WORD)
#define TCPT_ABI_MARKS_KINDS (2 * TCPT_ABI_MARKS_DPORT) /* of families, and of roles */
#define TCPT_ABI_MARKS_OF_ROLES 8 /* added to a role, there */
#define TCPT_ABI_MARKS_WORDS (TCPT_ABI_MARKS_KINDS + 1)

/*
 * A key of the map networks is a prefix of addresses, as in tcpt_abi_tuple, behind the key and
 * the family. The mark is that of all networks around this one too, as programs find the
 * smallest one. Where the kernel has no tries (before Linux 4.11), the map is a hash, and has
 * whole addresses only.
 */
#define TCPT_ABI_NETWORK_FAMILY 8 /* shift of the family */
#define TCPT_ABI_NETWORK_KEY 32 /* bits before the address */
#define TCPT_ABI_NETWORK_BITS (TCPT_ABI_NETWORK_KEY + 128) /* of a whole address of any family */
struct tcpt_abi_network {
	__u32 bits; /* that count, of what follows */
	__u32 key;
	__u32 address[4];
};
_Static_assert(sizeof(struct tcpt_abi_network) == 24, "tcpt_abi_network");

#endif
