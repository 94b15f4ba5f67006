// SPDX-License-Identifier: GPL-2.0-only
/* The audit in words: its verdict, the balance, what it rests on, each finding. Judges nothing. */
#include <inttypes.h>

#include "view/text.h"
#include "view/view.h"

static const char *plural(__u64 number)
{
	return number == 1 ? "" : "s";
}

/* What is behind "CPU 1 CALL_FUNC: ", and whether a number comes first. */
static const struct {
	const char *text;
	const char *brief;	/* behind a number, in the verdict */
	bool has_number;
} findings[AUDIT_NR_FINDINGS] = {
	[AUDIT_STILL_PENDING]	= { "still pending" },
	[AUDIT_CARRIED_IN]	= { "carried in (pending before the start)" },
	[AUDIT_NOT_SEEN]	= { "handled, not seen sent", "not seen", true },
	[AUDIT_GUESSED]		= { "set or handled too many: no more than its outcomes that are "
				    "uncertain", "guessed", true },
	[AUDIT_NOT_DECIDED]	= { "not decided: never quiet, so one may be under way or lost",
				    "not decided (never quiet)" },
	[AUDIT_NOT_COMPARED]	= { "handled while the kernel's own counts were read: not compared",
				    "not compared", true },
	[AUDIT_NO_PROGRESS]	= { "pending for 5 s or more, but its CPU made no progress in that "
				    "time", "waiting for a CPU that made no progress" },
	[AUDIT_WOKEN]		= { "processes without a raise, no more than it came up",
				    "processes of CPUs that came up", true },
	[AUDIT_UNCOMPARED_RAISES] = { "parent IPIs not compared", "parent IPIs not compared",
				      true },
	[AUDIT_LOST]		= { "set but never handled: lost", NULL, true },
	[AUDIT_NEVER_SENT]	= { "handled but never sent", NULL, true },
	[AUDIT_STUCK]		= { "raised, and not handled for 5 s or more: stuck" },
	[AUDIT_KICKS_LOST]	= { "kicks that no handling followed: parent IPIs lost", NULL,
				    true },
	[AUDIT_NOT_KICKED]	= { "masked sends that no kick followed", NULL, true },
	[AUDIT_NOT_RUN]		= { "taken by a process, but the handler did not run", NULL, true },
	[AUDIT_RUN_AGAIN]	= { "more runs of the handler than a process took it", NULL, true },
	[AUDIT_NOT_RAISED]	= { "raised sends and kicks without a parent IPI", NULL, true },
	[AUDIT_RAISED_AGAIN]	= { "parent IPIs without a raised send or a kick", NULL, true },
	[AUDIT_LATE_RAISES]	= { "sends that found an earlier one of that CPU not raised yet",
				    NULL, true },
	[AUDIT_STALE_ENABLED]	= { "processes that went by another enabled word than that of "
				    "their CPU", NULL, true },
	[AUDIT_LATE_HANDLERS]	= { "processes that found a handler of the one before not started",
				    NULL, true },
	[AUDIT_EXTRA_PROCESSES]	= { "processes that no raise can have led to", NULL, true },
	[AUDIT_MASK_IGNORED]	= { "handled, or enabled, between a mask and its unmask", NULL,
				    true },
	[AUDIT_NO_TURNS]	= { "masks or unmasks too many: they do not take turns", NULL,
				    true },
};

/* reason_text - behind what was not seen */
static const char *reason_text(enum audit_reason reason)
{
	switch (reason) {
	case AUDIT_BECAUSE_MISSED:
		return ": among the events missed";
	case AUDIT_BECAUSE_OFFLINE:
		return ": the last word of a CPU that goes offline";
	case AUDIT_BECAUSE_SILENT:
		return ": by a CPU going offline, which is silent here";
	case AUDIT_NO_REASON:
		break;
	}
	return "";
}

void view_audit__finding(char *buf, size_t size, const struct audit_entry *entry)
{
	char number[24] = "";

	if (findings[entry->finding].has_number)
		snprintf(number, sizeof(number), "%" PRIu64 " ", (uint64_t)entry->number);
	snprintf(buf, size, "%s%s%s", number, findings[entry->finding].text,
		 reason_text(entry->reason));
}

void view_audit__verdict(char *buf, size_t size, const struct audit *audit)
{
	static const char * const texts[] = {
		[AUDIT_BALANCED] = "balanced",
		[AUDIT_EXCEPT]	 = "balanced, except",
		[AUDIT_OFF]	 = "OFF",
		[AUDIT_NONE]	 = "not judged",
	};
	__u64 numbers[AUDIT_NR_FINDINGS] = {};
	size_t length = snprintf(buf, size, "%s", texts[audit->verdict]);
	const char *separator = " ";

	if (audit->verdict != AUDIT_EXCEPT)
		return;
	for (unsigned int i = 0; i < audit->nr_entries; i++)
		if (audit->entries[i].verdict == AUDIT_EXCEPT)
			numbers[audit->entries[i].finding] += audit->entries[i].number;
	for (int i = 0; i < AUDIT_NR_FINDINGS && length < size; i++) {
		if (!numbers[i])
			continue;
		length += snprintf(buf + length, size - length, "%s%" PRIu64 " %s", separator,
				   (uint64_t)numbers[i], findings[i].brief);
		separator = ", ";
	}
}

