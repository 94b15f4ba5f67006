// SPDX-License-Identifier: GPL-2.0-only
/* The audit in words and as JSON, see view_audit.h: how a verdict is said, not what it is. */
#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "base/plural.h"
#include "print/json.h"
#include "print/text.h"
#include "view/view_audit.h"

/* --- in words --- */

/* What is behind "CPU 1 CALL_FUNC: ", and whether a number comes first. */
static const struct {
	const char *text;
	const char *brief;	/* behind a number, in the verdict */
	bool has_number;
} findings[AUDIT_NR_FINDINGS] = {
	[AUDIT_STILL_PENDING]	= { "still pending" },
	[AUDIT_CARRIED_IN]	= { "carried in (pending before the start)" },
	[AUDIT_NOT_SEEN]	= { "handled, not seen sent", "not seen", true },
	[AUDIT_GUESSED]		= { "set or handled too often: no more than its uncertain outcomes",
				    "guessed", true },
	[AUDIT_NOT_DECIDED]	= { "not decided: never quiet, so as many may be under way or lost",
				    "not decided (never quiet)", true },
	[AUDIT_NOT_COMPARED]	= { "handled while the kernel's own counts were read: not compared",
				    "not compared", true },
	[AUDIT_NO_PROGRESS]	= { "pending, or not run, for 5 s or more, while the CPU made no "
				    "progress",
				    "waiting for a CPU that made no progress" },
	[AUDIT_NOT_WATCHED]	= { "pending for 5 s or more, but ipimux-trace looked too late to "
				    "blame its CPU", "pending while nobody looked" },
	[AUDIT_NOT_WAITED]	= { "pending at the end, or its handler not run yet: the wait for "
				    "that was cut short", "not waited for" },
	[AUDIT_WOKEN]		= { "processes without a raise, at most one for each time that the "
				    "CPU came up", "processes of CPUs that came up", true },
	[AUDIT_UNCOMPARED_RAISES] = { "parent IPIs not compared", "parent IPIs not compared",
				      true },
	[AUDIT_LOST]		= { "set but never handled: lost", NULL, true },
	[AUDIT_NEVER_SENT]	= { "handled but never sent", NULL, true },
	[AUDIT_STUCK]		= { "raised, and not handled for 5 s or more: stuck" },
	[AUDIT_KICKS_LOST]	= { "kicks after which nothing was handled: parent IPIs lost", NULL,
				    true },
	[AUDIT_NOT_KICKED]	= { "masked sends that no kick followed", NULL, true },
	[AUDIT_NOT_RUN]		= { "taken by a process, but the handler did not run", NULL, true },
	[AUDIT_RUN_AGAIN]	= { "handler runs that no process took", NULL, true },
	[AUDIT_NOT_RAISED]	= { "raised sends and kicks without a parent IPI", NULL, true },
	[AUDIT_RAISED_AGAIN]	= { "parent IPIs without a raised send or a kick", NULL, true },
	[AUDIT_LATE_RAISES]	= { "sends that came before the raise of an earlier send of the "
				    "same CPU", NULL, true },
	[AUDIT_STALE_ENABLED]	= { "processes that used another enabled word than their CPU's",
				    NULL, true },
	[AUDIT_LATE_HANDLERS]	= { "processes that began before a handler of the previous process "
				    "had started", NULL, true },
	[AUDIT_EXTRA_PROCESSES]	= { "processes without a raise", NULL, true },
	[AUDIT_MASK_IGNORED]	= { "handled, or enabled, between a mask and its unmask", NULL,
				    true },
	[AUDIT_NO_TURNS]	= { "masks or unmasks too many: masks and unmasks must alternate",
				    NULL, true },
};

/* reason_text - behind what was not seen */
static const char *reason_text(enum audit_reason reason)
{
	switch (reason) {
	case AUDIT_BECAUSE_MISSED:
		return ": among the events missed";
	case AUDIT_BECAUSE_OFFLINE:
		return ": the last sends of a CPU that went offline";
	case AUDIT_BECAUSE_SILENT:
		return ": this kernel does not show CPUs that go offline";
	case AUDIT_NO_REASON:
		break;
	}
	return "";
}

