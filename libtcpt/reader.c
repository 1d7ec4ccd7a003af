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
	struct tcpt_abi_cursor *cursor; /* mapped, one a CPU, like the counters */
	struct tcpt_abi_counters *counters; /* only read */
	int counters_map; /* where these are a copy, to look again; else -1 */
	uint64_t looked; /* when, ns */
	struct reader_cpu *cpu;
	bool is_kept; /* by a process, which can die */
	char pin[PIN_MAX];
};

/* ---- opening ---- */

int meta_explain(int err, const char *dir, const struct tcpt_log *log)
{
	bool denied = err == -EPERM || err == -EACCES;

	return log_error(log, denied ? -EPERM : err, "cannot open the trace at %s: %s%s", dir,
			 strerror(-err),
			 denied ? "; run as root, or as a member of the group that it was loaded for" :
				  "");
}

/* Layout first: a description of another size must not be copied into ours. */
static int read_meta(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log)
{
	int fd = pins_open_map_to_read(dir, "meta"), err;
	struct bpf_map_info info = {};
	__u32 size = sizeof(info), zero = 0;

	if (fd < 0)
		return meta_explain(fd, dir, log);
	err = bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : 0;
	if (!err && info.value_size != sizeof(*meta))
		err = -EPROTO;
	if (!err && bpf_map_lookup_elem(fd, &zero, meta))
		err = -errno;
	close(fd);
	if (!err && (meta->magic != TCPT_ABI_MAGIC || meta->abi != TCPT_ABI_VERSION))
		err = -EPROTO;
	if (err == -EPROTO)
		return log_error(log, err,
				 "the trace at %s was loaded by another version of tcpt, with another "
				 "layout than %u; run tcpt-unload and tcpt-load of one version",
				 dir, TCPT_ABI_VERSION);
	return err ? meta_explain(err, dir, log) : 0;
}

static int open_ring(struct tcpt_reader *reader, const char *dir)
{
	int fd = pins_open_map(dir, "ring"), err;
	unsigned int size = 0;

	if (fd < 0)
		return fd;
	err = mapped_entries(fd, &size);
	if (!err)
		err = ring_open(&reader->ring, fd, size);
	close(fd);
	return err;
}

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
	int err = open_ring(reader, dir);

	if (!err)
		err = open_counters(reader, dir);
	if (!err)
		err = mapped_array(dir, "cursor", PROT_READ | PROT_WRITE, sizeof(*reader->cursor),
				   &reader->cpus, (void **)&reader->cursor);
	return err ? err : resume(reader);
}

int meta_open(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log)
{
	int err = trust_trace(dir, log);

	if (err)
		return err;
	err = pins_check(dir);
	if (err == -ENOENT)
		return log_error(log, err, "no trace is loaded at %s; run: tcpt-guess | tcpt-load", dir);
	return err ? meta_explain(err, dir, log) : read_meta(dir, meta, log);
}

static int open_trace(struct tcpt_reader *reader, const struct tcpt_log *log)
{
	struct tcpt_abi_meta meta;
	int err = meta_open(reader->pin, &meta, log);

	if (err)
		return err;
	reader->is_kept = meta.keeper;
	reader->lock = locks_take_reader(reader->pin, log);
	if (reader->lock < 0)
		return reader->lock;
	err = open_maps(reader, reader->pin);
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

TCPT_API int tcpt_reader_next(struct tcpt_reader *reader, struct tcpt_event *event)
{
	const void *record;
	size_t size;
	uint64_t count = 0;
	int err;

	record = ring_next(reader->ring, &size);
	if (!record)
		return 0;
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

TCPT_API bool tcpt_reader_is_over(struct tcpt_reader *reader)
{
	struct stat st;

	return fstat(reader->lock, &st) || st.st_nlink == 0 ||
	       (reader->is_kept && !locks_are_kept(reader->pin));
}
