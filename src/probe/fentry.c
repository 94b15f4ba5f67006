// SPDX-License-Identifier: GPL-2.0-only
/* The BPF programs for a kernel without our tracepoints, see fentry.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/fentry.h"
#include "probe/fentry.h"
#include "probe/loader.h"
#include "probe/probe.h"
#include "fentry.skel.h"
#include "mux.skel.h"

/* The kernel's own "not supported", which user space has no name for. */
#define KERNEL_ENOTSUPP	524

#define BTF_FILE	"/sys/kernel/btf/vmlinux"

struct fentry {
	struct fentry_bpf *bpf;
	const struct ipimux_shape *shape;
};

/* --- what there is to be watched --- */

/* Symbols of the kernel. Last come the functions of parents[]: the mux uses one of them. */
enum {
	MUX_POINTER,		/* Linux: a variable that points to the words */
	MUX_WORDS,		/* kernel-patch/: the words themselves */
	MUX_SEND,		/* Linux: a variable that points to the function that raises */
	MUX_RAISE,		/* kernel-patch/: the same */
	OFFSETS,
	ONLINE,
	DIRECT_CALLS,		/* of ftrace, with which functions are traced */
	FIRST_FUNCTION,
	MAX_SYMBOLS = FIRST_FUNCTION + PARENTS_MAX
};

struct mux {
	struct symbol_wanted symbols[MAX_SYMBOLS];
	__u64 words;		/* as an offset from each CPU's data */
	__u64 raise;		/* the address of the function that raises */
	__u64 *offsets;		/* [cpu] */
};

static int find_symbols(struct mux *mux)
{
	static const struct symbol_wanted wanted[FIRST_FUNCTION] = {
		[MUX_POINTER]	= { "ipi_mux_pcpu", 0 },
		[MUX_WORDS]	= { "ipi_mux_cpus", 0 },
		[MUX_SEND]	= { "ipi_mux_send", 0 },
		[MUX_RAISE]	= { "ipi_mux_raise_parent", 0 },
		[OFFSETS]	= { "__per_cpu_offset", 0 },
		[ONLINE]	= { "__cpu_online_mask", 0 },
		[DIRECT_CALLS]	= { "register_ftrace_direct", 0 },
	};
	struct symbol_wanted *functions = mux->symbols + FIRST_FUNCTION;
	unsigned int nr_parents;
	int err;

	memcpy(mux->symbols, wanted, sizeof(wanted));
	for (nr_parents = 0; parents[nr_parents].key; nr_parents++)
		functions[nr_parents].name = parents[nr_parents].function;
	err = machine__find_symbols(mux->symbols, FIRST_FUNCTION + nr_parents);
	if (err)
		return err;
	/* Programs are attached to functions by their own names. */
	for (unsigned int i = 0; i < nr_parents; i++)
		if (parents[i].seen == PARENT_SEEN_AT_FUNCTION && functions[i].renamed)
			functions[i].address = 0;
	if (!mux->symbols[DIRECT_CALLS].address)
		return -EOPNOTSUPP;
	if (!mux->symbols[OFFSETS].address || !mux->symbols[ONLINE].address ||
	    (!mux->symbols[MUX_POINTER].address && !mux->symbols[MUX_WORDS].address) ||
	    (!mux->symbols[MUX_SEND].address && !mux->symbols[MUX_RAISE].address))
		return -ENOKEY;
	return 0;
}

/* read_mux - lets the kernel read what the symbols point to */
static int read_mux(struct mux *mux, unsigned int nr_cpus)
{
	const struct symbol_wanted *symbols = mux->symbols;
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct mux_bpf *bpf = mux_bpf__open();
	size_t size = nr_cpus * sizeof(__u64);
	int err;

	if (!bpf)
		return -errno;
	bpf->rodata->at.pointer = symbols[MUX_POINTER].address;
	bpf->rodata->at.raise = symbols[MUX_SEND].address ? symbols[MUX_SEND].address :
							     symbols[MUX_RAISE].address;
	bpf->rodata->at.offsets = symbols[OFFSETS].address;
	bpf->rodata->at.offsets_size = size;
	err = bpf_map__set_value_size(bpf->maps.data_offsets, size);
	if (!err) {
		err = mux_bpf__load(bpf);
		if (err && loader__reads_kernel() == KNOWN_NO)
			err = -EKEYREJECTED;
	}
	if (!err)
		err = bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.read_mux), &run);
	if (!err && run.retval)
		err = -EFAULT;
	if (!err) {
		mux->words = symbols[MUX_POINTER].address ? bpf->bss->words :
							     symbols[MUX_WORDS].address;
		mux->raise = bpf->bss->raise;
		mux->offsets = malloc(size);
		if (mux->offsets)
			memcpy(mux->offsets, bpf->data_offsets->offsets, size);
		else
			err = -ENOMEM;
	}
	mux_bpf__destroy(bpf);
	return err;
}

