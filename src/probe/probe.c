// SPDX-License-Identifier: GPL-2.0-only
/* The BPF programs in the kernel, see probe.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "analysis/audit.h"
#include "analysis/latency.h"
#include "probe/fentry.h"
#include "probe/loader.h"
#include "probe/probe.h"
#include "ipimux.skel.h"

/*
 * How often, and how far apart, the balance is sampled to find its typical value. A host may
 * take a CPU's time away between a send and its counting, for some ms: less than a
 * third of this.
 */
#define SETTLE_SAMPLES	15
#define SETTLE_PAUSE_NS	3000000

/* So many times more, until it is found to be the same again. */
#define SETTLE_ROUNDS	5

/* Tries to read a target's counters at their typical balance. */
#define SETTLE_TRIES	200

/* How many of these until no more is waited for waits that fit them. */
#define SETTLE_WAITS	20

/* Tries to find pinned counters at rest, each of which copies all of them. */
#define PINNED_TRIES	4

struct probe {
	struct ipimux_bpf *bpf;	/* NULL: another process loaded it, and pinned it... */
	struct fentry *fentry;	/* or where there are no tracepoints, this instead */
	struct pins *pins;	/* ...here */
	int first_program;	/* see loader__first_program() */
	bool interpreted;	/* the JIT is off */
	struct counters live;
	unsigned int nr_cpus;	/* the highest possible CPU, plus one */
	unsigned int nr_vipis;
	__u64 missed;		/* so far, of fentry */
};

static __u64 now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

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
	int err;

	probe->nr_cpus = cpuset__last(&machine->possible) + 1;
	probe->nr_vipis = machine->nr_vipis;
	probe->live.shape = counters__shape(probe->nr_cpus - 1, IPIMUX_MAX_VIPIS,
					    &probe->live.by_set);
	err = fentry__load(&probe->fentry, machine, flags, probe->interpreted, &probe->live);
	if (!err && probe->live.waits)
		start_numbers(&probe->live);
	return err;
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
	if (via_fentry(flags)) {
		err = load_fentry(probe, machine, flags);
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
	if (flags & PROBE_LATENCY) {
		probe->live.waits = probe->bpf->data_waits->waits;
		start_numbers(&probe->live);
	}
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

int probe__attach(struct probe *probe)
{
	const struct bpf_object_skeleton *skeleton;

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
		if (!*at->link)
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
	if (err)
		probe__free(probe);
	else
		*result = probe;
	return err;
}

bool probe__knows_missed(const struct probe *probe)
{
	return !probe->pins || pins__know_missed(probe->pins);
}

int probe__read_pinned_first(struct probe *probe, struct snapshot *snapshot, bool *hotplug)
{
	int err = pins__read_first(probe->pins, snapshot, hotplug);

	snapshot->missed_unknown = !probe__knows_missed(probe);

	/* The clock may have been set since: in an initramfs nobody knows the time. */
	snapshot->wall_time = now(CLOCK_REALTIME) - (now(CLOCK_MONOTONIC) - snapshot->time);
	return err;
}

void probe__free(struct probe *probe)
{
	if (!probe)
		return;
	fentry__free(probe->fentry);
	ipimux_bpf__destroy(probe->bpf);
	pins__close(probe->pins);
	if (probe->first_program >= 0)
		close(probe->first_program);
	free(probe);
}

int probe__init_snapshot(const struct probe *probe, struct snapshot *snapshot)
{
	int err = snapshot__init(snapshot, &probe->live.shape, probe->live.by_set);

	if (!err && probe->live.waits)
		err = snapshot__add_waits(snapshot);
	if (!err && probe->live.doubts)
		err = snapshot__add_doubts(snapshot);
	return err;
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

static int stamp(struct probe *probe, struct snapshot *snapshot)
{
	int err;

	snapshot->time = now(CLOCK_MONOTONIC);
	snapshot->wall_time = now(CLOCK_REALTIME);
	if (probe->fentry)
		err = fentry__read_missed(probe->fentry, &snapshot->missed);
	else if (probe->pins)
		err = read_pinned_missed(probe, snapshot);
	else
		err = loader__read_missed(probe->bpf->obj, &snapshot->missed);
	/* Of fentry it follows from numbers that move. */
	if (probe->missed < snapshot->missed)
		probe->missed = snapshot->missed;
	else
		snapshot->missed = probe->missed;
	return err;
}

/* copy_cpu - what concerns @cpu; returns as counters__copy_cpu(), or another -errno */
static int copy_cpu(struct probe *probe, struct snapshot *snapshot, unsigned int cpu)
{
	int err = -EAGAIN;

	if (!probe->pins)
		return counters__copy_cpu(&snapshot->counters, &probe->live, cpu);
	for (int try = 0; try < PINNED_TRIES && err == -EAGAIN; try++) {
		err = pins__refresh(probe->pins);
		if (!err)
			err = counters__copy_copied(&snapshot->counters, &probe->live, cpu);
	}
	return err;
}

/* copy_all - what concerns each CPU, of one instant where it stands still for that long */
static int copy_all(struct probe *probe, struct snapshot *snapshot)
{
	bool moved = probe->pins;
	int err = 0;

	for (unsigned int cpu = 0; cpu < probe->nr_cpus && !probe->pins; cpu++)
		counters__copy_cpu(&snapshot->counters, &probe->live, cpu);
	for (int try = 0; try < PINNED_TRIES && moved && !err; try++) {
		err = pins__refresh(probe->pins);
		moved = false;
		for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++)
			moved |= counters__copy_copied(&snapshot->counters, &probe->live, cpu);
	}
	return err;
}

int probe__snapshot(struct probe *probe, struct snapshot *snapshot)
{
	int err = copy_all(probe, snapshot);

	return err ? err : stamp(probe, snapshot);
}

/* is_typical - are all balances of @cpu in this copy the typical ones? */
static bool is_typical(const struct probe *probe, const struct counters *copy,
		       unsigned int cpu, const __s64 *typical)
{
	for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++)
		if (counters__balance(copy, cpu, vipi) != typical[vipi])
			return false;
	return true;
}

