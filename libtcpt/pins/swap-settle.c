// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The end of a replacement. The new pins take the place of the old ones if the new programs
 * have had a turn. If they have not, or if their keeper is gone before the new pins had
 * their place, the old ones go on: at first they look for marks of a new program that is
 * just running.
 *
 * The process that replaces ends the replacement, by swap_settle_finish(). If it was
 * interrupted, the next one that uses the trace ends it:
 * - the next replacement, also by swap_settle_finish();
 * - a process that opens it to read events or to edit filters, by swap_settle_open();
 * - a reader or a keeper that has it open already, by swap_settle_mend(), which does not
 *   wait.
 * A process that only looks never ends it: meta_open(), and all that tcpt_stat_read() and
 * tcpt_missed_read() call, take no lock and change no name.
 */
#include <sys/file.h>

#include "base/advice.h"
#include "base/wait.h"
#include "internal.h"
#include "maps/ring-name.h"
#include "maps/store.h"
#include "maps/words.h"
#include "pins/calls.h"
#include "pins/control.h"
#include "pins/locks.h"
#include "pins/arrays.h"
#include "pins/meta-open.h"
#include "pins/meta.h"
#include "pins/pin.h"
#include "pins/pins.h"
#include "pins/remove.h"
#include "pins/rings.h"
#include "pins/swap-settle.h"
#include "pins/swap.h"

/* ---- the turn ---- */

static uint32_t turn_of(const struct words *control)
{
	return __atomic_load_n(&control_look(control)->turn, __ATOMIC_SEQ_CST);
}

/* ---- back ---- */

/* Counts as lost the events in a new ring, which nobody will read. */
static void count_as_lost(const struct words *counters, uint32_t tap, struct store *ring)
{
	struct tcpt_abi_counters *of = counters->at;
	const struct tcpt_abi_event *event;
	size_t size;

	while ((event = store_next(ring, &size))) {
		struct tcpt_abi_counters *own =
			&of[event->cpu < counters->entries ? event->cpu : 0];

		words_add(counters, tap > 1 ? &own->lost_at[tap - 2] : &own->lost, 1);
	}
}

static void abandon_rings(const char *dir, const struct tcpt_abi_meta *new)
{
	struct words counters;
	struct store *ring;

	if (arrays_open(&counters, dir, "counters", true, sizeof(struct tcpt_abi_counters)))
		return;
	for (uint32_t tap = 1; tap <= new->taps; tap++)
		if (!rings_open_pin(&ring, dir, tap, new->ring,
				    pin_join(dir, "maps-new", ring_name(tap).text).text)) {
			count_as_lost(&counters, tap, ring);
			store_close(ring);
		}
	words_close(&counters);
}

/* ---- forward ---- */

/* Returns true if the links are pinned, or if their keeper still has the lock. */
static bool is_alive(const char *links, const struct tcpt_abi_meta *meta)
{
	int lock = meta->keeper ? locks_try(links, LOCK_EX) : -EWOULDBLOCK;

	if (lock >= 0)
		close(lock);
	return lock == -EWOULDBLOCK;
}

static bool is_to_go_back(const char *dir, const struct tcpt_abi_meta *new, uint32_t turn)
{
	struct pin_path links = pin_join(dir, "links-new", NULL);

	return !(turn & TURN_OF(new->generation)) ||
	       (swap_exists(links.text) > 0 && !is_alive(links.text, new));
}

static int decide(const char *dir, const struct tcpt_abi_meta *new, const struct words *control)
{
	uint32_t own = TURN_OF(new->generation);
	struct tcpt_abi_meta old;
	int err = meta_read(pin_join(dir, "maps", "meta").text, &old);

	if (err)
		return err;
	if (is_to_go_back(dir, new, turn_of(control))) {
		control_set_turn(control, TURN_OF(old.generation) | TCPT_ABI_TURN_SHARED);
		control_set_turn(control, TURN_OF(old.generation));
		abandon_rings(dir, new);
		return 0;
	}
	if (turn_of(control) != own) {
		control_set_turn(control, own | TCPT_ABI_TURN_SHARED);
		control_set_turn(control, own);
	}
	err = swap_forward(dir, &old);
	if (!err)
		rings_remove_read(dir, new->taps, new->ring);
	return err;
}

