// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the events of a trace, see tally.h.
 *
 * An event about a CPU (a send to it, or its own) has the CPU's words. So its state is known at
 * any event that no event of another CPU is so close to that the two may have happened the other
 * way round: from the first such event on it is judged.
 *
 * Not before all is there, though. A trace that begins with the unmask of a CPU that comes up, with
 * nothing before that, has all. In any other the four events may have been switched on one after
 * the other: before there was one of the first and one of the last of them, nothing is judged. And
 * where a buffer had no room, each CPU's begins at another time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/tally.h"
#include "audit/stuck.h"

/* What is known of a CPU where the scan is. */
struct tally_cpu {
	bool begun;		/* there was an event of its own */
	bool seen;		/* there was an event about it */
	unsigned int by;	/* the CPU of the last one... */
	__u64 time;		/* ...its time... */
	__u64 other;		/* ...and that of the last one of any other CPU; 0: none */

	bool known;		/* its state, at the event number @from */
	bool doubted;		/* unless one of another CPU follows it too closely */
	size_t from;
	__u64 anchored;		/* the time of that event */

	__u32 enabled;		/* as its own events have it */
	__u32 pending;		/* behind the last event about it */
};

/* What is known of a vIPI on a CPU. */
struct tally_bit {
	__s64 balance;			/* times set less times handled, since the CPU is known */
	__u64 since;
	__u64 silent;			/* how long the machine was silent up to then, ns */
	bool masked, kicked, before;
	struct ipimux_event send;
};

/* about - the CPU of which an event has the words */
static unsigned int about(const struct ipimux_event *event)
{
	return event->kind == IPIMUX_SEND ? event->target : event->cpu;
}

static bool is_close(__u64 earlier, __u64 later)
{
	return earlier && later - earlier < TALLY_ORDER_NS;
}

/* last_of_others - the time of the last event about @cpu that was not by @by; 0: none */
static __u64 last_of_others(const struct tally_cpu *cpu, unsigned int by)
{
	if (!cpu->seen)
		return 0;
	return cpu->by != by ? cpu->time : cpu->other;
}

static void note_about(struct tally_cpu *cpu, const struct ipimux_event *event)
{
	if (cpu->seen && cpu->by != event->cpu)
		cpu->other = cpu->time;
	cpu->seen = true;
	cpu->by = event->cpu;
	cpu->time = event->time;
}

/* --- from where a CPU is known --- */

/* begins_with_start - does the trace begin as a CPU comes up, and has nothing been lost? */
static bool begins_with_start(const struct ipimux_event *events, const struct ftrace *ftrace)
{
	return !ftrace->overwritten && events->kind == IPIMUX_UNMASK && !events->lost;
}

/*
 * shows_state - does this event show both words of the CPU that it is about? Nobody's mask or
 * unmask shows the enabled word, except the first of a CPU that comes up: nothing was enabled
 */
static bool shows_state(const struct tally_cpu *cpu, const struct ipimux_event *event, bool whole)
{
	if (event->kind == IPIMUX_SEND || event->kind == IPIMUX_PROCESS)
		return true;
	return event->kind == IPIMUX_UNMASK && whole && !cpu->seen;
}

/* find_start - the number of the event from which on all is there */
static size_t find_start(struct tally *tally, const struct ipimux_event *events, size_t nr_events,
			 const struct ftrace *ftrace)
{
	bool sent = false, processed = false, *begun;
	size_t start = 0;

	if (begins_with_start(events, ftrace))
		return 0;
	while (start < nr_events && !(sent && processed)) {
		sent |= events[start].kind == IPIMUX_SEND;
		processed |= events[start].kind == IPIMUX_PROCESS;
		start++;
	}
	for (size_t i = 0; i < nr_events && ftrace->overwritten; i++) {
		begun = &tally->cpus[events[i].cpu].begun;
		if (!*begun && i > start)
			start = i;
		*begun = true;
	}
	return start;
}

static void find_anchors(struct tally *tally, const struct ipimux_event *events, size_t nr_events)
{
	bool whole = !tally->start;

	for (size_t i = tally->start; i < nr_events; i++) {
		const struct ipimux_event *event = &events[i];
		struct tally_cpu *cpu = &tally->cpus[about(event)];

		if (cpu->doubted && cpu->by != event->cpu &&
		    is_close(cpu->anchored, event->time))
			cpu->known = false;
		if (cpu->known && !is_close(cpu->anchored, event->time))
			cpu->doubted = false;
		if (!cpu->known && shows_state(cpu, event, whole) &&
		    !is_close(last_of_others(cpu, event->cpu), event->time)) {
			cpu->known = cpu->doubted = true;
			cpu->from = i;
			cpu->anchored = event->time;
		}
		note_about(cpu, event);
	}
	for (unsigned int i = 0; i < tally->nr_cpus; i++) {
		struct tally_cpu *cpu = &tally->cpus[i];

		tally->any_known |= cpu->known;
		cpu->seen = false;
		cpu->other = 0;
		if (!cpu->known)
			cpu->from = tally->start;
	}
}

