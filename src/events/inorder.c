// SPDX-License-Identifier: GPL-2.0-only
/* Events in order of time, see inorder.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "events/inorder.h"

int inorder__init(struct inorder *inorder, unsigned int nr_cpus)
{
	*inorder = (struct inorder){ .nr_cpus = nr_cpus };
	inorder->told = calloc(nr_cpus, sizeof(*inorder->told));
	return inorder->told ? 0 : -ENOMEM;
}

void inorder__free(struct inorder *inorder)
{
	free(inorder->told);
	free(inorder->held);
	memset(inorder, 0, sizeof(*inorder));
}

/* make_room - for one more at the end */
static int make_room(struct inorder *inorder)
{
	size_t nr = inorder->end - inorder->first;
	struct inorder_event *larger;

	if (inorder->end < inorder->room)
		return 0;
	if (inorder->first > inorder->room / 2) {
		memmove(inorder->held, inorder->held + inorder->first, nr * sizeof(*larger));
		inorder->first = 0;
		inorder->end = nr;
		return 0;
	}
	inorder->room = inorder->room ? inorder->room * 2 : 256;
	larger = realloc(inorder->held, inorder->room * sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	inorder->held = larger;
	return 0;
}

int inorder__add(struct inorder *inorder, const struct ipimux_event *event)
{
	int err = make_room(inorder);

	if (err)
		return err;
	inorder->held[inorder->end++] = (struct inorder_event){
		.event = *event, .number = inorder->arrived++,
	};
	inorder->sorted = false;
	if (event->time > inorder->latest)
		inorder->latest = event->time;
	return 0;
}

/* At the same time: as they arrived, which keeps the order of each CPU. */
static int compare(const void *left, const void *right)
{
	const struct inorder_event *a = left, *b = right;

	if (a->event.time != b->event.time)
		return a->event.time < b->event.time ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

bool inorder__next(struct inorder *inorder, __u64 until, struct ipimux_event *event,
		   __u64 *lost)
{
	if (inorder->first == inorder->end)
		return false;
	if (!inorder->sorted) {
		qsort(inorder->held + inorder->first, inorder->end - inorder->first,
		      sizeof(*inorder->held), compare);
		inorder->sorted = true;
	}
	if (inorder->held[inorder->first].event.time >= until)
		return false;

	*event = inorder->held[inorder->first++].event;
	if (event->time < inorder->given)
		inorder->late++;
	else
		inorder->given = event->time;
	*lost = 0;
	if (event->cpu < inorder->nr_cpus)
		*lost = inorder__lost_behind(inorder, event->cpu, event->lost);
	return true;
}

__u64 inorder__lost_behind(struct inorder *inorder, unsigned int cpu, __u64 total)
{
	__u64 lost = total > inorder->told[cpu] ? total - inorder->told[cpu] : 0;

	/* One that took long has a higher number than what comes behind it in time. */
	inorder->told[cpu] += lost;
	return lost;
}
