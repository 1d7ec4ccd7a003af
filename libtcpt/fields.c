// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All that is known of each field. The solver knows none of them by name. */
#include <errno.h>
#include <string.h>

#include "guess.h"

#define SAME_VALUE "equals the needle in every snapshot"

/*
 * Sizes and nesting: include/net/sock.h, include/net/inet_sock.h,
 * include/linux/net.h, include/linux/fs.h, include/linux/fdtable.h,
 * include/net/net_namespace.h of Linux 4.4 to 7.x.
 */
const struct field_info fields[FIELD_COUNT] = {
	[F_SKC_DADDR] = { "sock_common.skc_daddr", BASE_SOCK, 4, 4, NEEDED, VARIES_FREELY,
			  SAME_VALUE ", and is not the route's copy" },
	[F_SKC_RCV_SADDR] = { "sock_common.skc_rcv_saddr", BASE_SOCK, 4, 4, NEEDED, VARIES_FREELY,
			      SAME_VALUE ", a multicast-bound socket's too" },
	[F_SKC_DPORT] = { "sock_common.skc_dport", BASE_SOCK, 2, 2, NEEDED, VARIES_FREELY,
			  SAME_VALUE ", and is not the route's copy" },
	[F_SKC_NUM] = { "sock_common.skc_num", BASE_SOCK, 2, 2, NEEDED, VARIES_FREELY, SAME_VALUE },
	[F_SKC_FAMILY] = { "sock_common.skc_family", BASE_SOCK, 2, 2, NEEDED, VARIES_FREELY,
			   SAME_VALUE },
	[F_SKC_STATE] = { "sock_common.skc_state", BASE_SOCK, 1, 1, NEEDED, VARIES_FREELY,
			  SAME_VALUE },
	[F_SKC_NET] = { "sock_common.skc_net", BASE_SOCK, 8, 8, NEEDED_IF_TRIED, VARIES_BY_NETNS,
			"points at what holds the namespace's inode number" },
	[F_NET_INUM] = { "net.ns.inum", BASE_NET, 4, 4, NEEDED_IF_TRIED, VARIES_FREELY,
			 "holds the namespace's inode number" },
	[F_SKC_V6_DADDR] = { "sock_common.skc_v6_daddr", BASE_SOCK, 16, 4, NEEDED_IF_TRIED, VARIES_FREELY,
			     SAME_VALUE },
	[F_SKC_V6_RCV_SADDR] = { "sock_common.skc_v6_rcv_saddr", BASE_SOCK, 16, 4, NEEDED_IF_TRIED,
				 VARIES_FREELY, SAME_VALUE },
	[F_INET_SPORT] = { "inet_sock.inet_sport", BASE_SOCK, 2, 2, OPTIONAL, VARIES_FREELY,
			   SAME_VALUE ", before any route" },
	[F_SK_SHUTDOWN] = { "sock.sk_shutdown", BASE_SOCK, 1, 1, OPTIONAL, VARIES_FREELY, SAME_VALUE },
	[F_SK_SOCKET] = { "sock.sk_socket", BASE_SOCK, 8, 8, OPTIONAL, VARIES_BY_SOCK,
			  "points at what points back" },
	[F_SOCKET_SK] = { "socket.sk", BASE_SOCKET, 8, 8, OPTIONAL, VARIES_FREELY,
			  "points back at the sock" },
	[F_SOCKET_FILE] = { "socket.file", BASE_SOCKET, 8, 8, OPTIONAL, VARIES_FREELY,
			    "points at what points back" },
	[F_FILE_PRIVATE_DATA] = { "file.private_data", BASE_FILE, 8, 8, OPTIONAL, VARIES_FREELY,
				  "points back at the socket" },
	[F_TASK_FILES] = { "task_struct.files", BASE_TASK, 8, 8, OPTIONAL, VARIES_BY_FDTABLE,
			   "leads to the file at the descriptor's index" },
	[F_FILES_FDT] = { "files_struct.fdt", BASE_FILES, 8, 8, OPTIONAL, VARIES_FREELY,
			  "leads to the file at the descriptor's index" },
	[F_FDTABLE_FD] = { "fdtable.fd", BASE_FDTABLE, 8, 8, OPTIONAL, VARIES_FREELY,
			   "has the file at the descriptor's index" },
};

/*
 * Wide enough for debug kernels (ns.inum has been seen at 408, task_struct.files
 * beyond 3,400), and where that is known not to matter no wider than the object:
 * behind it lies another of its kind, stale perhaps, that leads the same way.
 */
const unsigned int base_window[BASE_COUNT] = {
	[BASE_SOCK] = SOCK_WINDOW, [BASE_NET] = 4096,  [BASE_SOCKET] = 256, [BASE_FILE] = 512,
	[BASE_TASK] = TASK_WINDOW, [BASE_FILES] = 256, [BASE_FDTABLE] = 64,
};

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
