// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of the multiplexer out of ftrace's text, see ftrace.h. A line is taken apart from its
 * middle, the event's name: what is in front of it ends in the time, and a command, which may be
 * anything, is at the very front.
 */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_size.h"
#include "base/printable.h"
#include "events/ftrace.h"

/* --- pieces of text --- */

/* Text from @at up to, and not including, @end. */
struct piece {
	const char *at, *end;
};

static void trim(struct piece *piece)
{
	while (piece->at < piece->end && isspace((unsigned char)*piece->at))
		piece->at++;
	while (piece->at < piece->end && isspace((unsigned char)piece->end[-1]))
		piece->end--;
}

/* cut_word - takes the last word away from @piece */
static struct piece cut_word(struct piece *piece)
{
	struct piece word;

	trim(piece);
	word = (struct piece){ piece->end, piece->end };
	while (word.at > piece->at && !isspace((unsigned char)word.at[-1]))
		word.at--;
	piece->end = word.at;
	return word;
}

/* take_number - the digits at the front of @piece; false: none, or more than fit */
static bool take_number(struct piece *piece, int base, __u64 most, __u64 *number)
{
	char *end;

	if (piece->at == piece->end || !isxdigit((unsigned char)*piece->at))
		return false;
	errno = 0;
	*number = strtoull(piece->at, &end, base);
	if (errno || end == piece->at || end > piece->end || *number > most)
		return false;
	piece->at = end;
	return true;
}

/* take_text - @text at the front of @piece */
static bool take_text(struct piece *piece, const char *text)
{
	size_t length = strlen(text);

	if ((size_t)(piece->end - piece->at) < length || memcmp(piece->at, text, length))
		return false;
	piece->at += length;
	return true;
}

static bool take_field(struct piece *piece, const char *name, int base, __u64 most, __u64 *number)
{
	return take_text(piece, name) && take_number(piece, base, most, number);
}

/* is_text - is @piece, as a whole, @text? */
static bool is_text(struct piece piece, const char *text)
{
	return take_text(&piece, text) && piece.at == piece.end;
}

/* --- in front of the name: who, where, when --- */

/* parse_time - "12.345678", with up to nine digits behind the point */
static bool parse_time(struct piece word, __u64 *time)
{
	__u64 seconds, part, unit = 1000000000;
	const char *digits;
	size_t nr_digits;

	if (!take_number(&word, 10, UINT64_MAX / 1000000000 - 1, &seconds) ||
	    !take_text(&word, "."))
		return false;
	digits = word.at;
	if (!take_number(&word, 10, 999999999, &part) || word.at != word.end)
		return false;
	/* trace-cmd rounds up to microseconds, and then there may be 1000000 of these. */
	nr_digits = word.end - digits == 7 ? 6 : word.end - digits;
	for (size_t i = 0; i < nr_digits; i++)
		unit /= 10;
	*time = seconds * 1000000000 + part * unit;
	return unit > 0;
}

/* parse_micros - "12345us" or "12345us+", as the kernel prints it of its buffer, unsigned */
static bool parse_micros(struct piece word, __u64 *time)
{
	__u64 micros;

	if (!take_number(&word, 10, UINT64_MAX / 1000, &micros) || !take_text(&word, "us") ||
	    word.end - word.at > 1)
		return false;
	*time = micros * 1000;
	return true;
}

/*
 * parse_task - "COMMAND-PID", perhaps with the thread group behind it: "( 123)", "(-----)"
 *
 * A command has @width characters, filled up with spaces. What is in front of these is not ftrace's
 * but that of who has printed or kept the line.
 */
static bool parse_task(struct piece front, size_t width, struct ipimux_event *event)
{
	struct piece word;
	size_t length;
	__u64 pid;

	trim(&front);
	if (front.at < front.end && front.end[-1] == ')') {
		while (front.at < front.end && front.end[-1] != '(')
			front.end--;
		front.end -= front.at < front.end;
		trim(&front);
	}
	word = (struct piece){ front.end, front.end };
	while (word.at > front.at && isdigit((unsigned char)word.at[-1]))
		word.at--;
	front.end = word.at;
	if (!take_number(&word, 10, UINT32_MAX, &pid) || front.at == front.end ||
	    front.end[-1] != '-')
		return false;
	front.end--;
	event->pid = pid;
	if ((size_t)(front.end - front.at) > width)
		front.at = front.end - width;
	trim(&front);
	length = front.end - front.at;
	if (length >= sizeof(event->command))
		length = sizeof(event->command) - 1;
	memcpy(event->command, front.at, length);
	make_printable_array(event->command, sizeof(event->command));
	return true;
}

