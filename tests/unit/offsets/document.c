// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../test.h"
#include "document.h"
#include "offsets/offsets.h"
#include "tcpt.h"

/* ---- messages ---- */

static void keep_message(void *arg, enum tcpt_log_level level, const char *text)
{
	struct messages *to = arg;

	to->count++;
	to->level = level;
	snprintf(to->last, sizeof(to->last), "%s", text);
}

struct messages messages;
const struct tcpt_log message_log = { keep_message, &messages };

/* ---- documents ---- */

const char *const valid[LINES] = {
	"# tcpt-offsets 1",
	"kernel.release=6.12.107+deb13-cloud-amd64",
	"kernel.machine=x86_64",
	"kernel.build_id=e1b6c81f7afcf08c49c197583920e5307d281cdf",
	"source=guess",
	"sock_common.skc_daddr=0",
	"sock_common.skc_rcv_saddr=4",
	"sock_common.skc_dport=12",
	"sock_common.skc_num=14",
	"sock_common.skc_family=16",
	"sock_common.skc_state=18",
	"sock_common.skc_net=48",
	"net.ns.inum=136",
	"sock_common.skc_v6_daddr=56",
	"sock_common.skc_v6_rcv_saddr=72",
	"sock_common.skc_cookie=88",
	"sock.sk_err=284",
	"sock.sk_err_soft=372",
	"sock.sk_shutdown=571",
	"sock.sk_protocol=532",
	"inet_sock.inet_sport=798",
	"tcp_sock.bytes_acked=1824",
	"tcp_sock.bytes_received=1752",
	"tcp_sock.srtt_us=1680",
	"tcp_sock.total_retrans=2200",
	"sock.sk_socket=288",
	"socket.sk=24",
	"socket.file=16",
	"file.private_data=32",
	"task_struct.files=3048",
	"files_struct.fdt=32",
	"fdtable.fd=8",
};

size_t document(char *text, unsigned int line, const char *with)
{
	char *p = text;

	for (unsigned int i = 1; i <= LINES; i++) {
		const char *content = i == line ? with : valid[i - 1];

		if (content)
			p += sprintf(p, "%s\n", content);
	}
	return p - text;
}

/* Reads through a descriptor, which has no known size. The result is the same as from memory. */
static int read_descriptor(struct tcpt_offsets **out, const void *data, size_t size)
{
	int fd = memfd_create("offsets", MFD_CLOEXEC), err;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET))
		abort();
	memset(&messages, 0, sizeof(messages));
	*out = NULL;
	err = tcpt_offsets_read(out, fd, "doc", &message_log);
	close(fd);
	return err;
}

int read_bytes(struct tcpt_offsets **out, const void *data, size_t size)
{
	struct tcpt_offsets *read;
	char *own = malloc(size ? size : 1); /* so that a read past the end shows */
	int err = read_descriptor(&read, data, size);
	struct messages before = messages;

	memcpy(own, data, size);
	memset(&messages, 0, sizeof(messages));
	*out = NULL;
	CHECK_INT(tcpt_offsets_parse(out, own, size, "doc", &message_log), err);
	CHECK(!memcmp(own, data, size));
	CHECK_INT(messages.count, before.count);
	CHECK_STR(messages.last, before.last);
	CHECK(!*out == !read);
	if (*out && read)
		CHECK(!memcmp(*out, read, sizeof(*read)));
	tcpt_offsets_free(read);
	free(own);
	return err;
}

void refused(const void *data, size_t size, int err, const char *message)
{
	struct tcpt_offsets *offsets;

	CHECK_INT(read_bytes(&offsets, data, size), err);
	CHECK(!offsets);
	CHECK_INT(messages.count, 1);
	CHECK_INT(messages.level, TCPT_LOG_ERROR);
	if (message)
		CHECK_STR(messages.last, message);
	tcpt_offsets_free(offsets);
}

void refused_with(unsigned int line, const char *with, const char *message)
{
	char text[4096];

	refused(text, document(text, line, with), -EINVAL, message);
}

struct tcpt_offsets *accepted(const void *data, size_t size)
{
	struct tcpt_offsets *offsets;

	CHECK_INT(read_bytes(&offsets, data, size), 0);
	CHECK_INT(messages.count, 0);
	CHECK(offsets);
	return offsets;
}

void accepted_with(unsigned int line, const char *with)
{
	char text[4096];

	tcpt_offsets_free(accepted(text, document(text, line, with)));
}
