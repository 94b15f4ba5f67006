// SPDX-License-Identifier: GPL-2.0-only
/*
 * What facts mean: from a kernel that has all, what is taken away one by one, and in twos;
 * and how the page and the JSON say it.
 */
#include <errno.h>
#include <jansson.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "view/view_doctor.h"

#define BIT(n)	(1U << (n))

/* good - a kernel that has everything, and root */
static void good(struct facts *facts)
{
	*facts = (struct facts){
		.release = "6.12.1-test", .architecture = "riscv64",
		.hotplug_states = KNOWN_YES, .parent = parents,	/* SBI */
		.symbols = SYMBOLS_READ, .config = "/proc/config.gz",
		.tracefs = "/sys/kernel/tracing",
		.btf = KNOWN_YES, .btf_size = 4096, .lockdown = "none",
		/* The third way in has tests of its own. */
		.kprobes = KNOWN_NO,
		.capabilities = 1ULL << CAP_BPF | 1ULL << CAP_PERFMON,
		.bpf = KNOWN_YES, .tried = true, .reads_kernel = KNOWN_YES,
	};
	unit__machine(&facts->machine, 4, 8);
	for (unsigned int vipi = 0; vipi < 8; vipi++)
		facts->machine.virq[vipi] = vipi + 2;
	facts->online = facts->machine.possible;
	for (unsigned int i = 0; i < FACTS_NR_SYMBOLS; i++)
		facts->symbol[i] = true;
	facts->raisers = ~0U;
	for (unsigned int i = 0; i < FACTS_NR_OPTIONS; i++)
		facts->option[i] = true;
	for (unsigned int i = 0; i < FACTS_NR_EVENTS; i++)
		facts->event[i] = KNOWN_YES;
	for (unsigned int i = 0; i < FACTS_NR_SETTINGS; i++)
		facts->setting[i] = 1;
}

static void no_tracepoints(struct facts *facts)
{
	for (unsigned int i = 0; i < FACTS_NR_EVENTS; i++) {
		facts->symbol[FACTS_TRACEPOINTS + i] = false;
		facts->event[i] = KNOWN_NO;
	}
}

static void no_symbols(struct facts *facts)
{
	facts->symbols = SYMBOLS_NONE;
	memset(facts->symbol, 0, sizeof(facts->symbol));
}

static void no_config(struct facts *facts)
{
	*facts->config = '\0';
	memset(facts->option, 0, sizeof(facts->option));
}

/* --- what is taken away --- */

static void no_mux(struct facts *facts)
{
	facts->machine_error = -ENODEV;
}

static void no_sys(struct facts *facts)
{
	facts->machine_error = -ENOENT;
}

static void no_bpf(struct facts *facts)
{
	facts->bpf = KNOWN_NO;
	facts->tried = false;
}

static void no_events(struct facts *facts)
{
	facts->try_error = -EINVAL;
}

static void broken_load(struct facts *facts)
{
	facts->try_error = -ENOMEM;
}

static void nobody(struct facts *facts)
{
	facts->capabilities = 0;
	facts->try_error = -EPERM;
}

static void half_allowed(struct facts *facts)
{
	facts->capabilities = 1ULL << CAP_BPF;
	facts->try_error = -EPERM;
}

static void contained(struct facts *facts)
{
	facts->capabilities = ~0ULL;
	facts->try_error = -EPERM;
}

static void only_admin(struct facts *facts)
{
	facts->capabilities = 1ULL << CAP_SYS_ADMIN;
}

static void one_tracepoint(struct facts *facts)
{
	no_tracepoints(facts);
	facts->symbol[FACTS_TRACEPOINTS + FACTS_SEND] = true;
}

/* What the kernel does counts, not what it should do. */
static void allowed_all_the_same(struct facts *facts)
{
	facts->capabilities = 0;
}

static void tracepoints_by_tracefs(struct facts *facts)
{
	no_symbols(facts);
}

