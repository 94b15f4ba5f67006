// SPDX-License-Identifier: GPL-2.0-only
/* What all views share, see view.h. */
#include <inttypes.h>

#include "print/text.h"
#include "print/view.h"

void view__init(struct view *view, FILE *out, const struct machine *machine)
{
	*view = (struct view){
		.out = out, .machine = machine, .colour = text__colour_wanted(out),
		.colours = text__colours(out),
	};
}

void view__doubts(struct view *view, const struct interval *interval)
{
	if (interval->uncertain)
		fprintf(view->out, "via %s: the outcome of %" PRIu64 " sends is uncertain\n",
			counters__via(&interval->difference->counters),
			(uint64_t)interval->uncertain);
}

void view__sampled(struct view *view, const struct interval *interval)
{
	const struct counters *counters = &interval->difference->counters;

	if (counters->waits && counters->timed_one_in > 1)
		fprintf(view->out, "one wait in %u was timed\n", counters->timed_one_in);
}
