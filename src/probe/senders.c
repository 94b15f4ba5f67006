// SPDX-License-Identifier: GPL-2.0-only
/* Who sends, for a moment: see senders.h. Knows libbpf, as probe and events do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "base/printable.h"
#include "loader/loader.h"
#include "machine/machine.h"
#include "probe/senders.h"
#include "ways/flags.h"
#include "ways/kprobe_place.h"
#include "ways/memory.h"
#include "ways/mux.h"
#include "ways/mux_code.h"
#include "ways/untraceable.h"
#include "senders.skel.h"
#include "senders_context.skel.h"
#include "senders_kprobe.skel.h"

struct senders {
	/* One of these, and what is in it. */
	struct senders_context_bpf *in_context;
	struct senders_bpf *bpf;
	struct senders_kprobe_bpf *kprobe;
	struct kprobe_place place;	/* of the last one */
	struct bpf_object *object;
	struct bpf_program *program;
	struct bpf_map *by_sender, *stacks;
	__u64 *no_room;
	volatile __u32 *sampling;

	struct bpf_link *link;		/* while a sample is taken */
	__u64 started;
	__u64 missed;			/* before that */
};

/* load_in_context - at the tracepoint, or, where there is none, at the multiplexer's function */
static struct failure *load_in_context(struct senders *senders, unsigned int nr_cpus, bool outside)
{
	struct senders_context_bpf *bpf = senders_context_bpf__open();
	struct failure *failure;

	if (!bpf)
		return loader__not_loaded(-errno);
	senders->program = outside ? bpf->progs.sample_send_mask : bpf->progs.sample_send;
	bpf->rodata->nr_words = (nr_cpus + 63) / 64;
	failure = loader__not_loaded(bpf_program__set_autoload(senders->program, true));
	if (!failure)
		failure = loader__load(bpf->skeleton);
	if (failure) {
		senders_context_bpf__destroy(bpf);
		return failure;
	}
	senders->in_context = bpf;
	senders->object = bpf->obj;
	senders->by_sender = bpf->maps.senders;
	senders->stacks = bpf->maps.stacks;
	senders->no_room = &bpf->data_lost->no_room;
	senders->sampling = &bpf->bss->sampling;
	return NULL;
}

/* load - the same, but that it knows no context */
static struct failure *load(struct senders *senders)
{
	struct senders_bpf *bpf = senders_bpf__open();
	struct failure *failure;

	if (!bpf)
		return loader__not_loaded(-errno);
	failure = loader__not_loaded(bpf_program__set_autoload(bpf->progs.sample_send, true));
	if (!failure)
		failure = loader__load(bpf->skeleton);
	if (failure) {
		senders_bpf__destroy(bpf);
		return failure;
	}
	senders->bpf = bpf;
	senders->object = bpf->obj;
	senders->program = bpf->progs.sample_send;
	senders->by_sender = bpf->maps.senders;
	senders->stacks = bpf->maps.stacks;
	senders->no_room = &bpf->data_lost->no_room;
	senders->sampling = &bpf->bss->sampling;
	return NULL;
}

/* place_kprobe - at the multiplexer's function */
static struct failure *place_kprobe(struct senders *senders)
{
	const struct symbols_function *function;
	struct memory *memory = NULL;
	struct failure *failure;
	struct mux_code code;

	mux_code__read(&code, NULL, 0);
	function = mux_code__function(&code, "ipi_mux_send_mask");
	if (!function)
		return untraceable("the kernel has no function ipi_mux_send_mask(), or hides where "
				   "it is");
	failure = memory__open(&memory);
	if (!failure)
		kprobe_place__choose(&senders->place, memory, senders->program, function, 0);
	memory__free(memory);
	return failure;
}

/* load_kprobe - where there are neither the tracepoint nor fentry */
static struct failure *load_kprobe(struct senders *senders, unsigned int nr_cpus)
{
	struct senders_kprobe_bpf *bpf = senders->kprobe = senders_kprobe_bpf__open();
	struct failure *failure;

	if (!bpf)
		return loader__not_loaded(-errno);
	bpf->rodata->nr_words = (nr_cpus + 63) / 64;
	kprobe_place__describe_kernel(&bpf->rodata->where);
	senders->program = bpf->progs.sample_send_entry;
	failure = loader__not_loaded(bpf_program__set_autoload(senders->program, true));
	if (!failure)
		failure = place_kprobe(senders);
	if (!failure)
		failure = loader__load(bpf->skeleton);
	/* Now, because to sample takes no privileges later. */
	if (!failure)
		failure = kprobe_place__open(&senders->place);
	if (failure)
		return failure;
	senders->object = bpf->obj;
	senders->by_sender = bpf->maps.senders;
	senders->stacks = bpf->maps.stacks;
	senders->no_room = &bpf->data_lost->no_room;
	senders->sampling = &bpf->bss->sampling;
	return NULL;
}

