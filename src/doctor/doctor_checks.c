// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a kernel's facts mean for this tool, fact by fact, see doctor.h. Reads nothing, prints
 * nothing, and does not know which way is taken.
 */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "doctor/doctor.h"

/* The first riscv kernel whose functions a BPF program can be attached to. */
#define FENTRY_MAJOR	6
#define FENTRY_MINOR	8

/* says - what there is to say of an item; an empty @advice is none */
static void says(struct doctor_check *check, enum doctor_state state, const char *fact,
		 const char *advice)
{
	check->state = state;
	snprintf(check->fact, sizeof(check->fact), "%s", fact);
	snprintf(check->advice, sizeof(check->advice), "%s", advice);
}

/* either - what @first knows, else what @second does */
static enum known either(enum known first, enum known second)
{
	return first != KNOWN_NOT ? first : second;
}

static bool has_capability(const struct facts *facts, unsigned int capability)
{
	return facts->capabilities >> capability & 1;
}

/* --- the mux and what is below it --- */

static void judge_mux(struct doctor_check *check, const struct facts *facts)
{
	switch (facts->machine_error) {
	case 0:
		says(check, DOCTOR_GOOD, "", "");
		snprintf(check->fact, sizeof(check->fact), "%u vIPIs", facts->machine.nr_vipis);
		return;
	case -ENODEV:
		says(check, DOCTOR_MISSING,
		     "no interrupt in /sys/kernel/irq has the chip 'IPI Mux'",
		     "needs Linux 6.4 or later with CONFIG_SMP and CONFIG_GENERIC_IRQ_IPI_MUX, on a "
		     "machine whose IPIs go through it");
		if (facts__option(facts, FACTS_SMP) == KNOWN_NO)
			says(check, DOCTOR_MISSING,
			     "none: this kernel is built for one CPU, which needs no IPIs",
			     "use a kernel with CONFIG_SMP");
		else if (facts__symbol(facts, FACTS_CREATE) == KNOWN_YES)
			says(check, DOCTOR_MISSING,
			     "built into this kernel, but no interrupt controller uses it",
			     "see what the kernel said at boot: dmesg | grep -i ipi");
		else if (facts__symbol(facts, FACTS_OWN_IPIS) == KNOWN_YES)
			says(check, DOCTOR_MISSING,
			     "none: RISC-V before Linux 6.4 raises an IPI for each send, none coalesces",
			     "trace the functions send_ipi_mask and send_ipi_single for sends; "
			     "/proc/interrupts counts what was handled. Or use Linux 6.4 or later");
		return;
	case -ENOENT:
		says(check, DOCTOR_MISSING, "the interrupts cannot be read",
		     "mount /sys and /proc; the kernel needs CONFIG_SPARSE_IRQ");
		return;
	default:
		says(check, DOCTOR_MISSING, "",
		     "run as a user who may read /sys/kernel/irq and /proc/interrupts");
		snprintf(check->fact, sizeof(check->fact), "the interrupts cannot be read: %s",
			 strerror(-facts->machine_error));
	}
}

static void judge_parent(struct doctor_check *check, const struct facts *facts)
{
	if (facts->parent)
		says(check, DOCTOR_GOOD, facts->parent->title, "");
	else if (facts->machine_error)
		says(check, DOCTOR_UNKNOWN, "no multiplexer, no parent IPI", "");
	else if (facts->hotplug_states == KNOWN_YES)
		says(check, DOCTOR_UNKNOWN,
		     "unknown: no hotplug callback is one of a known interrupt controller",
		     "no count depends on the parent IPI; dmesg may name it: "
		     "'providing IPIs using'");
	else
		says(check, DOCTOR_UNKNOWN, "unknown: this kernel does not tell",
		     "no count depends on the parent IPI; a kernel with CONFIG_HOTPLUG_CPU shows it, "
		     "and dmesg may name it: "
		     "'providing IPIs using'");
}

