// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's BPF objects, by system calls of its own: how many there are, others' to
 * put where ours are expected, and what whoever may open a program can do with it.
 * Knows nothing of the tool but its name and where its pins are.
 *
 * usage: bpf-objects count			programs, maps, links and BTF objects in the kernel
 *        bpf-objects wait NUMBER...		the same when there are so many of the first few of
 *						these, or after ten seconds, with status 1: what is
 *						not used any more goes a moment later
 *        bpf-objects map PATH SIZE WORD...	pins an array of SIZE bytes that begins with these
 *						32-bit words
 *        bpf-objects open PATH [read]		can it be opened, to read and write or only to read?
 *        bpf-objects attach PATH TRACEPOINT	can the program be attached once more?
 *        bpf-objects write PATH		can the map be written to?
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static long bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int say(const char *what, long result)
{
	printf("%s: %s\n", what, result < 0 ? strerror(errno) : "yes");
	return result < 0;
}

#define NR_KINDS	4
#define TRIES		500
#define PAUSE_US	20000

static unsigned int count(int kind)
{
	static const enum bpf_cmd next[NR_KINDS] = {
		BPF_PROG_GET_NEXT_ID, BPF_MAP_GET_NEXT_ID, BPF_LINK_GET_NEXT_ID,
		BPF_BTF_GET_NEXT_ID,
	};
	union bpf_attr attr = {};
	unsigned int nr = 0;

	while (!bpf(next[kind], &attr)) {
		attr.start_id = attr.next_id;
		nr++;
	}
	if (errno != ENOENT) {
		perror("count");
		exit(2);
	}
	return nr;
}

/* wait_for - the numbers of the first @nr kinds */
static int wait_for(int nr, char **numbers)
{
	unsigned int counts[NR_KINDS];
	bool same = false;

	for (int try = 0; try < TRIES && !same; try++) {
		if (try)
			usleep(PAUSE_US);
		same = true;
		for (int kind = 0; kind < nr; kind++) {
			counts[kind] = count(kind);
			same &= counts[kind] == strtoul(numbers[kind], NULL, 10);
		}
	}
	for (int kind = 0; kind < nr; kind++)
		printf("%u%s", counts[kind], kind < nr - 1 ? " " : "\n");
	return !same;
}

static long get(const char *path, __u32 flags)
{
	union bpf_attr attr = { .pathname = (unsigned long)path, .file_flags = flags };

	return bpf(BPF_OBJ_GET, &attr);
}

static int pin_map(const char *path, int argc, char **argv)
{
	size_t size = strtoul(argv[0], NULL, 0);
	__u32 *words = calloc(1, size + argc * sizeof(*words));
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = size,
		.max_entries = 1, .map_flags = BPF_F_MMAPABLE,
	};
	__u32 key = 0;
	int fd;

	for (int i = 1; i < argc; i++)
		words[i - 1] = strtoul(argv[i], NULL, 0);
	fd = bpf(BPF_MAP_CREATE, &map);
	if (fd < 0)
		return say("create", fd);
	union bpf_attr update = {
		.map_fd = fd, .key = (unsigned long)&key, .value = (unsigned long)words,
	};
	union bpf_attr pin = { .bpf_fd = fd, .pathname = (unsigned long)path };

	if (bpf(BPF_MAP_UPDATE_ELEM, &update))
		return say("update", -1);
	return bpf(BPF_OBJ_PIN, &pin) ? say("pin", -1) : 0;
}

static int attach(const char *path, const char *tracepoint)
{
	long fd = get(path, BPF_F_RDONLY);
	union bpf_attr attr = {
		.raw_tracepoint = { .name = (unsigned long)tracepoint, .prog_fd = fd },
	};

	return fd < 0 ? say("open", fd) : say("attach", bpf(BPF_RAW_TRACEPOINT_OPEN, &attr));
}

static int write_map(const char *path)
{
	long fd = get(path, 0);

	if (fd < 0)
		return say("open", fd);
	return say("write", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
			    MAP_FAILED ? -1 : 0);
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (!strcmp(command, "count") && argc == 2) {
		printf("%u %u %u %u\n", count(0), count(1), count(2), count(3));
		return 0;
	}
	if (!strcmp(command, "wait") && argc > 2 && argc <= 2 + NR_KINDS)
		return wait_for(argc - 2, argv + 2);
	if (!strcmp(command, "map") && argc > 3)
		return pin_map(argv[2], argc - 3, argv + 3);
	if (!strcmp(command, "open") && argc > 2)
		return say("open", get(argv[2], argc > 3 ? BPF_F_RDONLY : 0));
	if (!strcmp(command, "attach") && argc == 4)
		return attach(argv[2], argv[3]);
	if (!strcmp(command, "write") && argc == 3)
		return write_map(argv[2]);
	fprintf(stderr, "bpf-objects: see its source\n");
	return 2;
}
