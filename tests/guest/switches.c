// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tool's probe knows of masks, and of the multiplexer's words, after each command of
 * the stimulus module: a JSON line each. For tests/vm/counts/switches.t, which judges it.
 *
 *	switches tracepoint|fentry|pinned [by-bit] COMMAND...
 *
 * Privileges are given up before the first command, as the tool does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/probe.h"
#include "session/privileges.h"

#define RUN "/sys/kernel/debug/ipimux-stimulus/run"

static int die(const char *what, int err)
{
	fprintf(stderr, "switches: %s: %s\n", what, strerror(-err));
	return 1;
}

static int die_of(const char *what, const struct failure *failure)
{
	fprintf(stderr, "switches: %s: %s\n", what, failure->text);
	return 1;
}

static void print_words(struct probe *probe, struct words *words, unsigned int last)
{
	/* One by one, and all at once: the words are the same. */
	__u32 first_pending, first_enabled;

	memset(words->pending, 0xa5, (last + 1) * sizeof(__u32));
	probe__read_words(probe, words, 0, 0);
	first_pending = words->pending[0];
	first_enabled = words->enabled[0];
	probe__read_words(probe, words, last, last);
	printf(", \"known\": %s, \"single\": [%u, %u, %u, %u]", words->known ? "true" : "false",
	       first_pending, first_enabled, words->pending[last], words->enabled[last]);
	probe__read_words(probe, words, 0, last);
	printf(", \"words\": [");
	for (unsigned int cpu = 0; cpu <= last; cpu++)
		printf("%s[%u, %u]", cpu ? ", " : "", words->pending[cpu], words->enabled[cpu]);
	printf("]");
}

static void print_masked(const struct machine *machine, const struct counters *counters)
{
	const char *separator = "";

	printf(", \"masked\": %s", counters->masked ? "[" : "null");
	for (int cpu = 0; counters->masked && cpu <= cpuset__last(&machine->possible); cpu++)
		for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++) {
			const __u64 *kinds = counters->masked +
				ipimux_masked_index(&counters->shape, cpu, vipi, 0);

			if (!kinds[0] && !kinds[1] && !kinds[2])
				continue;
			printf("%s[%d, %u, %llu, %llu, %llu]", separator, cpu, vipi,
			       (unsigned long long)kinds[IPIMUX_MASK_PLAIN],
			       (unsigned long long)kinds[IPIMUX_MASK_PENDING],
			       (unsigned long long)kinds[IPIMUX_MASK_HANDLED]);
			separator = ", ";
		}
	printf("%s", counters->masked ? "]" : "");
}

int main(int argc, char **argv)
{
	unsigned int flags = 0;
	struct snapshot snapshot;
	struct machine machine;
	struct probe *probe;
	struct failure *failure;
	int run, i = 2;

	if (argc < 2)
		return die("usage", -EINVAL);
	if (!strcmp(argv[1], "fentry"))
		flags = PROBE_VIA_FENTRY;
	else if (!strcmp(argv[1], "tracepoint"))
		flags = PROBE_VIA_TRACEPOINT;
	if (argc > i && !strcmp(argv[i], "by-bit")) {
		flags |= PROBE_BY_BIT;
		i++;
	}
	run = open(RUN, O_WRONLY);
	failure = machine__read(&machine);
	if (failure)
		return die_of("machine", failure);
	if (!strcmp(argv[1], "pinned")) {
		failure = probe__open_pinned(&probe, &machine, "switches", 0);
	} else {
		failure = probe__load(&probe, &machine, flags);
		if (!failure)
			failure = probe__attach(probe);
	}
	if (!failure)
		failure = failure__of(probe__init_snapshot(probe, &snapshot));
	if (failure)
		return die_of("probe", failure);
	privileges__drop(0);
	for (; i < argc; i++) {
		if (write(run, argv[i], strlen(argv[i])) < 0)
			return die(argv[i], -errno);
		failure = probe__snapshot(probe, &snapshot);
		if (failure)
			return die_of("snapshot", failure);
		printf("{\"command\": \"%s\"", argv[i]);
		print_words(probe, &snapshot.words, cpuset__last(&machine.possible));
		print_masked(&machine, &snapshot.counters);
		printf("}\n");
	}
	probe__free(probe);
	return 0;
}