static void judge_fences(struct doctor_check *check, const struct facts *facts)
{
	if (!facts->parent) {
		says(check, DOCTOR_UNKNOWN, facts->machine_error ? "no multiplexer" :
		     "unknown, because the parent IPI is unknown", "");
		return;
	}
	switch (facts->parent->fences) {
	case PARENT_FENCES_BY_FIRMWARE:
		says(check, DOCTOR_NOTE, "carried by the firmware, past the multiplexer: TLB and "
		     "icache shootdowns are not seen here", "");
		break;
	case PARENT_FENCES_BY_MUX:
		says(check, DOCTOR_GOOD, "carried by the multiplexer: part of CALL_FUNC", "");
		break;
	case PARENT_FENCES_BY_HARDWARE:
		says(check, DOCTOR_GOOD, "carried by the hardware: no IPIs", "");
		break;
	}
}

/* --- BPF --- */

/* An option that depends on another one which is off disappears from .config without a word. */
#define BPF_EVENTS_NEEDS \
	"(needs CONFIG_FTRACE, CONFIG_PERF_EVENTS, CONFIG_KPROBE_EVENTS or CONFIG_UPROBE_EVENTS): " \
	"see kernel-patch/config"

/* is_refusal - of the user, not of the program */
static bool is_refusal(int err)
{
	return err == -EPERM || err == -EACCES;
}

static void judge_bpf(struct doctor_check *check, const struct facts *facts)
{
	if (facts->bpf == KNOWN_NO)
		says(check, DOCTOR_MISSING, "none", "use a kernel with CONFIG_BPF_SYSCALL and "
		     "CONFIG_BPF_EVENTS " BPF_EVENTS_NEEDS);
	else if (facts->try_error == -EINVAL || facts__option(facts, FACTS_BPF_EVENTS) == KNOWN_NO)
		says(check, DOCTOR_MISSING, "the system call, but no tracing programs",
		     "use a kernel with CONFIG_BPF_EVENTS " BPF_EVENTS_NEEDS);
	else if (facts->tried && !facts->try_error)
		says(check, DOCTOR_GOOD, "this user may load tracing programs", "");
	else
		says(check, DOCTOR_GOOD, "the system call is there", "");
	if (!facts->try_error || is_refusal(facts->try_error) || check->state == DOCTOR_MISSING)
		return;
	says(check, DOCTOR_MISSING, "", "dmesg may say why");
	snprintf(check->fact, sizeof(check->fact),
		 "this user may not load tracing programs: %s", strerror(-facts->try_error));
}

static void judge_permission(struct doctor_check *check, const struct facts *facts)
{
	bool admin = has_capability(facts, CAP_SYS_ADMIN);
	bool bpf = admin || has_capability(facts, CAP_BPF);
	bool perfmon = admin || has_capability(facts, CAP_PERFMON);

	snprintf(check->fact, sizeof(check->fact), "%s%s%s%s",
		 has_capability(facts, CAP_BPF) ? "CAP_BPF " : "",
		 has_capability(facts, CAP_PERFMON) ? "CAP_PERFMON " : "",
		 has_capability(facts, CAP_SYSLOG) ? "CAP_SYSLOG " : "",
		 admin ? "CAP_SYS_ADMIN " : "");
	if (*check->fact)
		check->fact[strlen(check->fact) - 1] = '\0';
	else
		snprintf(check->fact, sizeof(check->fact),
			 "none of CAP_BPF, CAP_PERFMON and CAP_SYSLOG");
	if (facts->tried && !facts->try_error)
		return;
	if (!bpf || !perfmon) {
		check->state = DOCTOR_MISSING;
		snprintf(check->advice, sizeof(check->advice),
			 "%s%s%s needed: run as root, or setcap cap_bpf,cap_perfmon=ep on this program",
			 bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : " and ",
			 perfmon ? "" : "CAP_PERFMON");
	} else if (is_refusal(facts->try_error)) {
		check->state = DOCTOR_MISSING;
		snprintf(check->advice, sizeof(check->advice),
			 "enough, but the kernel refuses a tracing program: run ipimux-trace outside of "
			 "the container, or look for a seccomp filter or a security module that "
			 "forbids BPF");
	}
}

