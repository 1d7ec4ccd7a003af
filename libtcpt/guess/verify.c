// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Verifies known offsets by two connections. It searches for nothing. */
#include "base/arguments.h"
#include "guess/guess.h"
#include "guess/kmem.h"
#include "guess/thread.h"
#include "guess/verdict.h"
#include "internal.h"

/* Observes a connection of the first kind that this kernel can make. */
static int observe_either(struct tcpt_guess *guess, const enum pair_kind *kinds, size_t count)
{
	unsigned int before = guess->snapshots;
	int err = 0;

	for (size_t i = 0; !err && guess->snapshots == before && i < count; i++)
		err = guess_observe(guess, kinds[i]);
	return err;
}

/*
 * Observes what shows fields of which other connections say nothing. The document may
 * have them as absent.
 */
static int observe_rare(struct tcpt_guess *guess)
{
	int err = 0;

	if (guess->document->at[F_SK_ERR_SOFT] >= 0)
		err = observe_icmp_errors(guess);
	if (err != -ENOMEM && guess->document->at[F_TOTAL_RETRANS] >= 0)
		err = observe_retransmits(guess, false);
	return err == -ENOMEM ? err : 0;
}

/*
 * Observes two connections. The second is made in another network namespace and with
 * another descriptor table, as in a guess.
 */
static int observe_two(struct tcpt_guess *guess, struct table_thread *table)
{
	static const enum pair_kind first[] = { PAIR_IPV4 };
	static const enum pair_kind second[] = { PAIR_IPV6, PAIR_MAPPED, PAIR_IPV4 };
	int err = observe_bound(guess);

	if (!err)
		err = observe_either(guess, first, ARRAY_SIZE(first));
	if (!err)
		err = observe_rare(guess);
	if (!err)
		err = thread_enter_others(guess, table);
	if (!err)
		err = observe_either(guess, second, ARRAY_SIZE(second));
	return err;
}

static int check(struct tcpt_guess *guess, struct table_thread *table)
{
	int err = observe_two(guess, table);

	if (err)
		return err;
	guess->solving = guess->snapshots;
	err = verdict_of_verification(guess);
	if (!err && kmem_has_failed(guess->kmem))
		err = log_error(guess->log, -EAGAIN, "the %s hook did not answer", guess->via);
	return err;
}

TCPT_API int tcpt_offsets_verify(const struct tcpt_offsets *offsets, const struct tcpt_log *log)
{
	struct tcpt_guess *guess;
	int err = argument_check(offsets, "offsets", log);

	if (!err)
		err = offsets_check_known(offsets, log);
	if (err)
		return err;
	guess = guess_new(log, offsets);
	if (!guess)
		return -ENOMEM;
	for (int f = 0; f < FIELD_COUNT; f++)
		guess->wanted[f] = true;
	guess->all_fields = true;
	err = guess_in_thread(guess, TCPT_VIA_AUTO, check);
	tcpt_guess_free(guess);
	return err;
}
