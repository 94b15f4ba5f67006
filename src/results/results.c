// SPDX-License-Identifier: GPL-2.0-only
/* The results of `check` in words, see results.h. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/plural.h"
#include "base/printable.h"
#include "base/rate.h"
#include "base/version.h"
#include "print/text.h"
#include "results/results.h"
#include "view/view_audit.h"

static struct test_result *add_test(struct results *results, const char *name)
{
	struct test_result *test = &results->test[results->nr_tests++];

	*test = (struct test_result){ .result = RESULT_OK };
	snprintf(test->name, sizeof(test->name), "%s", name);
	return test;
}

/* close_text - ends what open_memstream() began at @text; -ENOMEM without memory */
static int close_text(FILE *out, char **text)
{
	bool failed = ferror(out);

	if (fclose(out) || failed) {
		free(*text);
		*text = NULL;
		return -ENOMEM;
	}
	return 0;
}

static void set_not_judged(struct test_result *test, enum result result, const char *why)
{
	test->result = result;
	snprintf(test->reason, sizeof(test->reason), "not judged: %s", why);
}

void results__add_not_judged(struct results *results, const char *name, enum result result,
			     const char *why)
{
	set_not_judged(add_test(results, name), result, why);
}

/* --- the audit, what is stuck, the command --- */

/* first_off - the first entry that is off, of a CPU and vIPI if there is one; of the rest, else */
static const struct audit_entry *first_off(const struct audit *audit)
{
	const struct audit_entry *first = NULL;

	for (unsigned int i = 0; i < audit->nr_entries; i++) {
		const struct audit_entry *entry = &audit->entries[i];

		if (entry->verdict != AUDIT_OFF)
			continue;
		if (entry->vipi != AUDIT_NO_VIPI)
			return entry;
		if (!first)
			first = entry;
	}
	return first;
}

int results__add_audit(struct results *results, const struct view *view,
		       const struct audit *audit, bool strict)
{
	struct test_result *test = add_test(results, "audit");
	struct view text = *view;
	size_t size;

	text.colour = false;
	text.out = open_memstream(&test->details, &size);
	if (!text.out)
		return -ENOMEM;
	view_audit__print(&text, audit);
	if (audit->verdict == AUDIT_OFF) {
		const struct audit_entry *entry = first_off(audit);
		char finding[192];

		test->result = RESULT_NOT_OK;
		view_audit__finding(finding, sizeof(finding), entry);
		snprintf(test->reason, sizeof(test->reason), "CPU %u%s%s: %s", entry->cpu,
			 entry->vipi == AUDIT_NO_VIPI ? "" : " ",
			 entry->vipi == AUDIT_NO_VIPI ? "" : view->machine->vipi_name[entry->vipi],
			 finding);
	} else if (audit->verdict == AUDIT_NONE) {
		/* Who checks wants to be told that all is well, and nobody can. */
		set_not_judged(test, RESULT_NOT_OK, "the recording was cut off");
	} else if (strict && audit->verdict != AUDIT_BALANCED) {
		test->result = RESULT_NOT_OK;
		view_audit__verdict(test->reason, sizeof(test->reason), audit);
	}
	return close_text(text.out, &test->details);
}

void results__print_stuck(FILE *out, const struct machine *machine,
			  const struct stuck_report *report, const struct snapshot *first)
{
	bool one = cpuset__count(&report->senders) == 1;
	char cpus[256];

	fprintf(out, "CPU %u %s", report->cpu, machine->vipi_name[report->vipi]);
	switch (report->event) {
	case STUCK_FOUND:
		fprintf(out, " has been pending, enabled and not handled for ");
		break;
	case STUCK_HANDLED:
		fprintf(out, " was handled at last, after ");
		break;
	case STUCK_OFFLINE:
		fprintf(out, ": the CPU went offline with it, after ");
		break;
	case STUCK_STARVED:
		fprintf(out, " has been pending while the CPU made no progress, for ");
		break;
	}
	fprintf(out, "%.2f s or more", report->least / 1e9);
	if (report->event != STUCK_FOUND) {
		fputc('\n', out);
		return;
	}
	if (report->after.time)
		fprintf(out, "; set between %.2f and %.2f s from the start",
			(report->after.time - first->time) / 1e9,
			(report->by.time - first->time) / 1e9);
	else
		fprintf(out, "; set before the start");
	cpuset__format(&report->senders, cpus, sizeof(cpus));
	if (cpuset__last(&report->senders) >= 0)
		fprintf(out, " by %s %s", one ? "CPU" : "one of CPUs", cpus);
	fprintf(out, "%s\n", report->kicked ? ", kicked by an unmask" : "");
}

