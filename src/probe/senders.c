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
#include "probe/loader.h"
#include "probe/senders.h"
#include "senders.skel.h"
#include "senders_context.skel.h"

struct senders {
	/* One of these two, and what is in it. */
	struct senders_context_bpf *in_context;
	struct senders_bpf *bpf;
	struct bpf_object *object;
	struct bpf_program *program;
	struct bpf_map *by_sender, *stacks;
	__u64 *no_room;

	struct bpf_link *link;		/* while a sample is taken */
	__u64 started;
	__u64 missed;			/* before that */
};

static int load_in_context(struct senders *senders)
{
	struct senders_context_bpf *bpf = senders_context_bpf__open_and_load();

	if (!bpf)
		return -errno;
	senders->in_context = bpf;
	senders->object = bpf->obj;
	senders->program = bpf->progs.sample_send;
	senders->by_sender = bpf->maps.senders;
	senders->stacks = bpf->maps.stacks;
	senders->no_room = &bpf->data_lost->no_room;
	return 0;
}

/* load - the same, but that it knows no context */
static int load(struct senders *senders)
{
	struct senders_bpf *bpf = senders_bpf__open_and_load();

	if (!bpf)
		return -errno;
	senders->bpf = bpf;
	senders->object = bpf->obj;
	senders->program = bpf->progs.sample_send;
	senders->by_sender = bpf->maps.senders;
	senders->stacks = bpf->maps.stacks;
	senders->no_room = &bpf->data_lost->no_room;
	return 0;
}

int senders__load(struct senders **result)
{
	struct senders *senders = calloc(1, sizeof(*senders));
	int program = loader__first_program();
	bool interpreted = loader__is_interpreted(program);
	int err = -ENOENT;

	if (program >= 0)
		close(program);
	if (!senders)
		return -ENOMEM;
	if (interpreted) {
		/* Programs cannot tell on which CPU they run, see bpf/counting.h. */
		free(senders);
		return -ENOEXEC;
	}
	if (!access("/sys/kernel/btf/vmlinux", R_OK))
		err = load_in_context(senders);
	/* Without BTF, or with one that does not fit: all but the context. */
	if (err)
		err = load(senders);
	if (err) {
		senders__free(senders);
		return err;
	}
	*result = senders;
	return 0;
}

void senders__free(struct senders *senders)
{
	if (!senders)
		return;
	bpf_link__destroy(senders->link);
	senders_context_bpf__destroy(senders->in_context);
	senders_bpf__destroy(senders->bpf);
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

int senders__start(struct senders *senders)
{
	/* A send that was under way when the last sample ended may be in them still. */
	int err = clear(bpf_map__fd(senders->by_sender));

	if (!err)
		err = clear(bpf_map__fd(senders->stacks));
	if (!err)
		err = loader__read_missed(senders->object, &senders->missed);
	if (err)
		return err;
	*senders->no_room = 0;
	senders->started = clock__now(CLOCK_MONOTONIC);
	senders->link = bpf_program__attach(senders->program);
	return senders->link ? 0 : -errno;
}

/* read_stack - the frames of a sender, as far as they were kept */
static void read_stack(const struct senders *senders, struct sender *sender)
{
	int map = bpf_map__fd(senders->stacks);

	if (sender->key.stack < 0 ||
	    bpf_map_lookup_elem(map, &sender->key.stack, sender->frames))
		return;
	while (sender->nr_frames < SENDERS_MAX_FRAMES && sender->frames[sender->nr_frames])
		sender->nr_frames++;
}

int senders__stop(struct senders *senders, struct senders_sample *sample)
{
	int map = bpf_map__fd(senders->by_sender);
	struct senders_key *previous = NULL, key;
	__u64 missed;
	int err;

	memset(sample, 0, sizeof(*sample));
	sample->time = clock__now(CLOCK_MONOTONIC) - senders->started;
	err = bpf_link__destroy(senders->link);
	senders->link = NULL;
	if (!err)
		err = loader__read_missed(senders->object, &missed);
	if (err)
		return err;
	sample->missed = missed - senders->missed;
	sample->no_room = *senders->no_room;

	sample->senders = calloc(SENDERS_MAX, sizeof(*sample->senders));
	if (!sample->senders)
		return -ENOMEM;
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
	return 0;
}

void senders_sample__free(struct senders_sample *sample)
{
	free(sample->senders);
	memset(sample, 0, sizeof(*sample));
}
