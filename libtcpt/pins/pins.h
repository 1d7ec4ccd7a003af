/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The directory of a pinned trace in a bpffs: DIR/maps, DIR/progs, DIR/links.
 * Where one is given, dir has come from pins_normalise().
 */
#ifndef TCPT_PINS_H
#define TCPT_PINS_H

#include <sys/stat.h>
#include <sys/types.h>

#include "tcpt.h"

struct bpf_map;
struct bpf_object;
struct links;
struct ring;
struct tcpt_abi_control;
struct tcpt_abi_meta;
struct tcpt_trace;

/* ---- pins.c -------------------------------------------------------------- */

#define PIN_MAX 256
int pins_normalise(char *dir, const char *pin, const struct tcpt_log *log);
/* hold: a process stays that has the bpffs. */
int pins_prepare(const char *dir, bool hold, const struct tcpt_log *log);
/*
 * Will what is pinned in the bpffs there outlive this process? -EINVAL and a
 * message if not; a warning if only the mount namespace keeps what is_new.
 */
int mountns_check(const char *at, bool is_new, const struct tcpt_log *log);
/*
 * With keeper the links are not pinned, and *keeper is set to a lock that says
 * who keeps them. *lock is set to that of pins_lock().
 */
int pins_create(const char *dir, struct bpf_object *object, uint32_t taps,
		const struct links *links, int *keeper, int *lock, const struct tcpt_log *log);
/* With a keeper's lock, or -1: only if it is the lock of this trace still. */
int pins_remove(const char *dir, int keeper, const struct tcpt_log *log);
int pins_remove_remains(const char *dir, const struct tcpt_log *log);
/* 0, -ENOENT, -EPERM where that may not be seen, or why it cannot be. */
int pin_check(const char *dir);
int pin_open_map(const char *dir, const char *map);
int pin_open_map_to_read(const char *dir, const char *map);

/* Room for the longest name below a pin directory. */
struct pin_path {
	char text[PIN_MAX + 64];
};

/* A/B/C, or A/B, or A. */
struct pin_path pin_join(const char *a, const char *b, const char *c);
/* One load, unload or replacement of dir at a time: waits, and returns a descriptor. */
int pins_lock(const char *dir, const struct tcpt_log *log);
int pins_try_lock(const char *dir);
void pins_unlock(const char *dir, int lock);
/* part is a directory. */
int pins_pin_map(const char *part, const struct bpf_map *map, const struct tcpt_log *log);
int pins_pin_progs(const char *part, struct bpf_object *object, const struct tcpt_log *log);
/* Pins them in DIR/PART, or keeps that locked. */
int pins_keep_links(const char *dir, const char *part, const struct links *links, int *keeper,
		    const struct tcpt_log *log);

/* ---- bpffs.c ------------------------------------------------------------- */

bool bpffs_is(const char *path);
struct pin_path bpffs_parent(const char *dir);
/* What dir is to be in, mounted if need be; else a message. For hold see pins_prepare(). */
int bpffs_require(const char *dir, bool hold, const struct tcpt_log *log);
/* That there is no trace: -ENOENT, or where none can ever be -EINVAL. */
int bpffs_explain_none(const char *dir, const struct tcpt_log *log);

/* ---- group.c ------------------------------------------------------------- */

#define GROUP_PATHS 12

/* What the pins' owners and modes were. */
struct group_rights {
	bool is_there[GROUP_PATHS];
	struct stat of[GROUP_PATHS];
};

/* Lets members read the trace. */
int group_admit(const char *dir, gid_t group, const struct tcpt_log *log);
/* For undoing that. */
void group_note(const char *dir, struct group_rights *before);
void group_give_back(const char *dir, const struct group_rights *before,
		     const struct tcpt_log *log);
/* Warns if members cannot get to it. */
void group_check_way(const char *dir, gid_t group, const struct tcpt_log *log);
/* Why the caller may not open a trace; -EPERM. */
int group_explain_denial(const char *dir, const struct tcpt_log *log);
/* -EOPNOTSUPP and a message if this kernel keeps them from reading all the same. */
int group_check_kernel(const struct tcpt_log *log);
/* Of the maps, the writing of which is no reason not to trust a trace. */
bool group_may_write(const char *map);

/* ---- mapped.c ------------------------------------------------------------ */

int mapped_entries(int fd, unsigned int *entries);
/*
 * Of entries elements of that size; the caller unmaps *out. 1 instead of 0: the
 * caller may only read the map, and *out is a copy.
 */
int mapped_array(const char *dir, const char *map, int protection, size_t size,
		 unsigned int *entries, void **out);
/* Looks again, from one element to that before another. */
int mapped_renew(int fd, unsigned int from, unsigned int to, size_t size, void *copy);

/* ---- remove.c ------------------------------------------------------------ */

/*
 * A directory in a bpffs with all that is in it; 0 too if there is none. -EBUSY: some
 * of it is left.
 */
int remove_pins(const char *dir);

/* ---- trust.c ------------------------------------------------------------- */

/*
 * -EACCES and a message that says whose it is, unless it is root's or the
 * caller's and nobody else can change it: the directory that dir is in, so that
 * nobody else can exchange dir; and that with dir and all in it. 0 if there is
 * no dir. -EINVAL and a message if it is in no bpffs.
 */
int trust_parent(const char *dir, const struct tcpt_log *log);
int trust_trace(const char *dir, const struct tcpt_log *log);

/* ---- swap.c -------------------------------------------------------------- */

