// SPDX-License-Identifier: GPL-2.0-only
/* The BPF programs for a kernel without our tracepoints, see fentry.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/array_size.h"
#include "loader/loader.h"
#include "ways/fentry.h"
#include "ways/flags.h"
#include "bpf/fentry.h"
#include "fentry.skel.h"
#include "mux.skel.h"

#define BTF_FILE	"/sys/kernel/btf/vmlinux"

struct fentry {
	struct fentry_bpf *bpf;
	const struct counters *live;
};

/* --- why it cannot be the way in --- */

#define NO_FENTRY(kind, err, why, ...)								\
	failure__new(kind, err, "the functions of this kernel's IPI multiplexer cannot be "	\
		     "traced: " why "; with the tracepoints of ipimux-trace's kernel-patch/ "	\
		     "the tool does not trace them (see README.md)", ##__VA_ARGS__)

static struct failure *no_fentry(int err)
{
	return NO_FENTRY(FAILURE_UNSUPPORTED, err, "the kernel has no fentry (for riscv, Linux 6.8 "
			 "or later with CONFIG_FUNCTION_TRACER and "
			 "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)");
}

static struct failure *no_symbols(enum symbols_state state)
{
	if (state == SYMBOLS_NONE)
		return NO_FENTRY(FAILURE_UNSUPPORTED, 0, "the kernel has no /proc/kallsyms "
				 "(CONFIG_KALLSYMS)");
	return NO_FENTRY(FAILURE_UNSUPPORTED, 0, "the kernel hides its symbols' addresses (%s)",
			 symbols__advice(machine__kptr_restrict(),
					 loader__capabilities() >> CAP_SYSLOG & 1));
}

static struct failure *not_in_btf(void)
{
	return NO_FENTRY(FAILURE_UNSUPPORTED, -ESRCH, "the kernel's BTF lacks some of them "
			 "(-v shows which)");
}

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

static struct failure *find_symbols(struct mux *mux)
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
	enum symbols_state state;
	unsigned int nr_parents;

	memcpy(mux->symbols, wanted, sizeof(wanted));
	for (nr_parents = 0; parents[nr_parents].key; nr_parents++)
		functions[nr_parents].name = parents[nr_parents].function;
	state = machine__find_symbols(mux->symbols, FIRST_FUNCTION + nr_parents);
	if (state != SYMBOLS_READ)
		return no_symbols(state);
	/* Programs are attached to functions by their own names. */
	for (unsigned int i = 0; i < nr_parents; i++)
		if (parents[i].seen == PARENT_SEEN_AT_FUNCTION && functions[i].renamed)
			functions[i].address = 0;
	return NULL;
}

/* check_variables - are those there that are to be read? */
static struct failure *check_variables(const struct mux *mux)
{
	if (!mux->symbols[OFFSETS].address || !mux->symbols[ONLINE].address ||
	    (!mux->symbols[MUX_POINTER].address && !mux->symbols[MUX_WORDS].address) ||
	    (!mux->symbols[MUX_SEND].address && !mux->symbols[MUX_RAISE].address))
		return NO_FENTRY(FAILURE_UNSUPPORTED, 0, "/proc/kallsyms has no variables "
				 "(CONFIG_KALLSYMS_ALL)");
	return NULL;
}

/* load_mux - loads the program that reads them */
static struct failure *load_mux(const struct mux_bpf *bpf)
{
	struct failure *failure = loader__load(bpf->skeleton);

	if (!failure || loader__reads_kernel() != KNOWN_NO)
		return failure;
	failure__free(failure);
	return NO_FENTRY(FAILURE_UNSUPPORTED, 0, "the kernel is locked down (confidentiality), so "
			 "BPF programs may not read its memory (boot with lockdown=integrity)");
}

/* read_mux - lets the kernel read what the symbols point to */
static struct failure *read_mux(struct mux *mux, unsigned int nr_cpus)
{
	const struct symbol_wanted *symbols = mux->symbols;
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct mux_bpf *bpf = mux_bpf__open();
	size_t size = nr_cpus * sizeof(__u64);
	struct failure *failure;
	int err = 0;

	if (!bpf)
		return loader__not_loaded(-errno);
	bpf->rodata->at.pointer = symbols[MUX_POINTER].address;
	bpf->rodata->at.raise = symbols[MUX_SEND].address ? symbols[MUX_SEND].address :
							     symbols[MUX_RAISE].address;
	bpf->rodata->at.offsets = symbols[OFFSETS].address;
	bpf->rodata->at.offsets_size = size;
	failure = loader__size_table(bpf->maps.data_offsets, nr_cpus, sizeof(__u64));
	if (!failure)
		failure = load_mux(bpf);
	if (!failure)
		err = bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.read_mux), &run);
	if (!failure && !err && run.retval)
		err = -EFAULT;
	if (!failure && !err) {
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
	return failure ? failure : loader__not_loaded(err);
}

