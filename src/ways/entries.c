// SPDX-License-Identifier: GPL-2.0-only
/* The BPF programs at the entries of the multiplexer's functions, see entries.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/array_size.h"
#include "loader/loader.h"
#include "ways/entries.h"
#include "ways/flags.h"
#include "ways/untraceable.h"
#include "entries.skel.h"

struct entries {
	struct entries_bpf *bpf;
	struct bpf_program *send, *raise, *process;	/* that are attached */
	struct noted noted;
};

/* --- can it be? --- */

bool entries__fit(const struct machine *machine, const struct mux *mux, unsigned int flags)
{
	const struct parent *parent = mux->parent;

	if (flags & (PROBE_PREDICT | PROBE_TO_PIN) || !parent || parent->seen == PARENT_UNSEEN ||
	    !mux->masks || !mux->mask_words || !mux->descs ||
	    machine->nr_vipis > ENTRIES_NR_VIPIS || machine->nr_vipis <= ENTRIES_NR_VIPIS / 2)
		return false;
	return parent->seen != PARENT_SEEN_AT_SBI_CALL || !loader__has_tracepoint("sbi_call");
}

/* --- sizes --- */

static __u64 power_of_two_from(__u64 least)
{
	__u64 power = 1;

	while (power < least)
		power <<= 1;
	return power;
}

/* nr_rows - of all masks of one CPU: see number_rows() */
static __u64 nr_rows(const struct mux *mux)
{
	return power_of_two_from(64ULL * mux->mask_words);
}

static struct failure *size_tables(struct entries *entries, const struct mux *mux,
				   unsigned int flags)
{
	const struct ipimux_shape *shape = &entries->noted.live->shape;
	struct entries_settings *settings = &entries->bpf->rodata->settings;
	struct entries_bpf *bpf = entries->bpf;
	__u64 cpus = 1ULL << shape->cpu_shift;
	__u64 calls = cpus << ENTRIES_LEVEL_SHIFT;
	__u64 words = power_of_two_from((cpus + 63) / 64);
	const struct loader_size others[] = {
		{ bpf->maps.data_masked_at, shape->waits_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_claimed, shape->waits_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_private, cpus, sizeof(struct entries_cpu) },
		{ bpf->maps.data_cpus, cpus, sizeof(struct entries_notes) },
		{ bpf->maps.data_calls, calls, sizeof(struct entries_call) },
		{ bpf->maps.data_targets, calls << shape->cpu_shift, sizeof(__u32) },
		{ bpf->maps.data_target_masks, calls * words, sizeof(__u64) },
		{ bpf->maps.data_rows, nr_rows(mux), sizeof(__u64) },
	};
	struct failure *failure = loader__size_counters(bpf->obj, entries->noted.live,
							mux__counted(flags));

	settings->cpus_mask = cpus - 1;
	settings->calls_mask = calls - 1;
	settings->targets_mask = (calls << shape->cpu_shift) - 1;
	settings->masks_mask = calls * words - 1;
	settings->rows_mask = nr_rows(mux) - 1;
	settings->nr_words = words;
	settings->mask_words = (entries->noted.nr_cpus + 63) / 64;
	settings->word_cpus = cpus < 64 ? cpus : 64;
	return failure ? failure : loader__size_tables(others, ARRAY_SIZE(others));
}

/* --- which programs --- */

static struct failure *load_program(struct entries *entries, struct bpf_program **program,
				    const char *format, const char *size)
{
	char name[32];

	snprintf(name, sizeof(name), format, size);
	*program = bpf_object__find_program_by_name(entries->bpf->obj, name);
	if (!*program)
		return failure__new(FAILURE_BROKEN, -ENOENT, "this ipimux-trace has no BPF program "
				    "'%s'", name);
	return loader__not_loaded(bpf_program__set_autoload(*program, true));
}

static bool is_power_of_two(unsigned int number)
{
	return number && !(number & (number - 1));
}

