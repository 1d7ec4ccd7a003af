// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The cookie of a socket. Before Linux 4.12 its owner cannot ask for it, but the socket
 * diagnosis (sock_diag(7)) has shown it since 4.2.
 */
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/knobs.h"
#include "guess/cookie.h"
#include "internal.h"

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 diag;
};

struct answer {
	struct nlmsghdr header;
	struct inet_diag_msg diag;
	unsigned char more[512];
};

union end {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static void write_end(const union end *end, __be16 *port, __be32 *address)
{
	if (end->any.sa_family == AF_INET6) {
		*port = end->in6.sin6_port;
		memcpy(address, &end->in6.sin6_addr, sizeof(end->in6.sin6_addr));
	} else {
		*port = end->in.sin_port;
		memcpy(address, &end->in.sin_addr, sizeof(end->in.sin_addr));
	}
}

/* Returns the index of the interface to which the socket is bound; 0: to none. */
static unsigned int bound_interface(int fd)
{
	char name[IF_NAMESIZE] = "";
	socklen_t size = sizeof(name);

	if (getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &size) || !size)
		return 0;
	return if_nametoindex(name);
}

static int make_request(int fd, struct request *request)
{
	struct inet_diag_sockid *id = &request->diag.id;
	union end local, remote;
	socklen_t size = sizeof(local), other = sizeof(remote);

	if (getsockname(fd, &local.any, &size) || getpeername(fd, &remote.any, &other))
		return -errno;
	memset(request, 0, sizeof(*request));
	request->header =
		(struct nlmsghdr){ sizeof(*request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0 };
	request->diag.sdiag_family = local.any.sa_family;
	request->diag.sdiag_protocol = IPPROTO_TCP;
	request->diag.idiag_states = ~0U;
	id->idiag_if = bound_interface(fd);
	id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	write_end(&local, &id->idiag_sport, id->idiag_src);
	write_end(&remote, &id->idiag_dport, id->idiag_dst);
	return 0;
}

static int exchange(int diag, const struct request *request, struct answer *answer)
{
	ssize_t n = send(diag, request, sizeof(*request), 0) < 0 ?
			    -1 :
			    recv(diag, answer, sizeof(*answer), MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(answer->diag)) ||
	    answer->header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return -ENOENT;
	return 0;
}

static int ask_diagnosis(int fd, uint64_t *cookie)
{
	struct request request;
	struct answer answer;
	int err = make_request(fd, &request), diag;

	if (err)
		return err;
	diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (diag < 0)
		return -errno;
	err = exchange(diag, &request, &answer);
	close(diag);
	if (!err)
		*cookie = answer.diag.id.idiag_cookie[0] | (uint64_t)answer.diag.id.idiag_cookie[1]
								   << 32;
	return err;
}

int cookie_of(int fd, uint64_t *cookie)
{
	socklen_t size = sizeof(*cookie);

	if (knob_without("so_cookie"))
		return ask_diagnosis(fd, cookie);
	if (!getsockopt(fd, SOL_SOCKET, SO_COOKIE, cookie, &size))
		return size == sizeof(*cookie) ? 0 : -EINVAL;
	return errno == ENOPROTOOPT ? ask_diagnosis(fd, cookie) : -errno;
}