static void nothing_to_read(struct facts *facts)
{
	no_symbols(facts);
	no_config(facts);
	for (unsigned int i = 0; i < FACTS_NR_EVENTS; i++)
		facts->event[i] = KNOWN_NOT;
}

static void no_btf(struct facts *facts)
{
	facts->btf = KNOWN_NO;
}

static void no_direct_calls(struct facts *facts)
{
	facts->symbol[FACTS_DIRECT_CALLS] = false;
}

static void no_trampolines(struct facts *facts)
{
	facts->symbol[FACTS_TRAMPOLINES] = false;
}

static void ftrace_off(struct facts *facts)
{
	facts->setting[FACTS_FTRACE_ENABLED] = 0;
}

static void inlined(struct facts *facts)
{
	facts->symbol[FACTS_SEND_MASK] = false;
}

static void confidential(struct facts *facts)
{
	strcpy(facts->lockdown, "confidentiality");
}

/* As it is where securityfs is not mounted. */
static void refused_reading(struct facts *facts)
{
	*facts->lockdown = '\0';
	facts->reads_kernel = KNOWN_NO;
}

static void reading_unknown(struct facts *facts)
{
	*facts->lockdown = '\0';
	facts->reads_kernel = KNOWN_NOT;
}

static void hidden(struct facts *facts)
{
	facts->symbols = SYMBOLS_HIDDEN;
}

static void no_variables(struct facts *facts)
{
	facts->symbol[FACTS_WORDS] = facts->symbol[FACTS_PATCHED_WORDS] = false;
}

static void jit_off(struct facts *facts)
{
	facts->setting[FACTS_JIT_ENABLE] = 0;
}

static void parent_unknown(struct facts *facts)
{
	facts->parent = NULL;
}

static void nothing(struct facts *facts)
{
}

