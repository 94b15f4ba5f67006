// SPDX-License-Identifier: GPL-2.0-only
/* What programs at the entries have noted and not counted, though it is over: see noted.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ways/noted.h"

/* What is noted and not counted. */
enum unsettled_kind { UNSETTLED_SEND, UNSETTLED_CALL, UNSETTLED_PROCESS };

struct unsettled {
	enum unsettled_kind kind;
	unsigned int cpu, index;	/* of the place of a send, or the level of a call */
	unsigned int target;		/* the CPU whose copy it belongs to */
	__u64 what[3];			/* as long as these are the same, it is the same */
	bool there;			/* and so it was when that CPU was copied last... */
	__u32 vipi, seen;		/* ...and this a call had noted then: of the target, */
	bool changed, guessed;		/* that its word changed, that its outcome was guessed */
};

static const volatile struct entries_cpu *cpu_of(const struct noted *noted, unsigned int cpu)
{
	return noted->cpus + cpu;
}

/* The number of a call among all. */
static size_t number_of(unsigned int cpu, unsigned int level)
{
	return (size_t)cpu << ENTRIES_LEVEL_SHIFT | level;
}

static const volatile struct entries_call *call_of(const struct noted *noted, unsigned int cpu,
						   unsigned int level)
{
	return noted->calls + number_of(cpu, level);
}

/* A cell of traffic, of a send that was noted: its counters. */
static __u64 *cell_of(const struct counters *counters, __u64 cell)
{
	return counters->traffic +
	       ((__u32)cell << IPIMUX_OUTCOME_SHIFT & counters->shape.traffic_mask);
}

