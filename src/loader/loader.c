// SPDX-License-Identifier: GPL-2.0-only
/* What loading BPF programs takes, see loader.h. */
#include <errno.h>
#include <stdarg.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/capability.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/array_size.h"
#include "loader/loader.h"

/* The program that the verifier refused in the last load; "": none. */
static char refused[64];

/*
 * note_refusal - libbpf prints the verifier's log of a program that could not be loaded, if there
 * is one. Nobody but the verifier writes to that: whatever else fails, and with which errno, it
 * stays empty.
 */
static void note_refusal(const char *format, va_list args)
{
	char text[128];
	va_list copy;

	if (!strstr(format, "-- BEGIN PROG LOAD LOG --"))
		return;
	va_copy(copy, args);
	vsnprintf(text, sizeof(text), format, copy);
	va_end(copy);
	if (sscanf(text, "libbpf: prog '%63[^']'", refused) != 1)
		snprintf(refused, sizeof(refused), "?");
}

static int print_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
	note_refusal(format, args);
	return 0;
}

static int print_to_stderr(enum libbpf_print_level level, const char *format, va_list args)
{
	note_refusal(format, args);
	return vfprintf(stderr, format, args);
}

__u64 loader__capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &header, data))
		return 0;
	return data[0].effective | (__u64)data[1].effective << 32;
}

bool loader__may_trace(void)
{
	__u64 effective = loader__capabilities();

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
			     ARRAY_SIZE(return_0), NULL);
}

bool loader__is_interpreted(int program)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	return !bpf_prog_get_info_by_fd(program, &info, &size) && !info.jited_prog_len;
}

struct failure *loader__number_cpus(struct bpf_map *map, const struct cpuset *possible)
{
	__u64 numbers[CPUSET_MAX];
	__u32 zero = 0;
	size_t nr = 0;

	/* The kernel wants a value for each possible CPU, whatever their numbers. */
	for (unsigned int cpu = 0; cpu < CPUSET_MAX; cpu++)
		if (cpuset__has(possible, cpu))
			numbers[nr++] = cpu;
	return loader__not_loaded(bpf_map__update_elem(map, &zero, sizeof(zero), numbers,
						       nr * sizeof(*numbers), 0));
}

int loader__has_tracepoint(const char *name)
{
	static const struct bpf_insn return_0[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "ipimux_try", "GPL", return_0,
				    ARRAY_SIZE(return_0), NULL);
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

/*
 * A program that the verifier refuses, so that nothing is loaded, see loader__first_program().
 * It says so in its log; who may not load tracing programs does not get that far.
 */
static int try_tracing(void)
{
	static const struct bpf_insn return_nothing[] = { { .code = BPF_JMP | BPF_EXIT } };
	char log[1024] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, options, .log_buf = log, .log_size = sizeof(log),
		    .log_level = 1);
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "ipimux_doctor", "GPL",
			       return_nothing, 1, &options);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || *log ? 0 : fd;
}

void loader__look(struct facts *facts)
{
	facts->bpf = has_bpf() ? KNOWN_YES : KNOWN_NO;
	facts->capabilities = loader__capabilities();
	if (facts->bpf == KNOWN_NO)
		return;
	libbpf_set_print(print_nothing);
	facts->tried = true;
	facts->try_error = try_tracing();
	facts->reads_kernel = loader__reads_kernel();
}

#define MOVE(to, from) \
	{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (to), .src_reg = (from) }

/*
 * As try_tracing(): the verifier refuses this one for what comes behind the call, or, where the
 * kernel is locked down, for the helper that is called.
 */
enum known loader__reads_kernel(void)
{
	static const struct bpf_insn read[] = {
		MOVE(BPF_REG_1, BPF_REG_10),
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_1, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel },
		/* After a call, nothing is in it. */
		MOVE(BPF_REG_0, BPF_REG_5),
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char log[4096] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, options, .log_buf = log, .log_size = sizeof(log),
		    .log_level = 1);
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "ipimux_read", "GPL", read,
			       ARRAY_SIZE(read), &options);

	if (fd >= 0)
		close(fd);
	if (fd >= 0 || strstr(log, "R5 !read_ok"))
		return KNOWN_YES;
	return strstr(log, "probe_read_kernel#") && fd == -EINVAL ? KNOWN_NO : KNOWN_NOT;
}

struct failure *loader__no_descriptors(int err)
{
	struct rlimit limit = {};

	if (err == -ENFILE)
		return failure__new(FAILURE_IN_USE, err, "too many open files on this machine: %s "
				    "(sysctl fs.file-max)", strerror(ENFILE));
	getrlimit(RLIMIT_NOFILE, &limit);
	return failure__new(FAILURE_IN_USE, err, "too many open files: the limit of %llu is too "
			    "low: ulimit -n 256", (unsigned long long)limit.rlim_cur);
}

struct failure *loader__check_descriptors(unsigned int nr)
{
	int descriptors[LOADER_FENTRY_DESCRIPTORS], err = 0;
	unsigned int opened = 0;

	while (opened < nr && opened < LOADER_FENTRY_DESCRIPTORS) {
		int fd = open("/", O_PATH | O_CLOEXEC);

		if (fd < 0) {
			err = errno == EMFILE || errno == ENFILE ? -errno : 0;
			break;
		}
		descriptors[opened++] = fd;
	}
	while (opened)
		close(descriptors[--opened]);
	return err ? loader__no_descriptors(err) : NULL;
}

