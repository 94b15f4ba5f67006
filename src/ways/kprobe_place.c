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
			  struct bpf_program *program, const struct symbols_function *function)
{
	__u8 code[RISCV_ENTRY_SIZE];

	*place = (struct kprobe_place){ .program = program, .event = -1 };
	snprintf(place->function, sizeof(place->function), "%s", function->name);
	place->ftraced = !memory__read(memory, code, function->start, sizeof(code)) &&
			 riscv_code__is_ftraced(code);
}

/* open_event - at @offset of the function. Returns a file descriptor, or -errno */
static int open_event(const struct kprobe_place *place, unsigned int offset)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr), .disabled = 1,
		.kprobe_func = (uintptr_t)place->function, .probe_offset = offset,
	};
	FILE *file = fopen(KPROBES_PMU, "re");
	bool known = file && fscanf(file, "%u", &attr.type) == 1;
	int fd;

	if (file)
		fclose(file);
	if (!known)
		return -ENOENT;
	/* Of any task, and for programs on any CPU: perf's own way to say so is one CPU. */
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

struct failure *kprobe_place__open(struct kprobe_place *place)
{
	unsigned int offset = place->offset;

	place->event = open_event(place, offset);
	place->by_ftrace = place->event >= 0 && place->ftraced;
	if (place->event == -EINVAL && place->ftraced) {
		offset = RISCV_ENTRY_SIZE;
		place->event = open_event(place, offset);
	}
	if (place->event >= 0)
		return NULL;
	return UNTRACEABLE(failure__kind_of(place->event) == FAILURE_NOT_PERMITTED ?
			   FAILURE_NOT_PERMITTED : FAILURE_UNSUPPORTED, place->event,
			   "the kernel takes no kprobe at %s()+%#x: %s", place->function,
			   offset, strerror(-place->event));
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
		return loader__not_attached(-errno);
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

bool kprobe_place__knows_skipped(const struct kprobe_place *place)
{
	unsigned int major, minor;
	struct utsname name;

	return !place->by_ftrace ||
	       (!uname(&name) && sscanf(name.release, "%3u.%3u", &major, &minor) == 2 &&
		(major > 6 || (major == 6 && minor >= 7)));
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

	if (!place->link || !place->by_ftrace || !kprobe_place__knows_skipped(place))
		return 0;
	if (bpf_link_get_info_by_fd(bpf_link__fd(place->link), (struct bpf_link_info *)&info,
				    &size))
		return -errno;
	*skipped += info.missed;
	return 0;
}
