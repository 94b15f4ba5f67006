// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the events of a trace, see tally.h.
 *
 * A trace is whole if it has each CPU from the first unmask of that CPU on, when nothing was
 * pending and nothing enabled, and nothing is missing from it. Then the counts have to balance.
 * Of any other nobody knows what was pending when it began, nor which half of a pair is missing.
 *
 * A bit is set and handled in turn, so what is pending at the end is where it was set once more
 * than it was handled. Events of two CPUs that are close may come in another order than they
 * happened: in sums they come right again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/tally.h"
#include "audit/stuck.h"

/* What is known of a CPU, by the events about it: sends to it, and its own. */
struct tally_cpu {
	bool seen, own;		/* there was any; any of its own */
	bool agrees;		/* the last one found the words as the one before has left them */
	unsigned int by;	/* the CPU of the last one... */
	__u64 time;		/* ...its time... */
	__u64 other;		/* ...and that of the last one of any other CPU; 0: none */
	__u32 enabled;		/* as its own events have it... */
	__u32 widest;		/* ...and whatever was, at some time */
	__u32 pending;		/* behind the last one */
};

/* What is known of a vIPI on a CPU. */
struct tally_bit {
	__s64 balance;			/* times set less times handled */
	__u64 since;
	__u64 silent;			/* how long the machine was silent up to then, ns */
	bool masked, kicked;
	struct ipimux_event send;
};

/* about - the CPU of which an event has the words */
static unsigned int about(const struct ipimux_event *event)
{
	return event->kind == IPIMUX_SEND ? event->target : event->cpu;
}

/* pending_behind - the pending word that an event leaves */
static __u32 pending_behind(const struct ipimux_event *event)
{
	if (event->kind == IPIMUX_SEND)
		return event->pending | 1U << event->vipi;
	if (event->kind == IPIMUX_PROCESS)
		return event->pending & ~event->enabled;
	return event->pending;
}

static void note_about(struct tally_cpu *cpu, const struct ipimux_event *event)
{
	if (cpu->seen && cpu->by != event->cpu)
		cpu->other = cpu->time;
	cpu->agrees = cpu->seen && cpu->pending == event->pending;
	cpu->seen = true;
	cpu->own |= event->kind != IPIMUX_SEND;
	cpu->by = event->cpu;
	cpu->time = event->time;
	cpu->pending = pending_behind(event);
	cpu->widest |= cpu->enabled;
}

/* --- is it whole? --- */

/*
 * is_first - may this be the first event about a CPU since the machine started? It comes up, or it
 * is not up yet
 */
static bool is_first(const struct ipimux_event *event)
{
	if (event->pending)
		return false;
	return event->kind == IPIMUX_UNMASK ? !event->vipi :
	       event->kind == IPIMUX_SEND && !event->enabled;
}

static bool is_whole(const struct tally *tally, const struct ipimux_event *events,
		     size_t nr_events, const struct ftrace *ftrace)
{
	bool seen[FTRACE_MAX_CPUS] = {};

	if (tally->missed || tally->missed_unknown || ftrace->overwritten)
		return false;
	for (size_t i = 0; i < nr_events; i++) {
		unsigned int cpu = about(&events[i]);

		if (!seen[cpu] && !is_first(&events[i]))
			return false;
		seen[cpu] = true;
		/* Of who sends there is something, too: that CPU came up. */
		if (!seen[events[i].cpu])
			return false;
	}
	return true;
}

/* --- counting --- */

static void count_processed(struct counters *counters, unsigned int cpu, __u32 handled)
{
	const struct ipimux_shape *shape = &counters->shape;
	__u64 *processed = counters->processed;
	unsigned int batch = 0;

	if (counters->by_set) {
		processed[ipimux_processed_index(shape, cpu, handled)]++;
		return;
	}
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++) {
		if (!(handled >> vipi & 1))
			continue;
		batch++;
		processed[ipimux_processed_index(shape, cpu, IPIMUX_BITS_HANDLED + vipi)]++;
	}
	processed[ipimux_processed_index(shape, cpu, IPIMUX_BITS_BATCH + batch)]++;
}

/* may_lack_nothing - are there processes, and any event of that CPU's own? */
static bool may_lack_nothing(const struct tally *tally, unsigned int number)
{
	return tally->processes && tally->cpus[number].own;
}

/*
 * judge_wait - did the bit wait for too long that is handled at @now, or is not at the end?
 *
 * Where something is missing it may have been handled and set again.
 */
static void judge_wait(struct tally *tally, unsigned int number, unsigned int vipi, __u64 now,
		       __u64 silent)
{
	const struct tally_bit *bit = &tally->bits[number * tally->nr_vipis + vipi];

	if (tally->missed || tally->missed_unknown || !bit->since || bit->masked ||
	    (tally->whole ? bit->balance != 1 : !may_lack_nothing(tally, number)) ||
	    now - bit->since - (silent - bit->silent) < STUCK_PATIENCE)
		return;
	tally->stuck[number] |= 1U << vipi;
}

