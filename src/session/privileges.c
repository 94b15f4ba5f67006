// SPDX-License-Identifier: GPL-2.0-only
/* Gives up capabilities, see privileges.h. */
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "session/privileges.h"

/*
 * Before 5.19 ("bpf: refine kernel.unprivileged_bpf_disabled behaviour") each use of a map
 * or program took CAP_BPF, since then who has its file descriptor may use it.
 */
static bool descriptors_suffice(void)
{
	unsigned int major, minor;
	struct utsname kernel;

	return !uname(&kernel) && sscanf(kernel.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 19));
}

void privileges__drop(__u64 keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (!descriptors_suffice())
		keep |= PRIVILEGE(CAP_BPF) | PRIVILEGE(CAP_SYS_ADMIN);
	if (syscall(SYS_capget, &header, data))
		return;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].effective &= keep >> 32 * i;
		data[i].permitted &= keep >> 32 * i;
		data[i].inheritable = 0;
	}
	/* Can only fail where they are given up already. */
	syscall(SYS_capset, &header, data);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
