// SPDX-License-Identifier: GPL-2.0-only
/* What `doctor` found, in words and as one object of JSON, see view_doctor.h and docs/doctor.md. */
#include <jansson.h>
#include <string.h>

#include "print/json.h"
#include "print/text.h"
#include "view/view_doctor.h"

#define COLUMNS	96
#define INDENT	23

/* --- what there is to show, for people and for programs --- */

static const struct {
	const char *title, *key;
} item_words[DOCTOR_NR_ITEMS] = {
	[DOCTOR_MUX]		= { "multiplexer", "mux" },
	[DOCTOR_PARENT]		= { "parent IPI", "parent" },
	[DOCTOR_FENCES]		= { "remote fences", "remote_fences" },
	[DOCTOR_BPF]		= { "BPF", "bpf" },
	[DOCTOR_PERMISSION]	= { "capabilities", "capabilities" },
	[DOCTOR_JIT]		= { "JIT", "jit" },
	[DOCTOR_TRACEPOINTS]	= { "tracepoints", "tracepoints" },
	[DOCTOR_BTF]		= { "BTF", "btf" },
	[DOCTOR_FTRACE]		= { "ftrace", "ftrace" },
	[DOCTOR_KPROBES]	= { "kprobes", "kprobes" },
	[DOCTOR_RAISES]		= { "raises", "raises" },
	[DOCTOR_LOCKDOWN]	= { "lockdown", "lockdown" },
	[DOCTOR_NAMES]		= { "symbols", "symbols" },
};

static const struct {
	const char *title, *key, *shows, *hides;
} way_words[DOCTOR_NR_WAYS] = {
	[DOCTOR_TRACEPOINT] = {
		"tracepoints", "tracepoint",
		"every command; every count exact, the outcome of each send, too",
		"what happens while a program of ours is running already: counted as missed",
	},
	[DOCTOR_FENTRY] = {
		"fentry", "fentry",
		"sends, what was handled, unmasks: exact; the outcome of a send where its raise is seen; "
		"with BPF's JIT on, single events (trace) and senders (storm)",
		"how many vIPIs each process handled; outcomes that are uncertain are counted as that",
	},
	[DOCTOR_KPROBE] = {
		"kprobes", "kprobe",
		"as fentry, and for whom each parent IPI is raised",
		"how many vIPIs each process handled; no counters that are left running (attach)",
	},
};

const char *doctor__key(enum doctor_item item)
{
	return item_words[item].key;
}

const char *doctor__parent_key(const struct parent *parent)
{
	return parent ? parent->key : NULL;
}

const char *doctor__fences_key(const struct parent *parent)
{
	static const char * const keys[] = {
		[PARENT_FENCES_BY_MUX]		= "mux",
		[PARENT_FENCES_BY_FIRMWARE]	= "firmware",
		[PARENT_FENCES_BY_HARDWARE]	= "hardware",
	};

	return parent ? keys[parent->fences] : NULL;
}

/* --- in words --- */

/* print_words - from column INDENT on, in as many lines as it takes */
static void print_words(FILE *out, const char *words)
{
	unsigned int column = INDENT;

	while (*words) {
		size_t len = strcspn(words, " ");

		if (column > INDENT && column + 1 + len > COLUMNS) {
			fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)len, words);
		column += len;
		words += len;
		words += *words == ' ';
	}
	fputc('\n', out);
}

static void print_row(FILE *out, const char *title, const char *words)
{
	fprintf(out, "%-*s", INDENT, title);
	print_words(out, words);
}

static void print_verdict(FILE *out, bool colour, const struct doctor *doctor)
{
	bool maybe = false;

	fputs(text__style(colour, doctor->way < 0 ? TEXT_BAD : TEXT_GOOD), out);
	for (unsigned int way = 0; way < DOCTOR_NR_WAYS; way++)
		maybe |= doctor->ways[way].possible == KNOWN_NOT;
	if (doctor->way >= 0)
		fprintf(out, "usable: through %s", way_words[doctor->way].title);
	else if (maybe)
		fputs("not known to be usable: see what is unknown", out);
	else
		fputs("not usable: see what is missing", out);
	fprintf(out, "%s\n\n", text__style(colour, TEXT_PLAIN));
}