static void print_entry(struct view *view, const struct audit_entry *entry)
{
	bool bad = view->colour && entry->verdict == AUDIT_OFF;
	bool has_vipi = entry->vipi != AUDIT_NO_VIPI;
	char text[192];

	view_audit__finding(text, sizeof(text), entry);
	fprintf(view->out, "  %sCPU %u%s%s: %s%s\n", text__style(bad, TEXT_BAD), entry->cpu,
		has_vipi ? " " : "", has_vipi ? view->machine->vipi_name[entry->vipi] : "", text,
		text__style(bad, TEXT_PLAIN));
}

static void print_verdict(struct view *view, const struct audit *audit)
{
	static const enum text_style styles[] = {
		[AUDIT_BALANCED] = TEXT_GOOD,
		[AUDIT_EXCEPT]	 = TEXT_PLAIN,
		[AUDIT_OFF]	 = TEXT_BAD,
		[AUDIT_NONE]	 = TEXT_PLAIN,
	};
	char text[VIEW_VERDICT_SIZE];

	view_audit__verdict(text, sizeof(text), audit);
	fprintf(view->out, "audit: %s%s%s\n", text__style(view->colour, styles[audit->verdict]),
		text, text__style(view->colour, TEXT_PLAIN));
}

/* print_sums - the two sides of the balance */
static void print_sums(struct view *view, const struct audit *audit)
{
	__u64 set = audit->raised + audit->masked + audit->carried_in + audit->unseen -
		    audit->guessed;
	__u64 rest = audit->handled + audit->still_pending + audit->under_way;

	if (audit->cut_off) {
		fprintf(view->out, "  the recording ends before the run did, and not at rest: "
			"these need not balance\n"
			"  raised %" PRIu64 " + masked %" PRIu64 ", handled %" PRIu64 "\n",
			(uint64_t)audit->raised, (uint64_t)audit->masked,
			(uint64_t)audit->handled);
		return;
	}
	fprintf(view->out, "  raised %" PRIu64 " + masked %" PRIu64 " + carried in %" PRIu64,
		(uint64_t)audit->raised, (uint64_t)audit->masked, (uint64_t)audit->carried_in);
	if (audit->unseen)
		fprintf(view->out, " + not seen %" PRIu64, (uint64_t)audit->unseen);
	if (audit->guessed)
		fprintf(view->out, " %c guessed %" PRIu64, audit->guessed < 0 ? '+' : '-',
			(uint64_t)(audit->guessed < 0 ? -audit->guessed : audit->guessed));
	fprintf(view->out, " %s handled %" PRIu64 " + still pending %" PRIu64,
		set == rest ? "=" : "!=", (uint64_t)audit->handled,
		(uint64_t)audit->still_pending);
	if (audit->under_way)
		fprintf(view->out, " %c under way %" PRIu64, audit->under_way < 0 ? '-' : '+',
			(uint64_t)(audit->under_way < 0 ? -audit->under_way : audit->under_way));
	fputc('\n', view->out);
}

/* print_basis - what the verdict rests on */
static void print_basis(struct view *view, const struct audit *audit)
{
	if (audit->missed_unknown)
		fprintf(view->out, "  events missed: not known without "
			"permission to open the programs\n");
	else
		fprintf(view->out, "  %" PRIu64 " event%s missed\n", (uint64_t)audit->missed,
			plural(audit->missed));
	if (audit->outside && audit->uncertain)
		fprintf(view->out, "  via fentry: all exact except the outcomes of %" PRIu64
			" sends, which are uncertain\n", (uint64_t)audit->uncertain);
	else if (audit->outside)
		fprintf(view->out, "  via fentry: all exact, no outcome is uncertain\n");
	if (!audit->kernel_known && !audit->cut_off)
		fprintf(view->out, "  handled not compared with the kernel's own counts: "
			"not to be read\n");
	else if (audit->kernel_known && audit->kernel_room)
		fprintf(view->out, "  handled compared with the kernel's own counts, except %"
			PRIu64 " handled while they were read\n", (uint64_t)audit->kernel_room);
	else if (audit->kernel_known)
		fprintf(view->out, "  handled compared with the kernel's own counts, exactly\n");
	if (audit->verified)
		fprintf(view->out, "  parent IPIs and handlers seen, and compared\n");
}

void view_audit__print(struct view *view, const struct audit *audit)
{
	print_verdict(view, audit);
	print_sums(view, audit);
	print_basis(view, audit);
	for (unsigned int i = 0; i < audit->nr_entries; i++)
		print_entry(view, &audit->entries[i]);
}