/* --- counting --- */

static void begin_cpu(struct tally *tally, unsigned int number, const struct ipimux_event *event,
		      __u64 silent)
{
	struct tally_cpu *cpu = &tally->cpus[number];

	cpu->enabled = event->kind == IPIMUX_UNMASK || event->kind == IPIMUX_MASK ?
		       0 : event->enabled;
	if (!cpu->known)
		return;
	tally->first.words.still[number] = ~0U;
	tally->first.words.pending[number] = event->pending;
	tally->first.words.enabled[number] = cpu->enabled;
	if (cpu->enabled)
		cpuset__add(&tally->first.online, number);
	for (unsigned int vipi = 0; vipi < tally->nr_vipis; vipi++)
		if (event->pending >> vipi & 1)
			tally->bits[number * tally->nr_vipis + vipi] = (struct tally_bit){
				.balance = 1, .since = event->time, .silent = silent,
				.masked = !(cpu->enabled >> vipi & 1), .before = true,
			};
}

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

/* judge_wait - how long did the bit wait that is handled at @now, or is not when the trace ends? */
static void judge_wait(struct tally *tally, unsigned int number, unsigned int vipi, __u64 now,
		       __u64 silent)
{
	const struct tally_bit *bit = &tally->bits[number * tally->nr_vipis + vipi];

	if (!tally->cpus[number].known || bit->balance != 1 || bit->masked ||
	    now - bit->since < STUCK_PATIENCE)
		return;
	if (now - bit->since - (silent - bit->silent) >= STUCK_PATIENCE)
		tally->stuck[number] |= 1U << vipi;
	else
		tally->unwatched[number] |= 1U << vipi;
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
	bit->kicked = bit->before = false;
	bit->send = *event;
}

