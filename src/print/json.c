// SPDX-License-Identifier: GPL-2.0-only
/* What the JSON of several topics has in common, see json.h. */
#include <errno.h>
#include <stdlib.h>

#include "print/json.h"

/* Enough digits for all that a double holds: an interval to 1 ns, the wall time to 0.3 us. */
#define FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(17))

void json__add_via(json_t *object, const struct interval *interval)
{
	const struct counters *counters = &interval->difference->counters;

	json_object_set_new(object, "via", json_string(counters__via(counters)));
	if (!counters->doubts)
		return;
	json_object_set_new(object, "uncertain", json_integer(interval->uncertain));
	json_object_set_new(object, "mispredicted", json_integer(interval->mispredicted));
}

void json__add_count(json_t *object, const char *key, __u64 count, bool zeros)
{
	if (count || zeros)
		json_object_set_new(object, key, json_integer(count));
}

void json__add_counts(json_t *object, const char *key, json_t *counts, bool zeros)
{
	if (json_object_size(counts) || zeros)
		json_object_set_new(object, key, counts);
	else
		json_decref(counts);
}

json_t *json__missed(__u64 missed, bool unknown)
{
	return unknown ? json_null() : json_integer(missed);
}

int json__print(FILE *out, json_t *object)
{
	int err = object ? 0 : -ENOMEM;

	/* A full disk shows when the stream is flushed. */
	if (object && !json_dumpf(object, out, FLAGS))
		fputc('\n', out);
	json_decref(object);
	return err;
}

json_t *json__cpus(const struct cpuset *cpus)
{
	json_t *array = json_array();

	for (int cpu = 0; cpu <= cpuset__last(cpus); cpu++)
		if (cpuset__has(cpus, cpu))
			json_array_append_new(array, json_integer(cpu));
	return array;
}

json_t *json__cpu_list(const struct cpuset *cpus)
{
	size_t size = cpuset__format(cpus, NULL, 0) + 1;
	char *list = malloc(size);
	json_t *value;

	if (!list)
		return NULL;
	cpuset__format(cpus, list, size);
	value = json_string(list);
	free(list);
	return value;
}