static void print_machine(FILE *out, const struct facts *facts)
{
	const struct machine *machine = &facts->machine;
	char words[IPIMUX_MAX_VIPIS * (MACHINE_NAME_SIZE + 24)], cpus[CPUSET_LIST_SIZE];
	size_t len = 0;

	snprintf(words, sizeof(words), "Linux %s, %s", facts->release, facts->architecture);
	print_row(out, "kernel", words);
	cpuset__format(&machine->possible, cpus, sizeof(cpus));
	print_row(out, "CPUs possible", cpus);
	cpuset__format(&facts->online, cpus, sizeof(cpus));
	print_row(out, "CPUs online", cpus);
	if (facts->machine_error)
		return;
	for (unsigned int vipi = 0; vipi < machine->nr_vipis; vipi++)
		if (machine->virq[vipi])
			len += snprintf(words + len, sizeof(words) - len, "%s%s (%u)",
					len ? ", " : "", machine->vipi_name[vipi],
					machine->virq[vipi]);
	print_row(out, "vIPIs (interrupts)", words);
}

static void print_check(FILE *out, bool colour, const struct doctor_check *check,
			const char *title)
{
	static const struct {
		const char *word;
		enum text_style style;
	} states[] = {
		[DOCTOR_GOOD]	 = { "ok", TEXT_GOOD },
		[DOCTOR_NOTE]	 = { "note", TEXT_PLAIN },
		[DOCTOR_UNKNOWN] = { "unknown", TEXT_PLAIN },
		[DOCTOR_MISSING] = { "MISSING", TEXT_BAD },
	};

	fprintf(out, "%-14s %s%-7s%s ", title, text__style(colour, states[check->state].style),
		states[check->state].word, text__style(colour, TEXT_PLAIN));
	print_words(out, check->fact);
	if (*check->advice) {
		fprintf(out, "%*s-> ", INDENT - 3, "");
		print_words(out, check->advice);
	}
}

/* list_items - "BTF, ftrace" */
static void list_items(char *buf, size_t size, __u32 items)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned int item = 0; item < DOCTOR_NR_ITEMS && len < size; item++)
		if (items >> item & 1)
			len += snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
					item_words[item].title);
}

static void print_way(FILE *out, const struct doctor *doctor, enum doctor_way way)
{
	const struct doctor_verdict *verdict = &doctor->ways[way];
	char items[200], words[400];

	if (verdict->lacks) {
		list_items(items, sizeof(items), verdict->lacks);
		snprintf(words, sizeof(words), "no: %s", items);
	} else if (verdict->not_built) {
		snprintf(words, sizeof(words), "no: this ipimux-trace has no programs for it");
	} else if (verdict->unknown) {
		list_items(items, sizeof(items), verdict->unknown);
		snprintf(words, sizeof(words), "not known: %s", items);
	} else {
		snprintf(words, sizeof(words), "yes%s", doctor->way == (int)way ? ", used" : "");
	}
	print_row(out, way_words[way].title, words);
	if (verdict->possible != KNOWN_YES)
		return;
	print_row(out, "  shows", way_words[way].shows);
	print_row(out, "  does not show", way_words[way].hides);
}

static int print_page(FILE *out, bool colour, const struct doctor *doctor,
		      const struct facts *facts)
{
	print_verdict(out, colour, doctor);
	print_machine(out, facts);
	fputc('\n', out);
	for (unsigned int item = 0; item < DOCTOR_NR_ITEMS; item++)
		print_check(out, colour, &doctor->checks[item], item_words[item].title);
	fputs("\nways in\n", out);
	for (unsigned int way = 0; way < DOCTOR_NR_WAYS; way++)
		print_way(out, doctor, way);
	return 0;
}

const struct doctor_renderer doctor_text = { print_page };

/* --- JSON --- */

/* known - true, false, or null if it is not known */
static json_t *known(enum known known)
{
	return known == KNOWN_NOT ? json_null() : json_boolean(known == KNOWN_YES);
}

