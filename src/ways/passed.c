// SPDX-License-Identifier: GPL-2.0-only
/* Single events, see passed.h. */
#include <bpf/libbpf.h>

#include "loader/loader.h"
#include "ways/passed.h"

struct failure *passed__size(const struct bpf_object *object, const struct ipimux_filter *filter,
			     size_t size)
{
	struct bpf_map *events = bpf_object__find_map_by_name(object, "events");
	int err;

	if (!filter)
		return loader__not_loaded(bpf_map__set_autocreate(events, false));
	err = bpf_map__set_max_entries(events, size);
	return err ? loader__not_loaded(err) :
		     loader__size_table(bpf_object__find_map_by_name(object, ".data.lost"),
					filter->lost_mask + 1ULL, sizeof(__u64));
}
