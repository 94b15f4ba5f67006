// SPDX-License-Identifier: GPL-2.0-only
/* The BPF programs at kprobes, see kprobes.h. */
#include <errno.h>
#include <stdlib.h>

#include <bpf/libbpf.h>

#include "base/array_size.h"
#include "loader/loader.h"
#include "ways/flags.h"
#include "ways/kprobe_place.h"
#include "ways/kprobes.h"
#include "ways/memory.h"
#include "ways/mux.h"
#include "ways/mux_code.h"
#include "ways/untraceable.h"
#include "bpf/kprobes.h"
#include "kprobes.skel.h"

/* Functions that begin, that return, and that raise. */
#define NR_FUNCTIONS	4
#define NR_RETURNING	3
#define MAX_PLACES	(NR_FUNCTIONS + NR_RETURNING * RISCV_MAX_RETURNS + MUX_CODE_MAX_RAISES)

struct kprobes {
	struct kprobes_bpf *bpf;
	unsigned int nr_places;
	struct kprobe_place places[MAX_PLACES];	/* in the order in which they are attached */
	struct noted noted;
};

/* --- where --- */

static void add_place(struct kprobes *kprobes, const struct memory *memory,
		      struct bpf_program *program, const struct symbols_function *function,
		      unsigned int offset)
{
	kprobe_place__choose(&kprobes->places[kprobes->nr_places++], memory, program, function,
			     offset);
}

static struct failure *no_function(const char *name)
{
	return UNTRACEABLE(FAILURE_UNSUPPORTED, 0, "the kernel has no function %s()", name);
}

/* add_returns - where it returns, where events are passed on: all these places, or it is no use */
static struct failure *add_returns(struct kprobes *kprobes, const struct memory *memory,
				   const struct mux_code *code, struct bpf_program *program,
				   const char *name)
{
	const struct symbols_function *function = mux_code__function(code, name);
	unsigned int returns[RISCV_MAX_RETURNS];
	unsigned int nr = function ? mux_code__find_returns(memory, function, returns) : 0;

	for (unsigned int i = 0; i < nr; i++)
		add_place(kprobes, memory, program, function, returns[i]);
	bpf_program__set_autoload(program, true);
	return nr ? NULL : UNTRACEABLE(FAILURE_UNSUPPORTED, 0,
				       "where %s() returns does not show in its code (or another "
				       "trace by kprobe has breakpoints there)", name);
}

static struct failure *add_function(struct kprobes *kprobes, const struct memory *memory,
				    const struct mux_code *code, struct bpf_program *program,
				    const char *name)
{
	const struct symbols_function *function = mux_code__function(code, name);

	if (!function)
		return no_function(name);
	add_place(kprobes, memory, program, function, 0);
	return NULL;
}

/* choose_places - what ends something before what begins it; raises before sends, as elsewhere */
static struct failure *choose_places(struct kprobes *kprobes, const struct memory *memory,
				     const struct mux_code *code, const struct mux *mux)
{
	struct kprobes_bpf *bpf = kprobes->bpf;
	struct mux_raise raises[MUX_CODE_MAX_RAISES];
	unsigned int nr = mux_code__find_raises(code, memory, mux->raise_pointer, raises);
	const struct {
		struct bpf_program *begin, *end;
		const char *name;
	} functions[NR_FUNCTIONS] = {
		{ bpf->progs.begin_process, bpf->progs.end_process, "ipi_mux_process" },
		{ bpf->progs.begin_unmask, bpf->progs.end_unmask, "ipi_mux_unmask" },
		{ bpf->progs.begin_mask, NULL, "ipi_mux_mask" },
		{ bpf->progs.begin_send, bpf->progs.end_send, "ipi_mux_send_mask" },
	};
	struct failure *failure = NULL;

	if (!nr)
		return untraceable("where ipi_mux_send_mask() and ipi_mux_unmask() raise the "
				   "parent IPI does not show in their code");
	for (size_t i = 0; i < NR_FUNCTIONS && !failure; i++)
		if (bpf->rodata->where.passing && functions[i].end)
			failure = add_returns(kprobes, memory, code, functions[i].end,
					      functions[i].name);
	for (unsigned int i = 0; i < nr; i++)
		add_place(kprobes, memory, raises[i].kick ? bpf->progs.kick : bpf->progs.raise,
			  raises[i].in, raises[i].at);
	for (size_t i = 0; i < NR_FUNCTIONS && !failure; i++)
		failure = add_function(kprobes, memory, code, functions[i].begin,
				       functions[i].name);
	return failure;
}

