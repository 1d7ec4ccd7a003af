// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The guess: it observes, solves and confirms. It runs in a thread of its own, whose
 * name, namespaces and descriptors end with it.
 */
#include <pthread.h>

#include "base/arguments.h"
#include "base/knobs.h"
#include "base/monotonic.h"
#include "base/text.h"
#include "guess/explain.h"
#include "guess/kmem.h"
#include "guess/replay.h"
#include "guess/snapshot.h"
#include "guess/solver.h"
#include "guess/thread.h"
#include "guess/verdict.h"
#include "internal.h"

/* ---- the plan ---- */

#define PAIR_TRIES 6

/*
 * Returns whether err says that this kernel has no IPv6 for such a connection. IPv6 may
 * not be built in, or ipv6.disable=1. lo may have no address (sysctl disable_ipv6), or
 * with ip_nonlocal_bind no route to it; v4-mapped sockets do not need these.
 */
static bool is_no_ipv6(enum pair_kind kind, int err)
{
	return (kind != PAIR_IPV4 && err == -EAFNOSUPPORT) ||
	       (kind == PAIR_IPV6 && (err == -EADDRNOTAVAIL || err == -ENETUNREACH));
}

/*
 * Returns what to do about err. A namespace of its own has no firewall rules, and its
 * loopback is up.
 */
