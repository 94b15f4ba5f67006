// SPDX-License-Identifier: GPL-2.0-only
/* cputime PID: the CPU time a process has used so far, user and system, in ms. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv)
{
	struct timespec ts;
	clockid_t clock;
	int err;

	if (argc != 2) {
		fprintf(stderr, "Usage: cputime PID\n");
		return 2;
	}
	err = clock_getcpuclockid(atoi(argv[1]), &clock);
	if (err || clock_gettime(clock, &ts)) {
		fprintf(stderr, "cputime: %s: %s\n", argv[1], err ? strerror(err) : "gone");
		return 1;
	}
	printf("%.6f\n", ts.tv_sec * 1e3 + ts.tv_nsec / 1e6);
	return 0;
}