struct failure *senders__load(struct senders **result, const struct machine *machine,
			      unsigned int flags)
{
	struct senders *senders = calloc(1, sizeof(*senders));
	int program = loader__first_program();
	bool interpreted = loader__is_interpreted(program);
	bool has_btf = !access("/sys/kernel/btf/vmlinux", R_OK);
	bool outside = mux__from_outside(flags);
	struct failure *failure = NULL;

	if (program >= 0)
		close(program);
	if (!senders)
		return failure__of(-ENOMEM);
	senders->place.event = -1;
	if (interpreted) {
		/* Programs cannot tell on which CPU they run, see bpf/counting.h. */
		free(senders);
		return failure__new(FAILURE_BROKEN, 0, "BPF's JIT is off, and without it programs "
				    "cannot tell on which CPU they run (%s)",
				    machine__jit_advice());
	}
	if (flags & PROBE_VIA_KPROBE)
		failure = load_kprobe(senders, cpuset__last(&machine->possible) + 1);
	else if (has_btf || outside)
		failure = load_in_context(senders, cpuset__last(&machine->possible) + 1, outside);
	/* Without BTF, or with one that does not fit: all but the context. */
	if (!outside && (!has_btf || failure)) {
		failure__free(failure);
		failure = load(senders);
	}
	if (failure)
		senders__free(senders);
	else
		*result = senders;
	return failure;
}

void senders__free(struct senders *senders)
{
	if (!senders)
		return;
	bpf_link__destroy(senders->link);
	if (senders->kprobe)
		kprobe_place__close(&senders->place);
	senders_context_bpf__destroy(senders->in_context);
	senders_bpf__destroy(senders->bpf);
	senders_kprobe_bpf__destroy(senders->kprobe);
	free(senders);
}

/* clear - empties a map whose keys are of at most the size of a sender's */
static int clear(int map)
{
	struct senders_key key;

	while (!bpf_map_get_next_key(map, NULL, &key)) {
		int err = bpf_map_delete_elem(map, &key);

		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

static struct failure *not_sampled(int err)
{
	if (!err)
		return NULL;
	return failure__new(failure__kind_of(err), err, "the senders cannot be sampled: %s",
			    strerror(-err));
}

/* begin - what is attached counts from now on */
static void begin(struct senders *senders)
{
	senders->started = clock__now(CLOCK_MONOTONIC);
	*senders->sampling = 1;
}

struct failure *senders__start(struct senders *senders)
{
	/* A send that was under way when the last sample ended may be in them still. */
	int err = clear(bpf_map__fd(senders->by_sender));

	if (!err)
		err = clear(bpf_map__fd(senders->stacks));
	if (!err)
		err = loader__read_missed(senders->object, &senders->missed);
	if (err)
		return not_sampled(err);
	*senders->no_room = 0;
	if (senders->kprobe) {
		struct failure *failure = kprobe_place__attach(&senders->place);

		if (!failure)
			begin(senders);
		return failure;
	}
	senders->link = bpf_program__attach(senders->program);
	if (senders->link)
		begin(senders);
	if (!senders->link && errno == KERNEL_ENOTSUPP)
		return failure__new(FAILURE_UNSUPPORTED, -ENOTSUP, "the senders cannot be sampled: "
				    "this kernel has no fentry on this architecture");
	if (!senders->link && errno == ENOENT)
		return failure__new(FAILURE_UNSUPPORTED, -ENOENT,
				    "sampling needs the tracepoints of kernel-patch/, fentry and "
				    "the kernel's BTF, or kprobes");
	return not_sampled(senders->link ? 0 : -errno);
}

/* read_stack - the frames of a sender, as far as they were kept */
static void read_stack(const struct senders *senders, struct sender *sender)
{
	int map = bpf_map__fd(senders->stacks);
	__u64 caller = sender->key.caller;

	if (sender->key.stack < 0 ||
	    bpf_map_lookup_elem(map, &sender->key.stack, sender->frames))
		return;
	while (sender->nr_frames < SENDERS_MAX_FRAMES && sender->frames[sender->nr_frames])
		sender->nr_frames++;
	/* In place of the function itself, which is the first frame. */
	if (caller && sender->nr_frames)
		sender->frames[0] = caller;
}

struct failure *senders__stop(struct senders *senders, struct senders_sample *sample)
{
	int map = bpf_map__fd(senders->by_sender);
	struct senders_key *previous = NULL, key;
	__u64 missed;
	int err;

	memset(sample, 0, sizeof(*sample));
	*senders->sampling = 0;
	sample->time = clock__now(CLOCK_MONOTONIC) - senders->started;
	err = senders->kprobe ? kprobe_place__detach(&senders->place) :
				bpf_link__destroy(senders->link);
	senders->link = NULL;
	if (!err)
		err = loader__read_missed(senders->object, &missed);
	if (err)
		return not_sampled(err);
	sample->missed = missed - senders->missed;
	sample->no_room = *senders->no_room;

	sample->senders = calloc(SENDERS_MAX, sizeof(*sample->senders));
	if (!sample->senders)
		return not_sampled(-ENOMEM);
	while (sample->nr_senders < SENDERS_MAX && !bpf_map_get_next_key(map, previous, &key)) {
		struct sender *sender = &sample->senders[sample->nr_senders];

		sender->key = key;
		previous = &sender->key;
		if (!bpf_map_lookup_elem(map, &key, &sender->value)) {
			make_printable_array(sender->value.command, SENDERS_COMMAND_SIZE);
			read_stack(senders, sender);
			sample->nr_senders++;
		}
	}
	return NULL;
}

void senders_sample__free(struct senders_sample *sample)
{
	free(sample->senders);
	memset(sample, 0, sizeof(*sample));
}
