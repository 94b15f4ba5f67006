// SPDX-License-Identifier: GPL-2.0-only
/*
 * The matrix of who sends to whom: as a table whose cells are coloured by how much of
 * the largest one they have, and as JSON. Which CPUs it has is not decided here.
 */
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "print/json.h"
#include "print/text.h"
#include "view/renderer.h"
#include "view/view_audit.h"

#define VERSION 1

#define NAME_WIDTH	6
#define CELL_WIDTH	7	/* with the space in front, as all widths here */
#define TOTAL_WIDTH	11

unsigned int view_matrix__room(unsigned int columns)
{
	unsigned int taken = NAME_WIDTH + TOTAL_WIDTH;

	/* Less than the others and the busiest would be no matrix. */
	return columns < taken + 2 * CELL_WIDTH ? 2 : (columns - taken) / CELL_WIDTH;
}

/* --- the table --- */

static void format_cpu(char *buf, size_t size, unsigned int cpu)
{
	if (cpu == MATRIX_OTHERS)
		snprintf(buf, size, "others");
	else
		snprintf(buf, size, "%u", cpu);
}

/* print_sends - a cell; @shade: the escape sequence for it */
static void print_sends(struct view *view, const struct sends *sends, int width, const __u64 *ns,
			const char *shade)
{
	__u64 number = sends__total(sends);
	char buf[TEXT_SIZE];

	width--;
	if (!number) {
		fprintf(view->out, " %s%*s%s", text__style(view->colour, TEXT_FAINT), width, ".",
			text__style(view->colour, TEXT_PLAIN));
		return;
	}
	if (ns)
		text__rate(buf, width, number, *ns);
	else
		text__count(buf, width, number);
	fprintf(view->out, " %s%s%s", shade, buf,
		*shade ? text__style(view->colour, TEXT_PLAIN) : "");
}

static void print_share(struct view *view, const struct sends *sends, int width)
{
	__u64 coalesced = sends__coalesced(sends);
	char buf[TEXT_SIZE] = "";

	if (coalesced)
		text__percent(buf, width - 1, coalesced, sends__total(sends));
	fprintf(view->out, " %*s", width - 1, buf);
}

/*
 * print_row - the sends of one sender, or of all; below, where there is any, the share
 * that was coalesced
 *
 * @largest: what the hottest cell has; 0: none is.
 */
static void print_row(struct view *view, const struct matrix *matrix, const char *name,
		      const struct sends *cells, const struct sends *total, const __u64 *ns,
		      __u64 largest)
{
	const struct matrix_axis *targets = &matrix->targets;

	fprintf(view->out, "%*s", NAME_WIDTH, name);
	for (unsigned int i = 0; i < targets->nr; i++) {
		bool cool = targets->cpu[i] == MATRIX_OTHERS || !largest;

		print_sends(view, &cells[i], CELL_WIDTH, ns, cool ? "" :
			    text__heat(view->colours, sends__total(&cells[i]), largest));
	}
	print_sends(view, total, TOTAL_WIDTH, ns, "");
	fputc('\n', view->out);
	if (!sends__coalesced(total))
		return;

	fprintf(view->out, "%s%*s", text__style(view->colour, TEXT_FAINT), NAME_WIDTH, "coal%");
	for (unsigned int i = 0; i < targets->nr; i++)
		print_share(view, &cells[i], CELL_WIDTH);
	print_share(view, total, TOTAL_WIDTH);
	fprintf(view->out, "%s\n", text__style(view->colour, TEXT_PLAIN));
}

/* print_title - what the numbers are, and of what; each part on its own line if need be */
static void print_title(struct view *view, const struct matrix *matrix, const char *what)
{
	const struct matrix_settings *settings = &matrix->settings;
	char list[64];

	fprintf(view->out, "%s%s by sender (row) and target (column)%s%s",
		text__style(view->colour, TEXT_HEADING), what,
		settings->vipi < 0 ? "" : ", ",
		settings->vipi < 0 ? "" : view->machine->vipi_name[settings->vipi]);
	if (settings->cpus) {
		cpuset__format(settings->cpus, list, sizeof(list));
		fprintf(view->out, "\nonly from or to CPU %s", list);
	}
	if (matrix->senders.nr_others || matrix->targets.nr_others)
		fprintf(view->out, "\nothers: %u senders and %u targets, the least busy",
			matrix->senders.nr_others, matrix->targets.nr_others);
	fprintf(view->out, "%s\n", text__style(view->colour, TEXT_PLAIN));
}

