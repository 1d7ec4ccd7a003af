// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs the solver on made-up kernels. It may refuse, but it may never answer wrong. */
#include <stdlib.h>

#include "../test.h"
#include "guess/solver.h"
#include "internal.h"
#include "solving.h"

static bool is_candidate(const struct answer *answer, int at)
{
	for (unsigned int i = 0; i < answer->candidates && i < CANDIDATES_SHOWN; i++)
		if (answer->candidate[i] == at)
			return true;
	return false;
}

/* ---- all fields ---- */

static bool is_descriptor_field(int f)
{
	return f == F_SK_SOCKET || f == F_SOCKET_SK || f == F_SOCKET_FILE ||
	       f == F_FILE_PRIVATE_DATA;
}

static bool is_task_field(int f)
{
	return f == F_TASK_FILES || f == F_FILES_FDT || f == F_FDTABLE_FD;
}

static bool is_figure(int f)
{
	return f == F_BYTES_ACKED || f == F_BYTES_RECEIVED || f == F_SRTT_US ||
	       f == F_TOTAL_RETRANS || f == F_SK_ERR_SOFT;
}

/* Returns whether nothing in this world shows the field. */
static bool is_untried(const struct world *w, int f)
{
	return (w->opts.no_netns && (f == F_SKC_NET || f == F_NET_INUM)) ||
	       (w->opts.no_task && (is_task_field(f) || f == F_SK_PROTOCOL)) ||
	       (w->opts.no_mptcp && f == F_SK_PROTOCOL) || (w->opts.no_figures && is_figure(f));
}

static void expect_all(const struct world *w, const struct solution *solution)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (is_untried(w, f))
			expect_verdict(w, solution, f, VERDICT_UNTRIED);
		else if (w->opts.no_task && is_descriptor_field(f))
			expect_not_wrong(w, solution, f); /* only the task decides between paths */
		else if (w->opts.no_figures && f == F_SK_ERR)
			expect_not_wrong(w, solution, f); /* its value is always the same */
		else
			expect_found(w, solution, f);
	}
}

static void many_layouts(const struct world_opts *like, unsigned int count)
{
	struct solution solution;

	for (unsigned int i = 0; i < count && failed_checks < 20; i++) {
		struct world_opts opts = *like;
		struct world *w;

		opts.seed = i + 1;
		w = solved(&opts, &solution);
		expect_all(w, &solution);
		expect_fresh_agree(w, &solution);
		world_free(w);
	}
	printf("%u layouts\n", count);
}

static void every_field_is_found(void)
{
	many_layouts(&usual, layouts(LAYOUTS));
}

static void found_without_decoys(void)
{
	struct world_opts opts = usual;

	opts.no_decoys = true;
	many_layouts(&opts, layouts(LAYOUTS_EACH));
}

static void found_in_one_netns(void)
{
	struct world_opts opts = usual;

	opts.one_netns = true;
	many_layouts(&opts, layouts(LAYOUTS_EACH * 4));
}

static void found_without_netns(void)
{
	struct world_opts opts = usual;

	opts.no_netns = true;
	many_layouts(&opts, layouts(LAYOUTS_EACH * 4));
}

/* IPv4 sockets show the IPv6 members too. */
static void found_without_ipv6_sockets(void)
{
	struct world_opts opts = usual;

	opts.no_ipv6 = true;
	many_layouts(&opts, layouts(LAYOUTS_EACH * 4));
}

static void found_without_task(void)
{
	struct world_opts opts = usual;

	opts.no_task = true;
	many_layouts(&opts, layouts(LAYOUTS_EACH * 4));
}

static void found_without_mptcp(void)
{
	struct world_opts opts = usual;

	opts.no_mptcp = true;
	many_layouts(&opts, layouts(LAYOUTS_EACH * 4));
}

static void found_without_figures(void)
{
	struct world_opts opts = usual;

	opts.no_figures = true;
	many_layouts(&opts, layouts(LAYOUTS_EACH * 4));
}

/* A dump may come from any machine. */
static void found_on_other_machines(void)
{
	struct world_opts opts = usual;

	opts.big_endian = true;
	many_layouts(&opts, layouts(LAYOUTS_EACH * 8));
	opts.is_32bit = true;
	many_layouts(&opts, layouts(LAYOUTS_EACH * 8));
	opts.big_endian = false;
	many_layouts(&opts, layouts(LAYOUTS_EACH * 8));
}

/* ---- one perfect decoy ---- */

