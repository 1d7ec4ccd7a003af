// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Threads whose connections no trace reports. A trace has a hash left_out, a guess a
 * queue. Both publish their own map first, and then look for those of others. A guess
 * enters itself in the hashes; a trace copies what the queues say. However they overlap,
 * one of them finds the other.
 *
 * An entry is a thread's id and its random name, and it is valid for some seconds. No
 * other thread has both, and the entry of a guess that was killed soon expires. Nobody is
 * left out who may not load programs either. Where the kernel lets everybody make maps,
 * everybody can make a hash; but for a queue, and to write to the hash of a trace, one
 * needs CAP_BPF, before Linux 5.8 CAP_SYS_ADMIN.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* gettid */
#endif
#include <bpf/bpf.h>
#include <glob.h>
#include <limits.h>
#include <linux/bpf.h>
#include <mntent.h>

#include "base/files.h"
#include "base/knobs.h"
#include "base/monotonic.h"
#include "base/wait.h"
#include "internal.h"
#include "maps/keys.h"
#include "maps/left-out.h"
#include "maps/shapes.h"
#include "tcpt_abi.h"

#define LEASE_NS (10ULL * 1000 * 1000 * 1000)
#define AWAIT_LOOKS 500
#define MAPS_MAX 32

/* A queue has one of these. */
struct guess {
	struct tcpt_abi_thread thread;
	__u64 until;
};

struct left_out {
	struct guess self;
	int queue;
	unsigned int count;
	struct {
		__u64 id;
		int map;
	} of[MAPS_MAX];
	__u32 last; /* all maps up to this id have been looked at */
};

/* ---- one map ---- */

static const struct tcpt_abi_thread begun = { .comm = TCPT_ABI_LEFT_OUT_BEGUN };

/*
 * Returns true if the map is in use. A trace begins its map when all its programs have been
 * verified. Until then the map is empty, and nobody enters anything.
 */
static bool is_begun(int map)
{
	__u64 zero;

	return !bpf_map_lookup_elem(map, &begun, &zero);
}

/* Lists the threads in the map. Returns their number. */
static size_t list(int map, struct tcpt_abi_thread threads[TCPT_ABI_LEFT_OUT_MAX])
{
	const struct tcpt_abi_thread *at = NULL;
	size_t n = 0;

	while (n < TCPT_ABI_LEFT_OUT_MAX && !key_next(map, at, &threads[n], sizeof(threads[n]))) {
		at = &threads[n];
		n++;
	}
	return n;
}

/* Removes the entries of guesses that were killed. */
static void remove_expired(int map)
{
	struct tcpt_abi_thread threads[TCPT_ABI_LEFT_OUT_MAX];
	size_t n = list(map, threads);
	__u64 now = monotonic_kernel_ns(), until;

	for (size_t i = 0; i < n; i++)
		if (threads[i].tid && !bpf_map_lookup_elem(map, &threads[i], &until) && until < now)
			bpf_map_delete_elem(map, &threads[i]);
}

/* Enters a thread; if it is there already it stays longer. */
static void put(int map, const struct guess *self)
{
	if (!is_begun(map) || !bpf_map_update_elem(map, &self->thread, &self->until, BPF_ANY) ||
	    errno != E2BIG)
		return;
	remove_expired(map);
	bpf_map_update_elem(map, &self->thread, &self->until, BPF_ANY);
}

/* ---- finding maps ---- */

static bool is_known(const struct left_out *out, __u64 id)
{
	for (unsigned int i = 0; i < out->count; i++)
		if (out->of[i].id == id)
			return true;
	return false;
}

/* Keeps fd if it is the hash of a trace, or may become one. Else it closes it. */
static void keep(struct left_out *out, int fd, __u64 id)
{
	if (fd < 0)
		return;
	if (out->count == MAPS_MAX || shape_check(fd, "left_out") || is_known(out, id)) {
		close(fd);
		return;
	}
	out->of[out->count].id = id;
	out->of[out->count++].map = fd;
}

/* Before Linux 4.13 maps have no ids, and the inode of the pin stands for it. */
static void keep_pin(struct left_out *out, const char *path)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	struct stat st;
	int fd = bpf_obj_get(path);

	if (fd >= 0 && !knob_without("getinfo") && !bpf_obj_get_info_by_fd(fd, &info, &size))
		keep(out, fd, info.id);
	else
		keep(out, fd, stat(path, &st) ? 0 : st.st_ino);
}

