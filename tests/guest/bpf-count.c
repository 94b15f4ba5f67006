// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many BPF programs, maps, links and BTF objects the kernel has just now, in this order, as
 * one line; with --wait and four numbers: when it has so many, or after ten seconds those it
 * has, with status 1. What is not attached any more goes a moment after the last process that
 * held it. Tells nothing apart: whose they are, is for the caller to know.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NR_KINDS	4
#define TRIES		500
#define PAUSE_US	20000

static const int next_id[NR_KINDS] = {
	BPF_PROG_GET_NEXT_ID, BPF_MAP_GET_NEXT_ID, BPF_LINK_GET_NEXT_ID, BPF_BTF_GET_NEXT_ID,
};

static void count(unsigned int counts[NR_KINDS])
{
	for (int kind = 0; kind < NR_KINDS; kind++) {
		union bpf_attr attr;
		__u32 id = 0;

		for (counts[kind] = 0;; counts[kind]++) {
			memset(&attr, 0, sizeof(attr));
			attr.start_id = id;
			if (syscall(SYS_bpf, next_id[kind], &attr, sizeof(attr)))
				break;
			id = attr.next_id;
		}
		if (errno != ENOENT) {
			perror("bpf-count");
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned int counts[NR_KINDS], wanted[NR_KINDS] = {};
	int tries = 1, same = 0;

	if (argc == 2 + NR_KINDS && !strcmp(argv[1], "--wait")) {
		tries = TRIES;
		for (int kind = 0; kind < NR_KINDS; kind++)
			wanted[kind] = strtoul(argv[2 + kind], NULL, 10);
	} else if (argc > 1) {
		fprintf(stderr, "usage: bpf-count [--wait PROGRAMS MAPS LINKS BTF]\n");
		return 2;
	}
	for (int try = 0; try < tries && !same; try++) {
		if (try)
			usleep(PAUSE_US);
		count(counts);
		same = !memcmp(counts, wanted, sizeof(counts));
	}
	printf("%u %u %u %u\n", counts[0], counts[1], counts[2], counts[3]);
	return tries > 1 && !same;
}
