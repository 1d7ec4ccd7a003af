// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All that is known of each field. The solver knows none of them by name. */
#include <errno.h>
#include <string.h>

#include "guess/guess.h"

#define SAME_VALUE "equals the needle in every snapshot"
#define NO_NETNS "network namespaces (CONFIG_NET_NS)"
#define NO_IPV6 "an IPv6 socket (CONFIG_IPV6, ipv6.disable)"
#define NO_DESCRIPTOR "a socket at an unusual place in the descriptor table (ulimit -n)"

/*
 * Sizes and nesting: include/net/sock.h, include/net/inet_sock.h,
 * include/linux/tcp.h, include/linux/net.h, include/linux/fs.h,
 * include/linux/fdtable.h, include/net/net_namespace.h of Linux 4.4 to 7.x.
 *
 * srtt_us is kept in eighths of a microsecond, and TCP_INFO shows it in whole
 * ones (tcp_get_info() of net/ipv4/tcp.c).
 *
 * sk_protocol is 8 bits of a bit-field before Linux 5.6. What is looked for here
 * is the 16 bits that came with MPTCP, whose number takes more than eight.
 */
const struct field_info fields[FIELD_COUNT] = {
	[F_SKC_DADDR] = { "sock_common.skc_daddr", BASE_SOCK, 4, 4, 0, false, NEEDED, VARIES_FREELY,
			  TYPE_U32, SAME_VALUE ", and is not the route's copy", "a connection" },
	[F_SKC_RCV_SADDR] = { "sock_common.skc_rcv_saddr", BASE_SOCK, 4, 4, 0, false, NEEDED,
			      VARIES_FREELY, TYPE_U32,
			      SAME_VALUE ", a multicast-bound socket's too", "a connection" },
	[F_SKC_DPORT] = { "sock_common.skc_dport", BASE_SOCK, 2, 2, 0, false, NEEDED, VARIES_FREELY,
			  TYPE_U16, SAME_VALUE ", and is not the route's copy", "a connection" },
	[F_SKC_NUM] = { "sock_common.skc_num", BASE_SOCK, 2, 2, 0, false, NEEDED, VARIES_FREELY,
			TYPE_U16, SAME_VALUE, "a connection" },
	[F_SKC_FAMILY] = { "sock_common.skc_family", BASE_SOCK, 2, 2, 0, false, NEEDED,
			   VARIES_FREELY, TYPE_U16, SAME_VALUE, "sockets of two families" },
	[F_SKC_STATE] = { "sock_common.skc_state", BASE_SOCK, 1, 1, 0, false, NEEDED, VARIES_FREELY,
			  TYPE_U8, SAME_VALUE, "a connection" },
	[F_SKC_NET] = { "sock_common.skc_net", BASE_SOCK, POINTER, POINTER, 0, false,
			NEEDED_WITH_NETNS, VARIES_BY_NETNS, TYPE_NET,
			"points at what holds the namespace's inode number", NO_NETNS },
	[F_NET_INUM] = { "net.ns.inum", BASE_NET, 4, 4, 0, false, NEEDED_WITH_NETNS, VARIES_FREELY,
			 TYPE_U32, "holds the namespace's inode number", NO_NETNS },
	[F_SKC_V6_DADDR] = { "sock_common.skc_v6_daddr", BASE_SOCK, 16, 4, 0, false,
			     NEEDED_WITH_IPV6, VARIES_FREELY, TYPE_IN6_ADDR, SAME_VALUE, NO_IPV6 },
	[F_SKC_V6_RCV_SADDR] = { "sock_common.skc_v6_rcv_saddr", BASE_SOCK, 16, 4, 0, false,
				 NEEDED_WITH_IPV6, VARIES_FREELY, TYPE_IN6_ADDR, SAME_VALUE,
				 NO_IPV6 },
	[F_SKC_COOKIE] = { "sock_common.skc_cookie", BASE_SOCK, 8, POINTER, 0, false, OPTIONAL,
			   VARIES_FREELY, TYPE_ATOMIC64, SAME_VALUE, "SO_COOKIE (Linux 4.12)" },
	[F_SK_ERR] = { "sock.sk_err", BASE_SOCK, 4, 4, 0, false, OPTIONAL, VARIES_FREELY, TYPE_INT,
		       SAME_VALUE, "a connection that fails" },
	[F_SK_ERR_SOFT] = { "sock.sk_err_soft", BASE_SOCK, 4, 4, 0, false, OPTIONAL, VARIES_FREELY,
			    TYPE_INT, SAME_VALUE ", ICMP errors of several kinds among them",
			    "an ICMP error (CAP_NET_RAW and CAP_NET_ADMIN)" },
	[F_SK_SHUTDOWN] = { "sock.sk_shutdown", BASE_SOCK, 1, 1, 0, false, OPTIONAL, VARIES_FREELY,
			    TYPE_U8, SAME_VALUE, "a connection" },
	[F_SK_PROTOCOL] = { "sock.sk_protocol", BASE_SOCK, 2, 2, 0, true, OPTIONAL, VARIES_FREELY,
			    TYPE_U16, SAME_VALUE ", an MPTCP socket's of more than 8 bits too",
			    "an MPTCP socket (Linux 5.6, sysctl net.mptcp.enabled)" },
	[F_INET_SPORT] = { "inet_sock.inet_sport", BASE_SOCK, 2, 2, 0, false, OPTIONAL,
			   VARIES_FREELY, TYPE_U16, SAME_VALUE ", before any route",
			   "a connection" },
	[F_BYTES_ACKED] = { "tcp_sock.bytes_acked", BASE_SOCK, 8, POINTER, 0, false, OPTIONAL,
			    VARIES_FREELY, TYPE_U64, SAME_VALUE,
			    "tcpi_bytes_acked of TCP_INFO (Linux 4.1)" },
	[F_BYTES_RECEIVED] = { "tcp_sock.bytes_received", BASE_SOCK, 8, POINTER, 0, false, OPTIONAL,
			       VARIES_FREELY, TYPE_U64, SAME_VALUE,
			       "tcpi_bytes_received of TCP_INFO (Linux 4.1)" },
	[F_SRTT_US] = { "tcp_sock.srtt_us", BASE_SOCK, 4, 4, 3, false, OPTIONAL, VARIES_FREELY,
			TYPE_U32, "is eight times the needle, and up to 7 more, in every snapshot",
			"tcpi_rtt of TCP_INFO" },
	[F_TOTAL_RETRANS] = { "tcp_sock.total_retrans", BASE_SOCK, 4, 4, 0, false, ON_REQUEST,
			      VARIES_FREELY, TYPE_U32, SAME_VALUE,
			      "retransmissions, which are provoked on request only "
			      "(--fields=all)" },
	[F_SK_SOCKET] = { "sock.sk_socket", BASE_SOCK, POINTER, POINTER, 0, false, OPTIONAL,
			  VARIES_BY_SOCK, TYPE_POINTER, "points at what points back",
			  "a descriptor" },
	[F_SOCKET_SK] = { "socket.sk", BASE_SOCKET, POINTER, POINTER, 0, false, OPTIONAL,
			  VARIES_FREELY, TYPE_POINTER, "points back at the sock", "a descriptor" },
	[F_SOCKET_FILE] = { "socket.file", BASE_SOCKET, POINTER, POINTER, 0, false, OPTIONAL,
			    VARIES_FREELY, TYPE_POINTER, "points at what points back",
			    "a descriptor" },
	[F_FILE_PRIVATE_DATA] = { "file.private_data", BASE_FILE, POINTER, POINTER, 0, false,
				  OPTIONAL, VARIES_FREELY, TYPE_POINTER,
				  "points back at the socket", "a descriptor" },
	[F_TASK_FILES] = { "task_struct.files", BASE_TASK, POINTER, POINTER, 0, false, OPTIONAL,
			   VARIES_BY_FDTABLE, TYPE_POINTER,
			   "leads to the file at the descriptor's index", NO_DESCRIPTOR },
	[F_FILES_FDT] = { "files_struct.fdt", BASE_FILES, POINTER, POINTER, 0, false, OPTIONAL,
			  VARIES_FREELY, TYPE_POINTER,
			  "leads to the file at the descriptor's index", NO_DESCRIPTOR },
	[F_FDTABLE_FD] = { "fdtable.fd", BASE_FDTABLE, POINTER, POINTER, 0, false, OPTIONAL,
			   VARIES_FREELY, TYPE_POINTER, "has the file at the descriptor's index",
			   NO_DESCRIPTOR },
};

