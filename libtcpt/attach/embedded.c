// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "attach/embedded.h"

#include <bpf/libbpf.h>
#include <zlib.h>

#include "internal.h"

#define OF_GZIP (16 + MAX_WBITS)
#define TRAILER 4

/* The last bytes of a file of gzip say how long it was, in little endian. */
static size_t size_before(const unsigned char *bytes, size_t size)
{
	const unsigned char *trailer = bytes + size - TRAILER;

	return trailer[0] | trailer[1] << 8 | trailer[2] << 16 | (size_t)trailer[3] << 24;
}

static int inflate_into(unsigned char *to, size_t room, const unsigned char *bytes, size_t size)
{
	z_stream stream = { .next_in = (unsigned char *)bytes,
			    .avail_in = size,
			    .next_out = to,
			    .avail_out = room };
	int status;

	if (inflateInit2(&stream, OF_GZIP) != Z_OK)
		return -ENOMEM;
	status = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	if (status == Z_MEM_ERROR)
		return -ENOMEM;
	return status == Z_STREAM_END && !stream.avail_out ? 0 : -EBADMSG;
}

/* libbpf copies what it needs of the bytes while it opens the object. */
struct bpf_object *embedded_open(const unsigned char *bytes, size_t size,
				 const struct bpf_object_open_opts *opts)
{
	size_t room = size_before(bytes, size);
	unsigned char *elf = malloc(room);
	struct bpf_object *object = NULL;
	int err = elf ? inflate_into(elf, room, bytes, size) : -ENOMEM;

	if (!err) {
		object = bpf_object__open_mem(elf, room, opts);
		err = object ? 0 : -errno;
	}
	free(elf);
	errno = -err;
	return object;
}