static struct failure *trace_function(struct bpf_program *program, const char *name)
{
	int err = bpf_program__set_attach_target(program, 0, name);

	/* Nobody but libbpf has looked so far. */
	if (err == -ESRCH)
		return not_in_btf();
	return loader__not_loaded(err ? err : bpf_program__set_autoload(program, true));
}

/* parent_of - the function that raises is known by its address; NULL: not a known one */
static const struct parent *parent_of(const struct mux *mux)
{
	for (unsigned int i = 0; mux->raise && parents[i].key; i++)
		if (mux->raise == mux->symbols[FIRST_FUNCTION + i].address)
			return &parents[i];
	return NULL;
}

struct failure *fentry__find_parent(unsigned int nr_cpus, const struct parent **parent)
{
	struct mux mux = {};
	struct failure *failure = find_symbols(&mux);

	/* Without fentry: that is no matter where the parent IPI has a tracepoint. */
	if (!failure)
		failure = check_variables(&mux);
	if (!failure)
		failure = read_mux(&mux, nr_cpus);
	if (failure)
		return failure;
	free(mux.offsets);
	*parent = parent_of(&mux);
	if (*parent && (*parent)->seen == PARENT_SEEN_AT_FUNCTION &&
	    (!mux.symbols[DIRECT_CALLS].address || access(BTF_FILE, R_OK) ||
	     !machine__ftrace_enabled()))
		*parent = NULL;
	return NULL;
}

/* choose_parent - how raises will be seen */
static struct failure *choose_parent(struct fentry *fentry, const struct mux *mux,
				     unsigned int flags)
{
	struct fentry_settings *settings = &fentry->bpf->rodata->settings;
	const struct parent *parent = parent_of(mux);
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
		failure = trace_function(fentry->bpf->progs.see_raise, parent->function);
		return failure ? failure : trace_function(fentry->bpf->progs.see_raise_too,
							  parent->function);
	case PARENT_UNSEEN:
		break;
	}
	return NULL;
}

/* --- sizes --- */

/* counted_here - when which tables are there that these programs count in */
static unsigned int counted_here(unsigned int flags)
{
	return COUNTED(ALWAYS) | COUNTED(MASKS) | COUNTED(OUTSIDE) |
	       (flags & PROBE_LATENCY ? COUNTED(LATENCY) : 0);
}

static struct failure *size_tables(struct fentry *fentry, unsigned int flags)
{
	const struct ipimux_shape *shape = &fentry->live->shape;
	struct fentry_settings *settings = &fentry->bpf->rodata->settings;
	struct fentry_bpf *bpf = fentry->bpf;
	__u64 cpus = 1ULL << shape->cpu_shift;
	__u64 calls = cpus << FENTRY_CALL_SHIFT;
	const struct {
		struct bpf_map *map;
		__u64 entries;
		size_t entry;
	} others[] = {
		{ bpf->maps.data_masked_at, shape->waits_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_claimed, shape->waits_mask + 1ULL, sizeof(__u64) },
		{ bpf->maps.data_words_at, cpus, sizeof(__u64) },
		{ bpf->maps.data_cpus, cpus, sizeof(struct fentry_cpu) },
		{ bpf->maps.data_calls, calls, sizeof(struct fentry_call) },
		{ bpf->maps.data_targets, calls << shape->cpu_shift, sizeof(__u32) },
		{ bpf->maps.data_target_masks, calls * ((cpus + 63) / 64), sizeof(__u64) },
	};
	struct failure *failure = loader__size_counters(bpf->obj, fentry->live,
							counted_here(flags));

	settings->words_mask = settings->cpus_mask = cpus - 1;
	settings->calls_mask = calls - 1;
	settings->targets_mask = (calls << shape->cpu_shift) - 1;
	settings->masks_mask = calls * ((cpus + 63) / 64) - 1;
	settings->nr_words = (cpus + 63) / 64;
	settings->word_cpus = cpus < 64 ? cpus : 64;
	for (size_t i = 0; i < ARRAY_SIZE(others) && !failure; i++)
		failure = loader__size_table(others[i].map, others[i].entries, others[i].entry);
	return failure;
}

