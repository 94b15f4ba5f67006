// SPDX-License-Identifier: GPL-2.0-only
/* The page of `doctor` for people, see view_doctor.h. */
#include <string.h>

#include "view/text.h"
#include "view/view_doctor.h"

#define COLUMNS	96
#define INDENT	23

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
		fprintf(out, "usable: through %s", doctor__way_title(doctor->way));
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
					doctor__title(item));
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
	print_row(out, doctor__way_title(way), words);
	if (verdict->possible != KNOWN_YES)
		return;
	print_row(out, "  shows", doctor__shows(way));
	print_row(out, "  does not show", doctor__hides(way));
}

void view_doctor__page(FILE *out, bool colour, const struct doctor *doctor,
		       const struct facts *facts)
{
	print_verdict(out, colour, doctor);
	print_machine(out, facts);
	fputc('\n', out);
	for (unsigned int item = 0; item < DOCTOR_NR_ITEMS; item++)
		print_check(out, colour, &doctor->checks[item], doctor__title(item));
	fputs("\nways in\n", out);
	for (unsigned int way = 0; way < DOCTOR_NR_WAYS; way++)
		print_way(out, doctor, way);
}
