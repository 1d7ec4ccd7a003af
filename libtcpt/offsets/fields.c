// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All facts about each field. The solver knows no field by name. */
#include "internal.h"
#include "offsets/fields.h"

#define SAME_VALUE "equals the needle in every snapshot"
#define NO_NETNS "network namespaces (CONFIG_NET_NS)"
#define NO_IPV6 "an IPv6 socket (CONFIG_IPV6, ipv6.disable)"
#define NO_DESCRIPTOR "a socket at an unusual place in the descriptor table (ulimit -n)"

#define FIELD(key_, type_, rule_, without_, ...)                                                   \
	{                                                                                          \
		.key = key_, .type = TYPE_##type_, .rule = rule_, .without = without_, __VA_ARGS__ \
	}

/*
 * Sizes and nesting are those of include/net/sock.h, include/net/inet_sock.h,
 * include/linux/tcp.h, include/linux/net.h, include/linux/fs.h, include/linux/fdtable.h
 * and include/net/net_namespace.h of Linux 4.4 to 7.x.
 *
 * The kernel keeps srtt_us in eighths of a microsecond. TCP_INFO shows whole ones
 * (tcp_get_info() of net/ipv4/tcp.c).
 *
 * Before Linux 5.6 sk_protocol is 8 bits of a bit-field. The field here is the one of
 * 16 bits that came with MPTCP, whose number does not fit into 8 bits.
 */
const struct field_info fields[FIELD_COUNT] = {
	[F_SKC_DADDR] = FIELD("sock_common.skc_daddr", U32,
			      SAME_VALUE ", and is not the route's copy", "a connection",
			      .need = NEEDED),
	[F_SKC_RCV_SADDR] = FIELD("sock_common.skc_rcv_saddr", U32,
				  SAME_VALUE ", a multicast-bound socket's too", "a connection",
				  .need = NEEDED),
	[F_SKC_DPORT] = FIELD("sock_common.skc_dport", U16,
			      SAME_VALUE ", and is not the route's copy", "a connection",
			      .need = NEEDED),
	[F_SKC_NUM] = FIELD("sock_common.skc_num", U16, SAME_VALUE, "a connection", .need = NEEDED),
	[F_SKC_FAMILY] = FIELD("sock_common.skc_family", U16, SAME_VALUE, "sockets of two families",
			       .need = NEEDED),
	[F_SKC_STATE] =
		FIELD("sock_common.skc_state", U8, SAME_VALUE, "a connection", .need = NEEDED),
	[F_SKC_NET] = FIELD("sock_common.skc_net", NET,
			    "points at what holds the namespace's inode number", NO_NETNS,
			    .need = NEEDED_WITH_NETNS, .varies = VARIES_BY_NETNS),
	[F_NET_INUM] = FIELD("net.ns.inum", U32, "holds the namespace's inode number", NO_NETNS,
			     .base = BASE_NET, .need = NEEDED_WITH_NETNS),
	[F_SKC_V6_DADDR] = FIELD("sock_common.skc_v6_daddr", IN6_ADDR, SAME_VALUE, NO_IPV6,
				 .need = NEEDED_WITH_IPV6),
	[F_SKC_V6_RCV_SADDR] = FIELD("sock_common.skc_v6_rcv_saddr", IN6_ADDR, SAME_VALUE, NO_IPV6,
				     .need = NEEDED_WITH_IPV6),
	[F_SKC_COOKIE] =
		FIELD("sock_common.skc_cookie", ATOMIC64, SAME_VALUE, "SO_COOKIE or sock_diag"),
	[F_SK_ERR] = FIELD("sock.sk_err", INT, SAME_VALUE, "a connection that fails"),
	[F_SK_ERR_SOFT] = FIELD("sock.sk_err_soft", INT,
				SAME_VALUE ", ICMP errors of several kinds among them",
				"an ICMP error (CAP_NET_RAW and CAP_NET_ADMIN)"),
	[F_SK_SHUTDOWN] = FIELD("sock.sk_shutdown", U8, SAME_VALUE, "a connection"),
	[F_SK_PROTOCOL] = FIELD(
		"sock.sk_protocol", U16, SAME_VALUE ", an MPTCP socket's of more than 8 bits too",
		"an MPTCP socket (Linux 5.6, sysctl net.mptcp.enabled)", .wide = true),
	[F_INET_SPORT] =
		FIELD("inet_sock.inet_sport", U16, SAME_VALUE ", before any route", "a connection"),
	[F_BYTES_ACKED] = FIELD("tcp_sock.bytes_acked", U64, SAME_VALUE,
				"tcpi_bytes_acked of TCP_INFO (Linux 4.1)"),
	[F_BYTES_RECEIVED] = FIELD("tcp_sock.bytes_received", U64, SAME_VALUE,
				   "tcpi_bytes_received of TCP_INFO (Linux 4.1)"),
	[F_SRTT_US] = FIELD("tcp_sock.srtt_us", U32,
			    "is eight times the needle, and up to 7 more, in every snapshot",
			    "tcpi_rtt of TCP_INFO", .shift = 3),
	[F_TOTAL_RETRANS] = FIELD("tcp_sock.total_retrans", U32, SAME_VALUE,
				  "retransmissions, which are provoked on request only "
				  "(--fields=all)",
				  .need = ON_REQUEST),
	[F_SK_SOCKET] = FIELD("sock.sk_socket", POINTER, "points at what points back",
			      "a descriptor", .varies = VARIES_BY_SOCK),
	[F_SOCKET_SK] = FIELD("socket.sk", POINTER, "points back at the sock", "a descriptor",
			      .base = BASE_SOCKET),
	[F_SOCKET_FILE] = FIELD("socket.file", POINTER, "points at what points back",
				"a descriptor", .base = BASE_SOCKET),
	[F_FILE_PRIVATE_DATA] = FIELD("file.private_data", POINTER, "points back at the socket",
				      "a descriptor", .base = BASE_FILE),
	[F_TASK_FILES] = FIELD("task_struct.files", POINTER,
			       "leads to the file at the descriptor's index", NO_DESCRIPTOR,
			       .base = BASE_TASK, .varies = VARIES_BY_FDTABLE),
	[F_FILES_FDT] = FIELD("files_struct.fdt", POINTER,
			      "leads to the file at the descriptor's index", NO_DESCRIPTOR,
			      .base = BASE_FILES),
	[F_FDTABLE_FD] = FIELD("fdtable.fd", POINTER, "has the file at the descriptor's index",
			       NO_DESCRIPTOR, .base = BASE_FDTABLE),
};

