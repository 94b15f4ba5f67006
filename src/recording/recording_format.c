// SPDX-License-Identifier: GPL-2.0-only
/* What writer and reader of a recording agree on, see recording_format.h. */
#include "recording/recording_format.h"

struct ipimux_shape recording__shape(const struct machine *machine, bool by_set)
{
	unsigned int nr_vipis = machine->nr_vipis;
	bool fits;

	/* Few enough for sets and yet by bit, as a test may ask for: as the probe does then. */
	if (!by_set && nr_vipis <= IPIMUX_MAX_SET_VIPIS)
		nr_vipis = IPIMUX_MAX_VIPIS;
	return counters__shape(cpuset__last(&machine->possible), nr_vipis, &fits);
}
