// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Pins that take the place of others in the directory of a trace. First the new ones are
 * put beside the old ones, as DIR/links-new, DIR/progs-new and DIR/maps-new. Then the turn
 * passes on (replace.c). Then they are renamed (swap-settle.c). The description is pinned
 * first and renamed last, so that another process that finds these directories knows how
 * far this has come. While DIR/maps-new/meta is there, the map control says whose turn it
 * is, and therefore which pins stay.
 *
 * DIR/maps itself stays, because its reader has locked it, and so do the maps that both
 * generations use. The ring that was replaced is kept as DIR/maps/ring-N until it is read.
 * A process that opens names checks that they have not changed meanwhile, by
 * swap_settle_names().
 */
#include <bpf/libbpf.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "attach/links.h"
#include "internal.h"
#include "pins/locks.h"
#include "pins/pin.h"
#include "pins/pins.h"
#include "pins/remove.h"
#include "pins/swap.h"
#include "tcpt_abi.h"

/* The order of removal, which is opposite to that of making. */
const char *const swap_added[SWAP_ADDED] = { "links-new", "progs-new", "maps-new" };

int swap_exists(const char *path)
{
	if (!access(path, F_OK))
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

/* ---- adding ---- */

static int make(const char *path, const struct tcpt_log *log)
{
	if (!mkdir(path, 0700))
		return 0;
	return log_error(log, -errno, "cannot make %s: %s", path, strerror(errno));
}

void swap_drop(const char *dir)
{
	for (size_t i = 0; i < SWAP_ADDED; i++)
		remove_pins(pin_join(dir, swap_added[i], NULL).text);
}

/* Adds a map, with the owner and the mode of the map whose place it will take. */
static int add_map(const char *dir, struct bpf_object *object, const char *name,
		   const struct tcpt_log *log)
{
	struct pin_path old = pin_join(dir, "maps", name), new = pin_join(dir, "maps-new", name);
	struct stat st;
	int err = pins_pin_map(pin_join(dir, "maps-new", NULL).text,
			       bpf_object__find_map_by_name(object, name), log);

	if (err)
		return err;
	if (stat(old.text, &st) || chown(new.text, st.st_uid, st.st_gid) ||
	    chmod(new.text, st.st_mode & 07777))
		return log_error(log, -errno, "cannot give %s the owner and the mode of %s: %s",
				 new.text, old.text, strerror(errno));
	return 0;
}

static int add_maps(const char *dir, struct bpf_object *object, uint32_t rings,
		    const struct tcpt_log *log)
{
	int err = make(pin_join(dir, "maps-new", NULL).text, log);

	if (!err)
		err = add_map(dir, object, "meta", log);
	for (uint32_t tap = 1; !err && tap <= rings; tap++)
		err = add_map(dir, object, ring_name(tap).text, log);
	return err;
}

static int add(const char *dir, struct bpf_object *object, const struct links *links,
	       uint32_t rings, int *hold_lock, const struct tcpt_log *log)
{
	struct pin_path progs = pin_join(dir, "progs-new", NULL);
	int err = add_maps(dir, object, rings, log);

	if (!err)
		err = make(progs.text, log);
	if (!err)
		err = pins_pin_progs(progs.text, object, log);
	if (!err)
		err = make(pin_join(dir, "links-new", NULL).text, log);
	if (!err)
		err = pins_keep_links(dir, "links-new", links, hold_lock, log);
	return err;
}

int swap_add(const char *dir, struct bpf_object *object, const struct links *links, uint32_t rings,
	     int *hold_lock, const struct tcpt_log *log)
{
	int err = add(dir, object, links, rings, hold_lock, log);

	if (err)
		swap_drop(dir);
	return err;
}

/* ---- renaming ---- */

/* It tries more than once, so that one call that fails does not stop it half-way. */
#define TRIES 3

/* Renames; returns 0 too if there is nothing of that name. */
static int move(const char *from, const char *to)
{
	int err = -EAGAIN;

	for (int tries = 0; err && err != -ENOENT && tries < TRIES; tries++)
		err = rename(from, to) ? -errno : 0;
	return err == -ENOENT ? 0 : err;
}

/* Renames DIR/PART to DIR/PART-old, and DIR/PART-new to DIR/PART. */
static int swap_part(const char *dir, const char *part)
{
	struct pin_path current = pin_join(dir, part, NULL), new = current, old = current;
	int err;

	strcat(new.text, "-new");
	strcat(old.text, "-old");
	err = swap_exists(new.text);
	if (err <= 0)
		return err;
	err = swap_exists(current.text);
	if (err > 0)
		err = remove_pins(old.text) ?: move(current.text, old.text);
	return err ? err : move(new.text, current.text);
}

static int swap_ring(const char *dir, uint32_t tap, uint32_t number)
{
	struct ring_name name = ring_name(tap);
	struct pin_path new = pin_join(dir, "maps-new", name.text);
	struct pin_path ring = pin_join(dir, "maps", name.text);
	struct pin_path old = pin_join(dir, "maps", ring_name_old(tap, number).text);
	int err = swap_exists(new.text);

	if (err <= 0)
		return err;
	err = swap_exists(old.text);
	if (!err)
		err = move(ring.text, old.text);
	return err < 0 ? err : move(new.text, ring.text);
}

/*
 * Swaps the links and the programs. It waits for an editor of the filters, which locks the
 * old programs, and attaches and detaches some of them.
 */
static int swap_progs(const char *dir)
{
	int lock = locks_await(pin_join(dir, "progs", NULL).text, LOCK_EX, NULL), err;

	if (lock < 0 && lock != -ENOENT)
		return lock;
	err = swap_part(dir, "links");
	if (!err)
		err = swap_part(dir, "progs");
	if (lock >= 0)
		close(lock);
	return err;
}

int swap_forward(const char *dir, const struct tcpt_abi_meta *old)
{
	int err = swap_progs(dir);

	for (uint32_t tap = 1; !err && tap <= old->taps; tap++)
		err = swap_ring(dir, tap, old->ring);
	return err ? err :
		     move(pin_join(dir, "maps-new", "meta").text,
			  pin_join(dir, "maps", "meta").text);
}