/* choose_raise - the program where the parent IPI is raised, and what it leaves the rest to */
static struct failure *choose_raise(struct entries *entries, const struct mux *mux,
				    const char *size, bool timed)
{
	struct entries_settings *settings = &entries->bpf->rodata->settings;
	struct bpf_program *rest = entries->bpf->progs.raise_function_the_long_way;
	const char *function = mux->parent->function;
	struct failure *failure;

	if (mux->parent->seen == PARENT_SEEN_AT_SBI_CALL) {
		settings->parent = ENTRIES_PARENT_SBI;
		bpf_program__set_autoload(entries->bpf->progs.sbi_call_the_long_way, true);
		return load_program(entries, &entries->raise,
				    timed ? "time_sbi_call_%s" : "sbi_call_%s", size);
	}
	settings->parent = ENTRIES_PARENT_FUNCTION;
	failure = load_program(entries, &entries->raise, timed ? "time_raise_%s" : "raise_%s",
			       size);
	if (!failure)
		failure = mux__trace_function(entries->raise, function);
	return failure ? failure : mux__trace_function(rest, function);
}

/*
 * go_short - may sends and processes go the short way? It reads both words of a CPU at once, and
 * nobody says that these are at a multiple of eight; and it takes the second for the pending one
 */
static bool go_short(const struct machine *machine, const struct mux *mux)
{
	for (int cpu = 0; cpu <= cpuset__last(&machine->possible); cpu++)
		if (cpuset__has(&machine->possible, cpu) &&
		    (mux->offsets[cpu] + mux->words) % sizeof(__u64))
			return false;
	return !mux->patched;
}

/* choose_programs - those made for a machine of this size, or the general ones */
static struct failure *choose_programs(struct entries *entries, const struct machine *machine,
				       const struct mux *mux, unsigned int flags)
{
	unsigned int cpu_shift = entries->noted.live->shape.cpu_shift;
	struct entries_bpf *bpf = entries->bpf;
	struct bpf_program *const always[] = {
		bpf->progs.send_the_long_way, bpf->progs.process_the_long_way,
		bpf->progs.begin_mask, bpf->progs.end_mask,
		bpf->progs.begin_unmask, bpf->progs.end_unmask,
	};
	bool timed = flags & PROBE_LATENCY;
	struct failure *failure;
	char size[8] = "any";

	if (cpu_shift <= ENTRIES_MAX_SIZE && is_power_of_two(mux->mask_words))
		snprintf(size, sizeof(size), "%u", cpu_shift);
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		bpf_program__set_autoload(always[i], true);
	entries->send = bpf->progs.send_the_long_way;
	entries->process = bpf->progs.process_the_long_way;
	failure = choose_raise(entries, mux, size, timed);
	if (failure || !go_short(machine, mux))
		return failure;
	failure = load_program(entries, &entries->send, "send_%s", size);
	if (!failure)
		failure = load_program(entries, &entries->process,
				       timed ? "time_process_%s" : "process_%s", size);
	return failure;
}

/* --- what the programs have to know --- */

/*
 * number_rows - the target of each mask of one CPU. Linux has one for each CPU of 64, and in front
 * of each all words of a longer mask: that of CPU n + 64 begins a word before that of CPU n.
 */
static void number_rows(const struct entries *entries, const struct mux *mux)
{
	unsigned int words = mux->mask_words;
	__u64 *rows = entries->bpf->data_rows->rows;

	for (__u64 row = 0; row < nr_rows(mux); row++)
		rows[row] = ENTRIES_NO_TARGET;
	for (unsigned int cpu = 0; cpu < entries->noted.nr_cpus; cpu++)
		if (cpu / 64 < words)
			rows[cpu % 64 * words + words - 1 - cpu / 64] = cpu;
}

