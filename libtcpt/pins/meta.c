// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The description of a pinned trace: who and what is loaded there. */
#include <bpf/bpf.h>
#include <limits.h>
#include <sys/stat.h>

#include "internal.h"
#include "maps/facts.h"
#include "maps/shapes.h"
#include "pins/meta.h"
#include "pins/pin.h"
#include "tcpt_abi.h"

/* ---- reading ---- */

/* The size of what all layouts begin with, and a size that no layout will have. */
#define META_HEAD offsetof(struct tcpt_abi_meta, boot_id)
#define META_MOST (1U << 20)

/* Checks that texts end and that numbers are valid: a writer can have written anything. */
static int check_values(const struct tcpt_abi_meta *meta)
{
	if (meta->attach == TCPT_ATTACH_AUTO || !tcpt_attach_name(meta->attach) ||
	    meta->keeper > INT_MAX || meta->taps < 1 || meta->taps > TCPT_ABI_TAPS_MAX || meta->pad)
		return -EBADMSG;
	if (!memchr(meta->version, '\0', sizeof(meta->version)) ||
	    !memchr(meta->boot_id, '\0', sizeof(meta->boot_id)) ||
	    !memchr(meta->offsets, '\0', sizeof(meta->offsets)))
		return -EBADMSG;
	return 0;
}

int meta_take(struct tcpt_abi_meta *meta, const void *value, size_t size)
{
	memset(meta, 0, sizeof(*meta));
	if (size < META_HEAD)
		return -EPROTO;
	memcpy(meta, value, size == sizeof(*meta) ? sizeof(*meta) : META_HEAD);
	if (meta->magic != TCPT_ABI_MAGIC)
		memset(meta, 0, sizeof(*meta));
	if (meta->abi != TCPT_ABI_VERSION || size != sizeof(*meta))
		return -EPROTO;
	return check_values(meta);
}

/* Copies the description. Of one of another size it copies only the head. */
static int copy_meta(int fd, struct tcpt_abi_meta *meta)
{
	struct facts facts;
	__u32 zero = 0;
	void *value;
	int err = facts_read(fd, &facts);

	if (err == -ENODATA) /* what is not of this layout has another number of it */
		facts.value_size = sizeof(*meta);
	else if (err)
		return err;
	if (facts.value_size < META_HEAD || facts.value_size > META_MOST)
		return -EPROTO;
	value = calloc(1, err ? META_MOST : facts.value_size);
	if (!value)
		return -ENOMEM;
	err = bpf_map_lookup_elem(fd, &zero, value) ? -errno : 0;
	if (!err)
		err = meta_take(meta, value, facts.value_size);
	free(value);
	return err;
}

int meta_read(const char *path, struct tcpt_abi_meta *meta)
{
	int fd = shape_open(path, BPF_F_RDONLY), err;

	memset(meta, 0, sizeof(*meta));
	if (fd < 0)
		return fd;
	err = copy_meta(fd, meta);
	close(fd);
	return err;
}

/* The number is the inode of the pin: another description has another pin. */
uint64_t meta_identity(const char *dir)
{
	struct stat st;

	return stat(pin_join(dir, "maps", "meta").text, &st) ? 0 : st.st_ino;
}
