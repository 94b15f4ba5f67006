// SPDX-License-Identifier: GPL-2.0-only
/* What loading BPF programs takes, see loader.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/capability.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probe/loader.h"

static int print_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
	return 0;
}

static int print_to_stderr(enum libbpf_print_level level, const char *format, va_list args)
{
	return vfprintf(stderr, format, args);
}

/* may_trace - do the effective capabilities allow tracing programs? */
static bool may_trace(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
	__u64 effective;

	if (syscall(SYS_capget, &header, data))
		return false;
	effective = data[0].effective | (__u64)data[1].effective << 32;
	return effective >> CAP_SYS_ADMIN & 1 ||
	       ((effective >> CAP_BPF & 1) && (effective >> CAP_PERFMON & 1));
}

/* has_bpf - is there a bpf system call? An invalid one tells, to anybody. */
static bool has_bpf(void)
{
	return syscall(SYS_bpf, -1, NULL, 0) != -1 || errno != ENOSYS;
}

/*
 * The kernel packs programs into 2 MiB of executable memory, and gives those back
 * when the last program in them goes. On riscv64 that takes 1,024 TLB flushes on
 * all CPUs, and no program can be loaded meanwhile: seconds, on a busy machine.
 * libbpf starts by loading a program and closing it again; with this one there it
 * is not the last. Without it all works, only slower, so errors do not matter.
 */
int loader__first_program(void)
{
	static const struct bpf_insn return_0[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "ipimux_first", "GPL", return_0,
			     sizeof(return_0) / sizeof(*return_0), NULL);
}

int loader__has_tracepoint(const char *name)
{
	static const struct bpf_insn return_0[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "ipimux_try", "GPL", return_0,
				    sizeof(return_0) / sizeof(*return_0), NULL);
	int link;

	if (program < 0)
		return program;
	link = bpf_raw_tracepoint_open(name, program);
	close(program);
	if (link < 0)
		return link;
	close(link);
	return 0;
}

int loader__prepare(bool verbose)
{
	if (!has_bpf())
		return -ENOSYS;
	if (!may_trace())
		return -EPERM;
	libbpf_set_print(verbose ? print_to_stderr : print_nothing);
	return 0;
}

int loader__read_missed(const struct bpf_object *object, __u64 *missed)
{
	struct bpf_program *program;

	*missed = 0;
	bpf_object__for_each_program(program, object) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);
		int fd = bpf_program__fd(program);
		int err;

		if (fd < 0)
			continue;
		err = bpf_prog_get_info_by_fd(fd, &info, &size);
		if (err)
			return err;
		*missed += info.recursion_misses;
	}
	return 0;
}
