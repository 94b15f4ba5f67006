// SPDX-License-Identifier: GPL-2.0-only
/* The stream of single events from the kernel, see events.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/printable.h"
#include "loader/loader.h"
#include "probe/events.h"
#include "events.skel.h"

struct events {
	struct events_bpf *bpf;
	int first_program;		/* see loader__first_program() */
	struct bpf_link *links[IPIMUX_NR_KINDS];
	struct ring_buffer *reader;
	__u32 lost_mask;

	/* Of events__read(), for the callback. */
	unsigned int taken;
	unsigned int limit;
	int (*take)(void *context, const struct ipimux_event *event);
	void *context;
};

/* What the callback returns to end a read at its limit: anything negative does. */
#define ENOUGH	(-ECANCELED)

static size_t buffer_size(size_t wanted)
{
	size_t size = getpagesize();

	while (size < wanted)
		size *= 2;
	return size;
}

static unsigned int power_of_two(unsigned int number)
{
	unsigned int power = 1;

	while (power < number)
		power *= 2;
	return power;
}

static int set_up(struct events *events, const struct machine *machine,
		  const struct events_options *options)
{
	struct events_bpf *bpf = events->bpf;
	unsigned int nr_cpus = power_of_two(cpuset__last(&machine->possible) + 1);
	struct ipimux_filter *filter = &bpf->rodata->filter;
	int err;

	events->lost_mask = (nr_cpus << IPIMUX_LOST_SHIFT) - 1;
	filter->lost_mask = events->lost_mask;
	filter->vipis = options->vipis ? options->vipis : ~0U;
	filter->all_vipis = !options->vipis;
	filter->self = getpid();
	filter->no_self = options->no_self;
	filter->by_cpu = options->cpus != NULL;
	for (unsigned int cpu = 0; filter->by_cpu && cpu < CPUSET_MAX; cpu++)
		if (cpuset__has(options->cpus, cpu))
			filter->cpus[cpu / 64] |= 1ULL << cpu % 64;

	err = bpf_map__set_value_size(bpf->maps.data_lost,
				      (events->lost_mask + 1) * sizeof(__u64));
	if (err)
		return err;
	return bpf_map__set_max_entries(bpf->maps.events, buffer_size(options->buffer));
}

static int take_sample(void *context, void *sample, size_t size)
{
	struct events *events = context;
	struct ipimux_event event = {};
	int err;

	memcpy(&event, sample, size < sizeof(event) ? size : sizeof(event));
	make_printable_array(event.command, sizeof(event.command));
	err = events->take(events->context, &event);
	if (err < 0)
		return err;
	return ++events->taken == events->limit ? ENOUGH : 0;
}

static struct failure *load(struct events *events, const struct machine *machine,
			    const struct events_options *options)
{
	struct failure *failure;

	events->first_program = loader__first_program();
	if (loader__is_interpreted(events->first_program))
		return failure__new(FAILURE_BROKEN, 0, "BPF's JIT is off, and without it programs "
				    "cannot tell on which CPU they run: %s", machine__jit_advice());
	events->bpf = events_bpf__open();
	if (!events->bpf)
		return loader__not_loaded(-errno);
	failure = loader__not_loaded(set_up(events, machine, options));
	if (!failure)
		failure = loader__load(events->bpf->skeleton);
	if (failure)
		return failure;
	events->reader = ring_buffer__new(bpf_map__fd(events->bpf->maps.events), take_sample,
					  events, NULL);
	return events->reader ? NULL : loader__not_loaded(-errno);
}

struct failure *events__load(struct events **result, const struct machine *machine,
			     const struct events_options *options)
{
	struct failure *failure = loader__prepare(options->verbose);
	struct events *events;

	if (failure)
		return failure;
	events = calloc(1, sizeof(*events));
	if (!events)
		return failure__of(-ENOMEM);
	failure = load(events, machine, options);
	if (failure)
		events__free(events);
	else
		*result = events;
	return failure;
}

/*
 * What ends the life of a bit first, what begins it last: none that is seen to be set
 * is handled unseen.
 */
struct failure *events__attach(struct events *events)
{
	struct bpf_program *programs[IPIMUX_NR_KINDS] = {
		events->bpf->progs.pass_process,
		events->bpf->progs.pass_unmask,
		events->bpf->progs.pass_mask,
		events->bpf->progs.pass_send,
	};

	for (unsigned int i = 0; i < IPIMUX_NR_KINDS; i++) {
		events->links[i] = bpf_program__attach(programs[i]);
		/* It came later than the others: a kernel may have only those. */
		if (!events->links[i] && programs[i] == events->bpf->progs.pass_mask &&
		    errno == ENOENT)
			continue;
		if (!events->links[i])
			return loader__no_tracepoint(-errno);
	}
	return NULL;
}

void events__begin(struct events *events)
{
	*(volatile __u32 *)&events->bpf->bss->begun = 1;
}

/* The other way round. */
void events__detach(struct events *events)
{
	for (unsigned int i = IPIMUX_NR_KINDS; i-- > 0;) {
		bpf_link__destroy(events->links[i]);
		events->links[i] = NULL;
	}
}

void events__free(struct events *events)
{
	if (!events)
		return;
	events__detach(events);
	ring_buffer__free(events->reader);
	events_bpf__destroy(events->bpf);
	if (events->first_program >= 0)
		close(events->first_program);
	free(events);
}

int events__read(struct events *events, unsigned int limit,
		 int (*take)(void *context, const struct ipimux_event *event), void *context,
		 bool *left)
{
	int err;

	events->taken = 0;
	events->limit = limit;
	events->take = take;
	events->context = context;
	err = ring_buffer__consume(events->reader);
	*left = ring__avail_data_size(ring_buffer__ring(events->reader, 0)) > 0;
	return err < 0 && events->taken != events->limit ? err : (int)events->taken;
}

unsigned int events__fill(const struct events *events)
{
	const struct ring *ring = ring_buffer__ring(events->reader, 0);

	return ring__avail_data_size(ring) * 100 / ring__size(ring);
}

__u64 events__lost(const struct events *events, unsigned int cpu)
{
	const volatile __u64 *counters = events->bpf->data_lost->lost;
	__u64 sum = 0;

	for (unsigned int kind = 0; kind < IPIMUX_NR_KINDS; kind++)
		sum += counters[ipimux_lost_index(events->lost_mask, cpu, kind)];
	return sum;
}

int events__read_missed(const struct events *events, __u64 *missed)
{
	return loader__read_missed(events->bpf->obj, missed);
}
