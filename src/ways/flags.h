/* SPDX-License-Identifier: GPL-2.0-only */
/* What to count, and how: for probe.h, and for the ways in that it has. */
#ifndef PROBE_FLAGS_H
#define PROBE_FLAGS_H

/* For tests: count processes bit by bit although the sets would fit. */
#define PROBE_BY_BIT	(1U << 0)
/* Let libbpf say what it does, on stderr. */
#define PROBE_VERBOSE	(1U << 1)
/* Time how long vIPIs wait. */
#define PROBE_LATENCY	(1U << 2)
/* With that, the logarithm of N: one wait in N is timed. Only at the tracepoints. */
#define PROBE_ONE_IN_SHIFT	16
#define PROBE_ONE_IN_MASK	(15U << PROBE_ONE_IN_SHIFT)
#define PROBE_ONE_IN(flags)	(1U << (((flags) & PROBE_ONE_IN_MASK) >> PROBE_ONE_IN_SHIFT))
/*
 * The way in: the tracepoints of our patch; or, for kernels without, fentry or kprobes. None of
 * these: fentry if there are no tracepoints, and kprobes if there is no fentry either.
 */
#define PROBE_VIA_TRACEPOINT	(1U << 3)
#define PROBE_VIA_FENTRY	(1U << 4)
#define PROBE_VIA_KPROBE	(1U << 8)
#define PROBE_VIA		(PROBE_VIA_TRACEPOINT | PROBE_VIA_FENTRY | PROBE_VIA_KPROBE)
/* Also count what the kernel does below and above the multiplexer; not with pins. */
#define PROBE_VERIFY	(1U << 6)
/* It will be pinned. */
#define PROBE_TO_PIN	(1U << 7)
/* For tests: as if no raise of the parent IPI could be seen; only with fentry. */
#define PROBE_PREDICT	(1U << 5)

#endif /* PROBE_FLAGS_H */
