// SPDX-License-Identifier: GPL-2.0-only
/* What of a run exceeds its limits, see limits.h; limits_parse.c is how they are written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/limits.h"

int limits__init(struct limits *limits, const struct ipimux_shape *shape)
{
	size_t nr_cells;

	limits->nr_cpus = 1U << shape->cpu_shift;
	limits->nr_vipis = 1U << shape->vipi_shift;
	nr_cells = (size_t)limits->nr_cpus * limits->nr_vipis;
	limits->sends = calloc(nr_cells, sizeof(*limits->sends));
	limits->sends_before = calloc(nr_cells, sizeof(*limits->sends_before));
	limits->peaks = calloc((size_t)LIMITS_MAX * limits->nr_cpus, sizeof(*limits->peaks));
	if (!limits->sends || !limits->sends_before || !limits->peaks) {
		limits__free(limits);
		return -ENOMEM;
	}
	return 0;
}

void limits__free(struct limits *limits)
{
	free(limits->sends);
	free(limits->sends_before);
	free(limits->peaks);
	limits->sends = limits->sends_before = NULL;
	limits->peaks = NULL;
}

static bool counts_cpu(const struct limits *limits, unsigned int cpu)
{
	return !limits->cpus || cpuset__has(limits->cpus, cpu);
}

static bool counts_vipi(const struct limit *limit, unsigned int vipi)
{
	return limit->vipi == LIMIT_ALL_VIPIS || limit->vipi == vipi;
}

/* is_more - is @part of @part_of more than @other of @other_of? 0 of nothing is least */
static bool is_more(__u64 part, __u64 part_of, __u64 other, __u64 other_of)
{
	if (!part_of || !other_of)
		return part_of && part;
	return (unsigned __int128)part * other_of > (unsigned __int128)other * part_of;
}

/* --- rates --- */

/* rate_exceeds - were there more sends in @ns than @number a second? */
static bool rate_exceeds(__u64 sends, __u64 ns, __u64 number)
{
	return (unsigned __int128)sends * 1000000000 > (unsigned __int128)number * ns;
}

/* peak_of - the sends to @cpu in this window, for a limit */
static struct limit_peak peak_of(const struct limits *limits, const struct limit *limit,
				 unsigned int cpu)
{
	struct limit_peak peak = { .ns = limits->ns, .start = limits->elapsed - limits->ns };

	for (unsigned int vipi = 0; vipi < limits->nr_vipis; vipi++) {
		__u64 sends = limits->sends[(size_t)cpu * limits->nr_vipis + vipi];

		if (!counts_vipi(limit, vipi))
			continue;
		peak.sends += sends;
		if (sends > peak.vipi_sends || !peak.sends) {
			peak.vipi = vipi;
			peak.vipi_sends = sends;
		}
	}
	return peak;
}

static void end_window(struct limits *limits)
{
	size_t nr_cells = (size_t)limits->nr_cpus * limits->nr_vipis;
	__u64 *swap = limits->sends_before;

	for (unsigned int i = 0; i < limits->nr_limits; i++) {
		if (limits->limit[i].kind != LIMIT_RATE)
			continue;
		for (unsigned int cpu = 0; cpu < limits->nr_cpus; cpu++) {
			struct limit_peak peak = peak_of(limits, &limits->limit[i], cpu);
			struct limit_peak *highest = &limits->peaks[i * limits->nr_cpus + cpu];

			if (!highest->ns || is_more(peak.sends, peak.ns, highest->sends,
						    highest->ns))
				*highest = peak;
		}
	}
	limits->sends_before = limits->sends;
	limits->ns_before = limits->ns;
	limits->sends = swap;
	limits->ns = 0;
	memset(limits->sends, 0, nr_cells * sizeof(*limits->sends));
}

void limits__watch(struct limits *limits, const struct snapshot *difference,
		   const struct margins *margins)
{
	limits->margins = margins;
	for (size_t i = 0; i < (size_t)limits->nr_cpus * limits->nr_vipis; i++)
		limits->sends[i] += sends__total(&limits->margins->margin[i].received);
	limits->elapsed += difference->time;
	limits->ns += difference->time;
	if (limits->ns >= limits->window)
		end_window(limits);
}

/*
 * end_last_window - the rest of a run is judged together with the window before it: a rate
 * of a few milliseconds is none
 */
static void end_last_window(struct limits *limits)
{
	if (!limits->ns)
		return;
	for (size_t i = 0; i < (size_t)limits->nr_cpus * limits->nr_vipis; i++)
		limits->sends[i] += limits->sends_before[i];
	limits->ns += limits->ns_before;
	end_window(limits);
}

static void judge_rate(struct limits *limits, unsigned int i)
{
	const struct limit *limit = &limits->limit[i];
	struct verdict *verdict = &limits->verdict[i];

	for (unsigned int cpu = 0; cpu < limits->nr_cpus; cpu++) {
		const struct limit_peak *peak = &limits->peaks[i * limits->nr_cpus + cpu];

		if (!counts_cpu(limits, cpu) || !peak->ns)
			continue;
		if (rate_exceeds(peak->sends, peak->ns, limit->number)) {
			verdict->result = LIMIT_EXCEEDED;
			cpuset__add(&verdict->exceeded, cpu);
		}
		if (verdict->ns && !is_more(peak->sends, peak->ns, verdict->part, verdict->ns))
			continue;
		verdict->cpu = cpu;
		verdict->vipi = peak->vipi;
		verdict->part = peak->sends;
		verdict->cell_part = peak->vipi_sends;
		verdict->ns = peak->ns;
		verdict->start = peak->start;
	}
	if (!verdict->ns)
		verdict->result = LIMIT_NOTHING;
	for (unsigned int vipi = 0; vipi < limits->nr_vipis; vipi++)
		if (counts_vipi(limit, vipi))
			verdict->whole += sends__total(&limits->margins->margin[
				verdict->cpu * limits->nr_vipis + vipi].received);
}

