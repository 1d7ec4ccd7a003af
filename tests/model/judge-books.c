// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "judge.h"

#include "hooks.h"
#include "maps.h"
#include "story.h"
#include "truth.h"

static unsigned long long lost_of(const struct tcpt_abi_counters *own)
{
	return judge_tap == 1 ? own->lost : own->lost_at[judge_tap - 2];
}

/* Numbers of a processor are consecutive; what is lost has one too. */
static void judge_numbers(void)
{
	const struct tcpt_abi_event *event;
	unsigned long long late = 0, late_told = 0;

	for (int cpu = 0; cpu < CPUS; cpu++) {
		const struct tcpt_abi_counters *own = tool_counters(cpu);
		unsigned int seen = 0, reported = 0;

		for (int at = 0; (event = event_next(&at));) {
			if (event->cpu != (unsigned int)cpu)
				continue;
			reported++;
			if (event->seq < 1 || event->seq > own->seq || seen >> event->seq & 1)
				fail("number %llu of processor %d is not one of 1 to %llu, or "
				     "twice there",
				     (unsigned long long)event->seq, cpu,
				     (unsigned long long)own->seq);
			seen |= 1U << event->seq;
			late_told += event->flags & TCPT_ABI_LATE;
		}
		if (reported + lost_of(own) != own->seq)
			fail("processor %d: %u reported and %llu lost are not %llu", cpu, reported,
			     lost_of(own), (unsigned long long)own->seq);
		late += own->late;
	}
	if (!(world.stage.faults & FAULT_RING) && late != late_told)
		fail("%llu events are late, and %llu are counted", late_told, late);
}

/* Sums up what was reported with what is counted of its type, on the processor that reported it. */
static void add_told(struct tcpt_abi_totals *reported, int cpu)
{
	const struct tcpt_abi_event *event;

	for (int at = 0; (event = event_next(&at));) {
		const struct tcpt_abi_close *close = (const struct tcpt_abi_close *)event;

		if (event->cpu != (unsigned int)cpu)
			continue;
		reported->events[event->type]++;
		if (event->type != TCPT_ABI_CLOSE)
			continue;
		reported->bytes_sent += close->figures.bytes_sent;
		reported->bytes_received += close->figures.bytes_received;
	}
}

/* Lost events are counted by their types too, and what lost closes have carried. */
static void judge_totals(void)
{
	for (int cpu = 0; cpu < CPUS; cpu++) {
		const struct tcpt_abi_counters *own = tool_counters(cpu);
		const struct tcpt_abi_totals *totals = &own->totals;
		unsigned long long sum = 0, lost_closes;
		struct tcpt_abi_totals reported = {};

		add_told(&reported, cpu);
		for (int type = 0; type < TCPT_ABI_TYPES; type++) {
			sum += totals->events[type];
			if (reported.events[type] > totals->events[type])
				fail("more events of type %d are reported than counted", type);
		}
		if (sum != own->seq)
			fail("the types of processor %d sum up to %llu, and not to %llu", cpu, sum,
			     (unsigned long long)own->seq);
		lost_closes = totals->events[TCPT_ABI_CLOSE] - reported.events[TCPT_ABI_CLOSE];
		if (!lost_closes && (reported.bytes_sent != totals->bytes_sent ||
				     reported.bytes_received != totals->bytes_received))
			fail("closes say what else was sent or received than is counted");
	}
}

static void judge_records(void)
{
	if (any_event_is_unfinished())
		fail("a record was neither submitted nor discarded");
}

/* Its destruction has no hook, but in kprobe mode. */
static int is_mptcp_end_missed(const struct truth *truth)
{
	if (modes_end_mptcp())
		return 0;
	return (truth->missed[STEP_END] &&
		(!truth->seen[STEP_END] || truth->notes & NOTE_WAS_OVER)) ||
	       (truth->missed[STEP_CHANGE] && !truth->seen[STEP_CHANGE]);
}

/* Nothing that saw the end of the sock ran. */
static int all_ends_missed(void)
{
	for (int i = 0; i < world.conns; i++) {
		const struct truth *truth = &world.truth[i];

		if (truth->missed[STEP_DESTROY] && !truth->seen[STEP_DESTROY])
			return 1;
		if (truth->notes & NOTE_MPTCP && is_mptcp_end_missed(truth))
			return 1;
	}
	return 0;
}

static void judge_map(enum map_id id)
{
	if (map_count(id))
		fail("%zu entries are left in the map %s", map_count(id), map_shapes[id].name);
}

/* What was not reported is counted, once and in its place. */
static void judge_losses(void)
{
	unsigned long long lost = 0, fails = 0, forgotten = 0, conns = 0;

	for (int cpu = 0; cpu < CPUS; cpu++) {
		lost += lost_of(tool_counters(cpu));
		fails += tool_counters(cpu)->fails_lost;
		conns += tool_counters(cpu)->conns_full;
	}
	for (int i = 0; i < world.conns; i++)
		forgotten += !!(world.truth[i].notes & NOTE_FORGOTTEN);
	if (world.stage.is_join_early) { /* it is reported, or lost, like any connect of nobody's */
		judge_tally.perhaps_lost += 2;
		judge_tally.perhaps_fails++;
	}
	if (lost < judge_tally.lost || lost > judge_tally.perhaps_lost)
		fail("%llu to %llu events are lost, and %llu are counted", judge_tally.lost,
		     judge_tally.perhaps_lost, lost);
	if ((fails < judge_tally.fails || fails > judge_tally.perhaps_fails) &&
	    !(world.stage.faults & FAULT_RING))
		fail("%llu failed connects are lost, and %llu are counted", judge_tally.fails,
		     fails);
	if (conns < forgotten || conns > forgotten + world.stage.is_join_early)
		fail("%llu connections are not remembered, and %llu are counted", forgotten, conns);
}

void judge_books(void)
{
	if (!world.stage.misses)
		judge_losses();
	judge_records();
	judge_numbers();
	judge_totals();
	if (!world.stage.calls_missed) /* the next call of the thread sets it right */
		judge_map(MAP_SHUTDOWNS);
	if (mode_now->is_cgroup && !judge_is_any_given_up())
		judge_map(MAP_CONNECTORS);
	if (all_ends_missed() || judge_is_any_left())
		return;
	judge_map(MAP_PENDING);
	judge_map(MAP_CONNS);
	judge_map(MAP_HIDDEN);
	judge_map(MAP_EXISTING);
	if (tool_control()->existing)
		fail("%llu older connections are counted, and none is there",
		     (unsigned long long)tool_control()->existing);
	judge_map(MAP_UNANNOUNCED);
}
