// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which process handled what which send set, see flows.h.
 *
 * A bit is set and handled in turn: the n-th send that found it clear is handled by the
 * n-th process that found it set. So the two are counted. But an event has its time from
 * a moment after the mux' atomic operation, so events of two CPUs can be seen in another
 * order than their operations had. As all are seen, sooner or later, the count comes
 * right again; an arrow is drawn from a send that took it from 0 to 1 to the process
 * that took it back, with none of the two between.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "events/flows.h"

/*
 * A process leaves all bits clear that are enabled: there the count begins, if no event of
 * the bit is so close (REFUTES) that it may be on the other side. When it went wrong, as
 * sends go unseen of a CPU that goes offline, it begins anew so long after the last event.
 */
#define QUIET		10000000ULL

/*
 * A send so shortly after a process may have set the bit before it. Only of a CPU whose
 * own send that process has handled is it known that it did not.
 */
#define REFUTES		10000ULL

/* So many arrows are held back at most; then the older half is told of. */
#define MAX_HELD	(1 << 18)

int flows__init(struct flows *flows, unsigned int nr_cpus, unsigned int nr_vipis, __u64 start,
		void (*found)(void *context, const struct flow *flow), void *context)
{
	*flows = (struct flows){
		.nr_cpus = nr_cpus, .nr_vipis = nr_vipis, .found = found, .context = context,
	};
	flows->bits = calloc((size_t)nr_cpus * nr_vipis, sizeof(*flows->bits));
	flows->last = calloc(nr_cpus, sizeof(*flows->last));
	flows->placed = calloc(nr_cpus, sizeof(*flows->placed));
	if (!flows->bits || !flows->last || !flows->placed) {
		flows__free(flows);
		return -ENOMEM;
	}
	for (size_t i = 0; i < (size_t)nr_cpus * nr_vipis; i++)
		flows->bits[i].last = start;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		flows->last[cpu] = start;
	return 0;
}

void flows__free(struct flows *flows)
{
	free(flows->bits);
	free(flows->last);
	free(flows->placed);
	free(flows->arrows);
	memset(flows, 0, sizeof(*flows));
}

/* tell - of the arrows with a number below @number */
static void tell(struct flows *flows, __u64 number)
{
	__u64 nr = number - flows->told, left = flows->drawn - number;

	if (!nr)
		return;
	for (__u64 i = 0; i < nr; i++)
		if (!flows->arrows[i].refuted)
			flows->found(flows->context, &flows->arrows[i].flow);
	memmove(flows->arrows, flows->arrows + nr, left * sizeof(*flows->arrows));
	flows->told = number;
}

/* draw - an arrow; it gets the number flows->drawn */
static int draw(struct flows *flows, const struct flow *flow)
{
	__u64 nr = flows->drawn - flows->told;

	if (nr == MAX_HELD)
		tell(flows, flows->told + nr / 2);
	else if (nr == flows->room) {
		size_t room = nr ? nr * 2 : 64;
		struct flows_arrow *larger = realloc(flows->arrows, room * sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		flows->arrows = larger;
		flows->room = room;
	}
	flows->arrows[flows->drawn++ - flows->told] = (struct flows_arrow){ .flow = *flow };
	return 0;
}

/*
 * refute - the arrows of @bit whose process came less than REFUTES before @time, but
 * for those of @sender; the older ones are in no doubt any more
 */
static void refute(struct flows *flows, struct flows_bit *bit, __u64 time, int sender)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < bit->nr_doubted; i++) {
		struct flows_arrow *arrow;

		if (bit->doubted[i] < flows->told)
			continue;
		arrow = &flows->arrows[bit->doubted[i] - flows->told];
		if (arrow->flow.processed + REFUTES <= time)
			continue;
		if ((int)arrow->flow.sender == sender)
			bit->doubted[left++] = bit->doubted[i];
		else
			arrow->refuted = true;
	}
	bit->nr_doubted = left;
}

/* in_doubt - may this send be the one that the last process handled? */
static bool in_doubt(const struct flows_bit *bit, const struct ipimux_event *event)
{
	return bit->handled && event->time < bit->handled + REFUTES &&
	       !(bit->by_arrow && bit->flow.sender == event->cpu);
}