/* On top of each of these, what becomes of an item and of the two ways; 0: possible. */
static const struct taken {
	const char *name;
	void (*take)(struct facts *facts);
	enum doctor_item item;
	enum doctor_state state;	/* before it is known whether it stands in the way */
	__u32 tracepoint_lacks, fentry_lacks;
	bool tracepoint_unknown, fentry_unknown;
	const char *words;		/* in its fact or advice */
} taken[] = {
	{ "nothing", nothing, DOCTOR_MUX, DOCTOR_GOOD, 0, 0, 0, 0, "8 vIPIs" },
	{ "mux", no_mux, DOCTOR_MUX, DOCTOR_MISSING, BIT(DOCTOR_MUX), BIT(DOCTOR_MUX), 0, 0,
	  "no interrupt controller uses it" },
	{ "sys", no_sys, DOCTOR_MUX, DOCTOR_MISSING, BIT(DOCTOR_MUX), BIT(DOCTOR_MUX), 0, 0,
	  "mount /sys and /proc" },
	{ "bpf", no_bpf, DOCTOR_BPF, DOCTOR_MISSING, BIT(DOCTOR_BPF), BIT(DOCTOR_BPF), 0, 0,
	  "CONFIG_BPF_SYSCALL" },
	{ "events", no_events, DOCTOR_BPF, DOCTOR_MISSING, BIT(DOCTOR_BPF), BIT(DOCTOR_BPF), 0, 0,
	  "CONFIG_BPF_EVENTS" },
	{ "memory", broken_load, DOCTOR_BPF, DOCTOR_MISSING, BIT(DOCTOR_BPF), BIT(DOCTOR_BPF),
	  0, 0, "Cannot allocate memory" },
	{ "root", nobody, DOCTOR_PERMISSION, DOCTOR_MISSING, BIT(DOCTOR_PERMISSION),
	  BIT(DOCTOR_PERMISSION), 0, 0, "CAP_BPF and CAP_PERFMON needed" },
	{ "perfmon", half_allowed, DOCTOR_PERMISSION, DOCTOR_MISSING, BIT(DOCTOR_PERMISSION),
	  BIT(DOCTOR_PERMISSION), 0, 0, "CAP_PERFMON needed" },
	{ "container", contained, DOCTOR_PERMISSION, DOCTOR_MISSING, BIT(DOCTOR_PERMISSION),
	  BIT(DOCTOR_PERMISSION), 0, 0, "outside of the container" },
	{ "admin", only_admin, DOCTOR_PERMISSION, DOCTOR_GOOD, 0, 0, 0, 0, "CAP_SYS_ADMIN" },
	{ "capabilities", allowed_all_the_same, DOCTOR_PERMISSION, DOCTOR_GOOD, 0, 0, 0, 0,
	  "none" },
	{ "tracepoints", no_tracepoints, DOCTOR_TRACEPOINTS, DOCTOR_MISSING,
	  BIT(DOCTOR_TRACEPOINTS), 0, 0, 0, "kernel-patch/" },
	{ "two tracepoints", one_tracepoint, DOCTOR_TRACEPOINTS, DOCTOR_MISSING,
	  BIT(DOCTOR_TRACEPOINTS), 0, 0, 0, "some, but not all three" },
	{ "symbols", tracepoints_by_tracefs, DOCTOR_TRACEPOINTS, DOCTOR_GOOD, 0, BIT(DOCTOR_NAMES),
	  0, 0, "ipi_mux_send" },
	{ "all to read", nothing_to_read, DOCTOR_TRACEPOINTS, DOCTOR_UNKNOWN, 0, BIT(DOCTOR_NAMES),
	  true, true, "mount -t tracefs" },
	{ "btf", no_btf, DOCTOR_BTF, DOCTOR_MISSING, 0, BIT(DOCTOR_BTF), 0, 0,
	  "CONFIG_DEBUG_INFO_BTF" },
	{ "direct calls", no_direct_calls, DOCTOR_FTRACE, DOCTOR_MISSING, 0, BIT(DOCTOR_FTRACE),
	  0, 0, "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS" },
	{ "trampolines", no_trampolines, DOCTOR_FTRACE, DOCTOR_MISSING, 0, BIT(DOCTOR_FTRACE),
	  0, 0, "CONFIG_BPF_JIT" },
	{ "ftrace", ftrace_off, DOCTOR_FTRACE, DOCTOR_MISSING, 0, BIT(DOCTOR_FTRACE), 0, 0,
	  "kernel.ftrace_enabled=1" },
	{ "a function", inlined, DOCTOR_FTRACE, DOCTOR_MISSING, 0, BIT(DOCTOR_FTRACE), 0, 0,
	  "inlined" },
	{ "reading", confidential, DOCTOR_LOCKDOWN, DOCTOR_MISSING, 0, BIT(DOCTOR_LOCKDOWN), 0, 0,
	  "lockdown=integrity" },
	{ "reading, and a mode", refused_reading, DOCTOR_LOCKDOWN, DOCTOR_MISSING, 0,
	  BIT(DOCTOR_LOCKDOWN), 0, 0, "lockdown=integrity" },
	{ "all of lockdown", reading_unknown, DOCTOR_LOCKDOWN, DOCTOR_UNKNOWN, 0, 0, 0, true,
	  "mount -t securityfs" },
	{ "addresses", hidden, DOCTOR_NAMES, DOCTOR_MISSING, 0, BIT(DOCTOR_NAMES), 0, 0,
	  "CAP_SYSLOG" },
	{ "variables", no_variables, DOCTOR_NAMES, DOCTOR_MISSING, 0, BIT(DOCTOR_NAMES), 0, 0,
	  "CONFIG_KALLSYMS_ALL" },
	{ "jit", jit_off, DOCTOR_JIT, DOCTOR_NOTE, 0, 0, 0, 0, "net.core.bpf_jit_enable=1" },
	{ "parent", parent_unknown, DOCTOR_PARENT, DOCTOR_UNKNOWN, 0, 0, 0, 0, "dmesg" },
};

