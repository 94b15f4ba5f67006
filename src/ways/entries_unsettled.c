// SPDX-License-Identifier: GPL-2.0-only
/* What the programs at the entries have noted and not counted, though it is over: see entries.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ways/entries_own.h"

static const volatile struct entries_cpu *cpu_of(const struct entries *entries, unsigned int cpu)
{
	return entries->cpus + cpu;
}

/* The number of a call among all. */
static size_t number_of(unsigned int cpu, unsigned int level)
{
	return (size_t)cpu << ENTRIES_LEVEL_SHIFT | level;
}

static const volatile struct entries_call *call_of(const struct entries *entries, unsigned int cpu,
						   unsigned int level)
{
	return entries->calls + number_of(cpu, level);
}

/* A cell of traffic, of a send that was noted: its counters. */
static __u64 *cell_of(const struct counters *counters, __u64 cell)
{
	return counters->traffic +
	       ((__u32)cell << IPIMUX_OUTCOME_SHIFT & counters->shape.traffic_mask);
}

/* look - what there is now of that kind; returns whether there is any */
static bool look(const struct entries *entries, const struct unsettled *unsettled, __u64 what[3])
{
	const volatile struct entries_cpu *cpu = cpu_of(entries, unsettled->cpu);

	if (unsettled->kind == UNSETTLED_SEND) {
		const volatile struct entries_send *send = &cpu->sends[unsettled->index];

		what[0] = send->at;
		what[1] = send->cell;
		/* How many that look the same were over before. */
		what[2] = *(volatile __u64 *)&cell_of(entries->live, what[1])[IPIMUX_RAISED] +
			  cpu->settled;
		return what[0] & ENTRIES_FORETOLD;
	}
	if (unsettled->kind == UNSETTLED_CALL) {
		const volatile struct entries_call *call = call_of(entries, unsettled->cpu,
								   unsettled->index);

		what[0] = call->at;
		what[1] = call->number;
		what[2] = call->raises;
	} else {
		what[0] = cpu->suspect;
		what[1] = cpu->suspect_handled;
		what[2] = cpu->found + cpu->empty;
	}
	return what[0];
}

static bool is_same(const struct entries *entries, const struct unsettled *unsettled)
{
	__u64 now[3];

	look(entries, unsettled, now);
	return !memcmp(now, unsettled->what, sizeof(now));
}

static int add(struct entries *entries, const struct unsettled *unsettled)
{
	if (entries->nr_unsettled == entries->room) {
		unsigned int room = entries->room ? 2 * entries->room : 64;
		void *more = realloc(entries->unsettled, room * sizeof(*unsettled));

		if (!more)
			return -ENOMEM;
		entries->unsettled = more;
		entries->room = room;
	}
	entries->unsettled[entries->nr_unsettled++] = *unsettled;
	return 0;
}

static unsigned int target_of(const struct entries *entries, __u32 cell)
{
	return cell >> ENTRIES_VIPI_SHIFT & ((1U << entries->live->shape.cpu_shift) - 1);
}

/* has_target - does that call send to this CPU? */
static bool has_target(const struct entries *entries, unsigned int cpu, unsigned int level,
		       unsigned int target)
{
	size_t word = number_of(cpu, level) * entries->settings->nr_words + target / 64;

	return entries->target_masks[word] >> target % 64 & 1;
}

static int note_cpu(struct entries *entries, unsigned int cpu)
{
	struct unsettled unsettled = { .cpu = cpu };
	int err = 0;

	unsettled.kind = UNSETTLED_SEND;
	for (unsigned int i = 0; i < ENTRIES_SENDS && !err; i++) {
		unsettled.index = i;
		if (!look(entries, &unsettled, unsettled.what))
			continue;
		unsettled.target = target_of(entries, unsettled.what[1]);
		err = add(entries, &unsettled);
	}
	unsettled.kind = UNSETTLED_CALL;
	for (unsigned int level = 0; level < ENTRIES_LEVELS && !err; level++) {
		unsettled.index = level;
		if (!look(entries, &unsettled, unsettled.what))
			continue;
		for (unsigned int target = 0; target < entries->nr_cpus && !err; target++) {
			unsettled.target = target;
			if (has_target(entries, cpu, level, target))
				err = add(entries, &unsettled);
		}
	}
	unsettled.kind = UNSETTLED_PROCESS;
	unsettled.target = cpu;
	if (!err && look(entries, &unsettled, unsettled.what))
		err = add(entries, &unsettled);
	return err;
}

int entries__note(struct entries *entries)
{
	int err = 0;

	entries->nr_unsettled = 0;
	for (unsigned int cpu = 0; cpu < entries->nr_cpus && !err; cpu++)
		err = note_cpu(entries, cpu);
	return err;
}

void entries__keep_same(struct entries *entries)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < entries->nr_unsettled; i++)
		if (is_same(entries, &entries->unsettled[i]))
			entries->unsettled[kept++] = entries->unsettled[i];
	entries->nr_unsettled = kept;
}