/* Returns whether a decoy of one field makes the other one ambiguous too. */
static bool may_share(int decoyed, int f)
{
	/* The tail of an IPv6 address is the IPv4 address. */
	if (decoyed == F_SKC_V6_DADDR && f == F_SKC_DADDR)
		return true;
	if (decoyed == F_SKC_V6_RCV_SADDR && f == F_SKC_RCV_SADDR)
		return true;
	/* A field behind a pointer makes that pointer ambiguous. */
	return (decoyed == F_NET_INUM && f == F_SKC_NET) ||
	       (decoyed == F_FILES_FDT && f == F_TASK_FILES);
}

/*
 * Returns whether pointers into the struct lead to both places as well: then there are
 * further candidates.
 */
static bool has_pointers_inside(int f)
{
	return f == F_NET_INUM || f == F_FILES_FDT;
}

static void expect_ambiguous(const struct world *w, const struct solution *solution, int f)
{
	const struct answer *answer = &solution->answer[f];

	if (answer->verdict != VERDICT_AMBIGUOUS || !is_candidate(answer, w->layout.at[f]) ||
	    !is_candidate(answer, w->perfect) ||
	    (answer->candidates > 2 && !has_pointers_inside(f)))
		SAY(w, f, answer, "ambiguous, with both candidates");
}

static void decoy_is_ambiguous(int decoyed)
{
	struct solution solution;

	for (unsigned int i = 0; i < layouts(LAYOUTS_EACH) && failed_checks < 10; i++) {
		struct world_opts opts = usual;
		struct world *w;

		opts.seed = 1000000 + i;
		opts.perfect = decoyed;
		w = solved(&opts, &solution);
		for (int f = 0; f < FIELD_COUNT; f++) {
			if (f == decoyed)
				expect_ambiguous(w, &solution, f);
			else if (may_share(decoyed, f))
				expect_not_wrong(w, &solution, f);
			else
				expect_found(w, &solution, f);
		}
		world_free(w);
	}
}

/* ---- a field that this kernel does not have ---- */

static bool is_missing(const struct world *w, int f)
{
	return f == w->opts.missing || f == w->opts.missing_too;
}

static void absent_is_not_found(int missing, int missing_too)
{
	struct solution solution;

	for (unsigned int i = 0; i < layouts(LAYOUTS_EACH) && failed_checks < 10; i++) {
		struct world_opts opts = usual;
		struct world *w;

		opts.seed = 2000000 + i;
		opts.missing = missing;
		opts.missing_too = missing_too;
		/* No kernel has IPv6 sockets without these members. */
		opts.no_ipv6 = missing == F_SKC_V6_DADDR || missing == F_SKC_V6_RCV_SADDR;
		w = solved(&opts, &solution);
		for (int f = 0; f < FIELD_COUNT; f++) {
			if (!is_missing(w, f))
				expect_not_wrong(w, &solution, f);
			else if (solution.answer[f].verdict == VERDICT_FOUND)
				SAY(w, f, &solution.answer[f], "not found: it is not there");
		}
		world_free(w);
	}
}

/* ---- a wrong answer does not survive a fresh connection ---- */

static bool contradicted(struct world *w, const struct solution *solution)
{
	struct assignment found;

	solution_found(solution, &found);
	for (unsigned int s = w->count; s < w->all; s++)
		for (int f = 0; f < FIELD_COUNT; f++)
			if (solver_holds(&found, f, w->snap[s], &w->mem) == HOLDS_NOT)
				return true;
	return false;
}

static void wrong_is_contradicted(int f)
{
	struct solution solution;

	for (unsigned int i = 0; i < layouts(LAYOUTS_EACH) && failed_checks < 10; i++) {
		struct world_opts opts = usual;
		struct world *w;

		opts.seed = 3000000 + i;
		opts.no_decoys = true;
		w = solved(&opts, &solution);
		CHECK(!contradicted(w, &solution));
		solution.answer[f].candidate[0] = layout_place(&w->layout, &w->rng, f, TASK_WINDOW);
		if (!contradicted(w, &solution))
			SAY(w, f, &solution.answer[f], "contradicted by a fresh connection");
		world_free(w);
	}
}

/* The tests of each field, by its name. */

#define TESTS_OF(name, field)                              \
	static void name##_with_a_decoy_is_ambiguous(void) \
	{                                                  \
		decoy_is_ambiguous(field);                 \
	}                                                  \
	static void name##_absent_is_not_found(void)       \
	{                                                  \
		absent_is_not_found(field, NO_FIELD);      \
	}                                                  \
	static void name##_wrong_is_contradicted(void)     \
	{                                                  \
		wrong_is_contradicted(field);              \
	}