static void judge_jit(struct doctor_check *check, const struct facts *facts)
{
	int enabled = facts->setting[FACTS_JIT_ENABLE];
	enum known on = enabled == FACTS_UNSET ? KNOWN_NOT : enabled ? KNOWN_YES : KNOWN_NO;

	/* Without network there is no such setting. */
	if (on == KNOWN_NOT && facts__option(facts, FACTS_BPF_JIT_ALWAYS_ON) == KNOWN_YES)
		on = KNOWN_YES;
	if (facts->bpf == KNOWN_NO)
		says(check, DOCTOR_UNKNOWN, "no BPF", "");
	else if (facts__option(facts, FACTS_BPF_JIT) == KNOWN_NO)
		says(check, DOCTOR_NOTE, "none: programs are interpreted, each event costs more",
		     "use a kernel with CONFIG_BPF_JIT");
	else if (on == KNOWN_YES)
		says(check, DOCTOR_GOOD, "on: programs are compiled", "");
	else if (on == KNOWN_NO)
		says(check, DOCTOR_NOTE, "off: programs are interpreted, each event costs more",
		     "sysctl net.core.bpf_jit_enable=1");
	else
		says(check, DOCTOR_UNKNOWN, "unknown: net.core.bpf_jit_enable cannot be read", "");
}

/* --- tracepoints and fentry --- */

static enum known tracepoint(const struct facts *facts, unsigned int event)
{
	return either(facts__symbol(facts, FACTS_TRACEPOINTS + event), facts->event[event]);
}

static void judge_tracepoints(struct doctor_check *check, const struct facts *facts)
{
	unsigned int nr = 0, nr_unknown = 0;

	for (unsigned int i = 0; i < FACTS_NR_EVENTS; i++) {
		nr += tracepoint(facts, i) == KNOWN_YES;
		nr_unknown += tracepoint(facts, i) == KNOWN_NOT;
	}
	if (nr == FACTS_NR_EVENTS)
		says(check, DOCTOR_GOOD,
		     "ipi_mux:ipi_mux_send, ipi_mux_unmask, ipi_mux_process", "");
	else if (nr_unknown)
		says(check, DOCTOR_UNKNOWN,
		     "unknown: neither /proc/kallsyms nor tracefs can be read",
		     "mount -t tracefs tracefs /sys/kernel/tracing, and run as root");
	else if (facts->machine_error == -ENODEV)
		says(check, DOCTOR_NOTE, "none, because there is no multiplexer", "");
	else if (!nr)
		says(check, DOCTOR_MISSING, "none in this kernel's multiplexer",
		     "apply ipimux-trace's kernel-patch/ to this kernel: see README.md");
	else
		says(check, DOCTOR_MISSING, "some, but not all three",
		     "apply this version's kernel-patch/ to the kernel: see README.md");
}

static void judge_btf(struct doctor_check *check, const struct facts *facts)
{
	if (facts->btf == KNOWN_YES) {
		check->state = DOCTOR_GOOD;
		snprintf(check->fact, sizeof(check->fact), "/sys/kernel/btf/vmlinux, %lld kB",
			 facts->btf_size / 1024);
	} else if (facts->btf == KNOWN_NO) {
		says(check, DOCTOR_MISSING, "none", "only fentry needs BTF: use a kernel with "
		     "CONFIG_DEBUG_INFO_BTF");
	} else {
		says(check, DOCTOR_UNKNOWN, "unknown: /sys/kernel/btf cannot be read",
		     "only fentry needs BTF: mount /sys");
	}
}

/* is_older - is "6.7.1-arch" older? What it cannot read is not. */
static bool is_older(const char *release, unsigned int major, unsigned int minor)
{
	unsigned int have_major, have_minor;

	if (sscanf(release, "%3u.%3u", &have_major, &have_minor) != 2)
		return false;
	return have_major < major || (have_major == major && have_minor < minor);
}

/* function_tracer_needs - what CONFIG_FUNCTION_TRACER with direct calls does, in riscv's Kconfig */
static const char *function_tracer_needs(const struct facts *facts)
{
	if (strcmp(facts->architecture, "riscv64"))
		return "";
	if (is_older(facts->release, 6, 16))
		return " (before 6.16 these need CONFIG_PREEMPTION to be off)";
	return " (these need gcc 14 or clang, and CONFIG_CFI or CONFIG_CFI_CLANG to be off)";
}