static void describe_cpus(const struct entries *entries, const struct machine *machine,
			  const struct mux *mux)
{
	struct entries_cpu *cpus = entries->bpf->data_private->cpus_of_mux;
	size_t nr = entries->noted.live->shape.waits_mask + 1UL;

	for (unsigned int cpu = 0; cpu < entries->noted.nr_cpus; cpu++) {
		if (!cpuset__has(&machine->possible, cpu))
			continue;
		cpus[cpu].offset = mux->offsets[cpu];
		cpus[cpu].words = cpus[cpu].taken = mux->offsets[cpu] + mux->words;
		cpus[cpu].distance = ENTRIES_NO_DISTANCE;
	}
	/* Nobody knows which were pending when they were masked. */
	for (size_t i = 0; i < nr; i++)
		entries->bpf->data_claimed->claimed[i] = ENTRIES_PENDING_WHEN_MASKED;
}

static int fill(const struct bpf_map *map, __u32 key, const struct bpf_program *program)
{
	__u32 fd = bpf_program__fd(program);

	return bpf_map_update_elem(bpf_map__fd(map), &key, &fd, BPF_ANY);
}

/* fill_ways - which program each leaves the rest to */
static int fill_ways(const struct entries *entries)
{
	struct entries_bpf *bpf = entries->bpf;

	return bpf->rodata->settings.parent == ENTRIES_PARENT_SBI ?
	       fill(bpf->maps.sbi_calls, ENTRIES_LONG_WAY, bpf->progs.sbi_call_the_long_way) :
	       fill(bpf->maps.raises, ENTRIES_LONG_WAY, bpf->progs.raise_function_the_long_way);
}

/* find_active - where the kernel counts runs of the program of sends: in the list of programs */
static int find_active(const struct entries *entries)
{
	struct entries_bpf *bpf = entries->bpf;
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	struct bpf_link *link;
	char nothing[64];
	int err, fd;

	if (bpf_prog_get_info_by_fd(bpf_program__fd(entries->send), &info, &size))
		return -errno;
	bpf->bss->send_id = info.id;
	link = bpf_program__attach_iter(bpf->progs.find_active, NULL);
	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	err = fd < 0 ? fd : 0;
	while (!err && read(fd, nothing, sizeof(nothing)) > 0)
		;
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	return err;
}

/* set_up - once all is loaded */
static struct failure *set_up(struct entries *entries, const struct machine *machine,
			      const struct mux *mux)
{
	/* By what the program of that name returns. */
	static const char *const not_there[] = {
		"a variable is not what it should be",
		"the kernel's list of BPF programs is not what it should be",
		"the vIPIs' interrupts are not where they should be",
		"the kernel's masks of CPUs are not what they should be",
	};
	struct entries_bpf *bpf = entries->bpf;
	LIBBPF_OPTS(bpf_test_run_opts, run);
	unsigned int shift = 0;
	__u64 row_of_0;
	int err = fill_ways(entries);

	number_rows(entries, mux);
	describe_cpus(entries, machine, mux);
	if (!err)
		err = find_active(entries);
	if (!err)
		err = bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.set_up), &run);
	if (err)
		return loader__not_loaded(err);
	if (run.retval)
		return untraceable(not_there[run.retval <= 3 ? run.retval : 0]);
	row_of_0 = mux->masks + mux->mask_words * sizeof(__u64);
	while (1U << shift < mux->mask_words)
		shift++;
	bpf->data_private->cpus_of_mux[0].masks = row_of_0 - bpf->data_private->cpus_of_mux[0].self;
	bpf->data_private->cpus_of_mux[0].mask_shift = shift;
	bpf->data_private->cpus_of_mux[0].learning = 1;
	bpf->data_private->cpus_of_mux[0].rows = bpf->rodata->settings.first_mask -
						 bpf->data_private->cpus_of_mux[0].self;
	return NULL;
}