/* clang-format off */
#define FIELDS(X) \
	X(skc_daddr, F_SKC_DADDR) X(skc_rcv_saddr, F_SKC_RCV_SADDR) X(skc_dport, F_SKC_DPORT) \
	X(skc_num, F_SKC_NUM) X(skc_family, F_SKC_FAMILY) X(skc_state, F_SKC_STATE) \
	X(skc_net, F_SKC_NET) X(net_inum, F_NET_INUM) X(inet_sport, F_INET_SPORT) \
	X(sk_shutdown, F_SK_SHUTDOWN) X(sk_socket, F_SK_SOCKET) X(socket_sk, F_SOCKET_SK) \
	X(socket_file, F_SOCKET_FILE) X(private_data, F_FILE_PRIVATE_DATA) \
	X(task_files, F_TASK_FILES) X(files_fdt, F_FILES_FDT) X(fdtable_fd, F_FDTABLE_FD) \
	X(skc_v6_daddr, F_SKC_V6_DADDR) X(skc_v6_rcv_saddr, F_SKC_V6_RCV_SADDR) \
	X(skc_cookie, F_SKC_COOKIE) X(sk_err, F_SK_ERR) X(sk_err_soft, F_SK_ERR_SOFT) \
	X(sk_protocol, F_SK_PROTOCOL) \
	X(bytes_acked, F_BYTES_ACKED) X(bytes_received, F_BYTES_RECEIVED) X(srtt_us, F_SRTT_US) \
	X(total_retrans, F_TOTAL_RETRANS)

#define TESTS(name, field) \
	TEST(name##_with_a_decoy_is_ambiguous), \
	TEST(name##_absent_is_not_found), \
	TEST(name##_wrong_is_contradicted),
/* clang-format on */

FIELDS(TESTS_OF)

/* A kernel without IPv6 has no such members: an IPv4 socket shows nothing of them. */
static void ipv6_not_built_is_not_found(void)
{
	absent_is_not_found(F_SKC_V6_DADDR, F_SKC_V6_RCV_SADDR);
}

/*
 * Adds a pointer that looks like skc_net. In the first namespace it leads to memory
 * full of its inode number, in the second to one place with its inode number.
 */
static void add_crowded_net(struct world *w)
{
	uint64_t crowd[2] = { w->junk[0], w->junk[JUNK / 2] };
	unsigned char *bytes = w->arena.bytes + (crowd[0] - w->arena.address);

	for (unsigned int at = 0; at < base_window[BASE_NET]; at += sizeof(uint32_t))
		memcpy(bytes + at, &w->inode[0], sizeof(uint32_t));
	bytes = w->arena.bytes + (crowd[1] - w->arena.address);
	memset(bytes, 0, base_window[BASE_NET]);
	memcpy(bytes + 64, &w->inode[1], sizeof(uint32_t));
	for (unsigned int s = 0; s < w->count; s++)
		memcpy(w->snap[s]->sock_bytes + w->perfect, &crowd[w->snap[s]->netns],
		       sizeof(uint64_t));
}

/* No candidate is forgotten, however many there are at first. */
static void crowd_is_ambiguous(void)
{
	struct solution solution;

	for (unsigned int i = 0; i < 8; i++) {
		struct world_opts opts = usual;
		struct world *w;

		opts.seed = 4000000 + i;
		opts.no_decoys = true;
		opts.perfect = F_SKC_NET;
		w = world_new(&opts);
		world_observe(w);
		add_crowded_net(w);
		solve_world(w, &solution);
		expect_verdict(w, &solution, F_SKC_NET, VERDICT_AMBIGUOUS);
		expect_verdict(w, &solution, F_NET_INUM, VERDICT_AMBIGUOUS);
		world_free(w);
	}
}

int main(void)
{
	static const struct test tests[] = {
		TEST(every_field_is_found),	  TEST(found_without_decoys),
		TEST(found_in_one_netns),	  TEST(found_without_netns),
		TEST(found_without_ipv6_sockets), TEST(found_without_task),
		TEST(found_without_mptcp),	  TEST(found_without_figures),
		TEST(found_on_other_machines),	  FIELDS(TESTS) TEST(ipv6_not_built_is_not_found),
		TEST(crowd_is_ambiguous),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