int results__add_stuck(struct results *results, const struct machine *machine,
		       const struct stuck *stuck, const struct stuck_report *first,
		       const char *reports)
{
	struct test_result *test = add_test(results, "stuck");
	char others[48] = "";

	if (!stuck->nr_found)
		return 0;
	test->result = RESULT_NOT_OK;
	if (stuck->nr_found > 1)
		snprintf(others, sizeof(others), ", the first of %" PRIu64,
			 (uint64_t)stuck->nr_found);
	snprintf(test->reason, sizeof(test->reason), "CPU %u %s: stuck for %.2f s or more%s",
		 first->cpu, machine->vipi_name[first->vipi], stuck->threshold / 1e9, others);
	test->details = strdup(reports);
	return test->details ? 0 : -ENOMEM;
}

int results__add_command(struct results *results, const struct command_end *end)
{
	struct test_result *test = add_test(results, "command");
	char *reason = test->reason;
	size_t size = sizeof(test->reason);

	if (end->error) {
		/* The statuses are those of shells. */
		snprintf(reason, size, "cannot be started: %s (%d)", strerror(end->error),
			 end->error == ENOENT ? 127 : 126);
	} else if (WIFSIGNALED(end->status)) {
		snprintf(reason, size, "ended by signal %d (%s)%s", WTERMSIG(end->status),
			 strsignal(WTERMSIG(end->status)),
			 end->told ? ", as ipimux-trace was" : "");
	} else if (WEXITSTATUS(end->status)) {
		snprintf(reason, size, "exit status %d", WEXITSTATUS(end->status));
	} else if (end->told) {
		snprintf(reason, size, "told to end by signal %d (%s)", end->told,
			 strsignal(end->told));
	}
	if (*reason)
		test->result = RESULT_NOT_OK;
	if (asprintf(&test->details, "command: %s", end->name) < 0) {
		test->details = NULL;
		return -ENOMEM;
	}
	/* One line, whatever its name. */
	make_printable(test->details);
	return 0;
}

/* --- limits --- */

static const char * const kinds[] = {
	[LIMIT_RATE] = "max-rate", [LIMIT_COALESCED] = "max-coalesced",
	[LIMIT_LATENCY] = "max-latency", [LIMIT_EMPTY] = "max-empty", [LIMIT_SENDS] = "min-sends",
};

/* limit_name - the same in each run, so that runs can be compared: "max-latency.TIMER.p99" */
static void limit_name(char *buf, size_t size, const struct limit *limit, const char *vipi)
{
	snprintf(buf, size, "%s%s%s%s%s", kinds[limit->kind], *vipi ? "." : "", vipi,
		 limit->kind == LIMIT_LATENCY ? "." : "",
		 limit->kind == LIMIT_LATENCY ? limit__figure_name(limit->figure) : "");
	for (; *buf; buf++)
		if (!isalnum((unsigned char)*buf) && !strchr("_-.", *buf))
			*buf = '_';
}

/* limit_text - the limit as a number with its unit */
static const char *limit_text(char buf[TEXT_SIZE], const struct limit *limit)
{
	__u64 number = limit->number;

	if (limit->kind == LIMIT_RATE)
		snprintf(buf, TEXT_SIZE, "%" PRIu64 "/s", (uint64_t)number);
	else if (limit->kind == LIMIT_COALESCED || (limit->kind == LIMIT_EMPTY && limit->share))
		snprintf(buf, TEXT_SIZE, "%g %%", percent(number, LIMIT_SHARE_ALL));
	else if (limit->kind == LIMIT_LATENCY && number < 1000)
		snprintf(buf, TEXT_SIZE, "%" PRIu64 "ns", (uint64_t)number);
	else if (limit->kind == LIMIT_LATENCY && number < 1000000)
		snprintf(buf, TEXT_SIZE, "%.10gus", number / 1e3);
	else if (limit->kind == LIMIT_LATENCY && number < 1000000000)
		snprintf(buf, TEXT_SIZE, "%.10gms", number / 1e6);
	else if (limit->kind == LIMIT_LATENCY)
		snprintf(buf, TEXT_SIZE, "%.19gs", number / 1e9);
	else
		snprintf(buf, TEXT_SIZE, "%" PRIu64, (uint64_t)number);
	return buf;
}

