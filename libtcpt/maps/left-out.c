// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Threads whose connections no trace reports. A trace has a map left_out, and so has a
 * guess. Both publish their own map first, and then look for those of others. A guess
 * enters itself there; a trace copies the entries. However they overlap, one of them
 * finds the other.
 *
 * An entry is a thread's id and its random name, and it is valid for some seconds. No
 * other thread has both, and the entry of a guess that was killed soon expires. Only
 * those who may write to the map, such as root, can leave out anything.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* gettid */
#endif
#include <bpf/bpf.h>
#include <glob.h>
#include <limits.h>
#include <linux/bpf.h>
#include <mntent.h>
#include <sys/mman.h>

#include "base/monotonic.h"
#include "base/wait.h"
#include "internal.h"
#include "maps/left-out.h"
#include "maps/shapes.h"
#include "tcpt_abi.h"

#define LEASE_NS (10ULL * 1000 * 1000 * 1000)
#define AWAIT_LOOKS 500
#define MAPS_MAX 32

struct left_out {
	struct tcpt_abi_thread self; /* the member until is not used */
	unsigned int count;
	struct {
		__u32 id;
		struct tcpt_abi_left_out *map;
	} of[MAPS_MAX];
	__u32 last; /* all maps up to this id have been looked at */
};

/* ---- one map ---- */

static struct tcpt_abi_left_out *map_memory(int fd)
{
	void *at = mmap(NULL, sizeof(struct tcpt_abi_left_out), PROT_READ | PROT_WRITE, MAP_SHARED,
			fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

static void unmap(struct tcpt_abi_left_out *map)
{
	munmap(map, sizeof(*map));
}

static bool swap(__u32 *tid, __u32 from, __u32 to)
{
	return __atomic_compare_exchange_n(tid, &from, to, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

static void set_until(struct tcpt_abi_thread *thread, __u64 until)
{
	__atomic_store_n(&thread->until, until, __ATOMIC_SEQ_CST);
}

static void remove_thread(struct tcpt_abi_left_out *map, struct tcpt_abi_thread *thread, __u32 tid)
{
	set_until(thread, 0);
	if (swap(&thread->tid, tid, 0))
		__atomic_fetch_sub(&map->count, 1, __ATOMIC_SEQ_CST);
}

/*
 * Returns true if the map is in use. A trace sets its magic last, when all its programs
 * have been verified. Until then the map is empty, and nobody enters anything.
 */
static bool is_begun(const struct tcpt_abi_left_out *map)
{
	return __atomic_load_n(&map->magic, __ATOMIC_SEQ_CST) == TCPT_ABI_LEFT_OUT_MAGIC;
}

/* Removes the entries of guesses that were killed. */
static void remove_expired(struct tcpt_abi_left_out *map, __u64 now)
{
	for (int i = 0; i < TCPT_ABI_LEFT_OUT_MAX; i++) {
		struct tcpt_abi_thread *thread = &map->thread[i];
		__u32 tid = thread->tid;

		if (tid && thread->until && thread->until < now)
			remove_thread(map, thread, tid);
	}
}

/* Enters a thread; if it is there already it stays longer. */
static void put(struct tcpt_abi_left_out *map, const struct tcpt_abi_thread *self, __u64 until)
{
	if (!is_begun(map))
		return;
	for (int i = 0; i < TCPT_ABI_LEFT_OUT_MAX; i++) {
		struct tcpt_abi_thread *thread = &map->thread[i];

		if (thread->tid == self->tid &&
		    !memcmp(thread->comm, self->comm, sizeof(self->comm))) {
			set_until(thread, until);
			return;
		}
	}
	remove_expired(map, monotonic_kernel_ns());
	for (int i = 0; i < TCPT_ABI_LEFT_OUT_MAX; i++) {
		struct tcpt_abi_thread *thread = &map->thread[i];

		if (!swap(&thread->tid, 0, self->tid))
			continue;
		memcpy(thread->comm, self->comm, sizeof(self->comm));
		set_until(thread, until);
		__atomic_fetch_add(&map->count, 1, __ATOMIC_SEQ_CST);
		return;
	}
}

static void take_out(struct tcpt_abi_left_out *map, const struct tcpt_abi_thread *self)
{
	for (int i = 0; is_begun(map) && i < TCPT_ABI_LEFT_OUT_MAX; i++)
		if (map->thread[i].tid == self->tid)
			remove_thread(map, &map->thread[i], self->tid);
}

/* ---- finding maps ---- */

static bool is_known(const struct left_out *out, __u32 id)
{
	for (unsigned int i = 0; i < out->count; i++)
		if (out->of[i].id == id)
			return true;
	return false;
}

/* Closes fd, and keeps its map if it is a map left_out, or may become one. */
static void keep(struct left_out *out, int fd)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	struct tcpt_abi_left_out *map = NULL;

	if (fd < 0)
		return;
	if (out->count < MAPS_MAX && !shape_check(fd, "left_out") &&
	    !bpf_obj_get_info_by_fd(fd, &info, &size) && !is_known(out, info.id))
		map = map_memory(fd);
	close(fd);
	if (map && map->magic && !is_begun(map)) {
		unmap(map);
		map = NULL;
	}
	if (!map)
		return;
	out->of[out->count].id = info.id;
	out->of[out->count++].map = map;
}

static void look_below(struct left_out *out, const char *mount, const char *pattern)
{
	char path[PATH_MAX];
	glob_t found;

	snprintf(path, sizeof(path), "%s/%s/maps/left_out", mount, pattern);
	if (glob(path, GLOB_NOSORT, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		keep(out, bpf_obj_get(found.gl_pathv[i]));
	globfree(&found);
}

/* Looks for the caller's own traces, if it may not list all maps of the kernel. */
static void look_at_pins(struct left_out *out)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;

	while (mounts && (mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, "bpf"))
			continue;
		look_below(out, mount->mnt_dir, "*");
		look_below(out, mount->mnt_dir, "*/*");
	}
	if (mounts)
		endmntent(mounts);
}

static void look(struct left_out *out)
{
	__u32 id;

	while (!bpf_map_get_next_id(out->last, &id)) {
		out->last = id;
		keep(out, bpf_map_get_fd_by_id(id));
	}
	if (errno == EPERM)
		look_at_pins(out);
}

static void forget(struct left_out *out)
{
	for (unsigned int i = 0; i < out->count; i++)
		unmap(out->of[i].map);
	out->count = 0;
}

/* ---- for a guess ---- */

/*
 * Returns the thread's id in the initial pid namespace. Before Linux 5.10 it is right only
 * for a thread of that namespace.
 */
static __u32 own_tid(void)
{
	const struct bpf_insn ask[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_pid_tgid },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_test_run_opts, run);
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL, "GPL", ask, ARRAY_SIZE(ask),
			       NULL);
	int err = fd < 0 ? -errno : bpf_prog_test_run_opts(fd, &run);

	if (fd >= 0)
		close(fd);
	return err ? (__u32)gettid() : run.retval;
}

/* Makes a map of this guess, which lives as long as its memory is mapped. */
static void publish(struct left_out *out)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "left_out", sizeof(__u32),
				sizeof(struct tcpt_abi_left_out), 1, &opts);
	struct tcpt_abi_left_out head = { .magic = TCPT_ABI_LEFT_OUT_MAGIC };
	__u32 zero = 0;

	if (fd >= 0)
		bpf_map_update_elem(fd, &zero, &head, BPF_ANY);
	keep(out, fd);
}

