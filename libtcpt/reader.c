// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reading a pinned trace. What has been acknowledged is kept in the ring's own
 * consumer position and in the map cursor, so the next reader goes on there.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "tcpt_abi.h"

#define LOOK_NS 1000000000ULL

struct reader_cpu {
	uint64_t seq; /* highest seen */
	uint64_t lost; /* losses handed out */
};

struct tcpt_reader {
	int lock;
	unsigned int cpus;
	struct ring *ring;
	uint32_t ring_number;
	uint32_t current_ring; /* number of the one in use */
	struct tcpt_abi_cursor *cursor; /* mapped, one a CPU, like the counters */
	struct tcpt_abi_counters *counters; /* only read */
	int counters_map; /* where these are a copy, to look again; else -1 */
	uint64_t looked; /* when, ns */
	struct reader_cpu *cpu;
	uint64_t identity; /* of the description that the following is from */
	bool is_kept; /* by a process, which can die */
	char pin[PIN_MAX];
};

/* ---- opening ---- */

static int resume(struct tcpt_reader *reader)
{
	reader->cpu = calloc(reader->cpus, sizeof(*reader->cpu));
	if (!reader->cpu)
		return -ENOMEM;
	for (unsigned int i = 0; i < reader->cpus; i++) {
		reader->cpu[i].seq = reader->cursor[i].seq;
		reader->cpu[i].lost = reader->cursor[i].lost;
	}
	return 0;
}

static int open_counters(struct tcpt_reader *reader, const char *dir)
{
	int err = mapped_array(dir, "counters", PROT_READ, sizeof(*reader->counters), &reader->cpus,
			       (void **)&reader->counters);

	if (err <= 0)
		return err;
	reader->counters_map = pins_open_map_to_read(dir, "counters");
	return reader->counters_map < 0 ? reader->counters_map : 0;
}

static int open_maps(struct tcpt_reader *reader, const char *dir)
{
	int err = rings_open(&reader->ring, dir, reader->current_ring, &reader->ring_number);

	if (!err)
		err = open_counters(reader, dir);
	if (!err)
		err = mapped_array(dir, "cursor", PROT_READ | PROT_WRITE, sizeof(*reader->cursor),
				   &reader->cpus, (void **)&reader->cursor);
	return err ? err : resume(reader);
}

/* What it says changes when the trace is replaced. */
static void note_meta(struct tcpt_reader *reader, const struct tcpt_abi_meta *meta, uint64_t identity)
{
	reader->is_kept = meta->keeper;
	reader->current_ring = meta->ring;
	reader->identity = identity;
}

/* Names do not change while DIR is locked. */
static int open_whole(struct tcpt_reader *reader, struct tcpt_abi_meta *meta)
{
	int lock = locks_await(reader->pin, LOCK_SH, NULL), err;

	if (lock < 0)
		return lock;
	err = meta_read(pin_join(reader->pin, "maps", "meta").text, meta);
	note_meta(reader, meta, meta_identity(reader->pin));
	if (!err)
		err = open_maps(reader, reader->pin);
	close(lock);
	return err;
}

static int open_trace(struct tcpt_reader *reader, const struct tcpt_log *log)
{
	struct tcpt_abi_meta meta;
	int err = meta_open(reader->pin, &meta, log);

	if (err)
		return err;
	reader->lock = locks_take_reader(reader->pin, log);
	if (reader->lock < 0)
		return reader->lock;
	err = open_whole(reader, &meta);
	return err ? meta_explain(err, reader->pin, log) : 0;
}

TCPT_API int tcpt_reader_open(struct tcpt_reader **out, const char *pin, const struct tcpt_log *log)
{
	struct tcpt_reader *reader = calloc(1, sizeof(*reader));
	int err;

	if (!reader)
		return -ENOMEM;
	reader->lock = reader->counters_map = -1;
	err = pins_normalise(reader->pin, pin, log);
	if (!err)
		err = open_trace(reader, log);
	if (err)
		tcpt_reader_close(reader);
	else
		*out = reader;
	return err;
}

TCPT_API void tcpt_reader_close(struct tcpt_reader *reader)
{
	if (!reader)
		return;
	ring_close(reader->ring);
	if (reader->cursor)
		munmap(reader->cursor, reader->cpus * sizeof(*reader->cursor));
	if (reader->counters)
		munmap(reader->counters, reader->cpus * sizeof(*reader->counters));
	if (reader->counters_map >= 0)
		close(reader->counters_map);
	if (reader->lock >= 0)
		close(reader->lock);
	free(reader->cpu);
	free(reader);
}

/* ---- losses ---- */

/* Seldom, unless an event is missing: these looks are system calls. */
static void look_again(struct tcpt_reader *reader)
{
	uint64_t now;

	if (reader->counters_map < 0)
		return;
	now = monotonic_ns();
	if (reader->looked && now - reader->looked < LOOK_NS)
		return;
	reader->looked = now;
	mapped_renew(reader->counters_map, 0, reader->cpus, sizeof(*reader->counters), reader->counters);
}

