// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The description of a pinned trace: who and what is loaded there. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/advice.h"
#include "base/caps.h"
#include "maps/shapes.h"
#include "trace/trace.h"

/* ---- reading ---- */

/* Kernels that want CAP_BPF for all say EPERM, files that are not for the caller EACCES. */
int meta_explain(int err, const char *dir, const struct tcpt_log *log)
{
	const char *lacking = err == -EPERM ? caps_for_maps() : NULL;

	if (err == -EBADMSG)
		return log_error(
			log, -EINVAL,
			"the description of the trace at %s is damaged; run tcpt-unload%s, then "
			"load it anew",
			dir, advice_pin(dir).text);
	if (err == -EPROTO && shapes_explain(dir, log))
		return err;
	if (err == -EPROTO)
		return log_error(log, err,
				 "the maps of the trace at %s do not fit together; run "
				 "tcpt-unload%s, then load it anew",
				 dir, advice_pin(dir).text);
	if (lacking)
		return log_error(log, err,
				 "cannot open the trace at %s: %s; run as root or with %s", dir,
				 strerror(-err), lacking);
	if (err == -EACCES)
		return group_explain_denial(dir, log);
	return log_error(log, err, "cannot open the trace at %s: %s", dir, strerror(-err));
}

/* What all layouts begin with, and what none will be larger than. */
#define META_HEAD offsetof(struct tcpt_abi_meta, boot_id)
#define META_MOST (1U << 20)

/* Whoever could write it may have written anything; texts have to end, and numbers to be some. */
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

/* A description of another size is not copied into ours, but its head. */
static int copy_meta(int fd, struct tcpt_abi_meta *meta)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info), zero = 0;
	void *value;
	int err;

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	if (info.value_size < META_HEAD || info.value_size > META_MOST)
		return -EPROTO;
	value = malloc(info.value_size);
	if (!value)
		return -ENOMEM;
	err = bpf_map_lookup_elem(fd, &zero, value) ? -errno : 0;
	if (!err)
		err = meta_take(meta, value, info.value_size);
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

static int explain_layout(const char *dir, const struct tcpt_abi_meta *meta,
			  const struct tcpt_log *log)
{
	if (!meta->magic)
		return log_error(log, -EPROTO,
				 "what is pinned at %s is not of tcpt; choose another --pin", dir);
	return log_error(
		log, -EPROTO,
		"the trace at %s was loaded by tcpt %.15s, with layout %u; this is tcpt %s, with "
		"layout %u; run tcpt-unload%s, then load it anew",
		dir, meta->version, meta->abi, PACKAGE_VERSION, TCPT_ABI_VERSION,
		advice_pin(dir).text);
}

/* Another layout may have maps of other shapes, so that one is said first. */
static int explain_proto(const char *dir, const struct tcpt_abi_meta *meta,
			 const struct tcpt_log *log)
{
	int err = meta->magic && meta->abi != TCPT_ABI_VERSION ? 0 : shapes_explain(dir, log);

	return err ? err : explain_layout(dir, meta, log);
}

int meta_open(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log)
{
	int err = trust_trace(dir, log);

	memset(meta, 0, sizeof(*meta));
	if (err)
		return err;
	err = pins_check(dir);
	if (err == -ENOENT)
		return bpffs_explain_none(dir, log);
	if (err == -EPERM)
		err = -EACCES;
	if (!err)
		err = swap_settle(dir);
	if (!err)
		err = meta_read(pin_join(dir, "maps", "meta").text, meta);
	if (err == -EPROTO)
		return explain_proto(dir, meta, log);
	if (err == -EINPROGRESS)
		return log_error(log, err,
				 "a replacement of the trace at %s was interrupted; run as root "
				 "tcpt-stat%s, "
				 "which ends it",
				 dir, advice_pin(dir).text);
	return err ? meta_explain(err, dir, log) : 0;
}

/* Of the pin: another description is another one. */
uint64_t meta_identity(const char *dir)
{
	struct stat st;

	return stat(pin_join(dir, "maps", "meta").text, &st) ? 0 : st.st_ino;
}

/* ---- writing ---- */

int meta_write(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	struct tcpt_abi_meta meta = {
		.magic = TCPT_ABI_MAGIC,
		.abi = TCPT_ABI_VERSION,
		.attach = trace->attach,
		.keeper = opts->hold ? getpid() : 0,
		.loaded = monotonic_ns(),
		.version = PACKAGE_VERSION,
		.generation = trace->generation,
		.ring = trace->ring,
		.taps = trace->taps,
	};
	char *text = tcpt_offsets_text(opts->offsets);
	__u32 zero = 0;
	int err = 0;

	if (!text)
		return -errno;
	if (strlen(text) >= sizeof(meta.offsets))
		err = -EFBIG;
	else
		strcpy(meta.offsets, text);
	free(text);
	kernel_boot_id(meta.boot_id, sizeof(meta.boot_id));
	if (!err && bpf_map_update_elem(bpf_object__find_map_fd_by_name(trace->object, "meta"),
					&zero, &meta, BPF_ANY))
		err = -errno;
	return err;
}
