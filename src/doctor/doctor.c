// SPDX-License-Identifier: GPL-2.0-only
/* Which ways there are into the mux, from what was found item by item, see doctor.h. */
#include <string.h>

#include "doctor/doctor.h"

static const __u32 needs[DOCTOR_NR_WAYS] = {
	[DOCTOR_TRACEPOINT] = 1U << DOCTOR_MUX | 1U << DOCTOR_BPF | 1U << DOCTOR_PERMISSION |
			      1U << DOCTOR_TRACEPOINTS,
	[DOCTOR_FENTRY] = 1U << DOCTOR_MUX | 1U << DOCTOR_BPF | 1U << DOCTOR_PERMISSION |
			  1U << DOCTOR_BTF | 1U << DOCTOR_FTRACE | 1U << DOCTOR_LOCKDOWN |
			  1U << DOCTOR_NAMES,
	[DOCTOR_KPROBE] = 1U << DOCTOR_MUX | 1U << DOCTOR_BPF | 1U << DOCTOR_PERMISSION |
			  1U << DOCTOR_KPROBES | 1U << DOCTOR_LOCKDOWN | 1U << DOCTOR_NAMES,
};

/* is_enough - what is missing of an item is not what this way needs of it */
static bool is_enough(const struct facts *facts, enum doctor_way way, unsigned int item)
{
	/* Where variables are the code tells. */
	return way == DOCTOR_KPROBE && item == DOCTOR_NAMES && facts->symbols == SYMBOLS_READ;
}

static void judge_way(struct doctor *doctor, const struct facts *facts, enum doctor_way way,
		      bool built)
{
	struct doctor_verdict *verdict = &doctor->ways[way];

	for (unsigned int item = 0; item < DOCTOR_NR_ITEMS; item++) {
		if (!(needs[way] >> item & 1) || is_enough(facts, way, item))
			continue;
		if (doctor->checks[item].state == DOCTOR_MISSING)
			verdict->lacks |= 1U << item;
		else if (doctor->checks[item].state == DOCTOR_UNKNOWN)
			verdict->unknown |= 1U << item;
	}
	verdict->not_built = !built;
	verdict->possible = verdict->lacks || !built ? KNOWN_NO :
			    verdict->unknown ? KNOWN_NOT : KNOWN_YES;
	if (verdict->possible == KNOWN_YES && doctor->way < 0)
		doctor->way = way;
}

/* tone_down - what only a longer way lacks stands in nobody's way */
static void tone_down(struct doctor *doctor)
{
	int least = DOCTOR_NR_ITEMS;
	__u32 missing = 0;

	for (unsigned int way = 0; way < DOCTOR_NR_WAYS; way++) {
		const struct doctor_verdict *verdict = &doctor->ways[way];
		int nr = __builtin_popcount(verdict->lacks);

		if (verdict->not_built || nr > least)
			continue;
		missing = nr < least ? verdict->lacks : missing | verdict->lacks;
		least = nr;
	}
	for (unsigned int item = 0; item < DOCTOR_NR_ITEMS; item++)
		if (doctor->checks[item].state == DOCTOR_MISSING && !(missing >> item & 1))
			doctor->checks[item].state = DOCTOR_NOTE;
}

void doctor__judge(struct doctor *doctor, const struct facts *facts, bool has_fentry)
{
	memset(doctor, 0, sizeof(*doctor));
	doctor->way = -1;
	doctor__check(doctor->checks, facts);
	judge_way(doctor, facts, DOCTOR_TRACEPOINT, true);
	judge_way(doctor, facts, DOCTOR_FENTRY, has_fentry);
	judge_way(doctor, facts, DOCTOR_KPROBE, has_fentry);
	tone_down(doctor);
}