static void count_send(struct tally *tally, const struct ipimux_event *event, __u64 silent)
{
	struct counters *counters = &tally->last.counters;
	enum ipimux_outcome outcome = ipimux_event_outcome(event);
	struct tally_bit *bit = &tally->bits[event->target * tally->nr_vipis + event->vipi];

	counters->traffic[ipimux_traffic_index(&counters->shape, event->cpu, event->target,
					       event->vipi, outcome)]++;
	if (ipimux_event_was_pending(event))
		return;
	bit->balance++;
	bit->since = event->time;
	bit->silent = silent;
	bit->masked = outcome == IPIMUX_MASKED;
	bit->kicked = false;
	bit->send = *event;
}

static void count_process(struct tally *tally, const struct ipimux_event *event, __u64 silent)
{
	struct counters *counters = &tally->last.counters;
	__u32 handled = ipimux_event_handled(event);
	struct tally_cpu *cpu = &tally->cpus[event->cpu];
	struct tally_bit *bit;

	tally->processes = true;
	count_processed(counters, event->cpu, handled);
	for (unsigned int vipi = 0; vipi < tally->nr_vipis; vipi++) {
		if (!(handled >> vipi & 1))
			continue;
		judge_wait(tally, event->cpu, vipi, event->time, silent);
		bit = &tally->bits[event->cpu * tally->nr_vipis + vipi];
		bit->balance--;
		bit->since = 0;
		if (counters->masked && tally->whole && !(cpu->enabled >> vipi & 1))
			counters->masked[ipimux_masked_index(&counters->shape, event->cpu, vipi,
							     IPIMUX_MASK_HANDLED)]++;
	}
	cpu->enabled = event->enabled;
}

static void count_own(struct tally *tally, const struct ipimux_event *event, __u64 silent)
{
	struct counters *counters = &tally->last.counters;
	struct tally_bit *bit = &tally->bits[event->cpu * tally->nr_vipis + event->vipi];
	bool pending = ipimux_event_was_pending(event);

	if (event->kind == IPIMUX_MASK) {
		counters->masked[ipimux_masked_index(&counters->shape, event->cpu, event->vipi,
						     pending ? IPIMUX_MASK_PENDING :
							       IPIMUX_MASK_PLAIN)]++;
		tally->cpus[event->cpu].enabled &= ~(1U << event->vipi);
		bit->masked = true;
		return;
	}
	counters->unmasked[ipimux_unmasked_index(&counters->shape, event->cpu, event->vipi,
						 pending ? IPIMUX_UNMASK_KICK :
							   IPIMUX_UNMASK_PLAIN)]++;
	tally->cpus[event->cpu].enabled |= 1U << event->vipi;
	bit->masked = false;
	if (!pending)
		return;
	bit->kicked = true;
	bit->since = event->time;
	bit->silent = silent;
}

/* count_all - all events; returns how long the machine was silent, ns */
static __u64 count_all(struct tally *tally, const struct ipimux_event *events, size_t nr_events)
{
	__u64 silent = 0, gap;

	for (size_t i = 0; i < nr_events; i++) {
		const struct ipimux_event *event = &events[i];

		gap = i ? event->time - events[i - 1].time : 0;
		silent += gap > TALLY_SILENCE_NS ? gap - TALLY_SILENCE_NS : 0;
		if (event->kind == IPIMUX_SEND)
			count_send(tally, event, silent);
		else if (event->kind == IPIMUX_PROCESS)
			count_process(tally, event, silent);
		else
			count_own(tally, event, silent);
		note_about(&tally->cpus[about(event)], event);
	}
	return silent;
}

/* --- the ends --- */

/*
 * is_cut - may the last events of a vIPI lack one that belongs to them? They are of the very end,
 * and do not come out even
 */
static bool is_cut(const struct tally *tally, const struct tally_cpu *cpu,
		   const struct tally_bit *bit, unsigned int vipi, bool known, __u64 end)
{
	if (end - cpu->time >= TALLY_END_NS)
		return false;
	return bit->balance < 0 || bit->balance > 1 ||
	       (known && bit->balance != (cpu->pending >> vipi & 1));
}