static json_t *text(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *vipis(const struct facts *facts)
{
	const struct machine *machine = &facts->machine;
	json_t *array = json_array();

	for (unsigned int vipi = 0; !facts->machine_error && vipi < machine->nr_vipis; vipi++)
		if (machine->virq[vipi])
			json_array_append_new(array, json_pack("{s:i, s:s, s:i}", "vipi", vipi,
							       "name", machine->vipi_name[vipi],
							       "virq", machine->virq[vipi]));
	return array;
}

static json_t *checks(const struct doctor *doctor)
{
	static const char * const states[] = {
		[DOCTOR_GOOD] = "ok", [DOCTOR_NOTE] = "note", [DOCTOR_UNKNOWN] = "unknown",
		[DOCTOR_MISSING] = "missing",
	};
	json_t *object = json_object();

	for (unsigned int item = 0; item < DOCTOR_NR_ITEMS; item++) {
		const struct doctor_check *check = &doctor->checks[item];

		json_object_set_new(object, item_words[item].key,
				    json_pack("{s:s, s:s, s:o}", "state", states[check->state],
					      "fact", check->fact,
					      "advice", text(check->advice)));
	}
	return object;
}

static json_t *items(__u32 items)
{
	json_t *array = json_array();

	for (unsigned int item = 0; item < DOCTOR_NR_ITEMS; item++)
		if (items >> item & 1)
			json_array_append_new(array, json_string(item_words[item].key));
	return array;
}

static json_t *ways(const struct doctor *doctor)
{
	json_t *object = json_object();

	for (unsigned int way = 0; way < DOCTOR_NR_WAYS; way++) {
		const struct doctor_verdict *verdict = &doctor->ways[way];

		json_object_set_new(object, way_words[way].key,
				    json_pack("{s:o, s:b, s:o, s:o, s:s, s:s}",
					      "possible", known(verdict->possible),
					      "built", !verdict->not_built,
					      "missing", items(verdict->lacks),
					      "unknown", items(verdict->unknown),
					      "shows", way_words[way].shows,
					      "hides", way_words[way].hides));
	}
	return object;
}

static json_t *settings(const struct facts *facts)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < FACTS_NR_SETTINGS; i++)
		json_object_set_new(object, facts_setting[i], facts->setting[i] == FACTS_UNSET ?
				    json_null() : json_integer(facts->setting[i]));
	return object;
}

static json_t *options(const struct facts *facts)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < FACTS_NR_OPTIONS; i++)
		json_object_set_new(object, facts_option[i], known(facts__option(facts, i)));
	return object;
}

static json_t *facts_object(const struct facts *facts)
{
	char capabilities[24];

	snprintf(capabilities, sizeof(capabilities), "%016llx",
		 (unsigned long long)facts->capabilities);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}",
			 "bpf", known(facts->bpf),
			 "load_errno", facts->tried ? json_integer(-facts->try_error) :
						      json_null(),
			 "btf", known(facts->btf),
			 "lockdown", text(facts->lockdown),
			 "reads_kernel", known(facts->reads_kernel),
			 "capabilities", capabilities,
			 "tracefs", text(facts->tracefs),
			 "settings", settings(facts),
			 "options", options(facts));
}

static int print_json(FILE *out, bool colour, const struct doctor *doctor,
		      const struct facts *facts)
{
	json_t *object = json_pack("{s:i, s:s, s:b, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
				   "version", VIEW_JSON_VERSION,
				   "type", "doctor",
				   "usable", doctor->way >= 0,
				   "via", text(doctor->way < 0 ? NULL : way_words[doctor->way].key),
				   "release", facts->release,
				   "architecture", facts->architecture,
				   "possible", json__cpus(&facts->machine.possible),
				   "online", json__cpus(&facts->online),
				   "vipis", vipis(facts),
				   "parent", text(doctor__parent_key(facts->parent)),
				   "remote_fences", text(doctor__fences_key(facts->parent)),
				   "checks", checks(doctor));

	if (object) {
		json_object_set_new(object, "ways", ways(doctor));
		json_object_set_new(object, "facts", facts_object(facts));
	}
	return json__print(out, object);
}

const struct doctor_renderer doctor_json = { print_json };