/* --- sizes, and what the programs have to know --- */

static struct failure *size_tables(struct kprobes *kprobes, unsigned int flags)
{
	const struct ipimux_shape *shape = &kprobes->noted.live->shape;
	struct kprobes_bpf *bpf = kprobes->bpf;
	struct entries_settings *settings = &bpf->rodata->settings;
	__u64 cpus = 1ULL << shape->cpu_shift;
	__u64 calls = cpus << ENTRIES_LEVEL_SHIFT;
	__u64 words = cpus < 64 ? 1 : cpus / 64;
	const struct loader_size others[] = {
		{ bpf->maps.data_masked_at, shape->waits_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_claimed, shape->waits_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_private, cpus, sizeof(struct entries_cpu) },
		{ bpf->maps.data_cpus, cpus, sizeof(struct entries_notes) },
		{ bpf->maps.data_calls, calls, sizeof(struct entries_call) },
		{ bpf->maps.data_targets, calls << shape->cpu_shift, sizeof(__u32) },
		{ bpf->maps.data_target_masks, calls * words, sizeof(__u64) },
	};
	struct failure *failure = loader__size_counters(bpf->obj, kprobes->noted.live,
							mux__counted(flags));

	settings->cpus_mask = cpus - 1;
	settings->calls_mask = calls - 1;
	settings->targets_mask = (calls << shape->cpu_shift) - 1;
	settings->masks_mask = calls * words - 1;
	settings->nr_words = words;
	settings->mask_words = (kprobes->noted.nr_cpus + 63) / 64;
	settings->word_cpus = cpus < 64 ? cpus : 64;
	return failure ? failure : loader__size_tables(others, ARRAY_SIZE(others));
}

static struct failure *set_up(struct kprobes *kprobes, const struct machine *machine,
			      const struct mux *mux, unsigned int flags)
{
	struct kprobes_bpf *bpf = kprobes->bpf;
	struct kprobes_settings *where = &bpf->rodata->where;

	kprobe_place__describe_kernel(where);
	where->pending_first |= mux->patched;
	where->first_virq = machine->virq[0];
	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		if (machine->virq[vipi] != machine->virq[0] + vipi)
			return untraceable("the vIPIs' interrupts do not have consecutive numbers "
					   "in /sys/kernel/irq");
	if (machine->nr_vipis > ENTRIES_NR_VIPIS)
		return untraceable("by kprobe the tool counts eight vIPIs at most");
	bpf->rodata->shape = kprobes->noted.live->shape;
	bpf->rodata->timed = flags & PROBE_LATENCY ? 1 : 0;
	bpf->rodata->settings.parent = ENTRIES_PARENT_FUNCTION;
	bpf->rodata->settings.nr_vipis = machine->nr_vipis;
	return size_tables(kprobes, flags);
}

static struct failure *pass_events(struct kprobes *kprobes, const struct ipimux_filter *filter,
				   size_t buffer)
{
	struct kprobes_bpf *bpf = kprobes->bpf;

	if (filter)
		bpf->rodata->filter = *filter;
	bpf->rodata->where.passing = filter ? 1 : 0;
	return passed__size(bpf->obj, filter, buffer);
}

/* --- the programs --- */

static void point_noted(struct kprobes *kprobes, const struct machine *machine,
			const struct mux *mux)
{
	struct kprobes_bpf *bpf = kprobes->bpf;
	struct noted *noted = &kprobes->noted;

	noted->settings = &bpf->rodata->settings;
	noted->cpus = bpf->data_private->cpus_of_mux;
	noted->calls = bpf->data_calls->calls;
	noted->targets = bpf->data_targets->targets;
	noted->target_masks = bpf->data_target_masks->target_masks;
	noted->notes = bpf->data_cpus->notes_of_cpu;
	for (unsigned int cpu = 0; cpu < noted->nr_cpus; cpu++)
		if (cpuset__has(&machine->possible, cpu))
			bpf->data_private->cpus_of_mux[cpu].words = mux->offsets[cpu] + mux->words;
	/* Nobody knows which were pending when they were masked. */
	for (size_t i = 0; i <= noted->live->shape.waits_mask; i++)
		bpf->data_claimed->claimed[i] = ENTRIES_PENDING_WHEN_MASKED;
}