/* judge_ends - what is known of a CPU at both: at the start, that nothing was pending or enabled */
static void judge_ends(struct tally *tally, unsigned int number, __u64 end)
{
	const struct tally_cpu *cpu = &tally->cpus[number];
	bool known = cpu->agrees &&
		     (!cpu->other || cpu->time - cpu->other >= TALLY_ORDER_NS);

	tally->first.words.still[number] = ~0U;
	tally->last.words.still[number] = known || !cpu->seen ? ~0U : 0;
	tally->last.words.pending[number] = cpu->pending;
	tally->last.words.enabled[number] = cpu->enabled;
	tally->first.arrivals[number] = tally->last.arrivals[number] = EDGE_TYPICAL;
	for (unsigned int vipi = 0; vipi < tally->nr_vipis; vipi++) {
		const struct tally_bit *bit = &tally->bits[number * tally->nr_vipis + vipi];
		size_t at = (size_t)number << tally->last.counters.shape.vipi_shift | vipi;

		tally->first.edge[at] = EDGE_TYPICAL;
		tally->last.edge[at] = is_cut(tally, cpu, bit, vipi, known, end) ? EDGE_BUSY :
										   EDGE_TYPICAL;
	}
	if (cpu->enabled)
		cpuset__add(&tally->last.online, number);
	/* Not all of its vIPIs are masked yet, or unmasked. */
	if (cpu->enabled && cpu->enabled != cpu->widest)
		tally->facts.leaving = 1;
}

static int list_waits(struct tally *tally, __u64 end, __u64 silent)
{
	tally->waits = calloc((size_t)tally->nr_cpus * tally->nr_vipis, sizeof(*tally->waits));
	if (!tally->waits)
		return -ENOMEM;
	for (unsigned int number = 0; number < tally->nr_cpus; number++) {
		const struct tally_cpu *cpu = &tally->cpus[number];

		for (unsigned int vipi = 0; vipi < tally->nr_vipis; vipi++) {
			const struct tally_bit *bit =
				&tally->bits[number * tally->nr_vipis + vipi];

			if (!bit->since ||
			    !(tally->whole ? bit->balance > 0 : cpu->pending >> vipi & 1))
				continue;
			judge_wait(tally, number, vipi, end, silent);
			tally->waits[tally->nr_waits++] = (struct tally_wait){
				.cpu = number, .vipi = vipi, .since = bit->since,
				.masked = bit->masked, .kicked = bit->kicked, .send = bit->send,
			};
		}
	}
	return 0;
}

static int init(struct tally *tally, const struct ipimux_event *events, size_t nr_events)
{
	bool by_set = tally->nr_vipis <= IPIMUX_MAX_SET_VIPIS, masks = false;
	struct ipimux_shape shape = counters__shape(tally->nr_cpus - 1, tally->nr_vipis, by_set);
	size_t nr_cpus = (size_t)1 << shape.cpu_shift;
	int err = snapshot__init(&tally->first, &shape, by_set);

	if (!err)
		err = snapshot__init(&tally->last, &shape, by_set);
	/* A kernel without that event has no word for it. */
	for (size_t i = 0; i < nr_events; i++)
		masks |= events[i].kind == IPIMUX_MASK;
	if (!err && masks)
		err = snapshot__add(&tally->first, COUNTERS_MASKED);
	if (!err && masks)
		err = snapshot__add(&tally->last, COUNTERS_MASKED);
	tally->stuck = calloc(nr_cpus, sizeof(*tally->stuck));
	tally->cpus = calloc(nr_cpus, sizeof(*tally->cpus));
	tally->bits = calloc(nr_cpus * tally->nr_vipis, sizeof(*tally->bits));
	return tally->stuck && tally->cpus && tally->bits ? err : -ENOMEM;
}

int tally__count(struct tally *tally, const struct ipimux_event *events, size_t nr_events,
		 const struct ftrace *ftrace, __u64 unreadable, const struct machine *machine)
{
	__u64 end = nr_events ? events[nr_events - 1].time : 0, silent;
	int err;

	*tally = (struct tally){
		.nr_cpus = ftrace->nr_cpus, .nr_vipis = ftrace->nr_vipis, .missed = unreadable,
		.missed_unknown = ftrace->lost_unknown,
	};
	err = init(tally, events, nr_events);
	if (err || !nr_events)
		return err;
	for (unsigned int cpu = 0; cpu < tally->nr_cpus; cpu++)
		tally->missed += ftrace->lost[cpu];
	tally->whole = is_whole(tally, events, nr_events, ftrace);
	silent = count_all(tally, events, nr_events);
	for (unsigned int cpu = 0; cpu < tally->nr_cpus; cpu++)
		judge_ends(tally, cpu, end);
	err = list_waits(tally, end, silent);
	tally->first.time = events->time;
	tally->last.time = end;
	tally->first.words.known = tally->last.words.known = true;
	tally->last.missed = tally->missed;
	tally->last.missed_unknown = tally->missed_unknown;
	tally->facts = (struct audit_facts){
		.online_first = tally->first.online, .online = tally->last.online,
		.leaving = tally->facts.leaving, .stuck = tally->stuck, .machine = machine,
		.first = &tally->first, .last = &tally->last, .final = true, .traced = true,
		.cut_off = !tally->whole,
	};
	return err;
}

void tally__free(struct tally *tally)
{
	snapshot__free(&tally->first);
	snapshot__free(&tally->last);
	free(tally->stuck);
	free(tally->waits);
	free(tally->cpus);
	free(tally->bits);
	memset(tally, 0, sizeof(*tally));
}