/* parse_cpu - "[003]", flags behind it or not, or, with @flagged, "3d..1." */
static bool parse_cpu(struct piece *front, bool flagged, __u64 *cpu)
{
	struct piece word = cut_word(front);

	if (flagged)
		return take_number(&word, 10, FTRACE_MAX_CPUS - 1, cpu) &&
		       word.end - word.at >= 4 && word.end - word.at <= 6;
	if (word.at < word.end && *word.at != '[')
		word = cut_word(front);
	return take_field(&word, "[", 10, FTRACE_MAX_CPUS - 1, cpu) && is_text(word, "]");
}

/* A command's width where the CPU has its flags behind it: the kernel's own, report -l. */
#define BRIEF_COMMAND	8

/* parse_front - all of that; what is wrong with it, or NULL */
static const char *parse_front(struct piece front, struct ipimux_event *event)
{
	size_t width = IPIMUX_COMMAND_SIZE;
	struct piece word, brief;
	__u64 cpu;

	word = cut_word(&front);
	/* What a console's log has in front of it ends so. */
	if (word.at == word.end || word.end[-1] == ']')
		return "no CPU and no time, as tp_printk prints events";
	/* "12us " or "12us+" */
	if (!parse_micros(word, &event->time) && !parse_time(word, &event->time))
		return "no time in seconds";
	brief = front;
	if (parse_cpu(&brief, true, &cpu))
		width = BRIEF_COMMAND;
	else if (parse_cpu(&front, false, &cpu))
		brief = front;
	else
		return "no CPU";
	event->cpu = cpu;
	return parse_task(brief, width, event) ? NULL : "no command and PID";
}

/* --- behind the name: the event's own --- */

#define WORD_MAX	UINT32_MAX

static bool parse_vipi(struct piece *text, struct ipimux_event *event)
{
	__u64 vipi;

	if (!take_field(text, "vipi=", 10, IPIMUX_MAX_VIPIS - 1, &vipi))
		return false;
	event->vipi = vipi;
	return true;
}

static bool parse_word(struct piece *text, const char *name, __u32 *word)
{
	__u64 number;

	if (!take_field(text, name, 16, WORD_MAX, &number))
		return false;
	*word = number;
	return true;
}

static bool parse_send(struct piece text, struct ipimux_event *event)
{
	static const char * const outcomes[IPIMUX_NR_OUTCOMES] = {
		[IPIMUX_RAISED]			= ") raised",
		[IPIMUX_COALESCED]		= ") coalesced",
		[IPIMUX_MASKED]			= ") masked",
		[IPIMUX_COALESCED_WHILE_MASKED]	= ") coalesced while masked",
	};
	__u64 target;

	if (!take_field(&text, "cpu=", 10, FTRACE_MAX_CPUS - 1, &target) ||
	    !take_text(&text, " ") || !parse_vipi(&text, event) ||
	    !parse_word(&text, " (pending=0x", &event->pending) ||
	    !parse_word(&text, " enabled=0x", &event->enabled))
		return false;
	event->target = target;
	return is_text(text, outcomes[ipimux_event_outcome(event)]);
}

/* parse_own - a mask or an unmask; @more: what it says where its vIPI is pending */
static bool parse_own(struct piece text, const char *more, struct ipimux_event *event)
{
	return parse_vipi(&text, event) && parse_word(&text, " (pending=0x", &event->pending) &&
	       is_text(text, ipimux_event_was_pending(event) ? more : ")");
}

static bool parse_process(struct piece text, struct ipimux_event *event)
{
	__u32 handled = 0;
	__u64 vipi;

	if (!take_text(&text, "handled={"))
		return false;
	while (!take_text(&text, "}")) {
		if ((handled && !take_text(&text, ",")) ||
		    !take_number(&text, 10, IPIMUX_MAX_VIPIS - 1, &vipi))
			return false;
		handled |= 1U << vipi;
	}
	return parse_word(&text, " (pending=0x", &event->pending) &&
	       parse_word(&text, " enabled=0x", &event->enabled) &&
	       ipimux_event_handled(event) == handled &&
	       is_text(text, handled ? ")" : ") empty");
}

static bool parse_body(struct piece text, struct ipimux_event *event)
{
	trim(&text);
	switch (event->kind) {
	case IPIMUX_SEND:
		return parse_send(text, event);
	case IPIMUX_MASK:
		return parse_own(text, ") stays pending", event);
	case IPIMUX_UNMASK:
		return parse_own(text, ") kick", event);
	default:
		return parse_process(text, event);
	}
}

/* --- lines --- */