static const char *advice(const struct tcpt_guess *guess, int err)
{
	if (guess->netns.is_private || err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return "";
	if (err == -EADDRNOTAVAIL) /* addresses of 127/8 are chosen at random */
		return ": not all of 127.0.0.0/8 is on lo; run: ip addr add 127.0.0.1/8 dev lo, or "
		       "permit network namespaces (CAP_SYS_ADMIN)";
	if (err ==
	    -ENETUNREACH) /* with ip_nonlocal_bind any address can be bound, but has no route */
		return "; check that lo is up and all of 127.0.0.0/8 is on it "
		       "(ip addr add 127.0.0.1/8 dev lo), or permit network "
		       "namespaces (CAP_SYS_ADMIN)";
	return "; check that lo is up and no firewall rule stops its "
	       "packets, or permit network namespaces (CAP_SYS_ADMIN)";
}

int guess_observe(struct tcpt_guess *guess, enum pair_kind kind)
{
	int err = observe_pair(guess, kind);

	/* The hook missed a change: this connection shows nothing, so try another one. */
	for (int tries = 0; err == -ETIME && tries < PAIR_TRIES; tries++)
		err = observe_pair(guess, kind);
	if (is_no_ipv6(kind, err))
		return 0;
	if (err)
		return log_error(guess->log, err, "a connection over loopback (%s) failed: %s%s",
				 pair_kind_name(kind), strerror(-err), advice(guess, err));
	guess->has_ipv6 |= kind != PAIR_IPV4;
	return 0;
}

static int observe_kinds(struct tcpt_guess *guess)
{
	int err = 0;

	for (int kind = 0; !err && kind < PAIR_KINDS; kind++)
		err = guess_observe(guess, kind);
	return err;
}

/*
 * Tolerates a failure, because only optional fields need what failed. Returns the error
 * if there is no room for more snapshots, or no memory.
 */
static int tolerate(const struct tcpt_guess *guess, const char *what, int err)
{
	if (err)
		log_debug(guess->log, "%s: %s", what, strerror(-err));
	return err == -ENOMEM || err == -ENOSPC ? err : 0;
}

static int observe_figures(struct tcpt_guess *guess)
{
	int err = tolerate(guess, "connections that fail", observe_failures(guess));

	if (!err)
		err = tolerate(guess, "ICMP errors", observe_icmp_errors(guess));
	/* All losses on a loopback of our own are our doing. */
	if (!err && guess->all_fields && guess->netns.is_private)
		err = tolerate(guess, "retransmissions", observe_retransmits(guess, true));
	return err;
}

/* Observes the same twice, in two network namespaces and with two descriptor tables. */
static int observe(struct tcpt_guess *guess, struct table_thread *table)
{
	int err = observe_bound(guess);

	if (!err)
		err = observe_kinds(guess);
	if (!err)
		err = observe_figures(guess);
	if (!err)
		err = thread_enter_others(guess, table);
	if (!err)
		err = observe_kinds(guess);
	if (!err)
		observe_nontcp_make(guess);
	return err;
}

static int solve(struct tcpt_guess *guess)
{
	int err = solver_solve(&guess->solution, guess->snap, guess->solving, &guess->mem);

	return err ? log_error(guess->log, err, "cannot solve: %s", strerror(-err)) : 0;
}

static int solve_all(struct tcpt_guess *guess)
{
	guess->solving = guess->snapshots;
	return solve(guess);
}

static int observe_more(struct tcpt_guess *guess)
{
	return observe_kinds(guess) ?: observe_figures(guess);
}

/*
 * Solves, and observes more as long as a field is ambiguous. A socket that lies behind
 * another one may hold the needle by chance, at the same distance each time. More
 * connections show that it is not the field. Their files may lie where the memory was
 * read before they were there, so it is read again: all sockets are still open.
 */
static int solve_on(struct tcpt_guess *guess)
{
	bool goes_on = knob_without("first_round");
	int err = solve_all(guess);

	for (int rounds = 2; !err && rounds && (goes_on || verdict_is_ambiguous(guess)); rounds--) {
		err = observe_more(guess);
		memory_clear(&guess->mem);
		err = err ?: solve_all(guess);
		goes_on = false;
	}
	return err;
}

/* Confirms the solution by fresh connections, which took no part in solving. */
static int confirm(struct tcpt_guess *guess)
{
	return observe_more(guess) ?: verdict_of_confirmation(guess);
}

/* ---- the run ---- */

static int look(struct tcpt_guess *guess, struct table_thread *table)
{
	int err = observe(guess, table);

	if (err)
		return err;
	return solve_all(guess) ?: observe_nontcp(guess);
}

static int run(struct tcpt_guess *guess, struct table_thread *table)
{
	int err = look(guess, table) ?: solve_on(guess);

	if (err)
		return err;
	if (kmem_has_failed(guess->kmem))
		return log_error(guess->log, -EAGAIN,
				 "the %s hook did not answer, although it was asked many "
				 "times; try again, or use another --via",
				 guess->via);
	err = verdict_of_solution(guess) ?: confirm(guess);
	if (guess->document && guess->solving)
		verdict_on_document(guess);
	return err ? err : verdict_check_memory(guess);
}

/* Draws the same conclusions from the dump of another guess. */
static int rerun(struct tcpt_guess *guess, const char *dir)
{
	int err = replay_read(guess, dir);

	if (err)
		return err;
	err = solve(guess);
	if (err)
		return err;
	err = verdict_of_solution(guess) ?: verdict_of_confirmation(guess);
	if (guess->document)
		verdict_on_document(guess);
	return err ? err : verdict_check_memory(guess);
}

struct run {
	struct tcpt_guess *guess;
	int (*plan)(struct tcpt_guess *guess, struct table_thread *table);
	int err;
};

static void *run_thread(void *arg)
{
	struct run *r = arg;
	struct table_thread table = {};

	sem_init(&table.done, 0, 0);
	kmem_adopt_thread(r->guess->kmem);
	r->err = observe_limits(r->guess)		      ?:
			 thread_unshare_descriptors(r->guess) ?:
			 thread_enter_netns(r->guess)	      ?:
								r->plan(r->guess, &table);
	thread_stop_table(&table);
	return NULL;
}

static int run_thread_to_end(struct run *r)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, run_thread, r);

	if (err)
		return thread_explain_none(r->guess, -err);
	pthread_join(thread, NULL);
	return r->err;
}

static int open_kmem(struct tcpt_guess *guess, enum tcpt_via via)
{
	int err = kmem_open(&guess->kmem, via, guess->log);

	if (err)
		return err;
	snprintf(guess->via, sizeof(guess->via), "%s", kmem_via(guess->kmem));
	guess->mem.fetch = guess->fresh.fetch = kmem_fetch;
	guess->mem.arg = guess->fresh.arg = guess->kmem;
	return 0;
}

static void close_kmem(struct tcpt_guess *guess)
{
	kmem_close(guess->kmem);
	guess->kmem = NULL;
	guess->mem.fetch = guess->fresh.fetch = NULL;
}

int guess_in_thread(struct tcpt_guess *guess, enum tcpt_via via,
		    int (*plan)(struct tcpt_guess *guess, struct table_thread *table))
{
	struct run r = { .guess = guess, .plan = plan };
	int err = open_kmem(guess, via);

	if (!err)
		err = run_thread_to_end(&r);
	close_kmem(guess);
	return err;
}

