// SPDX-License-Identifier: GPL-2.0-only
/* The BPF programs in the kernel, see probe.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "loader/loader.h"
#include "probe/probe_own.h"
#include "ways/entries.h"
#include "ways/fentry.h"
#include "ways/kprobes.h"
#include "ways/untraceable.h"
#include "ways/verify.h"
#include "ways/words.h"
#include "ipimux.skel.h"

/* counted_here - when which tables are there that the programs at the tracepoints count in */
static unsigned int counted_here(unsigned int flags)
{
	return COUNTED(ALWAYS) | COUNTED(MASKS) | (flags & PROBE_LATENCY ? COUNTED(LATENCY) : 0);
}

/*
 * choose_programs - those made for a machine of this size, or the general ones; each in
 * a form that counts, and one that times, too; those for a size also in one that times some
 */
static struct failure *choose_programs(const struct probe *probe, unsigned int flags)
{
	const struct ipimux_shape *shape = &probe->live.shape;
	const char *what = flags & PROBE_LATENCY ? "time" : "count";
	struct bpf_program *send, *process;
	char send_name[32], process_name[32];
	int err;

	if (!probe->interpreted && probe->live.by_set &&
	    shape->vipi_shift == IPIMUX_SIZE_VIPI_SHIFT && shape->cpu_shift <= IPIMUX_MAX_SIZE) {
		if (PROBE_ONE_IN(flags) > 1)
			what = "time_some";
		snprintf(send_name, sizeof(send_name), "%s_send_%u", what, shape->cpu_shift);
		snprintf(process_name, sizeof(process_name), "%s_process_%u", what,
			 shape->cpu_shift);
	} else {
		snprintf(send_name, sizeof(send_name), "%s_send", what);
		snprintf(process_name, sizeof(process_name), "%s_process_by_%s", what,
			 probe->live.by_set ? "set" : "bit");
	}
	send = bpf_object__find_program_by_name(probe->bpf->obj, send_name);
	process = bpf_object__find_program_by_name(probe->bpf->obj, process_name);
	if (!send || !process)
		return failure__new(FAILURE_BROKEN, -ENOENT, "this ipimux-trace has no BPF program "
				    "'%s'", send ? process_name : send_name);
	err = bpf_program__set_autoload(send, true);
	if (!err)
		err = bpf_program__set_autoload(process, true);
	return loader__not_loaded(err);
}

static struct failure *size_for_machine(struct probe *probe, const struct machine *machine,
					unsigned int flags)
{
	struct ipimux_bpf *bpf = probe->bpf;
	struct ipimux_shape shape;
	struct failure *failure;

	probe->nr_cpus = cpuset__last(&machine->possible) + 1;
	probe->nr_vipis = machine->nr_vipis;
	probe->live.by_set = machine->nr_vipis <= IPIMUX_MAX_SET_VIPIS && !(flags & PROBE_BY_BIT);
	shape = counters__shape(probe->nr_cpus - 1, machine->nr_vipis, probe->live.by_set);
	probe->live.shape = shape;
	bpf->rodata->shape = shape;

	failure = choose_programs(probe, flags);
	if (!failure)
		failure = loader__size_counters(bpf->obj, &probe->live, counted_here(flags));
	if (!failure)
		failure = loader__size_table(bpf->maps.data_masked_at, shape.waits_mask + 1ULL,
					     sizeof(__u64));
	if (!failure)
		failure = loader__size_table(bpf->maps.data_enabled_at, 1ULL << shape.cpu_shift,
					     sizeof(__u64));
	return failure;
}

/* start_numbers - as send_timed() and take() in bpf/ipimux.bpf.c want to find them */
static void start_numbers(struct counters *live)
{
	for (__u32 i = 0; i <= live->shape.waits_mask; i++) {
		struct ipimux_waits *waits = &live->waits[i];

		waits->skip = (live->timed_one_in - 1) * 2ULL;
		/* A number that has its stamp in the other one. */
		waits->stamp[0] = IPIMUX_NO_STAMP;
		/* Off by just that: the first process that finds no stamp believes sets. */
		waits->sets = waits->expected = waits->off_at = IPIMUX_FIRST_NUMBER;
	}
}

