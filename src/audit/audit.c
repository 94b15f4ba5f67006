// SPDX-License-Identifier: GPL-2.0-only
/* Does what was set come out as handled or pending? See audit.h; the laws are in audit_*.c. */
#include <stdlib.h>
#include <string.h>

#include "audit/audit_own.h"

/* check_vipi - all that there is to say about one on a CPU */
static int check_vipi(struct books *books, unsigned int cpu, unsigned int vipi)
{
	struct cell cell = books__look(books, cpu, vipi);
	struct audit *audit = books->audit;
	int err;

	audit->raised += cell.shown->received.outcome[IPIMUX_RAISED];
	audit->masked += cell.shown->received.outcome[IPIMUX_MASKED];
	audit->handled += cell.shown->handled;
	if (books->facts->cut_off)
		return audit_balance__check_stuck(books, &cell);
	audit->uncertain += counters__doubts(&books->difference->counters, cpu, vipi,
					     IPIMUX_UNCERTAIN);
	err = audit_balance__check(books, &cell);
	if (!err)
		err = audit_balance__check_stuck(books, &cell);
	if (!err)
		err = audit_masks__check(books, &cell);
	return err ? err : audit_handlers__check(books, &cell);
}

/* check_cpu - and all about a CPU, with its vIPIs */
static int check_cpu(struct books *books, unsigned int cpu)
{
	int err = 0;

	books->unseen_here = 0;
	books->own_works = AUDIT_LAST_WORKS * books__count_downs(books, cpu);
	for (unsigned int vipi = 0; vipi < books->nr_vipis && !err; vipi++)
		err = check_vipi(books, cpu, vipi);
	if (err || books->facts->cut_off)
		return err;
	err = audit_handlers__check_late(books, cpu);
	return err ? err : audit_raises__check(books, cpu);
}

int audit__run(struct audit *audit, const struct snapshot *difference,
	       const struct audit_facts *facts)
{
	const struct snapshot *judged = facts->since ? facts->since : difference;
	struct books books = {
		.audit = audit, .difference = difference, .facts = facts,
	};
	int err;

	memset(audit, 0, sizeof(*audit));
	audit->missed = judged->missed;
	audit->missed_unknown = difference->missed_unknown;
	audit->cut_off = facts->cut_off;
	audit->traced = facts->traced;
	audit->outside = difference->counters.doubts != NULL;
	audit->via = counters__via(&difference->counters);
	audit->kernel_known = judged->kernel.known && !facts->cut_off;
	audit->words_known = facts->first && facts->last && facts->first->words.known &&
			     facts->last->words.known;
	audit->verified = judged->counters.started || judged->counters.parents;
	audit->raises_compared = judged->counters.parents;

	err = books__open(&books);
	for (unsigned int cpu = 0; cpu < books.nr_cpus && !err; cpu++)
		err = check_cpu(&books, cpu);
	for (unsigned int i = 0; i < audit->nr_entries; i++)
		if (audit->entries[i].verdict > audit->verdict)
			audit->verdict = audit->entries[i].verdict;
	/* What an event that was skipped would have told, and what is wrong, may cancel. */
	if ((judged->missed || audit->missed_unknown) && audit->verdict == AUDIT_BALANCED)
		audit->verdict = AUDIT_EXCEPT;
	if (audit->cut_off && audit->verdict != AUDIT_OFF)
		audit->verdict = AUDIT_NONE;

	books__close(&books);
	if (err)
		audit__free(audit);
	return err;
}

void audit__free(struct audit *audit)
{
	free(audit->entries);
	memset(audit, 0, sizeof(*audit));
}