static void print_matrix(struct view *view, const struct matrix *matrix, const char *what,
			 const __u64 *ns)
{
	const struct matrix_axis *senders = &matrix->senders, *targets = &matrix->targets;
	char name[16];

	print_title(view, matrix, what);
	fprintf(view->out, "%s%*s", text__style(view->colour, TEXT_HEADING), NAME_WIDTH, "sender");
	for (unsigned int i = 0; i < targets->nr; i++) {
		format_cpu(name, sizeof(name), targets->cpu[i]);
		fprintf(view->out, "%*s", CELL_WIDTH, name);
	}
	fprintf(view->out, "%*s%s\n", TOTAL_WIDTH, "total", text__style(view->colour, TEXT_PLAIN));

	for (unsigned int row = 0; row < senders->nr; row++) {
		bool others = senders->cpu[row] == MATRIX_OTHERS;

		format_cpu(name, sizeof(name), senders->cpu[row]);
		print_row(view, matrix, name, matrix->cell + (size_t)row * targets->nr,
			  &senders->total[row], ns, others ? 0 : matrix->largest);
	}
	print_row(view, matrix, "total", targets->total, &matrix->total, ns, 0);
}

/* room - what fits the terminal that it is, or would be, on */
static unsigned int room(const struct view *view)
{
	return view_matrix__room(text__columns(stdout));
}

static int text_interval(struct view *view, const struct interval *interval)
{
	const struct snapshot *difference = interval->difference;
	time_t seconds = difference->wall_time / 1000000000;
	char what[sizeof("00:00:00  sends/s")];
	struct tm tm;

	strftime(what, sizeof(what), "%H:%M:%S  sends/s", localtime_r(&seconds, &tm));
	print_matrix(view, &interval->matrix, what, &difference->time);
	view__doubts(view, interval);
	fputc('\n', view->out);
	return 0;
}

static int text_summary(struct view *view, const struct interval *interval)
{
	char what[64];

	snprintf(what, sizeof(what), "summary of %.3f s: sends", interval->difference->time / 1e9);
	print_matrix(view, &interval->matrix, what, NULL);
	fputc('\n', view->out);
	view_audit__print(view, interval->audit);
	return 0;
}

const struct renderer matrix_text = {
	.needs = INTERVAL_MATRIX, .room = room,
	.interval = text_interval, .report = view_stuck__text, .summary = text_summary,
};

/* --- JSON --- */

static json_t *cpu_value(unsigned int cpu)
{
	return cpu == MATRIX_OTHERS ? json_string("others") : json_integer(cpu);
}

/* pairs_array - [sender, target, raised, coalesced, ...] where not all 0 */
static json_t *pairs_array(const struct matrix *matrix)
{
	const struct matrix_axis *senders = &matrix->senders, *targets = &matrix->targets;
	json_t *array = json_array();

	for (unsigned int row = 0; row < senders->nr; row++) {
		for (unsigned int column = 0; column < targets->nr; column++) {
			const __u64 *sends =
				matrix->cell[(size_t)row * targets->nr + column].outcome;

			if (!(sends[0] | sends[1] | sends[2] | sends[3]))
				continue;
			json_array_append_new(array, json_pack("[ooIIII]",
				cpu_value(senders->cpu[row]), cpu_value(targets->cpu[column]),
				(json_int_t)sends[0], (json_int_t)sends[1],
				(json_int_t)sends[2], (json_int_t)sends[3]));
		}
	}
	return array;
}

static json_t *sends_array(const struct sends *sends)
{
	return json_pack("[IIII]", (json_int_t)sends->outcome[0], (json_int_t)sends->outcome[1],
			 (json_int_t)sends->outcome[2], (json_int_t)sends->outcome[3]);
}

/* axis_object - {"0": [raised, coalesced, ...], ..., "others": ...} */
static json_t *axis_object(const struct matrix_axis *axis)
{
	json_t *object = json_object();
	char key[16];

	for (unsigned int i = 0; i < axis->nr; i++) {
		format_cpu(key, sizeof(key), axis->cpu[i]);
		json_object_set_new(object, key, sends_array(&axis->total[i]));
	}
	return object;
}

static json_t *matrix_object(const struct view *view, const struct interval *interval,
			     const char *type)
{
	const struct snapshot *difference = interval->difference;
	const struct matrix *matrix = &interval->matrix;
	int vipi = matrix->settings.vipi;

	json_t *object = json_pack("{s:i, s:s, s:f, s:f, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "version", VERSION,
			 "type", type,
			 "time", difference->wall_time / 1e9,
			 "interval", difference->time / 1e9,
			 "missed", json__missed(difference->missed, difference->missed_unknown),
			 "vipi", vipi < 0 ? json_null() :
					    json_string(view->machine->vipi_name[vipi]),
			 "pairs", pairs_array(matrix),
			 "senders", axis_object(&matrix->senders),
			 "targets", axis_object(&matrix->targets),
			 "total", sends_array(&matrix->total));

	json__add_via(object, interval);
	return object;
}

static int json_interval(struct view *view, const struct interval *interval)
{
	return json__print(view->out, matrix_object(view, interval, "interval"));
}

static int json_summary(struct view *view, const struct interval *interval)
{
	return view_audit__json_summary(view, matrix_object(view, interval, "summary"),
					interval->audit);
}

const struct renderer matrix_json = {
	.needs = INTERVAL_MATRIX,
	.interval = json_interval, .report = view_stuck__json, .summary = json_summary,
};