static struct failure *set_up(struct fentry *fentry, const struct machine *machine,
			      const struct mux *mux, unsigned int flags)
{
	struct fentry_settings *settings = &fentry->bpf->rodata->settings;
	struct failure *failure;

	fentry->bpf->rodata->shape = fentry->live->shape;
	settings->timed = flags & PROBE_LATENCY ? 1 : 0;
	settings->online = mux->symbols[ONLINE].address;
	settings->nr_vipis = machine->nr_vipis;
	settings->first_virq = machine->virq[0];
	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		if (machine->virq[vipi] != machine->virq[0] + vipi)
			return NO_FENTRY(FAILURE_UNSUPPORTED, 0, "the vIPIs' interrupts do not "
					 "have consecutive numbers in /sys/kernel/irq");
	failure = choose_parent(fentry, mux, flags);
	if (failure)
		return failure;
	if (settings->timed && settings->parent == FENTRY_PARENT_UNSEEN)
		return failure__new(FAILURE_UNSUPPORTED, 0, "cannot time how long vIPIs wait: "
				    "timing needs the tracepoints of ipimux-trace's kernel-patch/, "
				    "because this kernel does not show when the parent IPI is "
				    "raised");
	return size_tables(fentry, flags);
}

/* --- the programs --- */

/*
 * are_in_btf - are the functions that programs name in the kernel's BTF? libbpf looks when it
 * loads them, and what it says then the kernel can say, too, of other things. Of those that raise
 * trace_function() has seen to it, and the names of their sections are another controller's.
 */
static bool are_in_btf(const struct fentry_bpf *bpf)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct bpf_program *program;
	bool all = true;

	bpf_object__for_each_program(program, bpf->obj) {
		const char *function = strchr(bpf_program__section_name(program), '/');

		if (btf && function && program != bpf->progs.see_raise &&
		    program != bpf->progs.see_raise_too &&
		    bpf_program__type(program) == BPF_PROG_TYPE_TRACING)
			all &= btf__find_by_name_kind(btf, function + 1, BTF_KIND_FUNC) > 0;
	}
	btf__free(btf);
	return all;
}

static struct failure *load_programs(struct fentry *fentry, const struct machine *machine)
{
	struct failure *failure = loader__load(fentry->bpf->skeleton);

	if (failure && !are_in_btf(fentry->bpf)) {
		failure__free(failure);
		return not_in_btf();
	}
	if (!failure)
		failure = loader__number_cpus(fentry->bpf->maps.cpu_numbers, &machine->possible);
	return failure;
}

/* check_kernel - what this way in takes, of what can be seen before something is loaded */
static struct failure *check_kernel(struct mux *mux)
{
	struct failure *failure;

	if (access(BTF_FILE, R_OK))
		return NO_FENTRY(FAILURE_UNSUPPORTED, 0, "the kernel has no BTF "
				 "(CONFIG_DEBUG_INFO_BTF)");
	if (!machine__ftrace_enabled())
		return NO_FENTRY(FAILURE_BROKEN, 0, "ftrace is switched off: "
				 "sysctl kernel.ftrace_enabled=1");
	failure = find_symbols(mux);
	if (failure)
		return failure;
	return mux->symbols[DIRECT_CALLS].address ? check_variables(mux) : no_fentry(0);
}

struct failure *fentry__load(struct fentry **result, const struct machine *machine,
			     unsigned int flags, bool interpreted, struct counters *live)
{
	unsigned int nr_cpus = cpuset__last(&machine->possible) + 1;
	struct mux mux = {};
	struct failure *failure = check_kernel(&mux);
	struct fentry *fentry;

	if (failure)
		return failure;
	fentry = calloc(1, sizeof(*fentry));
	if (!fentry)
		return failure__of(-ENOMEM);
	fentry->live = live;
	failure = read_mux(&mux, nr_cpus);
	if (failure)
		goto free;
	fentry->bpf = fentry_bpf__open();
	if (!fentry->bpf) {
		failure = loader__not_loaded(-errno);
		goto free;
	}
	failure = set_up(fentry, machine, &mux, flags);
	fentry->bpf->rodata->interpreted = interpreted;
	if (!failure)
		failure = load_programs(fentry, machine);
	if (failure)
		goto free;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		fentry->bpf->data_words_at->words_at[cpu] = mux.offsets[cpu] + mux.words;
	loader__point_counters(fentry->bpf->obj, live, counted_here(flags));
	*result = fentry;
free:
	free(mux.offsets);
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
			return errno == KERNEL_ENOTSUPP ? no_fentry(-errno) :
							  loader__not_attached(-errno);
	}
	return NULL;
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