static void look_below(struct left_out *out, const char *mount, const char *pattern)
{
	char path[PATH_MAX];
	glob_t found;

	snprintf(path, sizeof(path), "%s/%s/maps/left_out", mount, pattern);
	if (glob(path, GLOB_NOSORT, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		keep_pin(out, found.gl_pathv[i]);
	globfree(&found);
}

/* Looks for pinned traces, if the kernel does not list all maps, or not for the caller. */
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

static int next_id(__u32 id, __u32 *next)
{
	return bpf_map_get_next_id(id, next) ? -errno : 0;
}

static void look(struct left_out *out)
{
	__u32 id;
	int err = -EINVAL;

	while (!knob_without("getinfo") && !(err = next_id(out->last, &id))) {
		out->last = id;
		keep(out, bpf_map_get_fd_by_id(id), id);
	}
	if (err == -EPERM || err == -EINVAL)
		look_at_pins(out);
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

/*
 * Makes a queue of one element, which says who the guess is, and until when. It ends
 * with this process.
 */
static int make_queue(void)
{
	return bpf_map_create(BPF_MAP_TYPE_QUEUE, "left_out", 0, sizeof(struct guess), 1, NULL);
}

static void enter_hashes(const struct left_out *out)
{
	for (unsigned int i = 0; i < out->count; i++)
		put(out->of[i].map, &out->self);
}

void left_out_renew(struct left_out *out)
{
	if (!out)
		return;
	out->self.until = monotonic_kernel_ns() + LEASE_NS;
	if (out->queue >= 0)
		bpf_map_update_elem(out->queue, NULL, &out->self, BPF_EXIST);
	enter_hashes(out);
	look(out);
	enter_hashes(out);
}

struct left_out *left_out_enter(const char *comm)
{
	struct left_out *out = calloc(1, sizeof(*out));

	if (!out)
		return NULL;
	out->self.thread.tid = own_tid();
	memcpy(out->self.thread.comm, comm, sizeof(out->self.thread.comm));
	out->queue = make_queue();
	left_out_renew(out);
	return out;
}

void left_out_leave(struct left_out *out)
{
	if (!out)
		return;
	if (out->queue >= 0) /* first: a trace that has read it is found below */
		close(out->queue);
	look(out);
	for (unsigned int i = 0; i < out->count; i++) {
		bpf_map_delete_elem(out->of[i].map, &out->self.thread);
		close(out->of[i].map);
	}
	free(out);
}

/* ---- for a trace ---- */

static bool is_queue_of_guess(int fd)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &size) && info.type == BPF_MAP_TYPE_QUEUE &&
	       info.value_size == sizeof(struct guess) && !strcmp(info.name, "left_out");
}

static void copy_entry(int own, int fd)
{
	struct guess guess;
	__u64 now = monotonic_kernel_ns();

	if (is_queue_of_guess(fd) && !bpf_map_lookup_elem(fd, NULL, &guess) && guess.thread.tid &&
	    guess.until > now && guess.until <= now + LEASE_NS)
		put(own, &guess);
}

int left_out_begin(int map)
{
	const __u64 zero = 0;

	if (bpf_map_update_elem(map, &begun, &zero, BPF_ANY))
		return -errno;
	for (__u32 id = 0; !bpf_map_get_next_id(id, &id);) {
		int fd = bpf_map_get_fd_by_id(id);

		if (fd < 0)
			continue;
		copy_entry(map, fd);
		close(fd);
	}
	return 0;
}

/*
 * Returns true if the thread still runs under this name. It is not seen if its pid
 * namespace is hidden from this one.
 */
static bool is_alive(const struct tcpt_abi_thread *thread)
{
	char path[32], comm[TCPT_COMM_LEN];

	snprintf(path, sizeof(path), "/proc/%u/comm", thread->tid);
	if (!thread->tid || file_read_path(path, comm, sizeof(comm)) < 0)
		return false;
	return !strncmp(comm, thread->comm, sizeof(comm) - 1);
}

static bool any_is_alive(int own)
{
	struct tcpt_abi_thread threads[TCPT_ABI_LEFT_OUT_MAX];
	size_t n = list(own, threads);

	for (size_t i = 0; i < n; i++)
		if (is_alive(&threads[i]))
			return true;
	return false;
}

void left_out_await(int map)
{
	unsigned int looks = AWAIT_LOOKS;

	while (any_is_alive(map) && wait_again(&looks))
		;
}
