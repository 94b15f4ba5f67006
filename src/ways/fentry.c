// SPDX-License-Identifier: GPL-2.0-only
/* The BPF programs for a kernel without our tracepoints, see fentry.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/array_size.h"
#include "loader/loader.h"
#include "ways/fentry.h"
#include "ways/flags.h"
#include "ways/untraceable.h"
#include "bpf/fentry.h"
#include "fentry.skel.h"

struct fentry {
	struct fentry_bpf *bpf;
	const struct counters *live;
};

/* choose_parent - how raises will be seen */
static struct failure *choose_parent(struct fentry *fentry, const struct mux *mux,
				     unsigned int flags)
{
	struct fentry_settings *settings = &fentry->bpf->rodata->settings;
	const struct parent *parent = mux->parent;
	struct failure *failure;
	int err;

	settings->parent = FENTRY_PARENT_UNSEEN;
	if (!parent || flags & PROBE_PREDICT)
		return NULL;
	switch (parent->seen) {
	case PARENT_SEEN_AT_SBI_CALL:
		err = loader__has_tracepoint("sbi_call");
		if (err)
			return err == -ENOENT ? NULL : loader__not_loaded(err);
		settings->parent = FENTRY_PARENT_SBI;
		bpf_program__set_autoload(fentry->bpf->progs.see_sbi_call, true);
		bpf_program__set_autoload(fentry->bpf->progs.see_sbi_call_too, true);
		return NULL;
	case PARENT_SEEN_AT_FUNCTION:
		settings->parent = FENTRY_PARENT_FUNCTION;
		failure = mux__trace_function(fentry->bpf->progs.see_raise, parent->function);
		return failure ? failure : mux__trace_function(fentry->bpf->progs.see_raise_too,
							  parent->function);
	case PARENT_UNSEEN:
		break;
	}
	return NULL;
}

/* --- sizes --- */

static struct failure *size_tables(struct fentry *fentry, unsigned int flags)
{
	const struct ipimux_shape *shape = &fentry->live->shape;
	struct fentry_settings *settings = &fentry->bpf->rodata->settings;
	struct fentry_bpf *bpf = fentry->bpf;
	__u64 cpus = 1ULL << shape->cpu_shift;
	__u64 calls = cpus << FENTRY_CALL_SHIFT;
	const struct loader_size others[] = {
		{ bpf->maps.data_masked_at, shape->waits_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_claimed, shape->waits_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_words_at, cpus, sizeof(__u64) },
		{ bpf->maps.data_cpus, cpus, sizeof(struct fentry_cpu) },
		{ bpf->maps.data_calls, calls, sizeof(struct fentry_call) },
		{ bpf->maps.data_targets, calls << shape->cpu_shift, sizeof(__u32) },
		{ bpf->maps.data_target_masks, calls * ((cpus + 63) / 64), sizeof(__u64) },
	};
	struct failure *failure = loader__size_counters(bpf->obj, fentry->live,
							mux__counted(flags));

	settings->words_mask = settings->cpus_mask = cpus - 1;
	settings->calls_mask = calls - 1;
	settings->targets_mask = (calls << shape->cpu_shift) - 1;
	settings->masks_mask = calls * ((cpus + 63) / 64) - 1;
	settings->nr_words = (cpus + 63) / 64;
	settings->word_cpus = cpus < 64 ? cpus : 64;
	return failure ? failure : loader__size_tables(others, ARRAY_SIZE(others));
}

static struct failure *set_up(struct fentry *fentry, const struct machine *machine,
			      const struct mux *mux, unsigned int flags)
{
	struct fentry_settings *settings = &fentry->bpf->rodata->settings;
	struct failure *failure;

	fentry->bpf->rodata->shape = fentry->live->shape;
	fentry->bpf->rodata->timed = flags & PROBE_LATENCY ? 1 : 0;
	settings->online = mux->online;
	settings->nr_vipis = machine->nr_vipis;
	settings->first_virq = machine->virq[0];
	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		if (machine->virq[vipi] != machine->virq[0] + vipi)
			return untraceable("the vIPIs' interrupts do not have consecutive "
						"numbers in /sys/kernel/irq");
	failure = choose_parent(fentry, mux, flags);
	if (failure)
		return failure;
	if (fentry->bpf->rodata->timed && settings->parent == FENTRY_PARENT_UNSEEN)
		return failure__new(FAILURE_UNSUPPORTED, 0, "cannot time how long vIPIs wait: "
				    "timing needs the tracepoints of ipimux-trace's kernel-patch/, "
				    "because this kernel does not show when the parent IPI is "
				    "raised");
	return size_tables(fentry, flags);
}

/* pass_events - those of @filter, or none, which then needs no buffer */
static struct failure *pass_events(struct fentry *fentry, const struct ipimux_filter *filter,
				   size_t buffer)
{
	struct fentry_bpf *bpf = fentry->bpf;

	if (filter)
		bpf->rodata->filter = *filter;
	bpf->rodata->settings.passing = filter ? 1 : 0;
	return passed__size(bpf->obj, filter, buffer);
}

/* --- the programs --- */

static struct failure *load_programs(struct fentry *fentry, const struct machine *machine)
{
	struct failure *failure = mux__explain(loader__load(fentry->bpf->skeleton),
					       fentry->bpf->obj);

	if (!failure)
		failure = loader__number_cpus(fentry->bpf->maps.cpu_numbers, &machine->possible);
	return failure;
}

struct failure *fentry__load(struct fentry **result, const struct machine *machine,
			     const struct mux *mux, unsigned int flags, bool interpreted,
			     const struct ipimux_filter *filter, size_t buffer,
			     struct counters *live)
{
	unsigned int nr_cpus = cpuset__last(&machine->possible) + 1;
	struct fentry *fentry = calloc(1, sizeof(*fentry));
	struct failure *failure;