/*
 * Wide enough for debug kernels (ns.inum has been seen at 408, task_struct.files
 * beyond 3,400), but of struct net not much wider: the number of the first
 * network namespace is found in strangers' memory too. Where that is known not
 * to matter it is no wider than the object: behind it lies another of its kind,
 * stale perhaps, that leads the same way.
 */
const unsigned int base_window[BASE_COUNT] = {
	[BASE_SOCK] = SOCK_WINDOW, [BASE_NET] = 1024,  [BASE_SOCKET] = 256, [BASE_FILE] = 512,
	[BASE_TASK] = TASK_WINDOW, [BASE_FILES] = 256, [BASE_FDTABLE] = 64,
};

/* ---- paths ---- */

/* The needle of the last field is what the path ends at. */
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

/* From the task to its descriptors, and from one of those to its sock. */
const enum field descriptor_walk[WALK_STEPS] = {
	F_TASK_FILES, F_FILES_FDT, F_FDTABLE_FD, F_FILE_PRIVATE_DATA, F_SOCKET_SK,
};

unsigned int field_size(enum field field, unsigned int pointer_size)
{
	return fields[field].size == POINTER ? pointer_size : fields[field].size;
}

unsigned int field_align(enum field field, unsigned int pointer_size)
{
	return fields[field].align == POINTER ? pointer_size : fields[field].align;
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