/*
 * load_fentry - programs at the multiplexer's functions: the cheap ones, where these can be.
 * *@found: could they be there at all?
 */
static struct failure *load_fentry(struct probe *probe, const struct machine *machine,
				   unsigned int flags, bool *found)
{
	struct mux mux = {};
	struct failure *failure = mux__find(&mux, probe->nr_cpus);

	*found = !failure;
	if (!failure && !probe->interpreted && entries__fit(machine, &mux, flags))
		probe->dearer = entries__load(&probe->entries, machine, &mux, flags, &probe->live);
	if (!failure && !probe->entries)
		failure = fentry__load(&probe->fentry, machine, &mux, flags, probe->interpreted,
				       NULL, 0, &probe->live);
	if (probe->entries)
		probe->noted = entries__noted(probe->entries);
	mux__free(&mux);
	return failure;
}

/* may_use_kprobes - by themselves, where there is nothing else? Not for pins, and not for tests */
static bool may_use_kprobes(unsigned int flags)
{
	return !(flags & (PROBE_VIA | PROBE_TO_PIN | PROBE_PREDICT));
}

/* load_kprobes - the last way in; why not by that of @before, if it was tried, is told, too */
static struct failure *load_kprobes(struct probe *probe, const struct machine *machine,
				    unsigned int flags, struct failure *before)
{
	struct failure *failure = kprobes__load(&probe->kprobes, machine, flags,
						probe->interpreted, NULL, 0, &probe->live);

	if (failure)
		return untraceable__either(before, failure);
	probe->dearer = before;
	probe->noted = kprobes__noted(probe->kprobes);
	probe->live.by_kprobe = true;
	return NULL;
}

/* load_outside - programs that watch the mux from outside */
static struct failure *load_outside(struct probe *probe, const struct machine *machine,
				    unsigned int flags)
{
	struct failure *failure = loader__check_descriptors(LOADER_FENTRY_DESCRIPTORS);
	bool found = false;

	if (failure)
		return failure;
	probe->nr_cpus = cpuset__last(&machine->possible) + 1;
	probe->nr_vipis = machine->nr_vipis;
	probe->live.by_set = false;
	probe->live.shape = counters__shape(probe->nr_cpus - 1, machine->nr_vipis, false);
	if (!(flags & PROBE_VIA_KPROBE))
		failure = load_fentry(probe, machine, flags, &found);
	if (flags & PROBE_VIA_KPROBE || (failure && !found && may_use_kprobes(flags)))
		failure = load_kprobes(probe, machine, flags, failure);
	/* Last: what else is missing here is told before. */
	if (!failure && PROBE_ONE_IN(flags) > 1)
		failure = failure__new(FAILURE_UNSUPPORTED, 0, "one wait in %u is timed at the "
				       "tracepoints only: use --latency without a number, or "
				       "apply ipimux-trace's kernel-patch/", PROBE_ONE_IN(flags));
	if (!failure && probe->live.waits)
		start_numbers(&probe->live);
	return failure;
}

static struct failure *load_tracepoints(struct probe *probe, const struct machine *machine,
					unsigned int flags)
{
	struct failure *failure;

	probe->bpf = ipimux_bpf__open();
	if (!probe->bpf)
		return loader__not_loaded(-errno);
	failure = size_for_machine(probe, machine, flags);
	if (failure)
		return failure;
	probe->bpf->rodata->interpreted = probe->interpreted;
	probe->bpf->rodata->reads_memory = !!probe->words;
	failure = loader__load(probe->bpf->skeleton);
	if (!failure)
		failure = loader__number_cpus(probe->bpf->maps.cpu_numbers, &machine->possible);
	if (failure)
		return failure;

	/* Only now are they where the programs count. */
	loader__point_counters(probe->bpf->obj, &probe->live, counted_here(flags));
	for (unsigned int cpu = 0; cpu < probe->nr_cpus && probe->words; cpu++)
		probe->bpf->data_enabled_at->enabled_at[cpu] = words__enabled_at(probe->words, cpu);
	if (probe->live.waits)
		start_numbers(&probe->live);
	return NULL;
}