static int trace_function(struct bpf_program *program, const char *name)
{
	int err = bpf_program__set_attach_target(program, 0, name);

	return err ? err : bpf_program__set_autoload(program, true);
}

/* parent_of - the function that raises is known by its address; NULL: not a known one */
static const struct parent *parent_of(const struct mux *mux)
{
	for (unsigned int i = 0; mux->raise && parents[i].key; i++)
		if (mux->raise == mux->symbols[FIRST_FUNCTION + i].address)
			return &parents[i];
	return NULL;
}

int fentry__find_parent(unsigned int nr_cpus, const struct parent **parent)
{
	struct mux mux = {};
	int err = find_symbols(&mux);

	/* Without fentry: that is no matter where the parent IPI has a tracepoint. */
	if (!err || err == -EOPNOTSUPP)
		err = read_mux(&mux, nr_cpus);
	if (err)
		return err;
	free(mux.offsets);
	*parent = parent_of(&mux);
	if (*parent && (*parent)->seen == PARENT_SEEN_AT_FUNCTION &&
	    (!mux.symbols[DIRECT_CALLS].address || access(BTF_FILE, R_OK) ||
	     !machine__ftrace_enabled()))
		*parent = NULL;
	return 0;
}

/* choose_parent - how raises will be seen */
static int choose_parent(struct fentry *fentry, const struct mux *mux, unsigned int flags)
{
	struct fentry_settings *settings = &fentry->bpf->rodata->settings;
	const struct parent *parent = parent_of(mux);
	int err;

	settings->parent = FENTRY_PARENT_UNSEEN;
	if (!parent || flags & PROBE_PREDICT)
		return 0;
	switch (parent->seen) {
	case PARENT_SEEN_AT_SBI_CALL:
		err = loader__has_tracepoint("sbi_call");
		if (err)
			return err == -ENOENT ? 0 : err;
		settings->parent = FENTRY_PARENT_SBI;
		bpf_program__set_autoload(fentry->bpf->progs.see_sbi_call, true);
		return bpf_program__set_autoload(fentry->bpf->progs.see_sbi_call_too, true);
	case PARENT_SEEN_AT_FUNCTION:
		settings->parent = FENTRY_PARENT_FUNCTION;
		err = trace_function(fentry->bpf->progs.see_raise, parent->function);
		return err ? err : trace_function(fentry->bpf->progs.see_raise_too,
						  parent->function);
	case PARENT_UNSEEN:
		break;
	}
	return 0;
}

/* --- sizes --- */

static int size_table(struct bpf_map *map, __u64 entries, size_t entry)
{
	__u64 size = entries * entry;

	return size > UINT32_MAX ? -E2BIG : bpf_map__set_value_size(map, size);
}

static int size_tables(struct fentry *fentry, bool timed)
{
	const struct ipimux_shape *shape = fentry->shape;
	struct fentry_settings *settings = &fentry->bpf->rodata->settings;
	struct fentry_bpf *bpf = fentry->bpf;
	__u64 cpus = 1ULL << shape->cpu_shift;
	__u64 calls = cpus << FENTRY_CALL_SHIFT;
	const struct {
		struct bpf_map *map;
		__u64 entries;
		size_t entry;
	} tables[] = {
		{ bpf->maps.data_traffic, shape->traffic_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_processed, shape->processed_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_unmasked, shape->unmasked_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_masked, shape->masked_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_masked_at, shape->waits_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_doubts, shape->unmasked_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_waits, timed ? shape->waits_mask + 1ULL : 1,
		  sizeof(struct ipimux_waits) },
		{ bpf->maps.data_claimed, shape->waits_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_words_at, cpus, sizeof(__u64) },
		{ bpf->maps.data_cpus, cpus, sizeof(struct fentry_cpu) },
		{ bpf->maps.data_calls, calls, sizeof(struct fentry_call) },
		{ bpf->maps.data_targets, calls << shape->cpu_shift, sizeof(__u32) },
		{ bpf->maps.data_target_masks, calls * ((cpus + 63) / 64), sizeof(__u64) },
	};
	int err = 0;

	settings->words_mask = settings->cpus_mask = cpus - 1;
	settings->calls_mask = calls - 1;
	settings->targets_mask = (calls << shape->cpu_shift) - 1;
	settings->masks_mask = calls * ((cpus + 63) / 64) - 1;
	settings->nr_words = (cpus + 63) / 64;
	settings->word_cpus = cpus < 64 ? cpus : 64;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables) && !err; i++)
		err = size_table(tables[i].map, tables[i].entries, tables[i].entry);
	return err;
}

