// SPDX-License-Identifier: GPL-2.0-only
/* Places for kprobes, see kprobe_place.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/perf_event.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/loader.h"
#include "machine/machine.h"
#include "machine/riscv_code.h"
#include "ways/kernel_types.h"
#include "ways/kprobe_place.h"
#include "ways/memory.h"
#include "ways/untraceable.h"

#define KPROBES_PMU	"/sys/bus/event_source/devices/kprobe/type"

struct failure *kprobe_place__check_kernel(void)
{
	struct utsname name;

	if (uname(&name) || strcmp(name.machine, "riscv64"))
		return untraceable("by kprobe they can be on RISC-V only");
	if (access(KPROBES_PMU, F_OK))
		return untraceable("the kernel has no kprobes (CONFIG_KPROBES and "
				   "CONFIG_KPROBE_EVENTS, and for programs at these "
				   "CONFIG_PERF_EVENTS and CONFIG_BPF_EVENTS)");
	return NULL;
}

/* offset_or - of a member, or, without BTF, as Linux has had it */
static __u32 offset_or(const struct btf *types, const char *structure, const char *member,
		       __u32 otherwise)
{
	int offset = kernel_types__offset(types, structure, member);

	return offset < 0 ? otherwise : (__u32)offset;
}

void kprobe_place__describe_kernel(struct kprobes_settings *where)
{
	struct btf *types = kernel_types__open();

	/* A task begins with its struct thread_info. */
	where->preempt_count_at = offset_or(types, "thread_info", "preempt_count",
					    KPROBES_PREEMPT_COUNT_AT);
	where->hwirq_at = offset_or(types, "irq_data", "hwirq", KPROBES_HWIRQ_AT);
	where->pending_first = offset_or(types, "ipi_mux_cpu", "enable", 0) >
			       offset_or(types, "ipi_mux_cpu", "bits", sizeof(__u32));
	kernel_types__free(types);
}

void kprobe_place__choose(struct kprobe_place *place, const struct memory *memory,
			  struct bpf_program *program, const struct symbols_function *function,
			  unsigned int offset)
{
	__u8 code[RISCV_ENTRY_SIZE];

	*place = (struct kprobe_place){ .program = program, .event = -1, .offset = offset };
	snprintf(place->function, sizeof(place->function), "%s", function->name);
	/* Where ftrace calls a program its stack is another one, and it may be interrupted. */
	if (!offset && !memory__read(memory, code, function->start, sizeof(code)) &&
	    riscv_code__is_ftraced(code))
		place->offset = RISCV_ENTRY_SIZE;
}

/* read_pmu - the number that perf has for kprobes, or -errno */
static int read_pmu(void)
{
	FILE *file = fopen(KPROBES_PMU, "re");
	int err = -errno, type;

	if (!file)
		return err;
	err = fscanf(file, "%d", &type) == 1 ? type : -ENOENT;
	fclose(file);
	return err;
}

/*
 * open_event - at the place. Returns a file descriptor, or -errno
 *
 * Its program runs on every CPU. But perf wants to be told one, and that has to be online.
 */
static int open_event(const struct kprobe_place *place)
{
	int pmu = read_pmu(), fd = -ENODEV, err;
	struct perf_event_attr attr = {
		.type = pmu, .size = sizeof(attr), .disabled = 1,
		.kprobe_func = (uintptr_t)place->function, .probe_offset = place->offset,
	};
	struct cpuset online;

	if (pmu < 0)
		return pmu;
	err = machine__read_online(&online);
	if (err)
		return err;
	for (int cpu = 0; cpu <= cpuset__last(&online) && fd == -ENODEV; cpu++) {
		if (!cpuset__has(&online, cpu))
			continue;
		fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	return fd;
}

/* not_opened - for -errno */
static struct failure *not_opened(const struct kprobe_place *place, int err)
{
	if (err == -EMFILE || err == -ENFILE)
		return loader__no_descriptors(err);
	if (failure__kind_of(err) == FAILURE_NOT_PERMITTED)
		return failure__new(FAILURE_NOT_PERMITTED, err, "the kernel does not let this user "
				    "have kprobes: %s (they need CAP_PERFMON)", strerror(-err));
	return UNTRACEABLE(FAILURE_UNSUPPORTED, err, "the kernel takes no kprobe at %s()+%#x: %s",
			   place->function, place->offset, strerror(-err));
}

struct failure *kprobe_place__open(struct kprobe_place *place)
{
	place->event = open_event(place);
	return place->event < 0 ? not_opened(place, place->event) : NULL;
}

void kprobe_place__close(struct kprobe_place *place)
{
	kprobe_place__detach(place);
	if (place->event >= 0)
		close(place->event);
	place->event = -1;
}

struct failure *kprobe_place__attach(struct kprobe_place *place)
{
	/* The link closes what it was given. */
	int event = fcntl(place->event, F_DUPFD_CLOEXEC, 0);

	if (event < 0)
		return loader__no_descriptors(-errno);
	place->link = bpf_program__attach_perf_event(place->program, event);
	if (place->link)
		return NULL;
	close(event);
	return loader__not_attached(-errno);
}

int kprobe_place__detach(struct kprobe_place *place)
{
	int err = bpf_link__destroy(place->link);

	place->link = NULL;
	return err;
}

bool kprobe_place__knows_skipped(void)
{
	unsigned int major, minor;
	struct utsname name;

	return !uname(&name) && sscanf(name.release, "%3u.%3u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 7));
}

/* Of struct bpf_link_info what there is for a kprobe since Linux 6.7: headers may be older. */
struct kprobe_link_info {
	__u32 type, id, program, spare;
	__u32 event, spare_too;
	__u64 name;
	__u32 name_size, offset;
	__u64 address, missed;
};

int kprobe_place__read_skipped(const struct kprobe_place *place, __u64 *skipped)
{
	struct kprobe_link_info info = {};
	__u32 size = sizeof(info);

	__u64 more;
	int err;

	if (!place->link)
		return 0;
	if (bpf_link_get_info_by_fd(bpf_link__fd(place->link), (struct bpf_link_info *)&info,
				    &size))
		return -errno;
	err = loader__read_skipped(place->program, &more);
	*skipped += info.missed + more;
	return err;
}
