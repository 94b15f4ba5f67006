// SPDX-License-Identifier: GPL-2.0-only
/* The BPF programs in the kernel, see probe.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "probe/fentry.h"
#include "probe/loader.h"
#include "probe/probe_own.h"
#include "probe/verify.h"
#include "probe/words.h"
#include "ipimux.skel.h"

/* size_table - gives a counter table the size its mask says */
static int size_table(struct bpf_map *map, __u32 mask, size_t entry)
{
	__u64 size = ((__u64)mask + 1) * entry;

	if (size > UINT32_MAX)
		return -E2BIG;
	return bpf_map__set_value_size(map, size);
}

/*
 * choose_programs - those made for a machine of this size, or the general ones; each in
 * a form that counts, and one that times, too
 */
static int choose_programs(const struct probe *probe, bool timed)
{
	const struct ipimux_shape *shape = &probe->live.shape;
	const char *what = timed ? "time" : "count";
	struct bpf_program *send, *process;
	char send_name[32], process_name[32];
	int err;

	if (!probe->interpreted && probe->live.by_set &&
	    shape->vipi_shift == IPIMUX_SIZE_VIPI_SHIFT && shape->cpu_shift <= IPIMUX_MAX_SIZE) {
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
		return -ESRCH;
	err = bpf_program__set_autoload(send, true);
	return err ? err : bpf_program__set_autoload(process, true);
}

static int size_for_machine(struct probe *probe, const struct machine *machine, unsigned int flags)
{
	bool timed = flags & PROBE_LATENCY;
	struct ipimux_bpf *bpf = probe->bpf;
	struct ipimux_shape shape;
	int err;

	probe->nr_cpus = cpuset__last(&machine->possible) + 1;
	probe->nr_vipis = machine->nr_vipis;
	shape = counters__shape(probe->nr_cpus - 1,
				flags & PROBE_BY_BIT ? IPIMUX_MAX_VIPIS : machine->nr_vipis,
				&probe->live.by_set);
	probe->live.shape = shape;
	bpf->rodata->shape = shape;

	err = choose_programs(probe, timed);
	if (!err)
		err = size_table(bpf->maps.data_traffic, shape.traffic_mask, sizeof(__u64));
	if (!err)
		err = size_table(bpf->maps.data_processed, shape.processed_mask, sizeof(__u64));
	if (!err)
		err = size_table(bpf->maps.data_unmasked, shape.unmasked_mask, sizeof(__u64));
	if (!err)
		err = size_table(bpf->maps.data_masked, shape.masked_mask, sizeof(__u64));
	if (!err)
		err = size_table(bpf->maps.data_masked_at, shape.waits_mask, sizeof(__u64));
	if (!err)
		err = size_table(bpf->maps.data_enabled_at, (1U << shape.cpu_shift) - 1,
				 sizeof(__u64));
	if (!err && timed)
		err = size_table(bpf->maps.data_waits, shape.waits_mask,
				 sizeof(struct ipimux_waits));
	return err;
}

/* start_numbers - as send_timed() and take() in bpf/ipimux.bpf.c want to find them */
static void start_numbers(struct counters *live)
{
	for (__u32 i = 0; i <= live->shape.waits_mask; i++) {
		struct ipimux_waits *waits = &live->waits[i];

		/* Off by just that: the first process that finds no stamp believes sets. */
		waits->sets = waits->expected = waits->off_at = IPIMUX_FIRST_NUMBER;
	}
}

/* via_fentry - is that the way in? Errors show when it is tried. */
static bool via_fentry(unsigned int flags)
{
	if (flags & (PROBE_VIA_FENTRY | PROBE_VIA_TRACEPOINT))
		return flags & PROBE_VIA_FENTRY;
	return loader__has_tracepoint("ipi_mux_send") == -ENOENT;
}

static int load_fentry(struct probe *probe, const struct machine *machine, unsigned int flags)
{
	int err = loader__check_descriptors(LOADER_FENTRY_DESCRIPTORS);

	if (err)
		return err;
	probe->nr_cpus = cpuset__last(&machine->possible) + 1;
	probe->nr_vipis = machine->nr_vipis;
	probe->live.shape = counters__shape(probe->nr_cpus - 1, IPIMUX_MAX_VIPIS,
					    &probe->live.by_set);
	err = fentry__load(&probe->fentry, machine, flags, probe->interpreted, &probe->live);
	if (!err && probe->live.waits)
		start_numbers(&probe->live);
	return err;
}

/* open_words - where they are not to be had, there is less to judge by */
static void open_words(struct probe *probe, const struct machine *machine)
{
	if (words__open(&probe->words, machine))
		probe->words = NULL;
}

/* load_more - what there is besides the programs that watch the multiplexer */
static int load_more(struct probe *probe, const struct machine *machine, unsigned int flags)
{
	if (!(flags & PROBE_VERIFY))
		return 0;
	return verify__load(&probe->verify, machine, probe->words, probe->interpreted,
			    &probe->live);
}

int probe__load(struct probe **result, const struct machine *machine, unsigned int flags)
{
	struct probe *probe;
	int err;

	err = loader__prepare(flags & PROBE_VERBOSE);
	if (err)
		return err;
	probe = calloc(1, sizeof(*probe));
	if (!probe)
		return -ENOMEM;
	probe->first_program = loader__first_program();
	probe->interpreted = loader__is_interpreted(probe->first_program);
	open_words(probe, machine);
	if (via_fentry(flags)) {
		err = load_fentry(probe, machine, flags);
		if (!err)
			err = load_more(probe, machine, flags);
		if (err)
			goto free;
		*result = probe;
		return 0;
	}
	probe->bpf = ipimux_bpf__open();
	if (!probe->bpf) {
		err = -errno;
		goto free;
	}
	err = size_for_machine(probe, machine, flags);
	if (err)
		goto free;
	probe->bpf->rodata->interpreted = probe->interpreted;
	probe->bpf->rodata->reads_memory = !!probe->words;
	err = ipimux_bpf__load(probe->bpf);
	if (!err)
		err = loader__number_cpus(probe->bpf->maps.cpu_numbers,
					  &machine->possible);
	if (err)
		goto free;

	/* Only now are they where the programs count. */
	probe->live.traffic = probe->bpf->data_traffic->traffic;
	probe->live.processed = probe->bpf->data_processed->processed;
	probe->live.unmasked = probe->bpf->data_unmasked->unmasked;
	probe->live.masked = probe->bpf->data_masked->masked;
	for (unsigned int cpu = 0; cpu < probe->nr_cpus && probe->words; cpu++)
		probe->bpf->data_enabled_at->enabled_at[cpu] = words__enabled_at(probe->words, cpu);
	if (flags & PROBE_LATENCY) {
		probe->live.waits = probe->bpf->data_waits->waits;
		start_numbers(&probe->live);
	}
	err = load_more(probe, machine, flags);
	if (err)
		goto free;
	*result = probe;
	return 0;
free:
	probe__free(probe);
	return err;
}

bool probe__is_interpreted(const struct probe *probe)
{
	return probe->interpreted;
}

bool probe__sees_parents(const struct probe *probe)
{
	return probe->live.parents;
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

int probe__attach(struct probe *probe)
{
	const struct bpf_object_skeleton *skeleton;
	int err = probe->verify ? verify__attach(probe->verify) : 0;

	if (err)
		return err;
	if (probe->fentry)
		return fentry__attach(probe->fentry);
	skeleton = probe->bpf->skeleton;
	/*
	 * Sends last. Those that are counted while processes are not would look pending for
	 * good; the other way round they are sends that went unseen, see stuck.c.
	 */
	for (int i = 0; i < skeleton->prog_cnt; i++) {
		const struct bpf_prog_skeleton *at = &skeleton->progs[i];

		if (!bpf_program__autoload(*at->prog) ||
		    strstr(bpf_program__section_name(*at->prog), "ipi_mux_send"))
			continue;
		*at->link = bpf_program__attach(*at->prog);
		if (!*at->link && *at->prog == probe->bpf->progs.count_mask && errno == ENOENT)
			forgo_masks(probe);
		else if (!*at->link)
			return -errno;
	}
	return ipimux_bpf__attach(probe->bpf);
}

int probe__pin(const struct probe *probe, const struct machine *machine, const char *name,
	       gid_t group, const struct snapshot *first, bool hotplug)
{
	const struct bpf_object_skeleton *skeleton =
		probe->fentry ? fentry__skeleton(probe->fentry) : probe->bpf->skeleton;
	size_t size = pinned__edge_size(&first->counters);
	struct pinned_description description;
	void *edge = malloc(size);
	int err;

	if (!edge)
		return -ENOMEM;
	pinned__describe(&description, machine, &probe->live, pins__count_links(skeleton));
	pinned__store_edge(edge, first, hotplug);
	err = pins__create(name, skeleton, &description, edge, size, group);
	free(edge);
	return err;
}

int probe__open_pinned(struct probe **result, const struct machine *machine, const char *name,
		       unsigned int flags)
{
	struct probe *probe;
	int err = loader__prepare_to_read(flags & PROBE_VERBOSE);

	if (err)
		return err;
	probe = calloc(1, sizeof(*probe));
	if (!probe)
		return -ENOMEM;
	probe->first_program = -1;
	probe->nr_cpus = cpuset__last(&machine->possible) + 1;
	probe->nr_vipis = machine->nr_vipis;
	err = pins__open(&probe->pins, name);
	if (!err)
		err = pins__open_counters(probe->pins, machine, flags & PROBE_LATENCY,
					  &probe->live);
	if (err) {
		probe__free(probe);
		return err;
	}
	/* Who reads what others left running need not be privileged. */
	if (!loader__prepare(flags & PROBE_VERBOSE))
		open_words(probe, machine);
	*result = probe;
	return 0;
}

bool probe__knows_missed(const struct probe *probe)
{
	return !probe->pins || pins__know_missed(probe->pins);
}

void probe__free(struct probe *probe)
{
	if (!probe)
		return;
	verify__free(probe->verify);
	words__free(probe->words);
	fentry__free(probe->fentry);
	ipimux_bpf__destroy(probe->bpf);
	pins__close(probe->pins);
	if (probe->first_program >= 0)
		close(probe->first_program);
	free(probe);
}

/* read_pinned_missed - as far as it is for this process; after the counters were read */
static int read_pinned_missed(const struct probe *probe, struct snapshot *snapshot)
{
	int err = 0;

	snapshot->missed = 0;
	snapshot->missed_unknown = !probe__knows_missed(probe);
	if (!snapshot->missed_unknown)
		err = pins__read_missed(probe->pins, &snapshot->missed);
	return err || pins__are_there(probe->pins) ? err : -ESTALE;
}

int probe__read_missed(struct probe *probe, struct snapshot *snapshot)
{
	__u64 more = 0;
	int err;

	if (probe->fentry)
		err = fentry__read_missed(probe->fentry, &snapshot->missed);
	else if (probe->pins)
		err = read_pinned_missed(probe, snapshot);
	else
		err = loader__read_missed(probe->bpf->obj, &snapshot->missed);
	if (!err && probe->verify)
		err = verify__read_missed(probe->verify, &more);
	snapshot->missed += more;
	/* Of fentry it follows from numbers that move. */
	if (probe->missed < snapshot->missed)
		probe->missed = snapshot->missed;
	else
		snapshot->missed = probe->missed;
	return err;
}
