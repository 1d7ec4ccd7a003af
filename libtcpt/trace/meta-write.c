// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The description of a trace that is being loaded. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/magic.h>

#include "base/kernel.h"
#include "base/monotonic.h"
#include "base/realtime.h"
#include "internal.h"
#include "trace/meta-write.h"
#include "trace/trace.h"

int meta_write(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts)
{
	struct tcpt_abi_meta meta = {
		.magic = TCPT_ABI_MAGIC,
		.abi = TCPT_ABI_VERSION,
		.attach = trace->attach,
		.keeper = opts->hold ? getpid() : 0,
		.loaded = monotonic_kernel_ns(),
		.realtime = realtime_offset() + monotonic_namespace_ns(),
		.tai = realtime_tai(),
		.version = PACKAGE_VERSION,
		.generation = trace->generation,
		.ring = trace->ring,
		.taps = trace->taps,
	};
	char *text = tcpt_offsets_text(&trace->offsets);
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
