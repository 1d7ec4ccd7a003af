// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading the state of a pinned trace. */
#include "base/arguments.h"
#include "base/monotonic.h"
#include "internal.h"
#include "maps/words.h"
#include "offsets/offsets.h"
#include "pins/locks.h"
#include "pins/arrays.h"
#include "pins/meta-open.h"
#include "pins/pins.h"
#include "pins/swap-settle.h"
#include "read/missed.h"
#include "read/stat.h"
#include "tcpt_abi.h"

/* ---- counters ---- */

static uint64_t look(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static uint64_t look_lost(const struct tcpt_abi_counters *c, unsigned int tap)
{
	return look(tap > 1 ? &c->lost_at[tap - 2] : &c->lost);
}

static void count_totals(struct tcpt_counts *own, struct tcpt_counts *sum,
			 const struct tcpt_abi_totals *totals)
{
	sum->connects += own->connects = look(&totals->events[TCPT_ABI_CONNECT]);
	sum->accepts += own->accepts = look(&totals->events[TCPT_ABI_ACCEPT]);
	sum->closes += own->closes = look(&totals->events[TCPT_ABI_CLOSE]);
	sum->fails += own->fails = look(&totals->events[TCPT_ABI_FAIL]);
	sum->fdinstalls += own->fdinstalls = look(&totals->events[TCPT_ABI_FDINSTALL]);
	sum->existing += own->existing = look(&totals->events[TCPT_ABI_EXISTING]);
	sum->bytes_sent += own->bytes_sent = look(&totals->bytes_sent);
	sum->bytes_received += own->bytes_received = look(&totals->bytes_received);
	sum->retransmits += own->retransmits = look(&totals->retransmits);
}

static void count_cpu(struct tcpt_stat *stat, unsigned int cpu, const struct tcpt_abi_counters *c)
{
	struct tcpt_counts *own = &stat->of[cpu], *sum = &stat->sum;

	own->cpu = cpu;
	sum->lost += own->lost = look_lost(c, stat->trace.tap);
	sum->late += own->late = look(&c->late);
	sum->conns_full += own->conns_full = look(&c->conns_full);
	sum->pending_full += own->pending_full = look(&c->pending_full);
	sum->fails_lost += own->fails_lost = look(&c->fails_lost);
	sum->processes_full += own->processes_full = look(&c->processes_full);
	count_totals(own, sum, &c->totals);
	for (unsigned int i = 0; i < stat->trace.taps; i++)
		stat->taps[i].lost += look_lost(c, i + 1);
	sum->events += own->events = look(&c->seq); /* last: never fewer than lost */
}

static int read_counters(struct tcpt_stat *stat)
{
	const struct tcpt_abi_counters *of;
	struct words counters;
	int err = arrays_open(&counters, stat->pin, "counters", false, sizeof(*of));

	if (err)
		return err;
	of = counters.at;
	stat->cpus = counters.entries;
	free(stat->of);
	stat->sum = (struct tcpt_counts){};
	for (unsigned int i = 0; i < stat->trace.taps; i++)
		stat->taps[i].lost = 0;
	stat->of = calloc(stat->cpus, sizeof(*stat->of));
	for (unsigned int i = 0; stat->of && i < stat->cpus; i++)
		count_cpu(stat, i, &of[i]);
	words_close(&counters);
	return stat->of ? 0 : -ENOMEM;
}

/* ---- the trace ---- */

static void describe_offsets(struct tcpt_stat_trace *trace, const struct tcpt_offsets *offsets)
{
	bool by_cgroup = trace->attach == TCPT_ATTACH_CGROUP; /* its contexts have the figures */

	trace->offsets = offsets;
	trace->kernel_release = offsets->kernel.release;
	trace->kernel_machine = offsets->kernel.machine;
	trace->build_id = offsets->kernel.build_id;
	trace->source = offsets->source;
	trace->has_bytes_sent = by_cgroup || offsets->at[F_BYTES_ACKED] >= 0;
	trace->has_bytes_received = by_cgroup || offsets->at[F_BYTES_RECEIVED] >= 0;
	trace->has_retransmits = by_cgroup || offsets->at[F_TOTAL_RETRANS] >= 0;
}

static void describe_readers(struct tcpt_stat *stat)
{
	struct tcpt_stat_trace *trace = &stat->trace;

	for (unsigned int i = 0; i < trace->taps; i++) {
		struct tcpt_stat_tap *tap = &stat->taps[i];
		int reader;

		tap->tap = i + 1;
		tap->reader_comm = stat->reader_comm[i];
		reader = locks_holder(stat->pin, locks_of_tap(tap->tap).text, stat->reader_comm[i],
				      sizeof(stat->reader_comm[i]));
		tap->reader = reader > 0 ? reader : 0;
	}
	trace->reader = stat->taps[trace->tap - 1].reader;
	trace->reader_comm = stat->taps[trace->tap - 1].reader_comm;
}

static int describe(struct tcpt_stat *stat, const struct tcpt_log *log)
{
	struct tcpt_stat_trace *trace = &stat->trace;
	struct tcpt_abi_meta meta;
	int err = meta_open(stat->pin, &meta, log);

	if (err)
		return err;
	meta.offsets[sizeof(meta.offsets) - 1] = '\0';
	snprintf(stat->version, sizeof(stat->version), "%.*s", (int)sizeof(meta.version) - 1,
		 meta.version);
	if (trace->tap > meta.taps)
		return log_error(log, -ENOENT, "the trace at %s has no tap %u, but %u", stat->pin,
				 trace->tap, meta.taps);
	trace->taps = meta.taps;
	trace->pin = stat->pin;
	trace->version = stat->version;
	trace->abi = meta.abi;
	trace->attach = meta.attach;
	trace->loaded = meta.loaded;
	trace->now = monotonic_kernel_ns();
	trace->keeper = meta.keeper;
	trace->keeper_comm = stat->keeper_comm;
	if (trace->keeper &&
	    locks_holder(stat->pin, "links", stat->keeper_comm, sizeof(stat->keeper_comm)) ==
		    -EACCES &&
	    locks_may_live(trace->keeper))
		locks_name(trace->keeper, stat->keeper_comm, sizeof(stat->keeper_comm));
	stat->ring = meta.ring;
	describe_readers(stat);
	err = tcpt_offsets_parse(&stat->offsets, meta.offsets, strlen(meta.offsets),
				 "the trace's document", log);
	if (!err)
		describe_offsets(trace, stat->offsets);
	return err;
}

/* ---- the whole state ---- */

/* Reads what programs have missed. Members of the trace's group do not see its programs. */
static int read_missed(struct tcpt_stat *stat, const struct tcpt_log *log)
{
	int count = missed_list(stat->pin, stat->missed, MISSED_MAX, log);

	stat->programs = count < 0 ? 0 : count;
	return count < 0 && count != -EACCES ? count : 0;
}

static int read_maps(struct tcpt_stat *stat)
{
	return read_counters(stat) ?: stat_rings_read(stat) ?: stat_inside_read(stat);
}

/* Reads the maps. A replacement renames rings, and for a moment one of them has no name. */
static int read_maps_meanwhile(struct tcpt_stat *stat)
{
	int err = read_maps(stat);

	if (err != -ENOENT || swap_settle_is_done(stat->pin))
		return err;
	return swap_settle_await(stat->pin) ?: read_maps(stat);
}

static int read_state(struct tcpt_stat *stat, const struct tcpt_log *log)
{
	int err = describe(stat, log);

	if (err)
		return err;
	err = read_maps_meanwhile(stat);
	if (err == -EINPROGRESS)
		return swap_settle_explain(stat->pin, log);
	return err ? meta_open_explain(err, stat->pin, log) : read_missed(stat, log);
}

TCPT_API int tcpt_stat_read(struct tcpt_stat **out, const char *pin, unsigned int tap,
			    const struct tcpt_log *log)
{
	struct tcpt_stat *stat;
	int err = argument_check_tap(out, "place for the figures", tap, log);

	if (err)
		return err;
	stat = calloc(1, sizeof(*stat));
	if (!stat)
		return log_error(log, -ENOMEM, "no memory");
	stat->trace.tap = tap;
	err = pins_normalise(stat->pin, pin, log);
	if (!err)
		err = read_state(stat, log);
	if (err)
		tcpt_stat_free(stat);
	else
		*out = stat;
	return err;
}

TCPT_API void tcpt_stat_free(struct tcpt_stat *stat)
{
	if (!stat)
		return;
	tcpt_offsets_free(stat->offsets);
	free(stat->of);
	free(stat->filters);
	free(stat);
}

TCPT_API const struct tcpt_stat_trace *tcpt_stat_trace(const struct tcpt_stat *stat)
{
	return stat ? &stat->trace : NULL;
}

TCPT_API const struct tcpt_counts *tcpt_stat_sum(const struct tcpt_stat *stat)
{
	return stat ? &stat->sum : NULL;
}

TCPT_API const struct tcpt_counts *tcpt_stat_cpu(const struct tcpt_stat *stat, unsigned int i)
{
	return stat && i < stat->cpus ? &stat->of[i] : NULL;
}

TCPT_API const struct tcpt_missed *tcpt_stat_missed(const struct tcpt_stat *stat, unsigned int i)
{
	return stat && i < stat->programs ? &stat->missed[i] : NULL;
}

TCPT_API const struct tcpt_stat_tap *tcpt_stat_tap(const struct tcpt_stat *stat, unsigned int i)
{
	return stat && i < stat->trace.taps ? &stat->taps[i] : NULL;
}

TCPT_API const struct tcpt_filter *tcpt_stat_filter(const struct tcpt_stat *stat, unsigned int i)
{
	return stat && i < stat->filter_count ? &stat->filters[i] : NULL;
}
