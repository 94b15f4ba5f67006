/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of some samples of a balance to believe. Pure. */
#ifndef TYPICAL_H
#define TYPICAL_H

#include <linux/types.h>

/*
 * Which of @nr samples of a balance to take for the edge of a window: the lowest
 * that was seen in a third of them. A send whose bit was set but not counted yet
 * lowers the balance for an instant, so the lowest sample would not do; of the
 * two values of a busy bit the lower one is that of the bit being clear.
 */
__s64 balance__typical(const __s64 *samples, unsigned int nr);

#endif /* TYPICAL_H */
