// SPDX-License-Identifier: GPL-2.0-only
/* Does what was set come out as handled or pending? See audit.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "margins.h"

/*
 * judge - what a CPU and vIPI that is not even means, taken by itself
 *
 * Too few handled is never excused: processes are not missed, because nothing
 * interrupts them. Too few sends are, if sends can have gone unseen.
 */
static enum audit_verdict judge(const struct audit *audit, __s64 balance)
{
	if (balance > 1)
		return AUDIT_OFF;
	if (balance == 1)
		return AUDIT_BALANCED;
	if (audit->hotplug || audit->missed)
		return AUDIT_UNSEEN;
	return balance == -1 ? AUDIT_BALANCED : AUDIT_OFF;
}

/*
 * check_excuse - together, the unseen sends cannot be more than were missed
 *
 * Of each CPU and vIPI one more may have been carried in. How many sends hotplug
 * hides is not known.
 */
static void check_excuse(struct audit *audit)
{
	__u64 unexplained = audit->unseen;

	if (audit->hotplug)
		return;
	for (unsigned int i = 0; i < audit->nr_entries; i++)
		unexplained -= audit->entries[i].verdict == AUDIT_UNSEEN;
	if (unexplained <= audit->missed)
		return;

	for (unsigned int i = 0; i < audit->nr_entries; i++)
		if (audit->entries[i].verdict == AUDIT_UNSEEN)
			audit->entries[i].verdict = AUDIT_OFF;
	audit->unseen = 0;
}

static int add_entry(struct audit *audit, unsigned int cpu, unsigned int vipi, __s64 balance)
{
	struct audit_entry *entries;

	entries = realloc(audit->entries, (audit->nr_entries + 1) * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	audit->entries = entries;
	entries += audit->nr_entries++;
	entries->cpu = cpu;
	entries->vipi = vipi;
	entries->balance = balance;
	entries->verdict = judge(audit, balance);

	if (balance == 1)
		audit->still_pending++;
	else if (entries->verdict == AUDIT_UNSEEN)
		audit->unseen += -balance;
	else if (balance == -1)
		audit->carried_in++;
	return 0;
}

int audit__run(struct audit *audit, const struct snapshot *difference, bool hotplug)
{
	struct margins margins;
	int err;

	memset(audit, 0, sizeof(*audit));
	audit->missed = difference->missed;
	audit->hotplug = hotplug;

	err = margins__init(&margins, &difference->counters.shape);
	if (err)
		return err;
	margins__compute(&margins, &difference->counters);

	for (unsigned int cpu = 0; cpu < margins.nr_cpus && !err; cpu++) {
		for (unsigned int vipi = 0; vipi < margins.nr_vipis && !err; vipi++) {
			struct margin *margin = &margins.margin[cpu * margins.nr_vipis + vipi];
			__u64 raised = margin->received.outcome[IPIMUX_RAISED];
			__u64 masked = margin->received.outcome[IPIMUX_MASKED];
			__s64 balance = raised + masked - margin->handled;

			audit->raised += raised;
			audit->masked += masked;
			audit->handled += margin->handled;
			if (balance)
				err = add_entry(audit, cpu, vipi, balance);
		}
	}
	check_excuse(audit);
	for (unsigned int i = 0; i < audit->nr_entries; i++)
		if (audit->entries[i].verdict > audit->verdict)
			audit->verdict = audit->entries[i].verdict;

	margins__free(&margins);
	if (err)
		audit__free(audit);
	return err;
}

void audit__free(struct audit *audit)
{
	free(audit->entries);
	memset(audit, 0, sizeof(*audit));
}

__s64 audit__typical(const __s64 *samples, unsigned int nr)
{
	__s64 typical = samples[nr - 1];
	bool found = false;

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int same = 0;

		for (unsigned int j = 0; j < nr; j++)
			same += samples[j] == samples[i];
		if (same * 3 >= nr && (!found || samples[i] < typical)) {
			typical = samples[i];
			found = true;
		}
	}
	return typical;
}
