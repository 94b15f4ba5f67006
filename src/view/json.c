// SPDX-License-Identifier: GPL-2.0-only
/* What the JSON of several topics has in common, see json.h. */
#include <errno.h>
#include <stdint.h>

#include "view/json.h"

/* Enough digits for all that a double holds: an interval to 1 ns, the wall time to 0.3 us. */
#define FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(17))

/* latency_object - the waits of a kind: how many, figures in ns, and {"start of bucket": ...} */
static json_t *latency_object(const struct latency *latency)
{
	json_t *buckets = json_object();
	__u64 most = latency__most(latency);
	char key[24];

	for (unsigned int bucket = 0; bucket < IPIMUX_NR_BUCKETS; bucket++) {
		if (!latency->bucket[bucket])
			continue;
		snprintf(key, sizeof(key), "%llu",
			 (unsigned long long)latency__bucket_start(bucket));
		json_object_set_new(buckets, key, json_integer(latency->bucket[bucket]));
	}
	return json_pack("{s:I, s:I, s:I, s:o, s:o}",
			 "timed", (json_int_t)latency->timed,
			 "p50", (json_int_t)latency__quantile(latency, 0.50),
			 "p99", (json_int_t)latency__quantile(latency, 0.99),
			 "most", most == UINT64_MAX ? json_null() : json_integer(most),
			 "buckets", buckets);
}

json_t *json__waits(const struct waits *waits)
{
	json_t *object = json_object();

	if (waits->kind[IPIMUX_WAIT_RAISED].timed)
		json_object_set_new(object, "raised",
				    latency_object(&waits->kind[IPIMUX_WAIT_RAISED]));
	if (waits->kind[IPIMUX_WAIT_MASKED].timed)
		json_object_set_new(object, "masked",
				    latency_object(&waits->kind[IPIMUX_WAIT_MASKED]));
	json_object_set_new(object, "untimed", json_integer(waits->untimed));
	return object;
}

void json__add_via(json_t *object, const struct interval *interval)
{
	bool outside = interval->difference->counters.doubts != NULL;

	json_object_set_new(object, "via", json_string(outside ? "fentry" : "tracepoint"));
	if (!outside)
		return;
	json_object_set_new(object, "uncertain", json_integer(interval->uncertain));
	json_object_set_new(object, "mispredicted", json_integer(interval->mispredicted));
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
