// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The rings of a trace that is being loaded: of which kind they are, and how large. A
 * trace that replaces another keeps its rings, unless another kind or size is wanted. A
 * flight recorder stays one.
 */
#include <bpf/libbpf.h>

#include "attach/trial.h"
#include "internal.h"
#include "maps/ring-name.h"
#include "maps/ring.h"
#include "maps/store.h"
#include "trace/layout.h"
#include "trace/trace.h"

static void set_size(struct layout *layout, size_t bytes, uint32_t levels)
{
	struct slots_layout *slots = &layout->slots;

	slots->cpus = libbpf_num_possible_cpus();
	slots->levels = levels;
	slots->slots = slots_layout_round(bytes, slots->cpus, levels);
	slots->is_recorder = layout->is_recorder;
	layout->entries = layout->store == TCPT_STORE_RING ? ring_round(bytes) :
							     slots_layout_entries(slots);
}

static int look_at_old(const struct tcpt_trace *trace, struct layout *old)
{
	int fd = pin_open_map(trace->pin, ring_name(1).text), err;

	if (fd < 0)
		return fd;
	err = store_look(fd, &old->store, &old->entries);
	if (!err && old->store == TCPT_STORE_SLOTS)
		err = slots_layout_look(fd, &old->slots);
	close(fd);
	return err;
}

/* Returns true if the new programs can go on with the old rings. */
static bool can_keep(const struct layout *layout, const struct layout *old,
		     const struct tcpt_load_opts *opts)
{
	if (layout->store != old->store || (opts->ring_bytes && layout->entries != old->entries))
		return false;
	return layout->store == TCPT_STORE_RING || (layout->slots.levels == old->slots.levels &&
						    layout->is_recorder == old->slots.is_recorder);
}

/* Chooses the rings of a replacement. All rings of a trace have one kind and one size. */
static int follow(struct tcpt_trace *trace, const struct tcpt_load_opts *opts, uint32_t levels,
		  const struct tcpt_log *log)
{
	struct layout old = {}, *layout = &trace->layout;
	int err = look_at_old(trace, &old);

	if (err)
		return log_error(log, err, "cannot look at the rings of the trace at %s: %s",
				 trace->pin, strerror(-err));
	if (old.slots.is_recorder && opts->store == TCPT_STORE_RING)
		return log_error(log, -EINVAL,
				 "the trace at %s is a flight recorder, which has slots, and a "
				 "replacement cannot change this; leave out --store, or unload the "
				 "trace first",
				 trace->pin);
	layout->is_recorder |= old.slots.is_recorder;
	if (layout->store == TCPT_STORE_AUTO)
		layout->store = old.store;
	set_size(layout, opts->ring_bytes, levels);
	layout->is_kept = can_keep(layout, &old, opts);
	if (layout->is_kept)
		*layout = (struct layout){ old.store, layout->is_recorder, true, old.entries,
					   old.slots };
	trace->ring = trace->old.meta.ring + !layout->is_kept;
	return 0;
}

/* Chooses the rings of a trace that replaces none. */
static void choose(struct layout *layout, const struct tcpt_load_opts *opts, uint32_t levels)
{
	if (layout->store == TCPT_STORE_AUTO)
		layout->store = trial_ring() == -EINVAL ? TCPT_STORE_SLOTS : TCPT_STORE_RING;
	set_size(layout, opts->ring_bytes, levels);
}

int layout_choose(struct tcpt_trace *trace, const struct tcpt_load_opts *opts, uint32_t levels,
		  const struct tcpt_log *log)
{
	struct layout *layout = &trace->layout;
	int err = 0;

	*layout = (struct layout){
		.store = opts->recorder ? TCPT_STORE_SLOTS : opts->store,
		.is_recorder = opts->recorder,
	};
	if (trace->old.lock >= 0)
		err = follow(trace, opts, levels, log);
	else
		choose(layout, opts, levels);
	if (err)
		return err;
	if (layout->store == TCPT_STORE_RING && trial_ring() == -EINVAL)
		return log_error(
			log, -EOPNOTSUPP,
			"this kernel has no BPF ring buffer (Linux 5.8); use --store=slots");
	return 0;
}

uint32_t layout_entries(const struct tcpt_trace *trace, uint32_t tap)
{
	const struct layout *layout = &trace->layout;

	if (tap <= trace->taps)
		return layout->entries;
	return layout->store == TCPT_STORE_RING ? ring_round(1) : 1;
}

int layout_begin(const struct tcpt_trace *trace)
{
	const struct layout *layout = &trace->layout;
	int err = 0;

	if (layout->store == TCPT_STORE_RING || layout->is_kept)
		return 0;
	for (uint32_t tap = 1; !err && tap <= trace->taps; tap++)
		err = slots_layout_begin(bpf_object__find_map_fd_by_name(trace->object,
									 ring_name(tap).text),
					 &layout->slots, trace->ring);
	return err;
}

size_t layout_room(const struct tcpt_trace *trace)
{
	const struct layout *layout = &trace->layout;

	return layout->store == TCPT_STORE_RING ?
		       layout->entries / (sizeof(struct tcpt_abi_event) + 8) :
		       layout->slots.slots;
}