/* --- what it takes to load, and what can come of it --- */

struct failure *loader__prepare_to_read(bool verbose)
{
	if (!has_bpf())
		return failure__new(FAILURE_UNSUPPORTED, -ENOSYS,
				    "no BPF in this kernel: it needs CONFIG_BPF_SYSCALL");
	libbpf_set_print(verbose ? print_to_stderr : print_nothing);
	return NULL;
}

struct failure *loader__prepare(bool verbose)
{
	struct failure *failure = loader__prepare_to_read(verbose);

	if (failure || loader__may_trace())
		return failure;
	return failure__new(FAILURE_NOT_PERMITTED, -EPERM, "no permission to trace: run as root, "
			    "or with the capabilities CAP_BPF and CAP_PERFMON (see ipimux-trace "
			    "doctor)");
}

struct failure *loader__not_loaded(int err)
{
	if (!err)
		return NULL;
	switch (err) {
	case -EPERM:
	case -EACCES:
		/* A security module says either; that capabilities are missing was said before. */
		return failure__new(FAILURE_NOT_PERMITTED, err, "the kernel refuses BPF programs "
				    "although the capabilities are there: in a container, run the "
				    "tool outside of it; otherwise see what seccomp or a security "
				    "module forbids");
	case -EMFILE:
	case -ENFILE:
		return loader__no_descriptors(err);
	}
	return failure__new(failure__kind_of(err), err,
			    "cannot load the BPF programs: %s (-v shows more)", strerror(-err));
}

struct failure *loader__load(const struct bpf_object_skeleton *skeleton)
{
	int err;

	*refused = '\0';
	err = bpf_object__load_skeleton((struct bpf_object_skeleton *)skeleton);
	if (!err || !*refused)
		return loader__not_loaded(err);
	/* The log is there, too, where what follows the verifier fails: memory, the compiler. */
	if (err == -ENOMEM || err == -KERNEL_ENOTSUPP)
		return loader__not_loaded(err);
	return failure__new(FAILURE_BROKEN, err, "the kernel's verifier refuses the BPF program "
			    "'%s': %s (-v shows more)", refused, strerror(-err));
}

struct failure *loader__not_attached(int err)
{
	if (!err)
		return NULL;
	return failure__new(failure__kind_of(err), err,
			    "cannot attach to the IPI multiplexer: %s (-v shows more)",
			    strerror(-err));
}

struct failure *loader__no_tracepoint(int err)
{
	if (err != -ENOENT)
		return loader__not_attached(err);
	return failure__new(FAILURE_UNSUPPORTED, err, "this kernel's IPI multiplexer has no "
			    "tracepoints: apply ipimux-trace's kernel-patch/ to it (see README.md)");
}

struct failure *loader__size_table(struct bpf_map *map, __u64 entries, size_t entry)
{
	__u64 size = entries * entry;

	/* A map that is larger could not be read: the kernel makes none. */
	if (size > INT32_MAX)
		return failure__new(FAILURE_BROKEN, -E2BIG,
				    "too many CPUs: the counters would not fit into a BPF map");
	return loader__not_loaded(bpf_map__set_value_size(map, size));
}

struct failure *loader__size_tables(const struct loader_size *sizes, size_t nr)
{
	struct failure *failure = NULL;

	for (size_t i = 0; i < nr && !failure; i++)
		failure = loader__size_table(sizes[i].map, sizes[i].entries, sizes[i].entry);
	return failure;
}

/* map_of - a table's map, which libbpf names by its section */
static struct bpf_map *map_of(const struct bpf_object *object, const struct table *table)
{
	char section[32];

	snprintf(section, sizeof(section), ".data.%s", table->name);
	return bpf_object__find_map_by_name(object, section);
}

struct failure *loader__size_counters(const struct bpf_object *object,
				      const struct counters *counters, unsigned int there)
{
	struct failure *failure = NULL;

	for (int i = 0; i < COUNTERS_NR_TABLES && !failure; i++) {
		const struct table *table = &tables[i];
		struct bpf_map *map;

		if (!(there >> table->when & 1) || table->within)
			continue;
		map = map_of(object, table);
		failure = map ? loader__size_table(map, table__size(table, &counters->shape),
						   sizeof(__u64)) :
			  failure__new(FAILURE_BROKEN, -ENOENT,
				       "this ipimux-trace has no BPF table '%s'", table->name);
	}
	return failure;
}

void loader__point_counters(const struct bpf_object *object, struct counters *counters,
			    unsigned int there)
{
	for (int i = 0; i < COUNTERS_NR_TABLES; i++) {
		size_t size;

		if (!(there >> tables[i].when & 1))
			continue;
		if (tables[i].within)
			counters__add_part(counters, i);
		else
			counters->table[i] = bpf_map__initial_value(map_of(object, &tables[i]),
								    &size);
	}
}

int loader__read_skipped(const struct bpf_program *program, __u64 *skipped)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	int err = bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &size);

	*skipped = info.recursion_misses;
	return err;
}

int loader__read_missed(const struct bpf_object *object, __u64 *missed)
{
	struct bpf_program *program;

	*missed = 0;
	bpf_object__for_each_program(program, object) {
		__u64 skipped;
		int err;

		if (bpf_program__fd(program) < 0)
			continue;
		err = loader__read_skipped(program, &skipped);
		if (err)
			return err;
		*missed += skipped;
	}
	return 0;
}