static void says_no_direct_calls(struct doctor_check *check, const struct facts *facts)
{
	says(check, DOCTOR_MISSING, "no direct calls", "");
	snprintf(check->advice, sizeof(check->advice), "only fentry needs them: use a kernel with "
		 "CONFIG_FUNCTION_TRACER and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS%s",
		 function_tracer_needs(facts));
}

/* functions - are the mux's functions all there, under their names? */
static enum known functions(const struct facts *facts)
{
	for (enum facts_symbol i = FACTS_SEND_MASK; i <= FACTS_PROCESS_ALL; i++)
		if (facts__symbol(facts, i) != KNOWN_YES)
			return facts__symbol(facts, i);
	return KNOWN_YES;
}

static void judge_ftrace(struct doctor_check *check, const struct facts *facts)
{
	enum known direct = either(facts__symbol(facts, FACTS_DIRECT_CALLS),
				   facts__option(facts, FACTS_FTRACE_DIRECT));
	enum known trampolines = either(facts__symbol(facts, FACTS_TRAMPOLINES),
					facts__option(facts, FACTS_BPF_JIT));

	if (direct == KNOWN_NO && !strcmp(facts->architecture, "riscv64") &&
	    is_older(facts->release, FENTRY_MAJOR, FENTRY_MINOR))
		says(check, DOCTOR_MISSING, "no direct calls: this kernel is older than 6.8",
		     "only fentry needs them: Linux 6.8 or later with "
		     "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS");
	else if (direct == KNOWN_NO)
		says_no_direct_calls(check, facts);
	else if (trampolines == KNOWN_NO)
		says(check, DOCTOR_MISSING, "no trampolines for BPF",
		     "only fentry needs them: a kernel with CONFIG_BPF_JIT");
	else if (facts->setting[FACTS_FTRACE_ENABLED] == 0)
		says(check, DOCTOR_MISSING, "switched off: programs at functions are never called",
		     "only fentry needs ftrace: sysctl kernel.ftrace_enabled=1");
	else if (!facts->machine_error && functions(facts) == KNOWN_NO)
		says(check, DOCTOR_MISSING,
		     "direct calls, but functions of the multiplexer were inlined",
		     "only fentry and kprobes need them: ipi_mux_send_mask, _mask, _unmask, _process");
	else if (direct == KNOWN_YES && trampolines == KNOWN_YES && functions(facts) != KNOWN_NOT)
		says(check, DOCTOR_GOOD, "direct calls: programs can be attached to functions", "");
	else
		says(check, DOCTOR_UNKNOWN,
		     "unknown: this kernel shows neither symbols nor options",
		     "only fentry needs ftrace: a kernel with CONFIG_KALLSYMS shows it");
}

static void judge_kprobes(struct doctor_check *check, const struct facts *facts)
{
	if (strcmp(facts->architecture, "riscv64"))
		says(check, DOCTOR_MISSING, "on RISC-V only", "");
	else if (!facts->machine_error && functions(facts) == KNOWN_NO)
		says(check, DOCTOR_MISSING, "functions of the multiplexer were inlined",
		     "only kprobes need them: ipi_mux_send_mask, _mask, _unmask, _process");
	else if (facts->kprobes == KNOWN_YES)
		says(check, DOCTOR_GOOD, "programs can be attached to instructions", "");
	else if (facts->kprobes == KNOWN_NO)
		says(check, DOCTOR_MISSING, "none, or not for programs",
		     "only kprobes need them: use a kernel with CONFIG_KPROBES, "
		     "CONFIG_KPROBE_EVENTS, CONFIG_PERF_EVENTS and CONFIG_BPF_EVENTS");
	else
		says(check, DOCTOR_UNKNOWN, "unknown: /sys/bus cannot be read",
		     "only kprobes need them: mount /sys");
}

static enum known seen_raising(const struct facts *facts)
{
	if (!facts->parent)
		return KNOWN_NOT;
	switch (facts->parent->seen) {
	case PARENT_SEEN_AT_FUNCTION:
		return facts__raiser(facts, facts->parent);
	case PARENT_SEEN_AT_SBI_CALL:
		return facts__symbol(facts, FACTS_SBI_CALL);
	default:
		return KNOWN_NO;
	}
}