static void set(struct flows *flows, struct flows_bit *bit, const struct ipimux_event *event)
{
	refute(flows, bit, event->time, event->cpu);
	if (event->time < bit->began + REFUTES)
		bit->known = false;
	bit->open = bit->known && bit->balance++ == 0 && !in_doubt(bit, event);
	if (bit->open)
		bit->flow = (struct flow){
			.sender = event->cpu, .target = event->target, .vipi = event->vipi,
			.sent = event->time,
		};
}

static int handle(struct flows *flows, struct flows_bit *bit, const struct ipimux_event *event)
{
	int err = 0;

	/* One more, and no send between: that comes late, and who knows which it is. */
	if (bit->known && --bit->balance < 0)
		refute(flows, bit, event->time, -1);
	/* Not one that came too late to be put in order. */
	bit->by_arrow = bit->open && event->time == flows->latest;
	if (bit->by_arrow && bit->nr_doubted < FLOWS_DOUBTED) {
		bit->flow.processed = event->time;
		bit->doubted[bit->nr_doubted++] = flows->drawn;
		err = draw(flows, &bit->flow);
	}
	bit->open = false;
	bit->handled = event->time;
	return err;
}

/* is_clear - the bit is, after this process: lets the count begin */
static void is_clear(struct flows_bit *bit, const struct ipimux_event *event)
{
	if (bit->known && !bit->balance)
		return;
	if (event->time < bit->last + (bit->known ? QUIET : REFUTES))
		return;
	bit->known = true;
	bit->began = event->time;
	bit->balance = 0;
	bit->open = false;
	bit->by_arrow = false;
	bit->handled = event->time;
}

/* take_event - what it says of one bit that it concerns */
static int take_event(struct flows *flows, struct flows_bit *bit, unsigned int vipi,
		       const struct ipimux_event *event)
{
	int err = 0;

	if (event->kind == IPIMUX_PROCESS) {
		bool handled = ipimux_event_handled(event) >> vipi & 1;

		if (handled)
			err = handle(flows, bit, event);
		is_clear(bit, event);
		if (!handled)
			return 0;
	} else if (event->kind == IPIMUX_SEND && !ipimux_event_was_pending(event)) {
		set(flows, bit, event);
	}
	if (event->time > bit->last)
		bit->last = event->time;
	return err;
}

__u64 flows__place(struct flows *flows, unsigned int cpu, __u64 time)
{
	if (cpu >= flows->nr_cpus)
		return time;
	if (time <= flows->placed[cpu])
		time = flows->placed[cpu] + 1;
	flows->placed[cpu] = time;
	return time;
}

int flows__event(struct flows *flows, const struct ipimux_event *event)
{
	unsigned int target = event->kind == IPIMUX_SEND ? event->target : event->cpu;
	__u32 vipis = event->kind == IPIMUX_PROCESS ? event->enabled : 1U << event->vipi;

	int err = 0;

	if (event->cpu >= flows->nr_cpus || target >= flows->nr_cpus)
		return 0;
	flows->last[event->cpu] = event->time;
	if (event->time > flows->latest)
		flows->latest = event->time;
	/* It changes neither what is set nor who handles it: no word of a bit's count. */
	if (event->kind == IPIMUX_MASK)
		return 0;
	for (unsigned int vipi = 0; !err && vipi < flows->nr_vipis; vipi++)
		if (vipis >> vipi & 1)
			err = take_event(flows, &flows->bits[target * flows->nr_vipis + vipi],
					 vipi, event);
	return err;
}

void flows__gap(struct flows *flows, unsigned int cpu, __u64 time)
{
	__u64 begin = cpu < flows->nr_cpus ? flows->last[cpu] : 0;

	/* They are in order of their processes. */
	while (flows->drawn > flows->told &&
	       flows->arrows[flows->drawn - 1 - flows->told].flow.processed + REFUTES > begin)
		flows->drawn--;
	for (size_t i = 0; i < (size_t)flows->nr_cpus * flows->nr_vipis; i++)
		flows->bits[i] = (struct flows_bit){ .last = time };
}

void flows__end(struct flows *flows)
{
	tell(flows, flows->drawn);
}
