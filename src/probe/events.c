// SPDX-License-Identifier: GPL-2.0-only
/* The stream of single events from the kernel, see events.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/printable.h"
#include "loader/loader.h"
#include "probe/events.h"
#include "ways/fentry.h"
#include "ways/kprobes.h"
#include "ways/mux.h"
#include "ways/untraceable.h"
#include "events.skel.h"

struct events {
	/* One of these, at the tracepoints or at the multiplexer's functions... */
	struct events_bpf *bpf;
	struct fentry *fentry;
	struct kprobes *kprobes;
	struct failure *dearer;	/* ...and why not one before... */
	struct counters counted;	/* by the last two, which nobody looks at */
	/* ...and what is in it. */
	struct passed_events passed;

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

static struct ipimux_filter filter_of(const struct machine *machine,
				      const struct events_options *options)
{
	unsigned int nr_cpus = power_of_two(cpuset__last(&machine->possible) + 1);
	struct ipimux_filter filter = {
		.lost_mask = (nr_cpus << IPIMUX_LOST_SHIFT) - 1,
		.vipis = options->vipis ? options->vipis : ~0U,
		.all_vipis = !options->vipis,
		.self = getpid(),
		.no_self = options->no_self,
		.by_cpu = options->cpus != NULL,
	};

	for (unsigned int cpu = 0; filter.by_cpu && cpu < CPUSET_MAX; cpu++)
		if (cpuset__has(options->cpus, cpu))
			filter.cpus[cpu / 64] |= 1ULL << cpu % 64;
	return filter;
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

static struct failure *load_tracepoints(struct events *events, const struct ipimux_filter *filter,
					size_t buffer)
{
	struct events_bpf *bpf = events->bpf = events_bpf__open();
	struct failure *failure;

	if (!bpf)
		return loader__not_loaded(-errno);
	bpf->rodata->filter = *filter;
	failure = loader__size_table(bpf->maps.data_lost, filter->lost_mask + 1ULL, sizeof(__u64));
	if (!failure)
		failure = loader__not_loaded(bpf_map__set_max_entries(bpf->maps.events, buffer));
	if (!failure)
		failure = loader__load(bpf->skeleton);
	if (!failure)
		events->passed = (struct passed_events){
			.buffer = bpf->maps.events, .begun = &bpf->bss->begun,
			.lost = bpf->data_lost->lost,
		};
	return failure;
}

static struct failure *load_fentry(struct events *events, const struct machine *machine,
				   const struct ipimux_filter *filter, size_t buffer, bool *found)
{
	struct mux mux = {};
	struct failure *failure = mux__find(&mux, cpuset__last(&machine->possible) + 1);

	*found = !failure;
	if (!failure)
		failure = fentry__load(&events->fentry, machine, &mux, 0, false, filter, buffer,
				       &events->counted);
	mux__free(&mux);
	if (!failure)
		events->passed = fentry__events(events->fentry);
	return failure;
}

/* load_kprobes - the last way in; why not by that of @before, if it was tried, is told, too */
static struct failure *load_kprobes(struct events *events, const struct machine *machine,
				    const struct ipimux_filter *filter, size_t buffer,
				    struct failure *before)
{
	struct failure *failure = kprobes__load(&events->kprobes, machine, 0, false, filter,
						buffer, &events->counted);

	if (failure)
		return untraceable__either(before, failure);
	events->dearer = before;
	events->passed = kprobes__events(events->kprobes);
	return NULL;
}

/* load_outside - of a kernel without the tracepoints: what counts there passes on, too */
static struct failure *load_outside(struct events *events, const struct machine *machine,
				    unsigned int flags, const struct ipimux_filter *filter,
				    size_t buffer)
{
	struct failure *failure = loader__check_descriptors(LOADER_FENTRY_DESCRIPTORS);
	bool found = false;

	if (failure)
		return failure;
	events->counted.shape = counters__shape(cpuset__last(&machine->possible),
						machine->nr_vipis, false);
	if (!(flags & PROBE_VIA_KPROBE))
		failure = load_fentry(events, machine, filter, buffer, &found);
	if (flags & PROBE_VIA_KPROBE || (failure && !found && !(flags & PROBE_VIA)))
		failure = load_kprobes(events, machine, filter, buffer, failure);
	return failure;
}

static struct failure *load(struct events *events, const struct machine *machine,
			    const struct events_options *options)
{
	struct ipimux_filter filter = filter_of(machine, options);
	size_t buffer = buffer_size(options->buffer);
	struct failure *failure;

	events->first_program = loader__first_program();
	if (loader__is_interpreted(events->first_program))
		return failure__new(FAILURE_BROKEN, 0, "BPF's JIT is off, and without it programs "
				    "cannot tell on which CPU they run: %s", machine__jit_advice());
	events->lost_mask = filter.lost_mask;
	failure = mux__from_outside(options->flags) ?
		  load_outside(events, machine, options->flags, &filter, buffer) :
		  load_tracepoints(events, &filter, buffer);
	if (failure)
		return failure;
	events->reader = ring_buffer__new(bpf_map__fd(events->passed.buffer), take_sample, events,
					  NULL);
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
static struct failure *attach_tracepoints(struct events *events)
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

struct failure *events__attach(struct events *events)
{
	if (events->kprobes)
		return kprobes__attach(events->kprobes);
	return events->fentry ? fentry__attach(events->fentry) : attach_tracepoints(events);
}

enum events_via events__via(const struct events *events)
{
	if (events->kprobes)
		return EVENTS_VIA_KPROBE;
	return events->fentry ? EVENTS_VIA_FENTRY : EVENTS_VIA_TRACEPOINT;
}

const struct failure *events__dearer(const struct events *events)
{
	return events->dearer;
}

void events__begin(struct events *events)
{
	*events->passed.begun = PASSING_ALL;
}

/* end_outside - programs at functions go one by one, in seconds: so they pass on nothing before */
static void end_outside(struct events *events)
{
	static const struct timespec processes = { .tv_nsec = 20000000 };

	if (*events->passed.begun) {
		*events->passed.begun = PASSING_PROCESSES;
		nanosleep(&processes, NULL);
	}
	*events->passed.begun = PASSING_NONE;
	if (events->kprobes)
		kprobes__detach(events->kprobes);
	else
		fentry__detach(events->fentry);
}

/* Sends end first: what was seen to be set is seen to be handled, if that is soon. */
void events__detach(struct events *events)
{
	if (events->fentry || events->kprobes)
		end_outside(events);
	for (unsigned int i = IPIMUX_NR_KINDS; i-- > 0;) {
		bpf_link__destroy(events->links[i]);
		events->links[i] = NULL;
	}
}

void events__free(struct events *events)
{
	if (!events)
		return;
	if (events->passed.begun)
		events__detach(events);
	ring_buffer__free(events->reader);
	events_bpf__destroy(events->bpf);
	fentry__free(events->fentry);
	kprobes__free(events->kprobes);
	failure__free(events->dearer);
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
	__u64 sum = 0;

	for (unsigned int kind = 0; kind < IPIMUX_NR_KINDS; kind++)
		sum += events->passed.lost[ipimux_lost_index(events->lost_mask, cpu, kind)];
	return sum;
}

int events__read_missed(const struct events *events, __u64 *missed)
{
	if (events->kprobes)
		return kprobes__read_missed(events->kprobes, missed);
	return events->fentry ? fentry__read_missed(events->fentry, missed) :
				loader__read_missed(events->bpf->obj, missed);
}