/* ---- the object ---- */

static int choose_fields(struct tcpt_guess *guess, const struct tcpt_guess_opts *opts)
{
	guess->all_fields = opts->all_fields;
	guess->is_selected = opts->only;
	for (int f = 0; f < FIELD_COUNT; f++)
		guess->wanted[f] = !opts->only;
	for (const char *const *name = opts->only; name && *name; name++) {
		int f = field_find(*name);

		if (f < 0)
			return log_error(guess->log, -EINVAL, "no field is named '%s'", *name);
		guess->wanted[f] = true;
		guess->all_fields |= fields[f].need == ON_REQUEST;
	}
	for (int f = 0; guess->document && f < FIELD_COUNT; f++)
		guess->all_fields |= guess->wanted[f] && fields[f].need == ON_REQUEST &&
				     guess->document->at[f] >= 0;
	return 0;
}

static int guess_with(struct tcpt_guess *guess, const struct tcpt_guess_opts *opts)
{
	int err = choose_fields(guess, opts);

	if (!err && (unsigned int)opts->via > TCPT_VIA_KPROBE)
		err = log_error(guess->log, -EINVAL, "there is no hook number %u to guess with",
				opts->via);
	if (!err)
		guess->offsets = tcpt_offsets_new();
	if (err)
		return err;
	if (!guess->offsets) {
		err = -errno;
		return log_error(guess->log, err, "cannot begin a guess: %s", strerror(-err));
	}
	strcpy(guess->offsets->source, opts->replay ? "replay" : "guess");
	if (opts->replay)
		return rerun(guess, opts->replay);
	return guess_in_thread(guess, opts->via, run);
}

struct tcpt_guess *guess_new(const struct tcpt_log *log, const struct tcpt_offsets *document)
{
	struct tcpt_guess *guess = calloc(1, sizeof(*guess));

	if (!guess)
		return NULL;
	guess->log = log;
	guess->document = document;
	machine_native(&guess->mem.machine);
	guess->fresh.machine = guess->mem.machine;
	return guess;
}

TCPT_API int tcpt_guess_run(struct tcpt_guess **out, const struct tcpt_guess_opts *given)
{
	const struct tcpt_log *log = argument_log(given, offsetof(struct tcpt_guess_opts, log));
	struct tcpt_guess_opts opts;
	struct tcpt_guess *guess;
	uint64_t start = monotonic_ns();
	int err = argument_check(out, "place for the guess", log);

	if (err)
		return err;
	*out = NULL;
	err = argument_copy(&opts, sizeof(opts), given, log);
	if (err)
		return err;
	*out = guess = guess_new(opts.log, opts.verify);
	if (!guess)
		return log_error(log, -ENOMEM, "cannot begin a guess: %s", strerror(ENOMEM));
	guess->is_replay = opts.replay;
	err = guess_with(guess, &opts);
	guess->log = NULL;
	guess->mem.is_frozen = guess->fresh.is_frozen = true;
	guess->has_failed = err;
	guess->duration_ns = monotonic_ns() - start;
	return err;
}

TCPT_API void tcpt_guess_free(struct tcpt_guess *guess)
{
	if (!guess)
		return;
	for (unsigned int s = 0; s < guess->snapshots; s++)
		snapshot_free(guess->snap[s]);
	memory_clear(&guess->mem);
	memory_clear(&guess->fresh);
	tcpt_offsets_free(guess->offsets);
	free(guess);
}

TCPT_API const struct tcpt_offsets *tcpt_guess_offsets(const struct tcpt_guess *guess)
{
	return !guess || guess->has_failed ? NULL : guess->offsets;
}

TCPT_API char *tcpt_guess_explain(const struct tcpt_guess *guess, enum tcpt_explain format)
{
	struct text text;

	if (!guess || !guess->offsets || (unsigned int)format > TCPT_EXPLAIN_JSON) {
		errno = EINVAL;
		return NULL;
	}
	if (text_open(&text))
		return NULL;
	if (format == TCPT_EXPLAIN_JSON)
		explain_json(text.out, guess);
	else
		explain_text(text.out, guess);
	return text_close(&text);
}
