// SPDX-License-Identifier: GPL-2.0-only
/* Which of some samples to believe, see typical.h. */
#include <stdbool.h>

#include "counters/typical.h"

__s64 balance__typical(const __s64 *samples, unsigned int nr)
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