/* look - what there is now of that kind; returns whether there is any */
static bool look(const struct noted *noted, const struct unsettled *unsettled, __u64 what[3])
{
	const volatile struct entries_cpu *cpu = cpu_of(noted, unsettled->cpu);

	if (unsettled->kind == UNSETTLED_SEND) {
		const volatile struct entries_send *send = &cpu->sends[unsettled->index];

		what[0] = send->at;
		what[1] = send->cell;
		/* How many that look the same were over before. */
		what[2] = *(volatile __u64 *)&cell_of(noted->live, what[1])[IPIMUX_RAISED] +
			  cpu->settled;
		return what[0] & ENTRIES_FORETOLD;
	}
	if (unsettled->kind == UNSETTLED_CALL) {
		const volatile struct entries_call *call = call_of(noted, unsettled->cpu,
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

static bool is_same(const struct noted *noted, const struct unsettled *unsettled)
{
	__u64 now[3];

	look(noted, unsettled, now);
	return !memcmp(now, unsettled->what, sizeof(now));
}

static int add(struct noted *noted, const struct unsettled *unsettled)
{
	if (noted->nr_unsettled == noted->room) {
		unsigned int room = noted->room ? 2 * noted->room : 64;
		void *more = realloc(noted->unsettled, room * sizeof(*unsettled));

		if (!more)
			return -ENOMEM;
		noted->unsettled = more;
		noted->room = room;
	}
	noted->unsettled[noted->nr_unsettled++] = *unsettled;
	return 0;
}

static unsigned int target_of(const struct noted *noted, __u32 cell)
{
	return cell >> ENTRIES_VIPI_SHIFT & ((1U << noted->live->shape.cpu_shift) - 1);
}

/* has_target - does that call send to this CPU? */
static bool has_target(const struct noted *noted, unsigned int cpu, unsigned int level,
		       unsigned int target)
{
	size_t word = number_of(cpu, level) * noted->settings->nr_words + target / 64;

	return noted->target_masks[word] >> target % 64 & 1;
}

static int note_cpu(struct noted *noted, unsigned int cpu)
{
	struct unsettled unsettled = { .cpu = cpu };
	int err = 0;

	unsettled.kind = UNSETTLED_SEND;
	for (unsigned int i = 0; i < ENTRIES_SENDS && !err; i++) {
		unsettled.index = i;
		if (!look(noted, &unsettled, unsettled.what))
			continue;
		unsettled.target = target_of(noted, unsettled.what[1]);
		err = add(noted, &unsettled);
	}
	unsettled.kind = UNSETTLED_CALL;
	for (unsigned int level = 0; level < ENTRIES_LEVELS && !err; level++) {
		unsettled.index = level;
		if (!look(noted, &unsettled, unsettled.what))
			continue;
		for (unsigned int target = 0; target < noted->nr_cpus && !err; target++) {
			unsettled.target = target;
			if (has_target(noted, cpu, level, target))
				err = add(noted, &unsettled);
		}
	}
	unsettled.kind = UNSETTLED_PROCESS;
	unsettled.target = cpu;
	if (!err && look(noted, &unsettled, unsettled.what))
		err = add(noted, &unsettled);
	return err;
}

int noted__note(struct noted *noted)
{
	int err = 0;

	noted->nr_unsettled = 0;
	for (unsigned int cpu = 0; cpu < noted->nr_cpus && !err; cpu++)
		err = note_cpu(noted, cpu);
	return err;
}

void noted__keep_same(struct noted *noted)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < noted->nr_unsettled; i++)
		if (is_same(noted, &noted->unsettled[i]))
			noted->unsettled[kept++] = noted->unsettled[i];
	noted->nr_unsettled = kept;
}

/* look_at_target - what a call has noted of it, before that can be another call's */
static void look_at_target(const struct noted *noted, struct unsettled *unsettled)
{
	const volatile struct entries_call *call = call_of(noted, unsettled->cpu, unsettled->index);
	size_t number = number_of(unsettled->cpu, unsettled->index)
			<< noted->live->shape.cpu_shift | unsettled->target;
	__u32 changes = cpu_of(noted, unsettled->target)->changes >> 32 << ENTRIES_CHANGES_SHIFT;

	unsettled->vipi = call->vipi;
	unsettled->seen = noted->targets[number];
	unsettled->changed = (changes ^ unsettled->seen) >> ENTRIES_CHANGES_SHIFT;
	unsettled->guessed = noted->settings->parent == ENTRIES_PARENT_SBI && call->raises &&
			     call->raises != call->nr_candidates;
}

unsigned int noted__look_again(struct noted *noted, unsigned int cpu)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < noted->nr_unsettled; i++) {
		struct unsettled *unsettled = &noted->unsettled[i];

		if (unsettled->target != cpu)
			continue;
		if (unsettled->kind == UNSETTLED_CALL) {
			if (call_of(noted, unsettled->cpu, unsettled->index)->settling)
				return NOTED_SETTLING;
			look_at_target(noted, unsettled);
		}
		unsettled->there = is_same(noted, unsettled);
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
static void count_unraised(const struct noted *noted, struct counters *copy, unsigned int cpu,
			   unsigned int target, unsigned int vipi, bool changed)
{
	bool silent = cpu_of(noted, cpu)->silent;

	if (!silent)
		count_doubt(copy, target, vipi, IPIMUX_MISPREDICTED);
	if (silent || changed)
		count_doubt(copy, target, vipi, IPIMUX_UNCERTAIN);
	copy->traffic[ipimux_traffic_index(&copy->shape, cpu, target, vipi,
					   silent ? IPIMUX_RAISED : IPIMUX_COALESCED)]++;
}

static void settle_send(const struct noted *noted, struct counters *copy,
			const struct unsettled *unsettled)
{
	unsigned int vipi = unsettled->what[1] & (ENTRIES_NR_VIPIS - 1);

	count_unraised(noted, copy, unsettled->cpu, unsettled->target, vipi,
		       (unsettled->what[1] ^ cpu_of(noted, unsettled->target)->changes) >> 32);
}

/* settle_call - the send of a call to one of its targets */
static void settle_call(const struct noted *noted, struct counters *copy,
			const struct unsettled *unsettled)
{
	if (unsettled->guessed && !(unsettled->seen & IPIMUX_MASKED) && !unsettled->changed)
		count_doubt(copy, unsettled->target, unsettled->vipi, IPIMUX_UNCERTAIN);
	if (!(unsettled->seen & (ENTRIES_RAISED | ENTRIES_COUNTED)))
		count_unraised(noted, copy, unsettled->cpu, unsettled->target, unsettled->vipi,
			       unsettled->changed);
}

/* settle_process - it was empty, unless the kernel has handled more since it began */
static void settle_process(const struct noted *noted, struct counters *copy,
			   const struct unsettled *unsettled)
{
	const volatile struct entries_notes *notes = &noted->notes[unsettled->cpu];
	__u32 handled = 0;

	for (unsigned int vipi = 0; vipi < noted->settings->nr_vipis; vipi++)
		handled += (__u32)counters__handled(copy, unsettled->cpu, vipi) + notes->base[vipi];
	copy->processed[ipimux_processed_index(&copy->shape, unsettled->cpu,
			handled == unsettled->what[1] ? IPIMUX_BITS_BATCH : IPIMUX_BITS_SOME)]++;
}

/* add_last - what the last process of @cpu is, if it found nothing and is not in the copy either */
static int add_last(struct noted *noted, const struct counters *copy, unsigned int cpu)
{
	const __u64 *slab = copy->processed + ipimux_processed_index(&copy->shape, cpu, 0);
	struct unsettled last = {
		.kind = UNSETTLED_PROCESS, .cpu = cpu, .target = cpu, .there = true,
	};

	if (!look(noted, &last, last.what) ||
	    last.what[2] != slab[IPIMUX_BITS_BATCH] + slab[IPIMUX_BITS_SOME])
		return 0;
	for (unsigned int i = 0; i < noted->nr_unsettled; i++) {
		struct unsettled *unsettled = &noted->unsettled[i];

		if (unsettled->kind != UNSETTLED_PROCESS || unsettled->cpu != cpu)
			continue;
		*unsettled = last;
		return 0;
	}
	return add(noted, &last);
}

int noted__settle(struct noted *noted, struct counters *copy, bool edge)
{
	int err = 0;

	for (unsigned int cpu = 0; cpu < noted->nr_cpus && edge && !err; cpu++)
		err = add_last(noted, copy, cpu);
	for (unsigned int i = 0; i < noted->nr_unsettled && !err; i++) {
		const struct unsettled *unsettled = &noted->unsettled[i];

		if (!unsettled->there)
			continue;
		switch (unsettled->kind) {
		case UNSETTLED_SEND:
			settle_send(noted, copy, unsettled);
			break;
		case UNSETTLED_CALL:
			settle_call(noted, copy, unsettled);
			break;
		case UNSETTLED_PROCESS:
			settle_process(noted, copy, unsettled);
			break;
		}
	}
	return err;
}