void view_audit__finding(char *buf, size_t size, const struct audit_entry *entry)
{
	const char *text = findings[entry->finding].text;
	char number[24] = "";

	/* Of a CPU, no counts of the kernel's own are meant: they are of its vIPIs. */
	if (entry->finding == AUDIT_NOT_COMPARED && entry->vipi == AUDIT_NO_VIPI)
		text = "processes not compared with when their handlers started";
	if (findings[entry->finding].has_number)
		snprintf(number, sizeof(number), "%" PRIu64 " ", (uint64_t)entry->number);
	snprintf(buf, size, "%s%s%s", number, text, reason_text(entry->reason));
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
	if (audit->missed && length < size)
		snprintf(buf + length, size - length, "%s%" PRIu64 " event%s missed", separator,
			 (uint64_t)audit->missed, plural(audit->missed));
	if (audit->missed_unknown && length < size)
		snprintf(buf + length, size - length, "%sevents missed: not known", separator);
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
		fprintf(view->out, "  %s: these numbers need not balance\n"
			"  raised %" PRIu64 " + masked %" PRIu64 ", handled %" PRIu64 "\n",
			audit->traced ? "not all events are there" :
					"the recording ends before the run did",
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

/* differs - is there a finding that says so of handled and of what the kernel counted? */
static bool differs(const struct audit *audit)
{
	for (unsigned int i = 0; i < audit->nr_entries; i++)
		if (audit->entries[i].finding == AUDIT_NOT_RUN ||
		    audit->entries[i].finding == AUDIT_RUN_AGAIN ||
		    (audit->entries[i].finding == AUDIT_NOT_WAITED &&
		     audit->entries[i].proof == AUDIT_BY_COUNTS))
			return true;
	return false;
}

/* print_trace_basis - the same where all is from a trace */
static void print_trace_basis(struct view *view, const struct audit *audit)
{
	fprintf(view->out, "  %" PRIu64 " event%s lost or not to be read%s\n",
		(uint64_t)audit->missed, plural(audit->missed),
		audit->missed_unknown ? ", and more, nobody knows how many" : "");
	fprintf(view->out, "  nothing but the trace: handlers and parent IPIs were not compared\n");
}

/* print_basis - what the verdict rests on */
static void print_basis(struct view *view, const struct audit *audit)
{
	if (audit->traced) {
		print_trace_basis(view, audit);
		return;
	}
	if (audit->missed_unknown)
		fprintf(view->out, audit->outside && !strcmp(audit->via, "kprobe") ?
			"  events missed: not known, this kernel does not say (before 6.7)\n" :
			"  events missed: not known without permission to open the programs\n");
	else
		fprintf(view->out, "  %" PRIu64 " event%s missed\n", (uint64_t)audit->missed,
			plural(audit->missed));
	if (audit->outside && audit->uncertain)
		fprintf(view->out, "  via %s: all exact except the outcomes of %" PRIu64
			" sends, which are uncertain\n", audit->via, (uint64_t)audit->uncertain);
	else if (audit->outside)
		fprintf(view->out, "  via %s: all exact, no outcome is uncertain\n", audit->via);
	if (!audit->kernel_known && !audit->cut_off)
		fprintf(view->out, "  handled was not compared with the kernel's own counts: "
			"they cannot be read\n");
	else if (audit->kernel_known && differs(audit))
		fprintf(view->out, "  handled differs from the kernel's own counts, see below\n");
	else if (audit->kernel_known && audit->kernel_room)
		fprintf(view->out, "  handled matches the kernel's own counts (to within %" PRIu64
			" handled while reading)\n", (uint64_t)audit->kernel_room);
	else if (audit->kernel_known)
		fprintf(view->out, "  handled matches the kernel's own counts\n");
	if (audit->verified && !audit->raises_compared)
		fprintf(view->out, "  started handlers were compared, too; parent IPIs were not: "
			"this kernel does not show where they are raised\n");
	else if (audit->verified)
		fprintf(view->out, "  parent IPIs and started handlers were compared, too\n");
	else if (!audit->cut_off)
		fprintf(view->out, "  parent IPIs were not compared: --verify compares them\n");
}

void view_audit__print(struct view *view, const struct audit *audit)
{
	print_verdict(view, audit);
	print_sums(view, audit);
	print_basis(view, audit);
	for (unsigned int i = 0; i < audit->nr_entries; i++)
		print_entry(view, &audit->entries[i]);
}

/* --- JSON --- */

static const char *verdict_text(enum audit_verdict verdict)
{
	static const char * const texts[] = {
		[AUDIT_BALANCED] = "balanced",
		[AUDIT_EXCEPT]	 = "except",
		[AUDIT_OFF]	 = "off",
		[AUDIT_NONE]	 = "not_judged",
	};

	return texts[verdict];
}

static const char *finding_name(enum audit_finding finding)
{
	static const char * const names[AUDIT_NR_FINDINGS] = {
		[AUDIT_STILL_PENDING]	= "still_pending",
		[AUDIT_CARRIED_IN]	= "carried_in",
		[AUDIT_NOT_SEEN]	= "not_seen",
		[AUDIT_LOST]		= "lost",
		[AUDIT_NEVER_SENT]	= "never_sent",
		[AUDIT_STUCK]		= "stuck",
		[AUDIT_KICKS_LOST]	= "kicks_lost",
		[AUDIT_NOT_KICKED]	= "not_kicked",
		[AUDIT_NOT_RUN]		= "not_run",
		[AUDIT_RUN_AGAIN]	= "run_again",
		[AUDIT_GUESSED]		= "guessed",
		[AUDIT_NOT_DECIDED]	= "not_decided",
		[AUDIT_NOT_COMPARED]	= "not_compared",
		[AUDIT_NO_PROGRESS]	= "no_progress",
		[AUDIT_NOT_WATCHED]	= "not_watched",
		[AUDIT_NOT_WAITED]	= "not_waited",
		[AUDIT_WOKEN]		= "woken",
		[AUDIT_UNCOMPARED_RAISES] = "uncompared_raises",
		[AUDIT_NOT_RAISED]	= "not_raised",
		[AUDIT_RAISED_AGAIN]	= "raised_again",
		[AUDIT_LATE_RAISES]	= "late_raises",
		[AUDIT_STALE_ENABLED]	= "stale_enabled",
		[AUDIT_LATE_HANDLERS]	= "late_handlers",
		[AUDIT_EXTRA_PROCESSES]	= "extra_processes",
		[AUDIT_MASK_IGNORED]	= "mask_ignored",
		[AUDIT_NO_TURNS]	= "no_turns",
	};

	return names[finding];
}

static const char *proof_name(enum audit_proof proof)
{
	static const char * const names[AUDIT_NR_PROOFS] = {
		[AUDIT_BY_COUNTS]	= "counts",
		[AUDIT_BY_WORDS]	= "words",
		[AUDIT_BY_REST]		= "rest",
		[AUDIT_BY_TIME]		= "time",
		[AUDIT_BY_BOUND]	= "bound",
		[AUDIT_NO_PROOF]	= "none",
	};

	return names[proof];
}

static json_t *reason_json(enum audit_reason reason)
{
	static const char * const names[] = {
		[AUDIT_BECAUSE_MISSED]	= "missed",
		[AUDIT_BECAUSE_OFFLINE]	= "offline",
		[AUDIT_BECAUSE_SILENT]	= "silent",
	};

	return reason ? json_string(names[reason]) : json_null();
}

json_t *view_audit__json(const struct machine *machine, const struct audit *audit)
{
	json_t *missed = json__missed(audit->missed, audit->missed_unknown);
	json_t *entries = json_array(), *object;

	for (unsigned int i = 0; i < audit->nr_entries; i++) {
		const struct audit_entry *entry = &audit->entries[i];

		json_array_append_new(entries, json_pack("{s:i, s:s?, s:s, s:I, s:s, s:s, s:o}",
			"cpu", entry->cpu,
			"vipi", entry->vipi == AUDIT_NO_VIPI ? NULL :
				machine->vipi_name[entry->vipi],
			"finding", finding_name(entry->finding),
			"number", (json_int_t)entry->number,
			"verdict", verdict_text(entry->verdict),
			"proof", proof_name(entry->proof),
			"reason", reason_json(entry->reason)));
	}
	/* No balance: what is not known is not there. */
	if (audit->cut_off)
		return json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}",
				 "verdict", verdict_text(audit->verdict),
				 "raised", (json_int_t)audit->raised,
				 "masked", (json_int_t)audit->masked,
				 "handled", (json_int_t)audit->handled,
				 "missed", missed,
				 "entries", entries);
	object = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:b, s:o, s:o}",
			 "verdict", verdict_text(audit->verdict),
			 "raised", (json_int_t)audit->raised,
			 "masked", (json_int_t)audit->masked,
			 "handled", (json_int_t)audit->handled,
			 "still_pending", (json_int_t)audit->still_pending,
			 "carried_in", (json_int_t)audit->carried_in,
			 "unseen", (json_int_t)audit->unseen,
			 "missed", missed,
			 "hotplug", audit->hotplug,
			 "kernel_room", audit->kernel_known ?
					json_integer(audit->kernel_room) : json_null(),
			 "entries", entries);
	json_object_set_new(object, "under_way", json_integer(audit->under_way));
	json_object_set_new(object, "offlinings", json_integer(audit->offlinings));
	json_object_set_new(object, "not_decided", json_integer(audit->not_decided));
	json_object_set_new(object, "words", json_boolean(audit->words_known));
	json_object_set_new(object, "verified", json_boolean(audit->verified));
	json_object_set_new(object, "raises_compared", json_boolean(audit->raises_compared));
	if (audit->outside) {
		json_object_set_new(object, "uncertain", json_integer(audit->uncertain));
		json_object_set_new(object, "guessed", json_integer(audit->guessed));
	}
	return object;
}

int view_audit__json_summary(struct view *view, json_t *object, const struct audit *audit)
{
	if (object && json_object_set_new(object, "audit",
					  view_audit__json(view->machine, audit))) {
		json_decref(object);
		object = NULL;
	}
	return json__print(view->out, object);
}
