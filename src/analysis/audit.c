// SPDX-License-Identifier: GPL-2.0-only
/* Does what was set come out as handled or pending? See audit.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/audit.h"
#include "analysis/margins.h"

static int add_entry(struct audit *audit, unsigned int cpu, unsigned int vipi,
		     enum audit_finding finding, __u64 number)
{
	static const enum audit_verdict verdicts[AUDIT_NR_FINDINGS] = {
		[AUDIT_STILL_PENDING]	= AUDIT_BALANCED,
		[AUDIT_CARRIED_IN]	= AUDIT_BALANCED,
		[AUDIT_NOT_SEEN]	= AUDIT_UNSEEN,
		[AUDIT_LOST]		= AUDIT_OFF,
		[AUDIT_NEVER_SENT]	= AUDIT_OFF,
		[AUDIT_STUCK]		= AUDIT_OFF,
		[AUDIT_KICKS_LOST]	= AUDIT_OFF,
		[AUDIT_NOT_RUN]		= AUDIT_OFF,
		[AUDIT_RUN_AGAIN]	= AUDIT_OFF,
		[AUDIT_GUESSED]		= AUDIT_UNSEEN,
	};
	struct audit_entry *entries;

	entries = realloc(audit->entries, (audit->nr_entries + 1) * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	audit->entries = entries;
	entries[audit->nr_entries++] = (struct audit_entry){
		.cpu = cpu, .vipi = vipi, .finding = finding, .number = number,
		.verdict = verdicts[finding],
	};
	return 0;
}

/*
 * pending_finding - what a bit that is pending at the end means
 *
 * One that waits for its unmask is fine; so is one of a CPU that went offline. Of any
 * other the parent IPI was raised, and a process must follow.
 */
static enum audit_finding pending_finding(struct audit *audit, unsigned int cpu, unsigned int vipi,
					  const struct margin *margin,
					  const struct audit_facts *facts)
{
	if (!stuck__was_raised(margin->received.outcome[IPIMUX_MASKED], margin->kicks) ||
	    !cpuset__has(&facts->online, cpu))
		return AUDIT_STILL_PENDING;
	if (facts->unhandled && !(facts->unhandled[cpu] >> vipi & 1))
		return AUDIT_STILL_PENDING;
	if (facts->unhandled && facts->waited >= STUCK_PATIENCE)
		return AUDIT_STUCK;
	audit->undecided = true;
	return AUDIT_STILL_PENDING;
}

/*
 * check_balance - are as many bits handled as were set?
 *
 * Too few handled is never excused: processes are not missed, because nothing
 * interrupts them. Too few sends are, if sends can have gone unseen.
 */
static int check_balance(struct audit *audit, unsigned int cpu, unsigned int vipi,
			 const struct margin *margin, __u64 uncertain,
			 const struct audit_facts *facts)
{
	__u64 raised = margin->received.outcome[IPIMUX_RAISED];
	__u64 masked = margin->received.outcome[IPIMUX_MASKED];
	__s64 balance = raised + masked - margin->handled;

	audit->raised += raised;
	audit->masked += masked;
	audit->handled += margin->handled;
	audit->uncertain += uncertain;
	if (!balance)
		return 0;
	/* Of one more or less nobody can tell whether it is real. */
	if (uncertain && balance <= (__s64)uncertain && -balance <= (__s64)uncertain) {
		audit->guessed += balance;
		return add_entry(audit, cpu, vipi, AUDIT_GUESSED, balance < 0 ? -balance : balance);
	}
	if (balance > 1)
		return add_entry(audit, cpu, vipi, AUDIT_LOST, balance);
	if (balance == 1) {
		audit->still_pending++;
		return add_entry(audit, cpu, vipi,
				 pending_finding(audit, cpu, vipi, margin, facts), 1);
	}
	if (audit->hotplug || audit->missed) {
		audit->unseen += -balance;
		return add_entry(audit, cpu, vipi, AUDIT_NOT_SEEN, -balance);
	}
	if (balance == -1) {
		audit->carried_in++;
		return add_entry(audit, cpu, vipi, AUDIT_CARRIED_IN, 1);
	}
	return add_entry(audit, cpu, vipi, AUDIT_NEVER_SENT, -balance);
}

/*
 * check_kicks - did each kick lead to a process, before the next?
 *
 * A kick finds its bit pending, so between two of them it must have been handled; the
 * last may still be on its way. Interrupts are on between two unmasks of a vIPI:
 * CPUs unmask when they come up.
 */
static int check_kicks(struct audit *audit, unsigned int cpu, unsigned int vipi,
		       const struct margin *margin)
{
	if (margin->kicks <= margin->handled + 1)
		return 0;
	return add_entry(audit, cpu, vipi, AUDIT_KICKS_LOST, margin->kicks - margin->handled);
}

