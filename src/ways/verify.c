// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel does below and above the multiplexer, see verify.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/array_size.h"
#include "loader/loader.h"
#include "ways/mux.h"
#include "ways/kernel_types.h"
#include "ways/verify.h"
#include "bpf/verify.h"
#include "verify.skel.h"

struct verify {
	struct verify_bpf *bpf;
};

/* choose_parent - where raises are seen; nowhere is no failure */
static struct failure *choose_parent(struct verify_bpf *bpf, unsigned int nr_cpus)
{
	const struct parent *parent;
	struct failure *failure = mux__find_parent(nr_cpus, &parent);
	int err;

	if (failure && failure->kind == FAILURE_BROKEN)
		return failure;
	if (failure || !parent) {
		failure__free(failure);
		return NULL;
	}
	switch (parent->seen) {
	case PARENT_SEEN_AT_SBI_CALL:
		err = loader__has_tracepoint("sbi_call");
		return err ? NULL : loader__not_loaded(
			bpf_program__set_autoload(bpf->progs.count_sbi_call, true));
	case PARENT_SEEN_AT_FUNCTION:
		err = bpf_program__set_attach_target(bpf->progs.count_raise, 0, parent->function);
		/* libbpf has looked for it in the kernel's BTF, and nobody else so far. */
		if (err == -ESRCH)
			return NULL;
		return loader__not_loaded(err ? err :
					  bpf_program__set_autoload(bpf->progs.count_raise, true));
	case PARENT_UNSEEN:
		break;
	}
	return NULL;
}

static bool sees_parents(const struct verify_bpf *bpf)
{
	return bpf_program__autoload(bpf->progs.count_sbi_call) ||
	       bpf_program__autoload(bpf->progs.count_raise);
}

/* preempt_count_at - where the kernel's BTF has it in a task, which begins with it; 0: not known */
static __u32 preempt_count_at(void)
{
	struct btf *types = kernel_types__open();
	int offset = kernel_types__offset(types, "thread_info", "preempt_count");

	kernel_types__free(types);
	return offset < 0 ? 0 : offset;
}

/* choose_order - whether things come when they are due is seen where the multiplexer has events */
static int choose_order(struct verify_bpf *bpf)
{
	int err;

	if (loader__has_tracepoint("ipi_mux_send"))
		return 0;
	err = bpf_program__set_autoload(bpf->progs.compare_handlers, true);
	bpf->rodata->preempt_count_at = preempt_count_at();
	if (err || !bpf->rodata->reads_memory || !bpf->rodata->preempt_count_at ||
	    !sees_parents(bpf))
		return err;
	err = bpf_program__set_autoload(bpf->progs.expect_kick, true);
	return err ? err : bpf_program__set_autoload(bpf->progs.compare_raises, true);
}

static struct failure *set_up(struct verify_bpf *bpf, const struct machine *machine,
			      const struct counters *live)
{
	const struct ipimux_shape *shape = &live->shape;
	struct failure *failure;

	bpf->rodata->shape = *shape;
	bpf->rodata->first_virq = machine->virq[0];
	bpf->rodata->nr_vipis = machine->nr_vipis;
	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		if (machine->virq[vipi] != machine->virq[0] + vipi)
			return failure__new(FAILURE_UNSUPPORTED, 0, "cannot compare with the "
					    "handlers started: the vIPIs' interrupts do not have "
					    "consecutive numbers in /sys/kernel/irq (leave out "
					    "--verify; check needs --no-verify)");
	failure = loader__size_counters(bpf->obj, live, COUNTED(VERIFY));
	if (!failure)
		failure = loader__size_table(bpf->maps.data_orders, 1ULL << shape->cpu_shift,
					     sizeof(struct verify_order));
	if (!failure)
		failure = choose_parent(bpf, cpuset__last(&machine->possible) + 1);
	return failure ? failure : loader__not_loaded(choose_order(bpf));
}

struct failure *verify__load(struct verify **result, const struct machine *machine,
			     const struct words_reader *words, bool interpreted,
			     struct counters *live)
{
	struct verify *verify = calloc(1, sizeof(*verify));
	struct failure *failure;

	if (!verify)
		return failure__of(-ENOMEM);
	verify->bpf = verify_bpf__open();
	if (!verify->bpf) {
		failure = loader__not_loaded(-errno);
		goto free;
	}
	verify->bpf->rodata->interpreted = interpreted;
	verify->bpf->rodata->reads_memory = words || loader__reads_kernel() != KNOWN_NO;
	failure = set_up(verify->bpf, machine, live);
	if (!failure)
		failure = loader__load(verify->bpf->skeleton);
	if (!failure)
		failure = loader__number_cpus(verify->bpf->maps.cpu_numbers, &machine->possible);
	if (failure)
		goto free;
	for (int cpu = 0; words && cpu <= cpuset__last(&machine->possible); cpu++)
		verify->bpf->data_orders->orders[cpu].enabled_at = words__enabled_at(words, cpu);
	loader__point_counters(verify->bpf->obj, live, COUNTED(VERIFY));
	/* What nothing is counted in was not seen. */
	if (!bpf_program__autoload(verify->bpf->progs.compare_handlers))
		live->late = NULL;
	if (!sees_parents(verify->bpf))
		live->parents = NULL;
	*result = verify;
	return NULL;
free:
	verify__free(verify);
	return failure;
}

/* What is waited for is counted before somebody waits for it. */
struct failure *verify__attach(struct verify *verify)
{
	struct verify_bpf *bpf = verify->bpf;
	const struct {
		struct bpf_program *program;
		struct bpf_link **link;
	} first[] = {
		{ bpf->progs.count_sbi_call, &bpf->links.count_sbi_call },
		{ bpf->progs.count_raise, &bpf->links.count_raise },
		{ bpf->progs.count_started, &bpf->links.count_started },
	};

	for (size_t i = 0; i < ARRAY_SIZE(first); i++) {
		if (!bpf_program__autoload(first[i].program))
			continue;
		*first[i].link = bpf_program__attach(first[i].program);
		if (!*first[i].link)
			return loader__not_attached(-errno);
	}
	return loader__not_attached(verify_bpf__attach(bpf));
}

void verify__free(struct verify *verify)
{
	if (!verify)
		return;
	verify_bpf__destroy(verify->bpf);
	free(verify);
}

bool verify__sees_all_parents(const struct verify *verify)
{
	return bpf_program__autoload(verify->bpf->progs.count_raise);
}

int verify__read_missed(const struct verify *verify, __u64 *missed)
{
	return loader__read_missed(verify->bpf->obj, missed);
}