static int set_up(struct fentry *fentry, const struct machine *machine, const struct mux *mux,
		  unsigned int flags)
{
	struct fentry_settings *settings = &fentry->bpf->rodata->settings;
	int err;

	fentry->bpf->rodata->shape = *fentry->shape;
	settings->timed = flags & PROBE_LATENCY ? 1 : 0;
	settings->online = mux->symbols[ONLINE].address;
	settings->nr_vipis = machine->nr_vipis;
	settings->first_virq = machine->virq[0];
	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		if (machine->virq[vipi] != machine->virq[0] + vipi)
			return -EPROTO;
	err = choose_parent(fentry, mux, flags);
	if (!err && settings->timed && settings->parent == FENTRY_PARENT_UNSEEN)
		err = -ENOMSG;
	return err ? err : size_tables(fentry, settings->timed);
}

/* --- the programs --- */

static void point(struct counters *live, const struct fentry_bpf *bpf, bool timed)
{
	live->traffic = bpf->data_traffic->traffic;
	live->processed = bpf->data_processed->processed;
	live->unmasked = bpf->data_unmasked->unmasked;
	live->masked = bpf->data_masked->masked;
	live->doubts = bpf->data_doubts->doubts;
	if (timed)
		live->waits = bpf->data_waits->waits;
}

int fentry__load(struct fentry **result, const struct machine *machine, unsigned int flags,
		 bool interpreted, struct counters *live)
{
	unsigned int nr_cpus = cpuset__last(&machine->possible) + 1;
	struct mux mux = {};
	struct fentry *fentry;
	int err;

	if (access(BTF_FILE, R_OK))
		return -ENODATA;
	if (!machine__ftrace_enabled())
		return -EHOSTDOWN;
	err = find_symbols(&mux);
	if (err)
		return err;
	fentry = calloc(1, sizeof(*fentry));
	if (!fentry)
		return -ENOMEM;
	fentry->shape = &live->shape;
	err = read_mux(&mux, nr_cpus);
	if (err)
		goto free;
	fentry->bpf = fentry_bpf__open();
	if (!fentry->bpf) {
		err = -errno;
		goto free;
	}
	err = set_up(fentry, machine, &mux, flags);
	fentry->bpf->rodata->interpreted = interpreted;
	if (!err)
		err = fentry_bpf__load(fentry->bpf);
	if (!err)
		err = loader__number_cpus(fentry->bpf->maps.cpu_numbers,
					  &machine->possible);
	if (err)
		goto free;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		fentry->bpf->data_words_at->words_at[cpu] = mux.offsets[cpu] + mux.words;
	point(live, fentry->bpf, flags & PROBE_LATENCY);
	*result = fentry;
free:
	free(mux.offsets);
	if (err)
		fentry__free(fentry);
	return err;
}

/*
 * What ends something before what begins it, so that nothing is begun for good: processes,
 * raises, unmasks, and sends last, as in probe.c.
 */
int fentry__attach(struct fentry *fentry)
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
		{ bpf->progs.begin_mask, &bpf->links.begin_mask },
		{ bpf->progs.end_mask, &bpf->links.end_mask },
		{ bpf->progs.begin_unmask, &bpf->links.begin_unmask },
		{ bpf->progs.end_unmask, &bpf->links.end_unmask },
		{ bpf->progs.end_send, &bpf->links.end_send },
		{ bpf->progs.end_send_too, &bpf->links.end_send_too },
		{ bpf->progs.begin_send, &bpf->links.begin_send },
		{ bpf->progs.begin_send_too, &bpf->links.begin_send_too },
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (!bpf_program__autoload(order[i].program))
			continue;
		*order[i].link = bpf_program__attach(order[i].program);
		if (!*order[i].link)
			return errno == KERNEL_ENOTSUPP ? -EOPNOTSUPP : -errno;
	}
	return 0;
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
				       1U << fentry->shape->cpu_shift);
	return 0;
}