/* fits_waits - is what was timed on @cpu, or not, in this copy just what it handled? */
static bool fits_waits(const struct probe *probe, const struct counters *copy, unsigned int cpu)
{
	for (unsigned int vipi = 0; copy->waits && vipi < probe->nr_vipis; vipi++) {
		struct waits waits = {};

		waits__add(&waits, copy, cpu, vipi);
		if (waits.kind[IPIMUX_WAIT_RAISED].timed + waits.kind[IPIMUX_WAIT_MASKED].timed +
		    waits.untimed != counters__handled(copy, cpu, vipi))
			return false;
	}
	return true;
}

/*
 * settle_cpu - copies @cpu's counters at an instant of typical balances, and, because waits
 * are copied after them, one when nothing was just being handled
 */
static void settle_cpu(struct probe *probe, struct snapshot *snapshot, unsigned int cpu,
		       const __s64 *typical)
{
	int nr_typical = 0;

	for (int try = 0; try < SETTLE_TRIES; try++) {
		if (copy_cpu(probe, snapshot, cpu) ||
		    !is_typical(probe, &snapshot->counters, cpu, typical))
			continue;
		if (fits_waits(probe, &snapshot->counters, cpu) || ++nr_typical == SETTLE_WAITS)
			return;
	}
}

/*
 * find_typical - the typical balances, [cpu * nr_vipis + vipi]
 *
 * @samples: room for SETTLE_SAMPLES of each. Returns whether they are what @typical held.
 */
static bool find_typical(struct probe *probe, struct snapshot *snapshot, __s64 *samples,
			 __s64 *typical)
{
	static const struct timespec pause = { .tv_nsec = SETTLE_PAUSE_NS };
	unsigned int nr_cells = probe->nr_cpus * probe->nr_vipis;
	bool same = true;

	for (unsigned int i = 0; i < SETTLE_SAMPLES; i++) {
		nanosleep(&pause, NULL);
		copy_all(probe, snapshot);
		for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++) {
			for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++)
				samples[(cpu * probe->nr_vipis + vipi) * SETTLE_SAMPLES + i] =
					counters__balance(&snapshot->counters, cpu, vipi);
		}
	}
	for (unsigned int cell = 0; cell < nr_cells; cell++) {
		__s64 now = audit__typical(samples + cell * SETTLE_SAMPLES, SETTLE_SAMPLES);

		same &= now == typical[cell];
		typical[cell] = now;
	}
	return same;
}

int probe__snapshot_settled(struct probe *probe, struct snapshot *snapshot)
{
	size_t nr_cells = (size_t)probe->nr_cpus * probe->nr_vipis;
	__s64 *samples = calloc(nr_cells * SETTLE_SAMPLES, sizeof(*samples));
	__s64 *typical = calloc(nr_cells, sizeof(*typical));
	int err = samples && typical ? 0 : -ENOMEM;

	if (err)
		goto free;
	/*
	 * Twice the same: a hypervisor may stop a CPU between a send and its counting for
	 * longer than one round takes.
	 */
	find_typical(probe, snapshot, samples, typical);
	for (int round = 0; round < SETTLE_ROUNDS; round++)
		if (find_typical(probe, snapshot, samples, typical))
			break;
	for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++)
		settle_cpu(probe, snapshot, cpu, typical + cpu * probe->nr_vipis);
	err = stamp(probe, snapshot);
free:
	free(typical);
	free(samples);
	return err;
}

void probe__read_unhandled(const struct probe *probe, const struct snapshot *snapshot,
			   __u32 *words)
{
	/* What cannot be read shows in the next snapshot. */
	if (probe->pins)
		pins__refresh(probe->pins);
	for (unsigned int cpu = 0; cpu < probe->nr_cpus; cpu++) {
		words[cpu] = 0;
		for (unsigned int vipi = 0; vipi < probe->nr_vipis; vipi++)
			if (counters__handled(&probe->live, cpu, vipi) ==
			    counters__handled(&snapshot->counters, cpu, vipi))
				words[cpu] |= 1U << vipi;
	}
}