struct failure *entries__load(struct entries **result, const struct machine *machine,
			      const struct mux *mux, unsigned int flags, struct counters *live)
{
	struct entries *entries = calloc(1, sizeof(*entries));
	struct entries_settings *settings;
	struct failure *failure;

	if (!entries)
		return failure__of(-ENOMEM);
	entries->noted.live = live;
	entries->noted.nr_cpus = cpuset__last(&machine->possible) + 1;
	entries->bpf = entries_bpf__open();
	if (!entries->bpf) {
		failure = loader__not_loaded(-errno);
		goto free;
	}
	entries->bpf->rodata->shape = live->shape;
	settings = &entries->bpf->rodata->settings;
	entries->bpf->rodata->timed = flags & PROBE_LATENCY ? 1 : 0;
	settings->nr_vipis = machine->nr_vipis;
	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		settings->virq[vipi] = machine->virq[vipi];
	settings->descs = mux->descs;
	settings->first_mask = mux->masks + sizeof(__u64);
	failure = choose_programs(entries, machine, mux, flags);
	if (!failure)
		failure = size_tables(entries, mux, flags);
	if (!failure)
		failure = mux__explain(loader__load(entries->bpf->skeleton), entries->bpf->obj);
	if (!failure)
		failure = set_up(entries, machine, mux);
	if (failure)
		goto free;
	entries->noted.settings = &entries->bpf->rodata->settings;
	entries->noted.cpus = entries->bpf->data_private->cpus_of_mux;
	entries->noted.calls = entries->bpf->data_calls->calls;
	entries->noted.targets = entries->bpf->data_targets->targets;
	entries->noted.target_masks = entries->bpf->data_target_masks->target_masks;
	entries->noted.notes = entries->bpf->data_cpus->notes_of_cpu;
	loader__point_counters(entries->bpf->obj, live, mux__counted(flags));
	*result = entries;
	return NULL;
free:
	entries__free(entries);
	return failure;
}

/*
 * What ends something before what begins it; raises before sends: a send that is noted while raises
 * are not seen would be taken for coalesced.
 */
struct failure *entries__attach(struct entries *entries)
{
	struct entries_bpf *bpf = entries->bpf;
	struct bpf_program *const order[] = {
		entries->process, bpf->progs.end_unmask, bpf->progs.begin_unmask,
		bpf->progs.end_mask, bpf->progs.begin_mask, entries->raise, entries->send,
	};
	const struct bpf_object_skeleton *skeleton = bpf->skeleton;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		for (int n = 0; n < skeleton->prog_cnt; n++) {
			const struct bpf_prog_skeleton *at = &skeleton->progs[n];

			if (*at->prog != order[i])
				continue;
			*at->link = bpf_program__attach(order[i]);
			if (!*at->link)
				return errno == KERNEL_ENOTSUPP ? untraceable__no_fentry(-errno) :
								  loader__not_attached(-errno);
		}
	}
	return NULL;
}

void entries__free(struct entries *entries)
{
	if (!entries)
		return;
	entries_bpf__destroy(entries->bpf);
	free(entries->noted.unsettled);
	free(entries);
}

int entries__refresh(const struct entries *entries, unsigned int first, unsigned int last)
{
	__u64 args[] = { first, last - first + 1 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = args, .ctx_size_in = sizeof(args));

	return bpf_prog_test_run_opts(bpf_program__fd(entries->bpf->progs.read_handled), &options);
}

int entries__read_missed(const struct entries *entries, __u64 *missed)
{
	const volatile struct entries_notes *notes = entries->bpf->data_cpus->notes_of_cpu;
	struct bpf_program *const programs[] = { entries->send, entries->raise };
	__u64 skipped;

	*missed = 0;
	for (unsigned int cpu = 0; cpu < entries->noted.nr_cpus; cpu++)
		*missed += notes[cpu].unattributed;
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		int err = loader__read_skipped(programs[i], &skipped);

		if (err)
			return err;
		*missed += skipped;
	}
	return 0;
}

struct noted *entries__noted(struct entries *entries)
{
	return &entries->noted;
}