/*
 * Pins what replaces the programs of dir beside what is to be replaced: links,
 * programs, description, and so many rings if they are others. All or nothing.
 */
int swap_add(const char *dir, struct bpf_object *object, const struct links *links, uint32_t rings,
	     int *keeper, const struct tcpt_log *log);
/* The directories of what was added; removing them takes it back. */
#define SWAP_ADDED 3
extern const char *const swap_added[SWAP_ADDED];
void swap_drop(const char *dir);
/* Gives all that was added the place of the old. */
int swap_forward(const char *dir, const struct tcpt_abi_meta *old);
/* 1 or 0, or why that cannot be told. */
int swap_exists(const char *path);

/* ---- swap-settle.c ------------------------------------------------------------ */

/*
 * Ends a replacement that is under way, or was interrupted, forward or back: by
 * whoever has pins_lock(); and by whoever has not. -EINPROGRESS: somebody else
 * would have to.
 */
int swap_settle_finish(const char *dir);
int swap_settle(const char *dir);
bool swap_settle_is_done(const char *dir);
/* meta_open() for those who are to use the trace; first ends what was interrupted. */
int swap_settle_open(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log);
/* Waits for somebody else to end it. -EINPROGRESS: nobody does, see swap_settle_explain(). */
int swap_settle_await(const char *dir);
int swap_settle_explain(const char *dir, const struct tcpt_log *log);
/*
 * A number that is the same before and after something is opened if no names have
 * changed meanwhile; 0 while they do. So readers need no lock that would keep
 * others from changing them.
 */
uint64_t swap_settle_names(const char *dir);
/* The same if it was interrupted, and the caller may; without waiting for anybody. */
void swap_settle_mend(const char *dir);
/* The map control as memory, to be unmapped; NULL and errno. */
struct tcpt_abi_control *control_map(const char *dir);
/* The same of a map that is open, for other wings too. */
struct tcpt_abi_control *control_map_fd(int fd);
/* Waits until all programs know. */
void control_set_turn(struct tcpt_abi_control *control, uint32_t turn);

/* ---- meta.c -------------------------------------------------------------- */

/*
 * The trace's description, without touching the trace: swap_settle_open() is for those who use
 * it. -EPROTO and a message if it is of another layout, -ENOENT if there is none.
 */
int meta_open(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log);
/* Of one map. -EPROTO: another layout; then only what all have is filled in. */
int meta_read(const char *path, struct tcpt_abi_meta *meta);
/*
 * The description out of the bytes of a map. -EPROTO as above; -EBADMSG: what is
 * in it cannot be.
 */
int meta_take(struct tcpt_abi_meta *meta, const void *value, size_t size);
/* A number that changes when the trace is replaced. */
uint64_t meta_identity(const char *dir);
/* For what fails afterwards. */
int meta_open_explain(int err, const char *dir, const struct tcpt_log *log);
int meta_write(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts);

/* ---- rings.c ------------------------------------------------------------- */

struct ring_name {
	char text[24];
};

/* Of a tap, from 1; and of one of its that was replaced. */
struct ring_name ring_name(uint32_t tap);
struct ring_name ring_name_old(uint32_t tap, uint32_t number);
/* Whose ring the map of this name is; 0: none. */
uint32_t ring_name_tap(const char *name);
/*
 * The oldest ring of a tap from *number on that is not read to its end, and its
 * number; current is that of the ring in use.
 */
int rings_open(struct ring **out, const char *dir, uint32_t tap, uint32_t current,
	       uint32_t *number);
/* One that was replaced, if that may be done; and all of those that have been read. */
void rings_remove(const char *dir, uint32_t tap, uint32_t number);
void rings_remove_read(const char *dir, uint32_t taps, uint32_t current);
/* What waits in those that were replaced, in bytes. */
size_t rings_waiting(const char *dir, uint32_t tap, uint32_t current);
int rings_open_pin(struct ring **out, const char *path);

/* ---- locks.c ------------------------------------------------------------- */

/* What the reader of a tap locks, in DIR. */
struct ring_name locks_of_tap(uint32_t tap);
/* These return a descriptor. Taking one that is held: -EBUSY and a message naming the holder. */
int locks_take_reader(const char *dir, uint32_t tap, const struct tcpt_log *log);
int locks_take_keeper(const char *dir, const struct tcpt_log *log);
/* LOCK_SH or LOCK_EX on any directory. Its lock says who keeps links that are not in it. */
int locks_try(const char *path, int kind);
/* The same, but waits for the holder, up to 10 s; then -EBUSY and a message naming him. */
int locks_await(const char *path, int kind, const struct tcpt_log *log);
bool locks_are_on(const char *path, int lock);
/*
 * On a directory of the caller's alone that is made for it and removed on release;
 * -EBUSY as above.
 */
int locks_take(const char *path, unsigned int tries, const struct tcpt_log *log);
void locks_release(const char *path, int lock);
/* Whether this process keeps the links; and whether lock is the keeper's of this very directory. */
bool locks_are_kept(const char *dir, pid_t keeper);
/* Whether a process may be there, without asking for its lock. */
bool locks_may_live(pid_t pid);
bool locks_are_of(const char *dir, int lock);
/*
 * Who has the lock on a part of the directory, without asking for it, and its
 * command's name. 0 if nobody has, or a process of another pid namespace; -errno
 * if that may not be seen.
 */
int locks_holder(const char *dir, const char *part, char *name, size_t size);
/* The command's name of a process, without control characters. */
void locks_name(int pid, char *name, size_t size);

#endif