static struct failure *load(struct kprobes *kprobes, const struct machine *machine,
			    const struct memory *memory, unsigned int flags)
{
	struct mux_code code;
	struct mux mux = {};
	struct failure *failure = mux__find_anywhere(&mux, memory, &code,
						     kprobes->noted.nr_cpus);

	if (!failure)
		failure = choose_places(kprobes, memory, &code, &mux);
	if (!failure)
		failure = set_up(kprobes, machine, &mux, flags);
	if (!failure)
		failure = loader__load(kprobes->bpf->skeleton);
	if (!failure)
		failure = loader__number_cpus(kprobes->bpf->maps.cpu_numbers, &machine->possible);
	if (!failure)
		point_noted(kprobes, machine, &mux);
	mux__free(&mux);
	return failure;
}

struct failure *kprobes__load(struct kprobes **result, const struct machine *machine,
			      unsigned int flags, bool interpreted,
			      const struct ipimux_filter *filter, size_t buffer,
			      struct counters *live)
{
	struct failure *failure = kprobe_place__check_kernel();
	struct memory *memory = NULL;
	struct kprobes *kprobes;

	if (failure)
		return failure;
	kprobes = calloc(1, sizeof(*kprobes));
	if (!kprobes)
		return failure__of(-ENOMEM);
	kprobes->noted.live = live;
	kprobes->noted.nr_cpus = cpuset__last(&machine->possible) + 1;
	kprobes->bpf = kprobes_bpf__open();
	failure = kprobes->bpf ? memory__open(&memory) : loader__not_loaded(-errno);
	if (!failure) {
		kprobes->bpf->rodata->interpreted = interpreted;
		failure = pass_events(kprobes, filter, buffer);
	}
	if (!failure)
		failure = load(kprobes, machine, memory, flags);
	memory__free(memory);
	if (failure) {
		kprobes__free(kprobes);
		return failure;
	}
	loader__point_counters(kprobes->bpf->obj, live, mux__counted(flags));
	*result = kprobes;
	return NULL;
}

struct failure *kprobes__attach(struct kprobes *kprobes)
{
	struct failure *failure = NULL;

	kprobes->bpf->links.count_handled = bpf_program__attach(kprobes->bpf->progs.count_handled);
	if (!kprobes->bpf->links.count_handled)
		return loader__not_attached(-errno);
	for (unsigned int i = 0; i < kprobes->nr_places && !failure; i++)
		failure = kprobe_place__open(&kprobes->places[i]);
	for (unsigned int i = 0; i < kprobes->nr_places && !failure; i++)
		failure = kprobe_place__attach(&kprobes->places[i]);
	return failure;
}

void kprobes__detach(struct kprobes *kprobes)
{
	for (unsigned int i = kprobes->nr_places; i-- > 0;)
		kprobe_place__close(&kprobes->places[i]);
	kprobes_bpf__detach(kprobes->bpf);
}

void kprobes__free(struct kprobes *kprobes)
{
	if (!kprobes)
		return;
	if (kprobes->bpf)
		kprobes__detach(kprobes);
	kprobes_bpf__destroy(kprobes->bpf);
	free(kprobes->noted.unsettled);
	free(kprobes);
}

struct noted *kprobes__noted(struct kprobes *kprobes)
{
	return &kprobes->noted;
}

struct passed_events kprobes__events(const struct kprobes *kprobes)
{
	return (struct passed_events){
		.buffer = kprobes->bpf->maps.events, .begun = &kprobes->bpf->bss->begun,
		.lost = kprobes->bpf->data_lost->lost,
	};
}

bool kprobes__knows_missed(const struct kprobes *kprobes)
{
	return kprobe_place__knows_skipped();
}

/*
 * Of programs at the begin of functions only: where one of these was skipped, so were those behind
 * it, and what they see is no event of its own.
 */
int kprobes__read_missed(const struct kprobes *kprobes, __u64 *missed)
{
	const volatile struct entries_notes *notes = kprobes->noted.notes;
	const struct kprobe_place *begins = kprobes->places + kprobes->nr_places - NR_FUNCTIONS;
	int err = 0;

	*missed = 0;
	for (unsigned int cpu = 0; cpu < kprobes->noted.nr_cpus; cpu++)
		*missed += notes[cpu].unattributed;
	for (unsigned int i = 0; i < NR_FUNCTIONS && !err && kprobes__knows_missed(kprobes); i++)
		if (begins[i].program != kprobes->bpf->progs.begin_process)
			err = kprobe_place__read_skipped(&begins[i], missed);
	return err;
}
