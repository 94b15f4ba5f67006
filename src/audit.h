/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The law that the counters of a correct mux obey, checked: for each CPU and
 * vIPI, raised + masked = handled + still pending. Pure.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "snapshot.h"

enum audit_verdict {
	AUDIT_BALANCED,
	AUDIT_UNSEEN,	/* handled more than was seen sent, and it is known why */
	AUDIT_OFF,	/* lost vIPIs, or handled ones that nobody sent */
};

/*
 * A CPU and vIPI that does not come out even within the window. @balance is
 * set (raised + masked) - handled: +1 is a bit still pending at the end, -1 one
 * that was pending before the window (carried in); further off is neither.
 */
struct audit_entry {
	unsigned int cpu;
	unsigned int vipi;
	__s64 balance;
	enum audit_verdict verdict;
};

struct audit {
	enum audit_verdict verdict;	/* the worst of the entries */
	__u64 raised;
	__u64 masked;
	__u64 handled;
	__u64 still_pending;	/* number of bits, balance +1 */
	__u64 carried_in;	/* number of bits, balance -1, where no send can be unseen */
	__u64 missed;		/* events that the kernel skipped */
	__u64 unseen;		/* handled, but not seen sent, for a known reason */
	bool hotplug;		/* CPUs came or went in the window */
	unsigned int nr_entries;
	struct audit_entry *entries;	/* where the balance is not 0 */
};

/*
 * Audits the difference of two settled snapshots. @hotplug: CPUs came or went
 * in between. A CPU that goes offline sends from where the kernel silences all
 * tracepoints, so with hotplug a CPU may have handled what was not seen sent.
 * Returns 0 or -ENOMEM. Free with audit__free().
 */
int audit__run(struct audit *audit, const struct snapshot *difference, bool hotplug);
void audit__free(struct audit *audit);

/*
 * Which of @nr samples of a balance to take for the edge of a window: the lowest
 * that was seen in a third of them. A send whose bit was set but not counted yet
 * lowers the balance for an instant, so the lowest sample would not do; of the
 * two values of a busy bit the lower one is that of the bit being clear.
 */
__s64 audit__typical(const __s64 *samples, unsigned int nr);

#endif /* AUDIT_H */
