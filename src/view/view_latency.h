/* SPDX-License-Identifier: GPL-2.0-only */
/* How long vIPIs waited, for whoever shows that beside something else. */
#ifndef VIEW_LATENCY_H
#define VIEW_LATENCY_H

#include <stdbool.h>

#include "counters/latency.h"

struct json_t;

/*
 * As an object; kinds that did not occur are left out, and, without @zeros, a number of not timed
 * ones that is 0. NULL without memory; the caller's.
 */
struct json_t *view_latency__json(const struct waits *waits, bool zeros);

#endif /* VIEW_LATENCY_H */