/* judge_raises - can fentry see each raise of the parent IPI, and so what came of a send? */
static void judge_raises(struct doctor_check *check, const struct facts *facts)
{
	enum known seen = seen_raising(facts);

	if (seen == KNOWN_YES)
		says(check, DOCTOR_GOOD, "seen without the tracepoints, too", "");
	else if (seen == KNOWN_NOT)
		says(check, DOCTOR_UNKNOWN,
		     "unknown, because the parent IPI or the symbols are unknown", "");
	else
		says(check, DOCTOR_NOTE, "seen by the tracepoints only: with fentry, outcomes of "
		     "sends are predicted", facts->parent->seen != PARENT_SEEN_AT_SBI_CALL ? "" :
		     "only fentry needs it: use a kernel with the tracepoint riscv:sbi_call");
}

/* --- what else counts --- */

static void judge_lockdown(struct doctor_check *check, const struct facts *facts)
{
	/* The mode is in a file system that need not be mounted; what follows can be tried. */
	if (!strcmp(facts->lockdown, "confidentiality") || facts->reads_kernel == KNOWN_NO)
		says(check, DOCTOR_MISSING,
		     "confidentiality: BPF programs may not read the kernel's memory",
		     "only fentry and kprobes need it: boot with lockdown=integrity");
	else if (*facts->lockdown)
		says(check, DOCTOR_GOOD, facts->lockdown, "");
	else if (facts->reads_kernel == KNOWN_YES)
		says(check, DOCTOR_GOOD,
		     "none that keeps BPF programs from reading the kernel's memory", "");
	else
		says(check, DOCTOR_UNKNOWN,
		     "unknown: no /sys/kernel/security/lockdown, and no program could be tried",
		     "only fentry and kprobes need it: mount -t securityfs securityfs "
		     "/sys/kernel/security, or run as root");
}

/* Needed by the stacks of `storm`, by fentry and by kprobes; the mux's variables by fentry only. */
static void judge_names(struct doctor_check *check, const struct facts *facts)
{
	if (facts->symbols == SYMBOLS_NONE)
		says(check, DOCTOR_MISSING, "none: storm shows addresses",
		     "use a kernel with CONFIG_KALLSYMS, which kprobes need, too; fentry needs "
		     "CONFIG_KALLSYMS_ALL (and that CONFIG_DEBUG_KERNEL)");
	else if (facts->symbols == SYMBOLS_HIDDEN)
		says(check, DOCTOR_MISSING,
		     "hidden: storm shows addresses, and neither fentry nor kprobes are possible",
		     symbols__advice(facts->setting[FACTS_KPTR_RESTRICT],
				     has_capability(facts, CAP_SYSLOG)));
	else if (!facts->machine_error && !facts->symbol[FACTS_WORDS] &&
		 !facts->symbol[FACTS_PATCHED_WORDS])
		says(check, DOCTOR_MISSING, "functions only, not the multiplexer's variables",
		     "only fentry needs them: use a kernel with CONFIG_KALLSYMS_ALL "
		     "(needs CONFIG_DEBUG_KERNEL)");
	else
		says(check, DOCTOR_GOOD, "shown: storm names the functions that sent", "");
}

void doctor__check(struct doctor_check checks[DOCTOR_NR_ITEMS], const struct facts *facts)
{
	judge_mux(&checks[DOCTOR_MUX], facts);
	judge_parent(&checks[DOCTOR_PARENT], facts);
	judge_fences(&checks[DOCTOR_FENCES], facts);
	judge_bpf(&checks[DOCTOR_BPF], facts);
	judge_permission(&checks[DOCTOR_PERMISSION], facts);
	judge_jit(&checks[DOCTOR_JIT], facts);
	judge_tracepoints(&checks[DOCTOR_TRACEPOINTS], facts);
	judge_btf(&checks[DOCTOR_BTF], facts);
	judge_ftrace(&checks[DOCTOR_FTRACE], facts);
	judge_kprobes(&checks[DOCTOR_KPROBES], facts);
	judge_raises(&checks[DOCTOR_RAISES], facts);
	judge_lockdown(&checks[DOCTOR_LOCKDOWN], facts);
	judge_names(&checks[DOCTOR_NAMES], facts);
}