/* find_event - the name of an event, with its colon, in @line; NULL: none */
static const char *find_event(const char *line, struct ipimux_event *event, const char **behind)
{
	static const char * const names[IPIMUX_NR_KINDS] = {
		[IPIMUX_SEND]	 = "ipi_mux_send:",
		[IPIMUX_UNMASK]	 = "ipi_mux_unmask:",
		[IPIMUX_PROCESS] = "ipi_mux_process:",
		[IPIMUX_MASK]	 = "ipi_mux_mask:",
	};

	for (size_t kind = 0; kind < ARRAY_SIZE(names); kind++) {
		const char *name = strstr(line, names[kind]);

		if (!name)
			continue;
		event->kind = kind;
		*behind = name + strlen(names[kind]);
		return name;
	}
	return NULL;
}

/* lost_number - 37 of "LOST 37 EVENTS]", or of "37 EVENTS DROPPED]", as trace-cmd says it */
static bool lost_number(struct piece text, __u64 *number)
{
	struct piece other = text;

	return (take_field(&text, "LOST ", 10, UINT32_MAX, number) &&
		take_text(&text, " EVENTS]")) ||
	       (take_number(&other, 10, UINT32_MAX, number) &&
		take_text(&other, " EVENTS DROPPED]"));
}

/* note_lost - a line that says how many events of a CPU are missing before its next */
static void note_lost(struct ftrace *ftrace, struct piece line)
{
	const char *at = strstr(line.at, "CPU:");
	struct piece text = { at, line.end };
	__u64 cpu, number;

	if (!at || !take_field(&text, "CPU:", 10, FTRACE_MAX_CPUS - 1, &cpu) ||
	    !take_text(&text, " ["))
		return;
	if (lost_number(text, &number))
		ftrace->lost[cpu] += number;
	else if (take_text(&text, "LOST EVENTS]") || take_text(&text, "EVENTS DROPPED]"))
		ftrace->lost_unknown = true;
	else
		return;
	if (ftrace->nr_cpus <= cpu)
		ftrace->nr_cpus = cpu + 1;
}

/* note_header - what tracefs says of its buffer: "# entries-in-buffer/entries-written: 5/7" */
static void note_header(struct ftrace *ftrace, struct piece line)
{
	static const char name[] = "entries-in-buffer/entries-written: ";
	const char *at = strstr(line.at, name);
	struct piece text = { at, line.end };
	__u64 there, written;

	if (at && take_field(&text, name, 10, UINT64_MAX, &there) &&
	    take_field(&text, "/", 10, UINT64_MAX, &written) && there < written)
		ftrace->overwritten = true;
}

/* note_dropped - the console had no room for lines: "** 3 printk messages dropped **" */
static void note_dropped(struct ftrace *ftrace, struct piece line)
{
	if (strstr(line.at, "printk messages dropped"))
		ftrace->lost_unknown = true;
}

/* number_of - the highest vIPI in a word, plus one */
static unsigned int number_of(__u32 word)
{
	return word ? 32 - __builtin_clz(word) : 0;
}

static void note_event(struct ftrace *ftrace, const struct ipimux_event *event)
{
	unsigned int cpu = event->cpu, vipis = number_of(event->pending | event->enabled);

	if (event->kind == IPIMUX_SEND && event->target > cpu)
		cpu = event->target;
	if (event->kind != IPIMUX_PROCESS && vipis <= event->vipi)
		vipis = event->vipi + 1;
	if (ftrace->nr_cpus <= cpu)
		ftrace->nr_cpus = cpu + 1;
	if (ftrace->nr_vipis < vipis)
		ftrace->nr_vipis = vipis;
}

enum ftrace_line ftrace__line(struct ftrace *ftrace, const char *line, struct ipimux_event *event)
{
	const char *end = line + strlen(line), *behind, *name;
	struct piece front;

	memset(event, 0, sizeof(*event));
	name = find_event(line, event, &behind);
	if (!name) {
		note_header(ftrace, (struct piece){ line, end });
		note_lost(ftrace, (struct piece){ line, end });
		note_dropped(ftrace, (struct piece){ line, end });
		return FTRACE_OTHER;
	}
	/* Its colon and what is around that; none where tp_printk has printed the event. */
	front = (struct piece){ line, name };
	trim(&front);
	if (front.at < front.end && front.end[-1] == ':')
		front.end--;
	ftrace->why = parse_front(front, event);
	if (!ftrace->why && !parse_body((struct piece){ behind, end }, event))
		ftrace->why = "its fields are not as the kernel prints them";
	if (ftrace->why)
		return FTRACE_UNREADABLE;
	event->lost = ftrace->lost[event->cpu];
	note_event(ftrace, event);
	return FTRACE_EVENT;
}
