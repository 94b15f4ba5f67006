// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command as user nobody with some capabilities and no others, as a service manager
 * would: nothing is in the bounding set, either, that could be had again.
 *
 * usage: with-caps GROUP CAPABILITY,...|none COMMAND [ARGUMENT...]
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

static const struct {
	const char *name;
	int number;
} capabilities[] = {
	{ "bpf", CAP_BPF }, { "perfmon", CAP_PERFMON }, { "syslog", CAP_SYSLOG },
	{ "sys_admin", CAP_SYS_ADMIN }, { "none", -1 },
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static unsigned long long parse(char *list)
{
	unsigned long long set = 0;

	for (char *name; (name = strsep(&list, ","));) {
		size_t i = 0;

		while (i < sizeof(capabilities) / sizeof(*capabilities) &&
		       strcmp(name, capabilities[i].name))
			i++;
		if (i == sizeof(capabilities) / sizeof(*capabilities)) {
			fprintf(stderr, "with-caps: no capability '%s'\n", name);
			exit(2);
		}
		if (capabilities[i].number >= 0)
			set |= 1ULL << capabilities[i].number;
	}
	return set;
}

int main(int argc, char **argv)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
	unsigned long long set;
	gid_t group;

	if (argc < 4)
		return 2;
	group = strtoul(argv[1], NULL, 10);
	set = parse(argv[2]);
	for (int i = 0; i <= CAP_LAST_CAP; i++)
		if (!(set >> i & 1) && prctl(PR_CAPBSET_DROP, i) && errno != EINVAL)
			die("PR_CAPBSET_DROP");
	if (prctl(PR_SET_KEEPCAPS, 1))
		die("PR_SET_KEEPCAPS");
	if (setgroups(0, NULL) || setgid(group) || setuid(NOBODY))
		die("setuid");
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = data[i].inheritable = set >> 32 * i;
	if (syscall(SYS_capset, &header, data))
		die("capset");
	for (int i = 0; i <= CAP_LAST_CAP; i++)
		if (set >> i & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0))
			die("PR_CAP_AMBIENT_RAISE");
	execvp(argv[3], argv + 3);
	die(argv[3]);
}