static void look_again_at(struct tcpt_reader *reader, unsigned int cpu)
{
	if (reader->counters_map >= 0)
		mapped_renew(reader->counters_map, cpu, cpu + 1, sizeof(*reader->counters),
			     reader->counters);
}

/* The programs count what they lose; sequence numbers only say when to look. */
static uint64_t new_losses(const struct tcpt_reader *reader, unsigned int cpu)
{
	return __atomic_load_n(&reader->counters[cpu].lost, __ATOMIC_RELAXED) -
	       reader->cpu[cpu].lost;
}

static void hand_out_loss(struct tcpt_reader *reader, unsigned int cpu, uint64_t count,
			  struct tcpt_event *event)
{
	memset(event, 0, sizeof(*event));
	event->type = TCPT_EVENT_LOST;
	event->cpu = cpu;
	event->count = count;
	reader->cpu[cpu].lost += count;
}

TCPT_API int tcpt_reader_lost(struct tcpt_reader *reader, struct tcpt_event *event)
{
	look_again(reader);
	for (unsigned int cpu = 0; cpu < reader->cpus; cpu++) {
		uint64_t count = new_losses(reader, cpu);

		if (count) {
			hand_out_loss(reader, cpu, count, event);
			return 1;
		}
	}
	return 0;
}

/* ---- reading ---- */

/* Whether events before this one are missing, as far as its number shows. */
static bool skips(struct tcpt_reader *reader, const struct tcpt_event *event)
{
	struct reader_cpu *cpu = &reader->cpu[event->cpu];
	bool gap = event->seq > cpu->seq + 1;

	if (event->seq > cpu->seq)
		cpu->seq = event->seq;
	return gap;
}

/* Whether the trace has been replaced since this was last asked: its description is another one. */
static bool is_replaced(struct tcpt_reader *reader)
{
	uint64_t identity = meta_identity(reader->pin);
	struct tcpt_abi_meta meta;

	if (!identity || identity == reader->identity ||
	    meta_read(pin_join(reader->pin, "maps", "meta").text, &meta))
		return false;
	note_meta(reader, &meta, identity);
	return true;
}

/*
 * A ring that was replaced gets no more events by the time that the description
 * names another one; when all of it is acknowledged the next one goes on.
 */
static int next_ring(struct tcpt_reader *reader)
{
	uint32_t number = reader->ring_number + 1;
	struct ring *next;
	int err;

	is_replaced(reader);
	if (reader->current_ring < number || !ring_is_drained(reader->ring))
		return 0;
	err = rings_open(&next, reader->pin, reader->current_ring, &number);
	if (err)
		return err;
	rings_remove(reader->pin, reader->ring_number);
	ring_close(reader->ring);
	reader->ring = next;
	reader->ring_number = number;
	return 1;
}

static int next_record(struct tcpt_reader *reader, const void **record, size_t *size)
{
	int changed;

	do {
		*record = ring_next(reader->ring, size);
		changed = *record ? 0 : next_ring(reader);
	} while (changed > 0);
	return changed;
}

TCPT_API int tcpt_reader_next(struct tcpt_reader *reader, struct tcpt_event *event)
{
	const void *record;
	size_t size;
	uint64_t count = 0;
	int err = next_record(reader, &record, &size);

	if (err || !record)
		return err;
	err = event_decode(event, record, size);
	if (!err && event->cpu >= reader->cpus)
		err = -EPROTO;
	if (err) {
		ring_back(reader->ring);
		return err;
	}
	if (skips(reader, event)) {
		look_again_at(reader, event->cpu);
		count = new_losses(reader, event->cpu);
	}
	if (count) {
		ring_back(reader->ring);
		hand_out_loss(reader, event->cpu, count, event);
	}
	return 1;
}

/* Numbers first: an event that comes twice shows in them, one that is lost would not. */
TCPT_API void tcpt_reader_ack(struct tcpt_reader *reader)
{
	for (unsigned int i = 0; i < reader->cpus; i++) {
		reader->cursor[i].seq = reader->cpu[i].seq;
		reader->cursor[i].lost = reader->cpu[i].lost;
	}
	ring_ack(reader->ring);
}

/* A trace that was replaced has another keeper, or none: that is found in its description. */
TCPT_API bool tcpt_reader_is_over(struct tcpt_reader *reader)
{
	struct stat st;

	if (fstat(reader->lock, &st) || st.st_nlink == 0)
		return true;
	if (!reader->is_kept || locks_are_kept(reader->pin))
		return false;
	swap_settle(reader->pin);
	return !is_replaced(reader) || (reader->is_kept && !locks_are_kept(reader->pin));
}