/*
 * The windows are wide enough for debug kernels: net.ns.inum has been seen at 408, and
 * task_struct.files beyond 3,400. The window of struct net is not much wider than that,
 * because the memory of other objects has the number of the first network namespace
 * too. The windows of the small structs stay close to the object's size: behind the
 * object lies another of its kind, perhaps a stale one, that leads the same way.
 */
const unsigned int base_window[BASE_COUNT] = {
	[BASE_SOCK] = SOCK_WINDOW, [BASE_NET] = 1024,  [BASE_SOCKET] = 256, [BASE_FILE] = 512,
	[BASE_TASK] = TASK_WINDOW, [BASE_FILES] = 256, [BASE_FDTABLE] = 64,
};

/* ---- paths ---- */

/* The path ends at the needle of the last field. */
static const struct path netns_paths[] = {
	{ .root = BASE_SOCK, .goal = GOAL_NEEDLE, .steps = 2, .step = { F_SKC_NET, F_NET_INUM } },
};

static const struct path descriptor_paths[] = {
	{ .root = BASE_SOCK, .goal = GOAL_BACK, .steps = 2, .step = { F_SK_SOCKET, F_SOCKET_SK } },
	{ .root = BASE_SOCK,
	  .goal = GOAL_BACK,
	  .backs = 1,
	  .back = { F_SK_SOCKET },
	  .steps = 3,
	  .step = { F_SK_SOCKET, F_SOCKET_FILE, F_FILE_PRIVATE_DATA } },
	{ .root = BASE_TASK,
	  .goal = GOAL_DESCRIPTOR,
	  .backs = 2,
	  .back = { F_SK_SOCKET, F_SOCKET_FILE },
	  .steps = 3,
	  .step = { F_TASK_FILES, F_FILES_FDT, F_FDTABLE_FD } },
};

const struct chain chains[CHAIN_COUNT] = {
	{ ARRAY_SIZE(netns_paths), netns_paths },
	{ ARRAY_SIZE(descriptor_paths), descriptor_paths },
};

/* Leads from the task to its descriptors, and from one of these to its sock. */
const enum field descriptor_walk[WALK_STEPS] = {
	F_TASK_FILES, F_FILES_FDT, F_FDTABLE_FD, F_FILE_PRIVATE_DATA, F_SOCKET_SK,
};

#define POINTER 0 /* stands for the size and the alignment of the kernel's pointers */

static const struct {
	unsigned char size;
	unsigned char align;
} types[TYPE_COUNT] = {
	[TYPE_POINTER] = { POINTER, POINTER },
	[TYPE_NET] = { POINTER, POINTER },
	[TYPE_U8] = { 1, 1 },
	[TYPE_U16] = { 2, 2 },
	[TYPE_U32] = { 4, 4 },
	[TYPE_U64] = { 8, POINTER },
	[TYPE_INT] = { 4, 4 },
	[TYPE_ATOMIC64] = { 8, POINTER },
	[TYPE_IN6_ADDR] = { 16, 4 },
};

unsigned int field_size(enum field field, unsigned int pointer_size)
{
	unsigned int size = types[fields[field].type].size;

	return size == POINTER ? pointer_size : size;
}

unsigned int field_align(enum field field, unsigned int pointer_size)
{
	unsigned int align = types[fields[field].type].align;

	return align == POINTER ? pointer_size : align;
}

int field_find(const char *key)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		if (!strcmp(fields[f].key, key))
			return f;
	return -ENOENT;
}

TCPT_API const char *tcpt_field_name(unsigned int i)
{
	return i < FIELD_COUNT ? fields[i].key : NULL;
}