/* If there is no new description, nothing new is there, or all of it is in its place. */
static int finish(const char *dir)
{
	struct tcpt_abi_meta new;
	struct words control;
	int err = meta_read(pin_join(dir, "maps-new", "meta").text, &new);

	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	err = control_open(&control, dir);
	if (err)
		return err;
	err = decide(dir, &new, &control);
	words_close(&control);
	return err;
}

/* ---- the whole replacement ---- */

static int finish_and_clean(const char *dir)
{
	int err = finish(dir);

	if (err)
		return err;
	err = remove_pins(pin_join(dir, "links-new", NULL).text);
	if (!err)
		err = remove_pins(pin_join(dir, "links-old", NULL).text);
	if (!err)
		err = calls_clear_replaced(dir);
	swap_drop(dir);
	return err ? err : remove_pins(pin_join(dir, "progs-old", NULL).text);
}

/* It tries more than once, so that one call that fails does not stop it half-way. */
#define TRIES 3

int swap_settle_finish(const char *dir)
{
	int err = -EAGAIN;

	for (int tries = 0; err && tries < TRIES; tries++)
		err = finish_and_clean(dir);
	return err;
}

bool swap_settle_is_done(const char *dir)
{
	for (size_t i = 0; i < SWAP_ADDED; i++)
		if (swap_exists(pin_join(dir, swap_added[i], NULL).text) > 0)
			return false;
	return swap_exists(pin_join(dir, "links-old", NULL).text) <= 0 &&
	       swap_exists(pin_join(dir, "progs-old", NULL).text) <= 0;
}

/* The description is renamed last. Once that is done, the number is another one. */
uint64_t swap_settle_names(const char *dir)
{
	return swap_settle_is_done(dir) ? meta_identity(dir) : 0;
}

/* A process that may not change names waits for one that may, for so many looks. */
#define SETTLE_LOOKS 200

int swap_settle_await(const char *dir)
{
	unsigned int looks = SETTLE_LOOKS;

	while (!swap_settle_is_done(dir))
		if (!wait_again(&looks))
			return -EINPROGRESS;
	return 0;
}

int swap_settle(const char *dir)
{
	int lock, err = 0;

	if (swap_settle_is_done(dir))
		return 0;
	if (access(dir, W_OK))
		return swap_settle_await(dir);
	lock = pins_lock(dir, NULL);
	if (lock < 0)
		return lock == -EPERM ? swap_settle_await(dir) : lock;
	if (!swap_settle_is_done(dir))
		err = swap_settle_finish(dir);
	pins_unlock(dir, lock);
	return err;
}

int swap_settle_explain(const char *dir, const struct tcpt_log *log)
{
	return log_error(
		log, -EINPROGRESS,
		"a replacement of the trace at %s was interrupted; run as root tcpt-filter%s, "
		"which ends it",
		dir, advice_pin(dir).text);
}

int swap_settle_open(const char *dir, struct tcpt_abi_meta *meta, const struct tcpt_log *log)
{
	int err = meta_open(dir, meta, log);

	if (err || swap_settle_is_done(dir))
		return err;
	err = swap_settle(dir);
	if (err == -EINPROGRESS)
		return swap_settle_explain(dir, log);
	return err ? meta_open_explain(err, dir, log) : meta_open(dir, meta, log);
}

void swap_settle_mend(const char *dir)
{
	int lock;

	if (swap_settle_is_done(dir) || access(dir, W_OK))
		return;
	lock = pins_try_lock(dir);
	if (lock < 0)
		return;
	swap_settle_finish(dir);
	pins_unlock(dir, lock);
}