	if (!fentry)
		return failure__of(-ENOMEM);
	fentry->live = live;
	fentry->bpf = fentry_bpf__open();
	if (!fentry->bpf) {
		failure = loader__not_loaded(-errno);
		goto free;
	}
	failure = set_up(fentry, machine, mux, flags);
	fentry->bpf->rodata->interpreted = interpreted;
	if (!failure)
		failure = pass_events(fentry, filter, buffer);
	if (!failure)
		failure = load_programs(fentry, machine);
	if (failure)
		goto free;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		fentry->bpf->data_words_at->words_at[cpu] = mux->offsets[cpu] + mux->words;
	loader__point_counters(fentry->bpf->obj, live, mux__counted(flags));
	*result = fentry;
free:
	if (failure)
		fentry__free(fentry);
	return failure;
}

/*
 * What ends something before what begins it, so that nothing is begun for good: a call of which
 * the end was not seen is taken for the next one at its place, and a CPU that comes up unmasks
 * more often than there is room for calls. So unmasks before masks, which they end; processes
 * first, and sends last, as in probe.c.
 */
struct failure *fentry__attach(struct fentry *fentry)
{
	struct fentry_bpf *bpf = fentry->bpf;
	const struct {
		struct bpf_program *program;
		struct bpf_link **link;
	} order[] = {
		{ bpf->progs.end_process, &bpf->links.end_process },
		{ bpf->progs.count_handled, &bpf->links.count_handled },
		{ bpf->progs.begin_process, &bpf->links.begin_process },
		{ bpf->progs.see_sbi_call, &bpf->links.see_sbi_call },
		{ bpf->progs.see_sbi_call_too, &bpf->links.see_sbi_call_too },
		{ bpf->progs.see_raise, &bpf->links.see_raise },
		{ bpf->progs.see_raise_too, &bpf->links.see_raise_too },
		{ bpf->progs.end_unmask, &bpf->links.end_unmask },
		{ bpf->progs.begin_unmask, &bpf->links.begin_unmask },
		{ bpf->progs.end_mask, &bpf->links.end_mask },
		{ bpf->progs.begin_mask, &bpf->links.begin_mask },
		{ bpf->progs.end_send, &bpf->links.end_send },
		{ bpf->progs.end_send_too, &bpf->links.end_send_too },
		{ bpf->progs.begin_send, &bpf->links.begin_send },
		{ bpf->progs.begin_send_too, &bpf->links.begin_send_too },
	};

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		if (!bpf_program__autoload(order[i].program))
			continue;
		*order[i].link = bpf_program__attach(order[i].program);
		if (!*order[i].link)
			return errno == KERNEL_ENOTSUPP ? untraceable__no_fentry(-errno) :
							  loader__not_attached(-errno);
	}
	return NULL;
}

void fentry__detach(struct fentry *fentry)
{
	fentry_bpf__detach(fentry->bpf);
}

struct passed_events fentry__events(const struct fentry *fentry)
{
	return (struct passed_events){
		.buffer = fentry->bpf->maps.events, .begun = &fentry->bpf->bss->begun,
		.lost = fentry->bpf->data_lost->lost,
	};
}

const struct bpf_object_skeleton *fentry__skeleton(const struct fentry *fentry)
{
	return fentry->bpf->skeleton;
}

void fentry__free(struct fentry *fentry)
{
	if (!fentry)
		return;
	fentry_bpf__destroy(fentry->bpf);
	free(fentry);
}

/*
 * both_skipped - how often the kernel skipped both of two programs that see the same
 *
 * Of the two, the one that does not come first has something to do only where the other was
 * skipped. @done: how often each of them had, to be read after what was skipped, or this
 * would be too much for a moment.
 */
static __u64 both_skipped(const __u64 *skipped, const __u64 *done)
{
	unsigned int first = done[1] > done[0];

	return skipped[first] > done[!first] ? skipped[first] - done[!first] : 0;
}

const char *const fentry__telling[FENTRY_NR_TELLING] = {
	"begin_send", "begin_send_too", "end_send", "end_send_too",
	/* One of them, and skipped it tells of the most raises that both can have missed. */
	"see_sbi_call_too", "see_raise_too",
};

__u64 fentry__count_missed(const __u64 skipped[FENTRY_NR_TELLING],
			   const volatile struct fentry_cpu *cpus, unsigned int nr_cpus)
{
	__u64 begun[2] = {}, ended[2] = {}, missed = 0;

	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		missed += cpus[cpu].no_room;
		for (unsigned int twin = 0; twin < 2; twin++) {
			begun[twin] += cpus[cpu].begun[twin];
			ended[twin] += cpus[cpu].ended[twin];
		}
	}
	return missed + both_skipped(skipped, begun) + both_skipped(skipped + 2, ended) +
	       skipped[4] + skipped[5];
}

int fentry__read_missed(const struct fentry *fentry, __u64 *missed)
{
	const struct fentry_bpf *bpf = fentry->bpf;
	__u64 skipped[FENTRY_NR_TELLING] = {};

	for (int i = 0; i < FENTRY_NR_TELLING; i++) {
		const struct bpf_program *program =
			bpf_object__find_program_by_name(bpf->obj, fentry__telling[i]);
		int err = bpf_program__fd(program) < 0 ? 0 :
			  loader__read_skipped(program, &skipped[i]);

		if (err)
			return err;
	}
	*missed = fentry__count_missed(skipped, bpf->data_cpus->cpus,
				       1U << fentry->live->shape.cpu_shift);
	return 0;
}