static void check_way(const struct doctor_verdict *way, __u32 lacks, bool unknown, bool built,
		      const char *name)
{
	enum known possible = lacks || !built ? KNOWN_NO : unknown ? KNOWN_NOT : KNOWN_YES;

	check(way->lacks == lacks, "without %s: %#x, not %#x", name, way->lacks, lacks);
	check(!!way->unknown == unknown, "without %s: %#x", name, way->unknown);
	check(way->possible == possible, "without %s: %d", name, way->possible);
	check(way->not_built == !built, "without %s", name);
}

static void check_taken(const struct taken *one, const struct taken *other, bool has_fentry)
{
	__u32 tracepoint_lacks = one->tracepoint_lacks | other->tracepoint_lacks;
	__u32 fentry_lacks = one->fentry_lacks | other->fentry_lacks;
	bool tracepoint_unknown = one->tracepoint_unknown || other->tracepoint_unknown;
	struct doctor doctor;
	struct facts facts;
	int way = -1;

	good(&facts);
	one->take(&facts);
	other->take(&facts);
	doctor__judge(&doctor, &facts, has_fentry);

	/* Unknown tracepoints are not missing; what of it is there tells of both. */
	check_way(&doctor.ways[DOCTOR_TRACEPOINT], tracepoint_lacks, tracepoint_unknown, true,
		  one->name);
	check(doctor.ways[DOCTOR_FENTRY].lacks == fentry_lacks, "without %s and %s: %#x", one->name,
	      other->name, doctor.ways[DOCTOR_FENTRY].lacks);
	if (!tracepoint_lacks && !tracepoint_unknown)
		way = DOCTOR_TRACEPOINT;
	else if (!fentry_lacks && has_fentry && !one->fentry_unknown && !other->fentry_unknown)
		way = DOCTOR_FENTRY;
	check(doctor.way == way, "without %s and %s: %d, not %d", one->name, other->name,
	      doctor.way, way);
	/* Where there is a way, nothing is missing; else something is missing or unknown. */
	for (unsigned int item = 0; item < DOCTOR_NR_ITEMS; item++)
		check(way < 0 || doctor.checks[item].state != DOCTOR_MISSING, "without %s: %s",
		      one->name, doctor__key(item));
	if (way < 0 && !doctor.ways[DOCTOR_TRACEPOINT].unknown) {
		unsigned int missing = 0;

		for (unsigned int item = 0; item < DOCTOR_NR_ITEMS; item++)
			missing += doctor.checks[item].state == DOCTOR_MISSING;
		check(missing, "without %s and %s nothing is missing", one->name, other->name);
	}
}

static void test_one_by_one(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		struct doctor_check checks[DOCTOR_NR_ITEMS] = {};
		struct doctor_check *of = &checks[taken[i].item];
		struct facts facts;

		good(&facts);
		taken[i].take(&facts);
		doctor__check(checks, &facts);
		check(of->state == taken[i].state, "without %s: %d", taken[i].name, of->state);
		check(strstr(of->fact, taken[i].words) || strstr(of->advice, taken[i].words),
		      "without %s: '%s' '%s'", taken[i].name, of->fact, of->advice);
		check_taken(&taken[i], &taken[0], false);
		check_taken(&taken[i], &taken[0], true);
	}
}

/* Other than these, no two of them get in each other's way. */
static bool one_hides_other(const struct taken *one, const struct taken *other)
{
	static const char * const first[] = {
		"bpf", "events", "memory", "root", "perfmon", "container", "admin",
		"capabilities", "mux", "sys", "tracepoints", "two tracepoints", "symbols", "all to read", "addresses",
		"variables", "a function", "reading", "reading, and a mode", "all of lockdown",
	};
	unsigned int nr = 0;

	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		nr += !strcmp(one->name, first[i]) || !strcmp(other->name, first[i]);
	return nr > 1;
}

