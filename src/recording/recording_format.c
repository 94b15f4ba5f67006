// SPDX-License-Identifier: GPL-2.0-only
/* What writer and reader of a recording agree on, see recording_format.h. */
#include "recording/recording_format.h"

struct ipimux_shape recording__shape(const struct machine *machine, bool by_set)
{
	return counters__shape(cpuset__last(&machine->possible), machine->nr_vipis, by_set);
}
