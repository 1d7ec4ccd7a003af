// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The pinned trace: DIR/maps, DIR/progs, DIR/links in a bpffs. DIR is filled under another
 * name and then renamed, so that it is there whole or not at all. For the same reason it
 * is renamed before it is emptied.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "attach/links.h"
#include "attach/steps.h"
#include "base/advice.h"
#include "base/files.h"
#include "internal.h"
#include "pins/bpffs.h"
#include "pins/locks.h"
#include "pins/pins.h"
#include "pins/remove.h"
#include "pins/trust.h"

static const char *const parts[] = { "links", "progs", "maps" };

/* Names of directories that are being filled, emptied or locked; bpffs allows no dots. */
#define FILLING "-tcpt-new"
#define EMPTYING "-tcpt-old"
#define LOCKING "-tcpt-lock"

static struct pin_path beside(const char *dir, const char *suffix)
{
	struct pin_path p;

	snprintf(p.text, sizeof(p.text), "%s%s", dir, suffix);
	return p;
}

static bool ends_in(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	return n >= m && !strcmp(text + n - m, suffix);
}

/* It removes trailing slashes, because a shell's completion adds them. */
int pins_normalise(char *dir, const char *pin, const struct tcpt_log *log)
{
	size_t n;

	if (!pin)
		pin = TCPT_DEFAULT_PIN;
	n = strlen(pin);
	if (n == 0 || n >= PIN_MAX)
		return log_error(log, -EINVAL, "the pin directory must have 1 to %d characters",
				 PIN_MAX - 1);
	memcpy(dir, pin, n + 1);
	while (n > 1 && dir[n - 1] == '/')
		dir[--n] = '\0';
	if (ends_in(dir, FILLING) || ends_in(dir, EMPTYING) || ends_in(dir, LOCKING))
		return log_error(log, -EINVAL,
				 "%s: names with this ending are used while loading; "
				 "choose another --pin",
				 dir);
	return 0;
}

/* ---- making ---- */

/* Removes what a load or an unload has left that was killed half-way. */
static void remove_remains(const char *dir)
{
	struct pin_path filled = beside(dir, FILLING), emptied = beside(dir, EMPTYING);

	if (!bpffs_is(bpffs_parent(dir).text))
		return;
	remove_pins(filled.text);
	remove_pins(emptied.text);
}

int pins_prepare(const char *dir, bool hold, const struct tcpt_log *log)
{
	int err;

	err = bpffs_require(dir, hold, log);
	if (err)
		return err;
	if (strchr(file_name(dir), '.'))
		return log_error(log, -EINVAL, "cannot pin at %s: bpffs allows no dots in names",
				 dir);
	err = trust_parent(dir, log);
	if (!err)
		err = trust_trace(dir, log);
	if (err)
		return err;
	err = pin_check(dir);
	if (err == -EPERM)
		return log_error(log, err, "not permitted to look at %s; run as root", dir);
	if (err && err != -ENOENT && err != -ENOTDIR)
		return log_error(log, err, "cannot look at %s: %s", dir, strerror(-err));
	if (!err)
		return log_error(log, -EEXIST,
				 "a trace is already loaded at %s; run tcpt-unload%s first, or "
				 "choose another --pin",
				 dir, advice_pin(dir).text);
	if (!access(dir, F_OK))
		return log_error(log, -EEXIST, "%s exists and is not a trace; choose another --pin",
				 dir);
	return 0;
}

static int make_dirs(const char *dir, uint32_t taps, const struct tcpt_log *log)
{
	int err = mkdir(dir, 0700) ? -errno : 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(parts); i++)
		err = mkdir(pin_join(dir, parts[i], NULL).text, 0700) ? -errno : 0;
	for (uint32_t tap = 2; !err && tap <= taps; tap++)
		err = mkdir(pin_join(dir, locks_of_tap(tap).text, NULL).text, 0700) ? -errno : 0;
	if (err)
		log_error(log, err, "cannot make %s: %s", dir, strerror(-err));
	return err;
}

int pins_pin_map(const char *part, const struct bpf_map *map, const struct tcpt_log *log)
{
	struct pin_path path = pin_join(part, bpf_map__name(map), NULL);

	if (!bpf_obj_pin(bpf_map__fd(map), path.text))
		return 0;
	return log_error(log, -errno, "cannot pin map %s: %s", path.text, strerror(errno));
}

/* All but the rings of taps that the trace does not have, and those that have programs. */
static bool is_for_maps(const struct bpf_map *map, uint32_t taps)
{
	return !steps_are(map) && ring_name_tap(bpf_map__name(map)) <= taps;
}

static int pin_maps(const char *part, struct bpf_object *object, uint32_t taps,
		    const struct tcpt_log *log)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, object) if (!err && is_for_maps(map, taps))
		err = pins_pin_map(part, map, log);
	return err;
}

/* A map keeps its programs only as long as somebody has the map. */
static int pin_steps(const char *part, struct bpf_object *object, const struct tcpt_log *log)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, object) if (!err && steps_are_used(map))
		err = pins_pin_map(part, map, log);
	return err;
}