static void say_rate(struct test_result *test, FILE *out, const char *vipi, const char *limit,
		     const struct verdict *verdict, __u64 run_ns)
{
	char cpus[128];

	fprintf(out, "CPU %u was sent %.1f/s in its busiest window, of %.3f s, from %.3f s on; ",
		verdict->cpu, rate(verdict->part, verdict->ns), verdict->ns / 1e9,
		verdict->start / 1e9);
	if (verdict->part)
		fprintf(out, "of these %.1f/s were %s; ", rate(verdict->cell_part, verdict->ns),
			vipi);
	fprintf(out, "in the whole run %.1f/s; limit %s\n", rate(verdict->whole, run_ns), limit);
	if (verdict->result != LIMIT_EXCEEDED)
		return;
	cpuset__format(&verdict->exceeded, cpus, sizeof(cpus));
	fprintf(out, "CPUs above the limit: %s\n", cpus);
	snprintf(test->reason, sizeof(test->reason), "CPU %u %s: %.1f/s, more than %s",
		 verdict->cpu, vipi, rate(verdict->part, verdict->ns), limit);
}

static void say_share(struct test_result *test, FILE *out, const char *vipi, const char *number,
		      const struct limit *limit, const struct verdict *verdict)
{
	bool empty = limit->kind == LIMIT_EMPTY;
	double share = percent(verdict->part, verdict->whole);
	char cell[48];

	if (empty)
		snprintf(cell, sizeof(cell), "on CPU %u", verdict->cpu);
	else
		snprintf(cell, sizeof(cell), "to CPU %u %s", verdict->cpu, vipi);
	fprintf(out, "%" PRIu64 " of %" PRIu64 " %s, %.3f %%; limit %s\n", (uint64_t)verdict->part,
		(uint64_t)verdict->whole, empty ? "processes were empty" : "sends were coalesced",
		share, number);
	if (verdict->cell_part)
		fprintf(out, "most of them %s: %" PRIu64 " of %" PRIu64 "\n", cell,
			(uint64_t)verdict->cell_part, (uint64_t)verdict->cell_whole);
	if (verdict->uncertain && !empty)
		fprintf(out, "via %s: %" PRIu64 " sends with an uncertain outcome do not "
			"count as coalesced against the limit\n", verdict->via,
			(uint64_t)verdict->uncertain);
	if (verdict->result != LIMIT_EXCEEDED)
		return;
	if (empty && !limit->share)
		snprintf(test->reason, sizeof(test->reason),
			 "%" PRIu64 " empty processes, more than %s; most %s",
			 (uint64_t)verdict->part, number, cell);
	else
		snprintf(test->reason, sizeof(test->reason), "%.3f %%, more than %s; most %s",
			 share, number, cell);
}

/* span - "1.02us to 1.15us", all that a bucket tells */
static void span(char *buf, size_t size, const struct verdict *verdict)
{
	char low[TEXT_SIZE], high[TEXT_SIZE];

	if (verdict->high == UINT64_MAX)
		snprintf(buf, size, "%s or more", text__duration(low, 0, verdict->low));
	else
		snprintf(buf, size, "%s to %s", text__duration(low, 0, verdict->low),
			 text__duration(high, 0, verdict->high));
}

static void say_latency(struct test_result *test, FILE *out, const char *vipi,
			const char *limit, const struct limit *of, const struct verdict *verdict)
{
	const char *figure = limit__figure_name(of->figure);
	char text[2 * TEXT_SIZE + 8];

	span(text, sizeof(text), verdict);
	fprintf(out, "%s of %" PRIu64 " waits: %s; limit %s; not timed: %" PRIu64 "\n", figure,
		(uint64_t)verdict->whole, text, limit, (uint64_t)verdict->untimed);
	if (verdict->cell_part)
		fprintf(out, "longer than the limit: %" PRIu64 ", most of them on CPU %u %s: %"
			PRIu64 " of %" PRIu64 "\n", (uint64_t)verdict->part, verdict->cpu, vipi,
			(uint64_t)verdict->cell_part, (uint64_t)verdict->cell_whole);
	if (verdict->result == LIMIT_EXCEEDED)
		snprintf(test->reason, sizeof(test->reason),
			 "%s is %s, more than %s; most such waits on CPU %u %s", figure, text,
			 limit, verdict->cpu, vipi);
}