static void count_process(struct tally *tally, const struct ipimux_event *event, __u64 silent)
{
	struct counters *counters = &tally->last.counters;
	__u32 handled = ipimux_event_handled(event);
	struct tally_cpu *cpu = &tally->cpus[event->cpu];

	count_processed(counters, event->cpu, handled);
	for (unsigned int vipi = 0; vipi < tally->nr_vipis; vipi++) {
		if (!(handled >> vipi & 1))
			continue;
		judge_wait(tally, event->cpu, vipi, event->time, silent);
		tally->bits[event->cpu * tally->nr_vipis + vipi].balance--;
		if (counters->masked && cpu->known && !(cpu->enabled >> vipi & 1))
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

/* pending_behind - the pending word that an event leaves */
static __u32 pending_behind(const struct ipimux_event *event)
{
	if (event->kind == IPIMUX_SEND)
		return event->pending | 1U << event->vipi;
	if (event->kind == IPIMUX_PROCESS)
		return event->pending & ~event->enabled;
	return event->pending;
}

static __u64 count_all(struct tally *tally, const struct ipimux_event *events, size_t nr_events)
{
	__u64 silent = 0;

	for (size_t i = 0; i < nr_events; i++) {
		const struct ipimux_event *event = &events[i];
		unsigned int number = about(event);
		struct tally_cpu *cpu = &tally->cpus[number];

		if (i && event->time - events[i - 1].time >= TALLY_SILENCE_NS)
			silent += event->time - events[i - 1].time;
		if (i < cpu->from) {
			note_about(cpu, event);
			continue;
		}
		if (i == cpu->from || (!cpu->known && !cpu->seen))
			begin_cpu(tally, number, event, silent);
		if (event->kind == IPIMUX_SEND)
			count_send(tally, event, silent);
		else if (event->kind == IPIMUX_PROCESS)
			count_process(tally, event, silent);
		else
			count_own(tally, event, silent);
		cpu->pending = pending_behind(event);
		note_about(cpu, event);
	}
	return silent;
}

/* --- the end --- */

/*
 * judge_edges - what is known of a CPU at both ends
 *
 * At the start nobody can say whether a parent IPI was on its way to it, except that none is to
 * one that comes up.
 */
static void judge_edges(struct tally *tally, unsigned int number)
{
	struct tally_cpu *cpu = &tally->cpus[number];
	enum edge_state state = cpu->known || !cpu->seen ? EDGE_TYPICAL : EDGE_BUSY;
	__u64 others = last_of_others(cpu, cpu->by);

	for (unsigned int vipi = 0; vipi < tally->nr_vipis; vipi++) {
		size_t at = (size_t)number << tally->last.counters.shape.vipi_shift | vipi;

		tally->first.edge[at] = tally->last.edge[at] = state;
	}
	tally->first.arrivals[number] = tally->last.arrivals[number] =
		cpu->known && !tally->first.words.enabled[number] ? EDGE_TYPICAL : EDGE_BUSY;
	if (cpu->enabled)
		cpuset__add(&tally->last.online, number);
	if (!cpu->known || is_close(others, cpu->time))
		return;
	tally->last.words.still[number] = ~0U;
	tally->last.words.pending[number] = cpu->pending;
	tally->last.words.enabled[number] = cpu->enabled;
}

static int list_waits(struct tally *tally, __u64 end, __u64 silent)
{
	tally->waits = calloc((size_t)tally->nr_cpus * tally->nr_vipis, sizeof(*tally->waits));
	if (!tally->waits)
		return -ENOMEM;
	for (unsigned int number = 0; number < tally->nr_cpus; number++) {
		for (unsigned int vipi = 0; vipi < tally->nr_vipis; vipi++) {
			const struct tally_bit *bit =
				&tally->bits[number * tally->nr_vipis + vipi];

			if (!tally->cpus[number].known || bit->balance != 1)
				continue;
			judge_wait(tally, number, vipi, end, silent);
			tally->waits[tally->nr_waits++] = (struct tally_wait){
				.cpu = number, .vipi = vipi, .since = bit->since,
				.masked = !(tally->cpus[number].enabled >> vipi & 1),
				.kicked = bit->kicked, .before = bit->before,
				.send = bit->send,
			};
		}
	}
	return 0;
}

static int init(struct tally *tally, const struct ipimux_event *events, size_t nr_events)
{
	struct ipimux_shape shape = counters__shape(tally->nr_cpus - 1, tally->nr_vipis,
						    tally->nr_vipis <= 8);
	size_t nr_cpus = (size_t)1 << shape.cpu_shift;
	bool masks = false;
	int err = snapshot__init(&tally->first, &shape, tally->nr_vipis <= 8);

	if (!err)
		err = snapshot__init(&tally->last, &shape, tally->nr_vipis <= 8);
	/* A kernel without that event has no word for it. */
	for (size_t i = 0; i < nr_events; i++)
		masks |= events[i].kind == IPIMUX_MASK;
	if (!err && masks)
		err = snapshot__add(&tally->first, COUNTERS_MASKED);
	if (!err && masks)
		err = snapshot__add(&tally->last, COUNTERS_MASKED);
	tally->stuck = calloc(nr_cpus, sizeof(*tally->stuck));
	tally->unwatched = calloc(nr_cpus, sizeof(*tally->unwatched));
	tally->cpus = calloc(nr_cpus, sizeof(*tally->cpus));
	tally->bits = calloc(nr_cpus * tally->nr_vipis, sizeof(*tally->bits));
	return tally->stuck && tally->unwatched && tally->cpus && tally->bits ? err : -ENOMEM;
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
	tally->start = find_start(tally, events, nr_events, ftrace);
	find_anchors(tally, events, nr_events);
	silent = count_all(tally, events, nr_events);
	for (unsigned int cpu = 0; cpu < tally->nr_cpus; cpu++)
		judge_edges(tally, cpu);
	err = list_waits(tally, end, silent);
	tally->first.time = tally->start < nr_events ? events[tally->start].time : end;
	tally->last.time = end;
	tally->first.words.known = tally->last.words.known = true;
	tally->last.missed = tally->missed;
	tally->last.missed_unknown = tally->missed_unknown;
	tally->facts = (struct audit_facts){
		.online_first = tally->first.online, .online = tally->last.online,
		.stuck = tally->stuck, .unwatched = tally->unwatched, .machine = machine,
		.first = &tally->first, .last = &tally->last, .final = true, .traced = true,
		.cut_off = !tally->any_known,
	};
	return err;
}

void tally__free(struct tally *tally)
{
	snapshot__free(&tally->first);
	snapshot__free(&tally->last);
	free(tally->stuck);
	free(tally->unwatched);
	free(tally->waits);
	free(tally->cpus);
	free(tally->bits);
	memset(tally, 0, sizeof(*tally));
}