/* load_more - what there is besides the programs that watch the multiplexer */
static struct failure *load_more(struct probe *probe, const struct machine *machine,
				 unsigned int flags)
{
	if (!(flags & PROBE_VERIFY))
		return NULL;
	return verify__load(&probe->verify, machine, probe->words, probe->interpreted,
			    &probe->live);
}

struct failure *probe__load(struct probe **result, const struct machine *machine,
			    unsigned int flags)
{
	struct failure *failure = loader__prepare(flags & PROBE_VERBOSE);
	struct probe *probe;

	if (failure)
		return failure;
	probe = calloc(1, sizeof(*probe));
	if (!probe)
		return failure__of(-ENOMEM);
	probe->first_program = loader__first_program();
	probe->interpreted = loader__is_interpreted(probe->first_program);
	probe->no_words = words__open(&probe->words, machine);
	probe->live.timed_one_in = flags & PROBE_LATENCY ? PROBE_ONE_IN(flags) : 0;
	failure = mux__from_outside(flags) ? load_outside(probe, machine, flags) :
				      load_tracepoints(probe, machine, flags);
	if (!failure)
		failure = load_more(probe, machine, flags);
	if (failure)
		probe__free(probe);
	else
		*result = probe;
	return failure;
}

bool probe__is_interpreted(const struct probe *probe)
{
	return probe->interpreted;
}

bool probe__sees_parents(const struct probe *probe)
{
	return probe->live.parents;
}

bool probe__sees_all_parents(const struct probe *probe)
{
	return probe->verify && verify__sees_all_parents(probe->verify);
}

const struct failure *probe__no_words(const struct probe *probe)
{
	return probe->no_words;
}

const struct failure *probe__dearer(const struct probe *probe)
{
	return probe->dearer;
}

bool probe__via_kprobes(const struct probe *probe)
{
	return probe->kprobes;
}

/*
 * forgo_masks - their event came later than the others, and this kernel has only those. To
 * ask for it before would take longer than to try.
 */
static void forgo_masks(struct probe *probe)
{
	bpf_program__set_autoattach(probe->bpf->progs.count_mask, false);
	probe->live.masked = NULL;
}

struct failure *probe__attach(struct probe *probe)
{
	struct failure *failure = probe->verify ? verify__attach(probe->verify) : NULL;
	const struct bpf_object_skeleton *skeleton;
	struct bpf_program *masks;

	if (failure)
		return failure;
	if (probe->entries)
		return entries__attach(probe->entries);
	if (probe->fentry)
		return fentry__attach(probe->fentry);
	if (probe->kprobes)
		return kprobes__attach(probe->kprobes);
	skeleton = probe->bpf->skeleton;
	masks = probe->bpf->progs.count_mask;
	/*
	 * Sends last. Those that are counted while processes are not would look pending for
	 * good; the other way round they are sends that went unseen, see stuck.c. Masks behind
	 * unmasks: one that is seen while its unmask is not would seem to last.
	 */
	for (int i = 0; i < skeleton->prog_cnt; i++) {
		const struct bpf_prog_skeleton *at = &skeleton->progs[i];

		if (!bpf_program__autoload(*at->prog) || *at->prog == masks ||
		    strstr(bpf_program__section_name(*at->prog), "ipi_mux_send"))
			continue;
		*at->link = bpf_program__attach(*at->prog);
		if (!*at->link)
			return loader__no_tracepoint(-errno);
	}
	probe->bpf->links.count_mask = bpf_program__attach(masks);
	if (!probe->bpf->links.count_mask && errno == ENOENT)
		forgo_masks(probe);
	else if (!probe->bpf->links.count_mask)
		return loader__no_tracepoint(-errno);
	return loader__no_tracepoint(ipimux_bpf__attach(probe->bpf));
}

