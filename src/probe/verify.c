// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel does below and above the multiplexer, see verify.h. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "probe/fentry.h"
#include "probe/loader.h"
#include "probe/verify.h"
#include "verify.skel.h"

struct verify {
	struct verify_bpf *bpf;
};

/* choose_parent - where raises are seen; nowhere is no error */
static int choose_parent(struct verify_bpf *bpf, unsigned int nr_cpus)
{
	enum fentry_parent parent;
	const char *function;
	int err;

	if (fentry__find_parent(nr_cpus, &parent, &function))
		return 0;
	switch (parent) {
	case FENTRY_PARENT_SBI:
		err = loader__has_tracepoint("sbi_call");
		return err ? 0 : bpf_program__set_autoload(bpf->progs.count_sbi_call, true);
	case FENTRY_PARENT_FUNCTION:
		err = bpf_program__set_attach_target(bpf->progs.count_raise, 0, function);
		return err ? err : bpf_program__set_autoload(bpf->progs.count_raise, true);
	case FENTRY_PARENT_UNSEEN:
		break;
	}
	return 0;
}

static int set_up(struct verify_bpf *bpf, const struct machine *machine,
		  const struct ipimux_shape *shape)
{
	int err;

	bpf->rodata->shape = *shape;
	bpf->rodata->first_virq = machine->virq[0];
	bpf->rodata->nr_vipis = machine->nr_vipis;
	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		if (machine->virq[vipi] != machine->virq[0] + vipi)
			return -EPROTO;
	err = bpf_map__set_value_size(bpf->maps.data_parents, sizeof(__u64) << shape->cpu_shift);
	if (!err)
		err = bpf_map__set_value_size(bpf->maps.data_started,
					      (shape->waits_mask + 1ULL) * sizeof(__u64));
	return err ? err : choose_parent(bpf, cpuset__last(&machine->possible) + 1);
}

static bool sees_parents(const struct verify_bpf *bpf)
{
	return bpf_program__autoload(bpf->progs.count_sbi_call) ||
	       bpf_program__autoload(bpf->progs.count_raise);
}

int verify__load(struct verify **result, const struct machine *machine, bool interpreted,
		 struct counters *live)
{
	struct verify *verify = calloc(1, sizeof(*verify));
	int err;

	if (!verify)
		return -ENOMEM;
	verify->bpf = verify_bpf__open();
	if (!verify->bpf) {
		err = -errno;
		goto free;
	}
	verify->bpf->rodata->interpreted = interpreted;
	err = set_up(verify->bpf, machine, &live->shape);
	if (!err)
		err = verify_bpf__load(verify->bpf);
	if (!err)
		err = loader__number_cpus(verify->bpf->maps.cpu_numbers, &machine->possible);
	if (err)
		goto free;
	live->started = verify->bpf->data_started->started;
	if (sees_parents(verify->bpf))
		live->parents = verify->bpf->data_parents->parents;
	*result = verify;
	return 0;
free:
	verify__free(verify);
	return err;
}

int verify__attach(struct verify *verify)
{
	return verify_bpf__attach(verify->bpf);
}

void verify__free(struct verify *verify)
{
	if (!verify)
		return;
	verify_bpf__destroy(verify->bpf);
	free(verify);
}

int verify__read_missed(const struct verify *verify, __u64 *missed)
{
	return loader__read_missed(verify->bpf->obj, missed);
}