unsigned int entries__look_again(struct entries *entries, unsigned int cpu)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < entries->nr_unsettled; i++) {
		struct unsettled *unsettled = &entries->unsettled[i];

		if (unsettled->target != cpu)
			continue;
		unsettled->there = is_same(entries, unsettled);
		nr += unsettled->there;
	}
	return nr;
}

static void count_doubt(struct counters *copy, unsigned int target, unsigned int vipi,
			enum ipimux_doubt doubt)
{
	copy->doubts[ipimux_doubts_index(&copy->shape, target, vipi, doubt)]++;
}

/* count_unraised - as the program of that name counts it */
static void count_unraised(const struct entries *entries, struct counters *copy, unsigned int cpu,
			   unsigned int target, unsigned int vipi, bool changed)
{
	bool silent = cpu_of(entries, cpu)->silent;

	if (!silent)
		count_doubt(copy, target, vipi, IPIMUX_MISPREDICTED);
	if (silent || changed)
		count_doubt(copy, target, vipi, IPIMUX_UNCERTAIN);
	copy->traffic[ipimux_traffic_index(&copy->shape, cpu, target, vipi,
					   silent ? IPIMUX_RAISED : IPIMUX_COALESCED)]++;
}

static void settle_send(const struct entries *entries, struct counters *copy,
			const struct unsettled *unsettled)
{
	unsigned int vipi = unsettled->what[1] & (ENTRIES_NR_VIPIS - 1);

	count_unraised(entries, copy, unsettled->cpu, unsettled->target, vipi,
		       (unsettled->what[1] ^ cpu_of(entries, unsettled->target)->changes) >> 32);
}

/* settle_call - the send of a call to one of its targets */
static void settle_call(const struct entries *entries, struct counters *copy,
			const struct unsettled *unsettled)
{
	unsigned int cpu = unsettled->cpu, target = unsettled->target;
	const volatile struct entries_call *call = call_of(entries, cpu, unsettled->index);
	size_t number = number_of(cpu, unsettled->index) << copy->shape.cpu_shift | target;
	__u32 noted = entries->targets[number];
	__u32 changes = cpu_of(entries, target)->changes >> 32 << ENTRIES_CHANGES_SHIFT;
	bool changed = (changes ^ noted) >> ENTRIES_CHANGES_SHIFT;

	if (entries->settings->parent == ENTRIES_PARENT_SBI && call->raises &&
	    call->raises != call->nr_candidates && !(noted & IPIMUX_MASKED) && !changed)
		count_doubt(copy, target, call->vipi, IPIMUX_UNCERTAIN);
	if (!(noted & (ENTRIES_RAISED | ENTRIES_COUNTED)))
		count_unraised(entries, copy, cpu, target, call->vipi, changed);
}

/* settle_process - it was empty, unless the kernel has handled more since it began */
static void settle_process(const struct entries *entries, struct counters *copy,
			   const struct unsettled *unsettled)
{
	const volatile struct entries_notes *notes = &entries->notes[unsettled->cpu];
	__u32 handled = 0;

	for (unsigned int vipi = 0; vipi < entries->settings->nr_vipis; vipi++)
		handled += (__u32)counters__handled(copy, unsettled->cpu, vipi) + notes->base[vipi];
	copy->processed[ipimux_processed_index(&copy->shape, unsettled->cpu,
			handled == unsettled->what[1] ? IPIMUX_BITS_BATCH : IPIMUX_BITS_SOME)]++;
}

/* add_last - what the last process of @cpu is, if it found nothing and is not in the copy either */
static int add_last(struct entries *entries, const struct counters *copy, unsigned int cpu)
{
	const __u64 *slab = copy->processed + ipimux_processed_index(&copy->shape, cpu, 0);
	struct unsettled last = {
		.kind = UNSETTLED_PROCESS, .cpu = cpu, .target = cpu, .there = true,
	};

	if (!look(entries, &last, last.what) ||
	    last.what[2] != slab[IPIMUX_BITS_BATCH] + slab[IPIMUX_BITS_SOME])
		return 0;
	for (unsigned int i = 0; i < entries->nr_unsettled; i++) {
		struct unsettled *unsettled = &entries->unsettled[i];

		if (unsettled->kind != UNSETTLED_PROCESS || unsettled->cpu != cpu)
			continue;
		*unsettled = last;
		return 0;
	}
	return add(entries, &last);
}

int entries__settle(struct entries *entries, struct counters *copy, bool edge)
{
	int err = 0;

	for (unsigned int cpu = 0; cpu < entries->nr_cpus && edge && !err; cpu++)
		err = add_last(entries, copy, cpu);
	for (unsigned int i = 0; i < entries->nr_unsettled && !err; i++) {
		const struct unsettled *unsettled = &entries->unsettled[i];

		if (!unsettled->there)
			continue;
		switch (unsettled->kind) {
		case UNSETTLED_SEND:
			settle_send(entries, copy, unsettled);
			break;
		case UNSETTLED_CALL:
			settle_call(entries, copy, unsettled);
			break;
		case UNSETTLED_PROCESS:
			settle_process(entries, copy, unsettled);
			break;
		}
	}
	return err;
}