int pins_pin_progs(const char *part, struct bpf_object *object, const struct tcpt_log *log)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, object)
	{
		struct pin_path path = pin_join(part, bpf_program__name(prog), NULL);

		if (!bpf_program__autoload(prog) || steps_have(prog))
			continue;
		if (bpf_obj_pin(bpf_program__fd(prog), path.text))
			return log_error(log, -errno, "cannot pin program %s: %s", path.text,
					 strerror(errno));
	}
	return pin_steps(part, object, log);
}

static int explain_pin(int err, const char *name, const struct tcpt_log *log)
{
	if (err != -EINVAL)
		return log_error(log, err, "cannot pin link %s: %s", name, strerror(-err));
	return log_error(log, -EOPNOTSUPP,
			 "cannot pin link %s (%s): this kernel cannot pin such links (BPF perf "
			 "links, Linux 5.15); use --hold",
			 name, strerror(-err));
}

static int pin_links(const char *part, const struct links *links, const struct tcpt_log *log)
{
	for (unsigned int i = 0; i < links->count; i++) {
		struct pin_path path = pin_join(part, links->of[i].name, NULL);

		if (!links->of[i].link)
			continue;
		if (bpf_obj_pin(bpf_link__fd(links->of[i].link), path.text))
			return explain_pin(-errno, links->of[i].name, log);
	}
	return 0;
}

int pins_keep_links(const char *dir, const char *part, const struct links *links, int *hold_lock,
		    const struct tcpt_log *log)
{
	struct pin_path path = pin_join(dir, part, NULL);

	if (!hold_lock)
		return pin_links(path.text, links, log);
	*hold_lock = locks_try(path.text, LOCK_EX);
	if (*hold_lock >= 0)
		return 0;
	return log_error(log, *hold_lock, "cannot lock %s: %s", path.text, strerror(-*hold_lock));
}

static int fill(const char *dir, struct bpf_object *object, uint32_t taps,
		const struct links *links, int *hold_lock, const struct tcpt_log *log)
{
	int err = make_dirs(dir, taps, log);

	if (!err)
		err = pin_maps(pin_join(dir, "maps", NULL).text, object, taps, log);
	if (!err)
		err = pins_pin_progs(pin_join(dir, "progs", NULL).text, object, log);
	if (!err)
		err = pins_keep_links(dir, "links", links, hold_lock, log);
	return err;
}

#define LOCK_TRIES 1000 /* 10 ms each */

int pins_lock(const char *dir, const struct tcpt_log *log)
{
	return locks_take(beside(dir, LOCKING).text, LOCK_TRIES, log);
}

int pins_try_lock(const char *dir)
{
	return locks_take(beside(dir, LOCKING).text, 1, NULL);
}

void pins_unlock(const char *dir, int lock)
{
	locks_release(beside(dir, LOCKING).text, lock);
}

int pins_remove_remains(const char *dir, const struct tcpt_log *log)
{
	int lock;

	if (!bpffs_is(bpffs_parent(dir).text))
		return 0;
	lock = pins_lock(dir, log);
	if (lock < 0)
		return lock;
	remove_remains(dir);
	pins_unlock(dir, lock);
	return 0;
}

static int create(const char *dir, struct bpf_object *object, uint32_t taps,
		  const struct links *links, int *hold_lock, const struct tcpt_log *log)
{
	struct pin_path filled = beside(dir, FILLING);
	int err = pins_prepare(dir, true, log); /* the mount namespace was checked before */

	if (err)
		return err;
	err = fill(filled.text, object, taps, links, hold_lock, log);
	if (!err && rename(filled.text, dir))
		err = log_error(log, -errno, "cannot rename %s to %s: %s", filled.text, dir,
				strerror(errno));
	if (err)
		remove_pins(filled.text);
	return err;
}

int pins_create(const char *dir, struct bpf_object *object, uint32_t taps,
		const struct links *links, int *hold_lock, int *lock, const struct tcpt_log *log)
{
	int err;

	*lock = pins_lock(dir, log);
	if (*lock < 0)
		return *lock;
	remove_remains(dir);
	err = create(dir, object, taps, links, hold_lock, log);
	if (err && hold_lock && *hold_lock >= 0) {
		close(*hold_lock);
		*hold_lock = -1;
	}
	if (err) {
		pins_unlock(dir, *lock);
		*lock = -1;
	}
	return err;
}

int pins_remove(const char *dir, int hold_lock, const struct tcpt_log *log)
{
	struct pin_path emptied = beside(dir, EMPTYING);
	int lock = pins_lock(dir, log), err = 0;

	if (lock < 0)
		return lock;
	remove_remains(dir);
	if (hold_lock >= 0 && !locks_are_of(dir, hold_lock))
		err = 0; /* while this waited, another generation has taken over */
	else if (rename(dir, emptied.text))
		err = log_error(log, -errno, "cannot remove %s: %s", dir, strerror(errno));
	else if (remove_pins(emptied.text))
		err = log_error(log, -EBUSY, "cannot remove all of %s; run tcpt-unload%s again",
				emptied.text, advice_pin(dir).text);
	pins_unlock(dir, lock);
	return err;
}