/* check_stuck - was it handled in time, whatever came of it in the end? */
static int check_stuck(struct audit *audit, unsigned int cpu, unsigned int vipi,
		       const struct audit_facts *facts)
{
	if (!facts->stuck || !(facts->stuck[cpu] >> vipi & 1))
		return 0;
	/* The balance may have told already. */
	if (audit->nr_entries) {
		const struct audit_entry *last = &audit->entries[audit->nr_entries - 1];

		if (last->cpu == cpu && last->vipi == vipi && last->finding == AUDIT_STUCK)
			return 0;
	}
	return add_entry(audit, cpu, vipi, AUDIT_STUCK, 1);
}

/* check_kernel - did the handler run as often as a process took the vIPI? */
static int check_kernel(struct audit *audit, unsigned int cpu, unsigned int vipi,
			__u64 handled, const struct kernel_counts *kernel)
{
	size_t i = (size_t)cpu * IPIMUX_MAX_VIPIS + vipi;
	__s32 above_low = (__u32)handled - kernel->low[i];
	__s32 above_high = (__u32)handled - kernel->high[i];

	audit->kernel_room += (__u32)(kernel->high[i] - kernel->low[i]);
	/*
	 * At the start one may have been taken and not yet counted by the kernel: behind
	 * the slow handler of another vIPI, or on a CPU that a hypervisor has stopped.
	 */
	if (above_low < 0 && -(__s64)above_low <= (__s64)audit->missed + 1)
		return 0;
	if (above_low < 0)
		return add_entry(audit, cpu, vipi, AUDIT_RUN_AGAIN, -(__s64)above_low);
	if (above_high <= 0)
		return 0;
	/* One may not have got as far as where the kernel counts it; more are not on their way. */
	if (above_high == 1) {
		audit->kernel_late = true;
		audit->undecided = true;
	}
	return add_entry(audit, cpu, vipi, AUDIT_NOT_RUN, above_high);
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
		unexplained -= audit->entries[i].finding == AUDIT_NOT_SEEN;
	if (unexplained <= audit->missed)
		return;

	for (unsigned int i = 0; i < audit->nr_entries; i++) {
		if (audit->entries[i].finding == AUDIT_NOT_SEEN) {
			audit->entries[i].finding = AUDIT_NEVER_SENT;
			audit->entries[i].verdict = AUDIT_OFF;
		}
	}
	audit->unseen = 0;
}

/* check_vipi - all that there is to say about one on a CPU */
static int check_vipi(struct audit *audit, unsigned int cpu, unsigned int vipi,
		      const struct margin *margin, const struct snapshot *difference,
		      const struct audit_facts *facts)
{
	int err;

	if (facts->cut_off) {
		audit->raised += margin->received.outcome[IPIMUX_RAISED];
		audit->masked += margin->received.outcome[IPIMUX_MASKED];
		audit->handled += margin->handled;
		return check_stuck(audit, cpu, vipi, facts);
	}
	err = check_balance(audit, cpu, vipi, margin,
			    counters__doubts(&difference->counters, cpu, vipi, IPIMUX_UNCERTAIN),
			    facts);
	if (!err)
		err = check_stuck(audit, cpu, vipi, facts);
	if (!err)
		err = check_kicks(audit, cpu, vipi, margin);
	if (!err && audit->kernel_known)
		err = check_kernel(audit, cpu, vipi, margin->handled, &difference->kernel);
	return err;
}

int audit__run(struct audit *audit, const struct snapshot *difference,
	       const struct audit_facts *facts)
{
	struct margins margins;
	int err;

	memset(audit, 0, sizeof(*audit));
	audit->missed = difference->missed;
	audit->missed_unknown = difference->missed_unknown;
	audit->hotplug = facts->hotplug;
	audit->cut_off = facts->cut_off;
	audit->outside = difference->counters.doubts != NULL;
	audit->kernel_known = difference->kernel.known && !facts->cut_off;

	err = margins__init(&margins, &difference->counters.shape);
	if (err)
		return err;
	margins__compute(&margins, &difference->counters);

	for (unsigned int cpu = 0; cpu < margins.nr_cpus && !err; cpu++) {
		for (unsigned int vipi = 0; vipi < margins.nr_vipis && !err; vipi++) {
			struct margin *margin = &margins.margin[cpu * margins.nr_vipis + vipi];

			err = check_vipi(audit, cpu, vipi, margin, difference, facts);
		}
	}
	check_excuse(audit);
	for (unsigned int i = 0; i < audit->nr_entries; i++)
		if (audit->entries[i].verdict > audit->verdict)
			audit->verdict = audit->entries[i].verdict;
	if (audit->cut_off && audit->verdict != AUDIT_OFF)
		audit->verdict = AUDIT_NONE;

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
