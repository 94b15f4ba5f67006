// SPDX-License-Identifier: GPL-2.0-only
/*
 * floor empty|clock: attaches the programs of floor.bpf.c, says "attached", and stays
 * until its standard input ends. For each line there it prints how often the kernel
 * ran each program while kernel.bpf_stats_enabled was 1.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "floor.skel.h"

static int print_runs(struct floor_bpf *bpf)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, bpf->obj) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);
		int err;

		if (!bpf_program__autoload(program))
			continue;
		err = bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &size);
		if (err)
			return err;
		printf("%s %llu ", strchr(bpf_program__name(program), '_') + 1, info.run_cnt);
	}
	putchar('\n');
	return fflush(stdout) ? -errno : 0;
}

static int serve(struct floor_bpf *bpf)
{
	char line[16];
	int err;

	err = floor_bpf__load(bpf);
	if (!err)
		err = floor_bpf__attach(bpf);
	if (err)
		return err;
	puts("attached");
	fflush(stdout);
	while (!err && fgets(line, sizeof(line), stdin))
		err = print_runs(bpf);
	return err;
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";
	struct bpf_program *program;
	struct floor_bpf *bpf;
	int err;

	if (strcmp(what, "empty") && strcmp(what, "clock")) {
		fprintf(stderr, "Usage: floor empty|clock\n");
		return 2;
	}
	bpf = floor_bpf__open();
	if (!bpf) {
		perror("floor");
		return 1;
	}
	bpf_object__for_each_program(program, bpf->obj)
		bpf_program__set_autoload(program, !strncmp(bpf_program__name(program), what,
							    strlen(what)));
	err = serve(bpf);
	if (err)
		fprintf(stderr, "floor: %s\n", strerror(-err));
	floor_bpf__destroy(bpf);
	return err ? 1 : 0;
}