static void test_two_at_a_time(void **state)
{
	unsigned int nr = 0;

	for (size_t i = 1; i < ARRAY_SIZE(taken); i++) {
		for (size_t j = i + 1; j < ARRAY_SIZE(taken); j++) {
			if (one_hides_other(&taken[i], &taken[j]) ||
			    !strcmp(taken[i].name, "all to read"))
				continue;
			/* Options that are only known by symbols. */
			if (!strcmp(taken[i].name, "symbols") && taken[j].item == DOCTOR_FTRACE)
				continue;
			check_taken(&taken[i], &taken[j], true);
			nr++;
		}
	}
	assert_true(nr > 100);
}

/* --- what is said in more than one way --- */

static const struct doctor_check *item(struct doctor *doctor, const struct facts *facts,
				       enum doctor_item item)
{
	doctor__judge(doctor, facts, true);
	return &doctor->checks[item];
}

static void test_versions(void **state)
{
	static const struct {
		const char *release, *architecture;
		bool older;
	} cases[] = {
		{ "6.7.12-arch1", "riscv64", true }, { "6.8.0", "riscv64", false },
		{ "5.10", "riscv64", true }, { "6.12.1", "riscv64", false },
		{ "7.0", "riscv64", false }, { "6.6.1", "aarch64", false },
		{ "", "riscv64", false }, { "x", "riscv64", false }, { "6", "riscv64", false },
		{ "99999999999.1", "riscv64", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct doctor doctor;
		struct facts facts;

		good(&facts);
		no_direct_calls(&facts);
		strcpy(facts.release, cases[i].release);
		strcpy(facts.architecture, cases[i].architecture);
		check(!strstr(item(&doctor, &facts, DOCTOR_FTRACE)->fact, "older") ==
		      !cases[i].older, "%s", cases[i].release);
	}
}

/* What an option needs in turn changes with the kernel. */
static void test_needs(void **state)
{
	static const struct {
		const char *release, *architecture, *needs;
	} cases[] = {
		{ "6.12.107+deb13-riscv64", "riscv64", "need CONFIG_PREEMPTION to be off" },
		{ "6.15.9", "riscv64", "CONFIG_PREEMPTION" },
		{ "6.16", "riscv64", "gcc 14 or clang, and CONFIG_CFI or CONFIG_CFI_CLANG to be" },
		{ "7.1.0", "riscv64", "CONFIG_CFI_CLANG to be off" },
		{ "7.1.0", "aarch64", "DIRECT_CALLS" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct doctor doctor;
		struct facts facts;
		const char *advice;

		good(&facts);
		no_direct_calls(&facts);
		strcpy(facts.release, cases[i].release);
		strcpy(facts.architecture, cases[i].architecture);
		advice = item(&doctor, &facts, DOCTOR_FTRACE)->advice;
		check(strstr(advice, cases[i].needs), "%s: %s", cases[i].release, advice);
		check(strlen(advice) < sizeof(doctor.checks->advice) - 1, "cut: %s", advice);
		check(!strcmp(cases[i].architecture, "riscv64") == !!strstr(advice, "these need"),
		      "%s: %s", cases[i].architecture, advice);
	}
}

static void test_jit(void **state)
{
	static const struct {
		int setting;
		bool option, always;
		enum doctor_state state;
		const char *advice;
	} cases[] = {
		{ 1, true, true, DOCTOR_GOOD, "" },
		{ 1, true, false, DOCTOR_GOOD, "" },
		{ 2, true, false, DOCTOR_GOOD, "" },
		{ 0, true, false, DOCTOR_NOTE, "sysctl" },
		{ FACTS_UNSET, true, true, DOCTOR_GOOD, "" },
		{ FACTS_UNSET, true, false, DOCTOR_UNKNOWN, "" },
		{ FACTS_UNSET, false, false, DOCTOR_NOTE, "CONFIG_BPF_JIT" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct doctor_check *jit;
		struct doctor doctor;
		struct facts facts;

		good(&facts);
		facts.setting[FACTS_JIT_ENABLE] = cases[i].setting;
		facts.option[FACTS_BPF_JIT] = cases[i].option;
		facts.option[FACTS_BPF_JIT_ALWAYS_ON] = cases[i].always;
		jit = item(&doctor, &facts, DOCTOR_JIT);
		check(jit->state == cases[i].state && strstr(jit->advice, cases[i].advice),
		      "%zu: %d '%s'", i, jit->state, jit->advice);
	}
}

/* What is so of each parent, whichever it is. */
static void test_parents(void **state)
{
	for (const struct parent *parent = parents; parent->key; parent++) {
		bool by_firmware = parent->fences == PARENT_FENCES_BY_FIRMWARE;
		struct doctor doctor;
		struct facts facts;

		good(&facts);
		facts.parent = parent;
		assert_string_equal(doctor__parent_key(parent), parent->key);
		assert_string_equal(item(&doctor, &facts, DOCTOR_PARENT)->fact, parent->title);
		assert_int_equal(item(&doctor, &facts, DOCTOR_PARENT)->state, DOCTOR_GOOD);
		assert_string_equal(doctor__fences_key(parent),
				    by_firmware ? "firmware" :
				    parent->fences == PARENT_FENCES_BY_MUX ? "mux" : "hardware");
		assert_int_equal(item(&doctor, &facts, DOCTOR_FENCES)->state,
				 by_firmware ? DOCTOR_NOTE : DOCTOR_GOOD);
	}
	assert_string_equal(doctor__parent_key(parents), "sbi");
	assert_null(doctor__parent_key(NULL));
	assert_null(doctor__fences_key(NULL));
}

/* A raise is seen where the kernel has what it is seen at: nothing else matters. */
static void test_raises(void **state)
{
	for (const struct parent *parent = parents; parent->key; parent++) {
		struct doctor doctor;
		struct facts facts;

		good(&facts);
		facts.parent = parent;
		if (parent->seen == PARENT_SEEN_AT_SBI_CALL)
			facts.symbol[FACTS_SBI_CALL] = false;
		else
			facts.raisers &= ~(1U << (parent - parents));
		check(item(&doctor, &facts, DOCTOR_RAISES)->state == DOCTOR_NOTE, "%s",
		      parent->function);
		facts.symbol[FACTS_SBI_CALL] = !facts.symbol[FACTS_SBI_CALL];
		facts.raisers = ~facts.raisers;
		check(item(&doctor, &facts, DOCTOR_RAISES)->state ==
		      (parent->seen ? DOCTOR_GOOD : DOCTOR_NOTE), "%s", parent->function);
	}
}

static void test_one_cpu(void **state)
{
	struct doctor doctor;
	struct facts facts;

	good(&facts);
	no_mux(&facts);
	facts.option[FACTS_SMP] = false;
	assert_non_null(strstr(item(&doctor, &facts, DOCTOR_MUX)->fact, "one CPU"));
	no_config(&facts);
	facts.symbol[FACTS_CREATE] = false;
	assert_non_null(strstr(item(&doctor, &facts, DOCTOR_MUX)->advice, "6.4"));
	facts.symbol[FACTS_OWN_IPIS] = true;
	assert_non_null(strstr(item(&doctor, &facts, DOCTOR_MUX)->fact, "raises an IPI for each"));
	facts.symbol[FACTS_OWN_IPIS] = false;
	facts.machine_error = -EACCES;
	assert_non_null(strstr(item(&doctor, &facts, DOCTOR_MUX)->fact, "Permission denied"));
}

/* Kprobes are taken where there is nothing else, and need neither BTF, ftrace nor variables. */
static void test_kprobes(void **state)
{
	static const struct {
		void (*take)(struct facts *facts);
		__u32 lacks;
		enum known possible;
	} cases[] = {
		{ nothing, 0, KNOWN_YES },
		{ no_btf, 0, KNOWN_YES },
		{ no_direct_calls, 0, KNOWN_YES },
		{ ftrace_off, 0, KNOWN_YES },
		{ no_variables, 0, KNOWN_YES },
		{ no_trampolines, 0, KNOWN_YES },
		{ inlined, BIT(DOCTOR_KPROBES), KNOWN_NO },
		{ jit_off, 0, KNOWN_YES },
		{ parent_unknown, 0, KNOWN_YES },
		{ hidden, BIT(DOCTOR_NAMES), KNOWN_NO },
		{ no_symbols, BIT(DOCTOR_NAMES), KNOWN_NO },
		{ confidential, BIT(DOCTOR_LOCKDOWN), KNOWN_NO },
		{ nobody, BIT(DOCTOR_PERMISSION), KNOWN_NO },
		{ no_mux, BIT(DOCTOR_MUX), KNOWN_NO },
		{ no_bpf, BIT(DOCTOR_BPF), KNOWN_NO },
		{ reading_unknown, 0, KNOWN_NOT },
	};
	struct doctor doctor;
	struct facts facts;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct doctor_verdict *way = &doctor.ways[DOCTOR_KPROBE];

		good(&facts);
		facts.kprobes = KNOWN_YES;
		cases[i].take(&facts);
		doctor__judge(&doctor, &facts, true);
		check(way->lacks == cases[i].lacks, "%zu: %#x", i, way->lacks);
		check(way->possible == cases[i].possible, "%zu: %d", i, way->possible);
	}
	good(&facts);
	facts.kprobes = KNOWN_YES;
	no_tracepoints(&facts);
	doctor__judge(&doctor, &facts, true);
	assert_int_equal(doctor.way, DOCTOR_FENTRY);
	no_btf(&facts);
	doctor__judge(&doctor, &facts, true);
	assert_int_equal(doctor.way, DOCTOR_KPROBE);
	assert_int_equal(doctor.checks[DOCTOR_BTF].state, DOCTOR_NOTE);
	facts.kprobes = KNOWN_NOT;
	doctor__judge(&doctor, &facts, true);
	assert_int_equal(doctor.ways[DOCTOR_KPROBE].possible, KNOWN_NOT);
	facts.kprobes = KNOWN_YES;
	strcpy(facts.architecture, "aarch64");
	doctor__judge(&doctor, &facts, true);
	assert_int_equal(doctor.ways[DOCTOR_KPROBE].lacks, BIT(DOCTOR_KPROBES));
	assert_int_equal(doctor.way, -1);
}

/* --- what is printed --- */

static char *print(const struct facts *facts, bool has_fentry, bool json, bool colour)
{
	struct doctor doctor;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	doctor__judge(&doctor, facts, has_fentry);
	assert_int_equal((json ? &doctor_json : &doctor_text)->summary(out, colour, &doctor,
								       facts), 0);
	fclose(out);
	return text;
}

static void check_page(const struct facts *facts, bool has_fentry, const char * const *parts)
{
	char *page = print(facts, has_fentry, false, false);
	unsigned int lines = 0;

	for (; *parts; parts++)
		check(strstr(page, *parts), "no '%s' in:\n%s", *parts, page);
	for (char *at = page, *end; (end = strchr(at, '\n')); at = end + 1) {
		check(end - at <= 100, "a long line: %.*s", (int)(end - at), at);
		check(end == at || end[-1] != ' ', "a space at the end: %.*s", (int)(end - at), at);
		lines++;
	}
	/* A page, with three ways in. */
	check(lines <= 67, "%u lines", lines);
	free(page);
}

static void test_page(void **state)
{
	struct facts facts;
	char *page;

	good(&facts);
	check_page(&facts, false, (const char *[]){
		"usable: through tracepoints\n", "Linux 6.12.1-test, riscv64\n",
		"CPUs online            0-3\n", "RESCHEDULE (2), CALL_FUNC (3)",
		"multiplexer    ok      8 vIPIs\n", "tracepoints            yes, used\n",
		"fentry                 no: this ipimux-trace has no programs for it\n", NULL });
	no_tracepoints(&facts);
	check_page(&facts, true, (const char *[]){
		"usable: through fentry\n", "tracepoints    note    none", "-> apply",
		"tracepoints            no: tracepoints\n", "fentry                 yes, used\n",
		NULL });
	no_btf(&facts);
	facts.online = (struct cpuset){};
	cpuset__add(&facts.online, 0);
	check_page(&facts, true, (const char *[]){
		"not usable: see what is missing\n", "CPUs online            0\n",
		"tracepoints    MISSING", "BTF            MISSING", "fentry                 no: BTF\n",
		NULL });
	good(&facts);
	nothing_to_read(&facts);
	check_page(&facts, false, (const char *[]){
		"not known to be usable", "tracepoints            not known: tracepoints\n", NULL });
	page = print(&facts, false, false, true);
	assert_non_null(strstr(page, "\033["));
	free(page);
}

/* Names as long as they can be, all 32 vIPIs. */
static void test_wide_page(void **state)
{
	struct facts facts;

	good(&facts);
	facts.machine.nr_vipis = IPIMUX_MAX_VIPIS;
	for (unsigned int vipi = 0; vipi < IPIMUX_MAX_VIPIS; vipi++) {
		memset(facts.machine.vipi_name[vipi], 'x', MACHINE_NAME_SIZE - 1);
		facts.machine.vipi_name[vipi][MACHINE_NAME_SIZE - 1] = '\0';
		facts.machine.virq[vipi] = 4294967295U - vipi;
	}
	check_page(&facts, true, (const char *[]){ "(4294967264)\n", NULL });
}

static void test_json(void **state)
{
	const char *via, *key, *part;
	struct facts facts;
	json_t *object, *checks, *ways;
	int usable, version;
	char *text;

	good(&facts);
	no_tracepoints(&facts);
	facts.setting[FACTS_PERF_EVENT_PARANOID] = FACTS_UNSET;
	facts.machine.virq[3] = 0;
	text = print(&facts, true, true, false);
	assert_string_equal(strchr(text, '\n'), "\n");
	object = json_loads(text, 0, NULL);
	assert_non_null(object);
	assert_int_equal(json_unpack(object, "{s:i, s:b, s:s, s:o, s:o, s:s}", "version", &version,
				     "usable", &usable, "via", &via, "checks", &checks,
				     "ways", &ways, "parent", &part), 0);
	assert_true(usable);
	assert_string_equal(via, "fentry");
	assert_string_equal(part, "sbi");
	assert_int_equal(json_object_size(checks), DOCTOR_NR_ITEMS);
	assert_int_equal(json_object_size(ways), DOCTOR_NR_WAYS);
	/* vIPI 3 has no interrupt, and is not there. */
	assert_int_equal(json_array_size(json_object_get(object, "vipis")), 7);
	assert_int_equal(json_unpack(ways, "{s:{s:b, s:[s]}}", "tracepoint", "possible", &usable,
				     "missing", &key), 0);
	assert_false(usable);
	assert_string_equal(key, "tracepoints");
	assert_int_equal(json_unpack(checks, "{s:{s:s}}", "tracepoints", "state", &part), 0);
	assert_string_equal(part, "note");
	assert_true(json_is_null(json_object_get(json_object_get(json_object_get(
		object, "facts"), "settings"), "kernel.perf_event_paranoid")));
	json_decref(object);
	free(text);

	no_btf(&facts);
	no_mux(&facts);
	text = print(&facts, true, true, false);
	object = json_loads(text, 0, NULL);
	assert_non_null(object);
	assert_true(json_is_null(json_object_get(object, "via")));
	assert_true(json_is_false(json_object_get(object, "usable")));
	assert_int_equal(json_array_size(json_object_get(object, "vipis")), 0);
	json_decref(object);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_by_one),
		cmocka_unit_test(test_two_at_a_time),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_jit),
		cmocka_unit_test(test_parents),
		cmocka_unit_test(test_raises),
		cmocka_unit_test(test_one_cpu),
		cmocka_unit_test(test_kprobes),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_wide_page),
		cmocka_unit_test(test_json),
	};

	return UNIT_RUN("doctor", tests);
}