static void say_sends(struct test_result *test, FILE *out, const char *vipi, const char *limit,
		      const struct verdict *verdict)
{
	fprintf(out, "%" PRIu64 " sends; limit: at least %s\n", (uint64_t)verdict->part, limit);
	if (verdict->cell_part)
		fprintf(out, "most of them to CPU %u %s: %" PRIu64 "\n", verdict->cpu, vipi,
			(uint64_t)verdict->cell_part);
	if (verdict->result == LIMIT_EXCEEDED)
		snprintf(test->reason, sizeof(test->reason), "%" PRIu64 " sends, fewer than %s",
			 (uint64_t)verdict->part, limit);
}

int results__add_limit(struct results *results, const struct machine *machine,
		       const struct limit *limit, const struct verdict *verdict, __u64 run_ns)
{
	bool all = limit->vipi == LIMIT_ALL_VIPIS;
	const char *vipi = verdict->vipi < machine->nr_vipis ?
			   machine->vipi_name[verdict->vipi] : "";
	struct test_result *test;
	char name[80], number[TEXT_SIZE];
	size_t size;
	FILE *out;

	limit_name(name, sizeof(name), limit, all ? "" : machine->vipi_name[limit->vipi]);
	test = add_test(results, name);
	if (verdict->result == LIMIT_BROKE_OFF) {
		set_not_judged(test, RESULT_SKIP, "the run broke off");
		return 0;
	}
	if (verdict->result == LIMIT_NOTHING || verdict->result == LIMIT_NOT_TIMED) {
		test->result = RESULT_SKIP;
		snprintf(test->reason, sizeof(test->reason), "%s",
			 verdict->result == LIMIT_NOT_TIMED ? "recorded without --latency" :
			 limit->kind == LIMIT_LATENCY ? "no wait was timed" :
			 limit->kind == LIMIT_EMPTY ? "nothing was processed" :
			 "nothing was sent");
		return 0;
	}
	if (verdict->result == LIMIT_EXCEEDED)
		test->result = RESULT_NOT_OK;
	out = open_memstream(&test->details, &size);
	if (!out)
		return -ENOMEM;
	limit_text(number, limit);
	switch (limit->kind) {
	case LIMIT_RATE:
		say_rate(test, out, vipi, number, verdict, run_ns);
		break;
	case LIMIT_COALESCED:
	case LIMIT_EMPTY:
		say_share(test, out, vipi, number, limit, verdict);
		break;
	case LIMIT_LATENCY:
		say_latency(test, out, vipi, number, limit, verdict);
		break;
	case LIMIT_SENDS:
		say_sends(test, out, vipi, number, verdict);
		break;
	}
	return close_text(out, &test->details);
}

/* --- all of it --- */

int results__summarize(struct results *results, const struct interval *interval, const char *note)
{
	const struct snapshot *difference = interval->difference;
	char cpus[256], missed[48];

	cpuset__format(&difference->online, cpus, sizeof(cpus));
	results->seconds = difference->time / 1e9;
	if (difference->missed_unknown)
		snprintf(missed, sizeof(missed), "events missed: not known");
	else
		snprintf(missed, sizeof(missed), "%" PRIu64 " event%s missed",
			 (uint64_t)difference->missed, plural(difference->missed));
	if (asprintf(&results->summary, "ipimux-trace %s: %.3f s, CPU%s %s, %" PRIu64
		     " sends, %" PRIu64 " handled, %s\n%s%s", IPIMUX_VERSION,
		     results->seconds, plural(cpuset__count(&difference->online)), cpus,
		     (uint64_t)sends__total(&interval->all.sent),
		     (uint64_t)interval->all.handled, missed, note, *note ? "\n" : "") < 0) {
		results->summary = NULL;
		return -ENOMEM;
	}
	return 0;
}

void results__free(struct results *results)
{
	for (unsigned int i = 0; i < results->nr_tests; i++)
		free(results->test[i].details);
	free(results->summary);
	memset(results, 0, sizeof(*results));
}

bool results__failed(const struct results *results)
{
	for (unsigned int i = 0; i < results->nr_tests; i++)
		if (results->test[i].result == RESULT_NOT_OK)
			return true;
	return false;
}