/* --- what is judged of the whole run at once --- */

/* add_cell - @whole events of a CPU and vIPI, of which @part count against the limit */
static void add_cell(struct verdict *verdict, unsigned int cpu, unsigned int vipi, __u64 part,
		     __u64 whole)
{
	verdict->part += part;
	verdict->whole += whole;
	if (part <= verdict->cell_part && (verdict->cell_whole || !whole))
		return;
	verdict->cpu = cpu;
	verdict->vipi = vipi;
	verdict->cell_part = part;
	verdict->cell_whole = whole;
}

/* judge_share - exceeded only by what is certain */
static void judge_share(const struct limit *limit, struct verdict *verdict)
{
	__u64 certain = verdict->part > verdict->uncertain ? verdict->part - verdict->uncertain : 0;

	if (!verdict->whole)
		verdict->result = LIMIT_NOTHING;
	else if (is_more(certain, verdict->whole, limit->number, LIMIT_SHARE_ALL))
		verdict->result = LIMIT_EXCEEDED;
}

static void judge_sends(const struct limits *limits, const struct limit *limit,
			const struct counters *counters, struct verdict *verdict)
{
	for (unsigned int cpu = 0; cpu < limits->nr_cpus; cpu++) {
		for (unsigned int vipi = 0; vipi < limits->nr_vipis; vipi++) {
			const struct sends *sends =
				&limits->margins->margin[cpu * limits->nr_vipis + vipi].received;
			__u64 all = sends__total(sends);

			if (!counts_cpu(limits, cpu) || !counts_vipi(limit, vipi))
				continue;
			add_cell(verdict, cpu, vipi,
				 limit->kind == LIMIT_SENDS ? all : sends__coalesced(sends), all);
			verdict->uncertain += counters__doubts(counters, cpu, vipi,
							       IPIMUX_UNCERTAIN);
		}
	}
	verdict->via = counters__via(counters);
	if (limit->kind == LIMIT_COALESCED)
		judge_share(limit, verdict);
	else if (verdict->part < limit->number)
		verdict->result = LIMIT_EXCEEDED;
}

static void judge_empty(const struct limits *limits, const struct limit *limit,
			struct verdict *verdict)
{
	for (unsigned int cpu = 0; cpu < limits->nr_cpus; cpu++) {
		const struct processes *processes = &limits->margins->processes[cpu];

		if (counts_cpu(limits, cpu))
			add_cell(verdict, cpu, LIMIT_ALL_VIPIS, processes->batch[0],
				 processes__calls(processes));
	}
	if (limit->share)
		judge_share(limit, verdict);
	else if (verdict->part > limit->number)
		verdict->result = LIMIT_EXCEEDED;
}

/* longer_than - how many waits were surely longer than @ns: those of buckets behind it */
static __u64 longer_than(const struct latency *latency, __u64 ns)
{
	__u64 longer = 0;

	for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++)
		if (latency__bucket_start(bucket) > ns)
			longer += latency->bucket[bucket];
	return longer;
}

static void judge_latency(const struct limits *limits, const struct limit *limit,
			  const struct counters *counters, struct verdict *verdict)
{
	static const double shares[] = {
		[LIMIT_P50] = 0.50, [LIMIT_P90] = 0.90, [LIMIT_P99] = 0.99, [LIMIT_MAX] = 1,
	};
	struct waits all = {};

	if (!counters->waits) {
		verdict->result = LIMIT_NOT_TIMED;
		return;
	}
	for (unsigned int cpu = 0; cpu < limits->nr_cpus; cpu++) {
		for (unsigned int vipi = 0; vipi < limits->nr_vipis; vipi++) {
			struct waits waits = {};
			const struct latency *raised = &waits.kind[IPIMUX_WAIT_RAISED];

			if (!counts_cpu(limits, cpu) || !counts_vipi(limit, vipi))
				continue;
			waits__add(&waits, counters, cpu, vipi);
			waits__merge(&all, &waits);
			add_cell(verdict, cpu, vipi, longer_than(raised, limit->number),
				 raised->timed);
		}
	}
	verdict->untimed = all.untimed;
	latency__bounds(&all.kind[IPIMUX_WAIT_RAISED], shares[limit->figure], &verdict->low,
			&verdict->high);
	if (!verdict->whole)
		verdict->result = LIMIT_NOTHING;
	else if (verdict->low > limit->number)
		verdict->result = LIMIT_EXCEEDED;
}

void limits__judge(struct limits *limits, const struct snapshot *difference,
		   const struct margins *margins)
{
	end_last_window(limits);
	limits->margins = margins;
	for (unsigned int i = 0; i < limits->nr_limits; i++) {
		const struct limit *limit = &limits->limit[i];
		struct verdict *verdict = &limits->verdict[i];

		*verdict = (struct verdict){ .result = LIMIT_KEPT };
		switch (limit->kind) {
		case LIMIT_RATE:
			judge_rate(limits, i);
			break;
		case LIMIT_COALESCED:
		case LIMIT_SENDS:
			judge_sends(limits, limit, &difference->counters, verdict);
			break;
		case LIMIT_LATENCY:
			judge_latency(limits, limit, &difference->counters, verdict);
			break;
		case LIMIT_EMPTY:
			judge_empty(limits, limit, verdict);
			break;
		}
	}
}
