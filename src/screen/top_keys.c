// SPDX-License-Identifier: GPL-2.0-only
/* What the keys of top change, see top_keys.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array_size.h"
#include "base/plural.h"
#include "screen/screen.h"
#include "screen/top_keys.h"

static void change_interval(struct top_keys *keys, bool longer)
{
	static const unsigned long long steps[] = {	/* ms */
		100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000
	};
	unsigned long long *interval = &keys->interval;
	size_t nr_steps = ARRAY_SIZE(steps);

	for (size_t i = 0; i < nr_steps; i++) {
		unsigned long long step = steps[longer ? i : nr_steps - 1 - i] * 1000000;

		if (longer ? step > *interval : step < *interval) {
			*interval = step;
			return;
		}
	}
}

static void change_sort(struct top_keys *keys, int by)
{
	struct top_settings *settings = keys->settings;

	do
		settings->sort = (settings->sort + TOP_NR_COLUMNS + by) % TOP_NR_COLUMNS;
	while (!top__has_column(settings->pane, settings->sort));
}

static void change_pane(struct top_keys *keys, enum top_pane pane)
{
	struct top_settings *settings = keys->settings;

	settings->pane = pane;
	keys->first_row = 0;
	if (!top__has_column(pane, settings->sort))
		settings->sort = TOP_SENDS;
}

static void ask(struct top_keys *keys, enum top_question question)
{
	keys->question = question;
	*keys->answer = '\0';
}

/* set_cpus - only these CPUs of the machine */
static void set_cpus(struct top_keys *keys)
{
	const struct cpuset *possible = &keys->machine->possible;
	struct cpuset cpus, all = *possible;
	char list[64];

	if (cpuset__parse(&cpus, keys->answer) || cpuset__last(&cpus) < 0) {
		snprintf(keys->message, sizeof(keys->message),
			 "'%s' is not a list of CPUs, e.g. 0,2-3", keys->answer);
		return;
	}
	cpuset__union(&all, &cpus);
	if (!cpuset__equal(&all, possible)) {
		cpuset__format(possible, list, sizeof(list));
		snprintf(keys->message, sizeof(keys->message), "this machine has CPU%s %s",
			 plural(cpuset__count(possible)), list);
		return;
	}
	keys->cpus = cpus;
	keys->settings->cpus = &keys->cpus;
}

static void take_answer(struct top_keys *keys)
{
	const struct machine *machine = keys->machine;
	int vipi = TOP_ALL_VIPIS;

	keys->first_row = 0;
	if (keys->question == TOP_ASK_CPUS) {
		if (*keys->answer)
			set_cpus(keys);
		else
			keys->settings->cpus = NULL;
	} else {
		if (*keys->answer)
			vipi = machine__find_vipi(machine, keys->answer);
		if (vipi >= 0 || !*keys->answer) {
			keys->settings->vipi = vipi;
		} else {
			int used = snprintf(keys->message, sizeof(keys->message),
					    "no vIPI '%s': ", keys->answer);

			machine__list_vipis(machine, keys->message + used,
					    sizeof(keys->message) - used);
		}
	}
	keys->question = TOP_NO_QUESTION;
}

static void type(struct top_keys *keys, int key)
{
	size_t length = strlen(keys->answer);

	if (key == SCREEN_ENTER) {
		take_answer(keys);
	} else if (key == SCREEN_ESCAPE) {
		keys->question = TOP_NO_QUESTION;
	} else if (key == SCREEN_BACKSPACE) {
		if (length)
			keys->answer[length - 1] = '\0';
	} else if (key < 0x80 && isprint(key) && length + 1 < sizeof(keys->answer)) {
		keys->answer[length] = key;
		keys->answer[length + 1] = '\0';
	}
}

static void scroll_rows(struct top_keys *keys, long by)
{
	long first = keys->first_row + by;

	keys->first_row = first < 0 ? 0 : first;
}

static void press_move(struct top_keys *keys, int key, long screenful, long nr_rows)
{
	switch (key) {
	case SCREEN_UP:
		scroll_rows(keys, -1);
		break;
	case SCREEN_DOWN:
		scroll_rows(keys, 1);
		break;
	case SCREEN_PAGE_UP:
		scroll_rows(keys, -screenful);
		break;
	case SCREEN_PAGE_DOWN:
		scroll_rows(keys, screenful);
		break;
	case SCREEN_HOME:
		keys->first_row = 0;
		break;
	case SCREEN_LAST:
		scroll_rows(keys, nr_rows);
		break;
	}
}

/* press_setting - a key that changes what is shown, or how; is it one? */
static bool press_setting(struct top_keys *keys, int key)
{
	struct top_settings *settings = keys->settings;

	switch (key) {
	case '1' ... '4':
		change_pane(keys, key - '1');
		break;
	case SCREEN_TAB:
		change_pane(keys, (settings->pane + 1) % TOP_NR_PANES);
		break;
	case SCREEN_BACK_TAB:
		change_pane(keys, (settings->pane + TOP_NR_PANES - 1) % TOP_NR_PANES);
		break;
	case '<':
	case SCREEN_LEFT:
		change_sort(keys, -1);
		break;
	case '>':
	case SCREEN_RIGHT:
		change_sort(keys, 1);
		break;
	case 'r':
		settings->reverse = !settings->reverse;
		break;
	case 'v':
		ask(keys, TOP_ASK_VIPI);
		break;
	case 'c':
		ask(keys, TOP_ASK_CPUS);
		break;
	case 'a':
		settings->vipi = TOP_ALL_VIPIS;
		settings->cpus = NULL;
		break;
	case ' ':
	case 'p':
		keys->paused = !keys->paused;
		break;
	case '+':
	case '-':
		change_interval(keys, key == '+');
		break;
	case '?':
	case 'h':
		keys->help = true;
		break;
	case 'q':
		keys->quit = true;
		break;
	default:
		return false;
	}
	return true;
}

void top_keys__press(struct top_keys *keys, int key, unsigned int screenful,
		     unsigned int nr_rows)
{
	*keys->message = '\0';
	if (keys->question)
		type(keys, key);
	else if (keys->help)
		keys->help = false;
	else if (!press_setting(keys, key))
		press_move(keys, key, screenful, nr_rows);
}
