// SPDX-License-Identifier: GPL-2.0-only
/* What all views share, see view.h. */
#include "view/text.h"
#include "view/view.h"

int view__init(struct view *view, FILE *out, const struct machine *machine,
	       const struct ipimux_shape *shape)
{
	*view = (struct view){
		.out = out, .machine = machine, .colour = text__colour_wanted(out),
		.colours = text__colours(out),
	};
	return margins__init(&view->margins, shape);
}

void view__free(struct view *view)
{
	margins__free(&view->margins);
}

struct margin view__cpu_margin(const struct view *view, unsigned int cpu)
{
	const struct margins *margins = &view->margins;
	struct margin sum = {};

	for (unsigned int vipi = 0; vipi < margins->nr_vipis; vipi++)
		margin__add(&sum, &margins->margin[cpu * margins->nr_vipis + vipi]);
	return sum;
}

bool view__shows_cpu(const struct view *view, const struct snapshot *difference,
		     unsigned int cpu)
{
	struct margin margin;

	if (view->cpus && !cpuset__has(view->cpus, cpu))
		return false;
	if (cpuset__has(&difference->online, cpu))
		return true;
	/* Sent to while offline, say: a row, or the total would be a riddle. */
	margin = view__cpu_margin(view, cpu);
	return sends__total(&margin.sent) || sends__total(&margin.received) ||
	       processes__calls(&view->margins.processes[cpu]) || margin.unmasks;
}