void left_out_renew(struct left_out *out)
{
	__u64 until = monotonic_kernel_ns() + LEASE_NS;

	if (!out)
		return;
	for (unsigned int i = 0; i < out->count; i++)
		put(out->of[i].map, &out->self, until);
	look(out);
	for (unsigned int i = 0; i < out->count; i++)
		put(out->of[i].map, &out->self, until);
}

struct left_out *left_out_enter(const char *comm)
{
	struct left_out *out = calloc(1, sizeof(*out));

	if (!out)
		return NULL;
	out->self.tid = own_tid();
	memcpy(out->self.comm, comm, sizeof(out->self.comm));
	publish(out);
	left_out_renew(out);
	return out;
}

void left_out_leave(struct left_out *out)
{
	if (!out)
		return;
	look(out);
	for (unsigned int i = 0; i < out->count; i++)
		take_out(out->of[i].map, &out->self);
	forget(out);
	free(out);
}

/* ---- for a trace ---- */

/*
 * Returns true if a guess that runs has entered the thread. Where the kernel lets everybody
 * load programs, everybody can make such a map, in order to be left out for ever.
 */
static bool is_valid(const struct tcpt_abi_thread *thread)
{
	__u64 now = monotonic_kernel_ns();

	return thread->tid && thread->until > now && thread->until <= now + LEASE_NS;
}

static void copy_entries(struct tcpt_abi_left_out *own, const struct tcpt_abi_left_out *other)
{
	for (int i = 0; i < TCPT_ABI_LEFT_OUT_MAX; i++) {
		struct tcpt_abi_thread thread = other->thread[i];

		if (is_valid(&thread))
			put(own, &thread, thread.until);
	}
}

int left_out_begin(int map)
{
	struct tcpt_abi_left_out *own = map_memory(map);
	struct left_out out = {};

	if (!own)
		return -errno;
	__atomic_store_n(&own->magic, TCPT_ABI_LEFT_OUT_MAGIC, __ATOMIC_SEQ_CST);
	look(&out);
	for (unsigned int i = 0; i < out.count; i++)
		copy_entries(own, out.of[i].map);
	forget(&out);
	unmap(own);
	return 0;
}

/*
 * Returns true if the thread still runs under this name. It is not seen if its pid
 * namespace is hidden from this one.
 */
static bool is_alive(const struct tcpt_abi_thread *thread)
{
	char path[32], comm[TCPT_COMM_LEN] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/comm", thread->tid);
	file = thread->tid ? fopen(path, "re") : NULL;
	if (!file)
		return false;
	if (!fgets(comm, sizeof(comm), file))
		*comm = '\0';
	fclose(file);
	return !strncmp(comm, thread->comm, sizeof(comm) - 1);
}

static bool any_is_alive(const struct tcpt_abi_left_out *own)
{
	for (int i = 0; i < TCPT_ABI_LEFT_OUT_MAX; i++)
		if (is_alive(&own->thread[i]))
			return true;
	return false;
}

void left_out_await(int map)
{
	struct tcpt_abi_left_out *own = map_memory(map);

	unsigned int looks = AWAIT_LOOKS;

	while (own && any_is_alive(own) && wait_again(&looks))
		;
	if (own)
		unmap(own);
}