struct failure *probe__pin(const struct probe *probe, const struct machine *machine,
			   const char *name, gid_t group, const struct snapshot *first,
			   bool hotplug)
{
	const struct bpf_object_skeleton *skeleton =
		probe->fentry ? fentry__skeleton(probe->fentry) : probe->bpf->skeleton;
	size_t size = pinned__edge_size(&first->counters);
	struct pinned_description description;
	struct failure *failure;
	void *edge = malloc(size);

	if (!edge)
		return failure__of(-ENOMEM);
	pinned__describe(&description, machine, &probe->live, pins__count_links(skeleton));
	pinned__store_edge(edge, first, hotplug);
	failure = pins__create(name, machine, skeleton, &description, edge, size, group);
	free(edge);
	return failure;
}

struct failure *probe__open_pinned(struct probe **result, const struct machine *machine,
				   const char *name, unsigned int flags)
{
	struct failure *failure = loader__prepare_to_read(flags & PROBE_VERBOSE);
	struct probe *probe;

	if (failure)
		return failure;
	probe = calloc(1, sizeof(*probe));
	if (!probe)
		return failure__of(-ENOMEM);
	probe->first_program = -1;
	probe->nr_cpus = cpuset__last(&machine->possible) + 1;
	probe->nr_vipis = machine->nr_vipis;
	failure = pins__open(&probe->pins, name);
	if (!failure)
		failure = pins__open_counters(probe->pins, machine, flags & PROBE_LATENCY,
					      &probe->live);
	if (failure) {
		probe__free(probe);
		return failure;
	}
	/* Who reads what others left running need not be privileged. */
	if (loader__may_trace())
		probe->no_words = words__open(&probe->words, machine);
	*result = probe;
	return NULL;
}

bool probe__knows_missed(const struct probe *probe)
{
	if (probe->kprobes)
		return kprobes__knows_missed(probe->kprobes);
	return !probe->pins || pins__know_missed(probe->pins);
}

void probe__free(struct probe *probe)
{
	if (!probe)
		return;
	verify__free(probe->verify);
	words__free(probe->words);
	failure__free(probe->no_words);
	failure__free(probe->dearer);
	entries__free(probe->entries);
	fentry__free(probe->fentry);
	kprobes__free(probe->kprobes);
	ipimux_bpf__destroy(probe->bpf);
	pins__close(probe->pins);
	if (probe->first_program >= 0)
		close(probe->first_program);
	free(probe);
}

/* read_pinned_missed - as far as it is for this process; after the counters were read */
static struct failure *read_pinned_missed(const struct probe *probe, struct snapshot *snapshot)
{
	int err = 0;

	snapshot->missed = 0;
	snapshot->missed_unknown = !probe__knows_missed(probe);
	if (!snapshot->missed_unknown)
		err = pins__read_missed(probe->pins, &snapshot->missed);
	return err ? failure__of(err) : pins__check_there(probe->pins);
}

struct failure *probe__read_missed(struct probe *probe, struct snapshot *snapshot)
{
	struct failure *failure;
	__u64 more = 0;

	if (probe->entries)
		failure = failure__of(entries__read_missed(probe->entries, &snapshot->missed));
	else if (probe->fentry)
		failure = failure__of(fentry__read_missed(probe->fentry, &snapshot->missed));
	else if (probe->kprobes)
		failure = failure__of(kprobes__read_missed(probe->kprobes, &snapshot->missed));
	else if (probe->pins)
		failure = read_pinned_missed(probe, snapshot);
	else
		failure = failure__of(loader__read_missed(probe->bpf->obj, &snapshot->missed));
	if (!failure && probe->verify)
		failure = failure__of(verify__read_missed(probe->verify, &more));
	snapshot->missed += more;
	snapshot->missed_unknown |= !probe__knows_missed(probe);
	/* Of fentry it follows from numbers that move. */
	if (probe->missed < snapshot->missed)
		probe->missed = snapshot->missed;
	else
		snapshot->missed = probe->missed;
	return failure;
}
