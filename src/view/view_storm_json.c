// SPDX-License-Identifier: GPL-2.0-only
/* Storms as JSON Lines, see view_storm.h. The fields are documented in docs/json.md. */
#include <jansson.h>

#include "view/view_storm.h"

/* What a sample knows of is not all worth to be told: as many as in words, times ten. */
#define MAX_SENDERS	(10 * VIEW_STORM_SENDERS)

static json_t *cpus_array(const struct cpuset *cpus)
{
	json_t *array = json_array();

	for (int cpu = 0; cpu <= cpuset__last(cpus); cpu++)
		if (cpuset__has(cpus, cpu))
			json_array_append_new(array, json_integer(cpu));
	return array;
}

static json_t *excess_array(const struct view *view, const struct storms *storms,
			    const struct storm *storm, const struct snapshot *difference)
{
	struct storm_excess excess[VIEW_STORM_EXCESS];
	unsigned int nr = storms__excess(storms, storm, difference, excess, VIEW_STORM_EXCESS);
	json_t *array = json_array();

	for (unsigned int i = 0; i < nr && i < VIEW_STORM_EXCESS; i++) {
		json_t *object = json_pack("{s:f}", "rate",
					   excess[i].sends * 1e9 / difference->time);

		if (excess[i].sender != STORM_ALL)
			json_object_set_new(object, "sender", json_integer(excess[i].sender));
		if (excess[i].target != STORM_ALL)
			json_object_set_new(object, "target", json_integer(excess[i].target));
		if (excess[i].vipi != STORM_ALL)
			json_object_set_new(object, "vipi",
				json_string(view->machine->vipi_name[excess[i].vipi]));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *stack_array(const struct sender *sender, const struct symbols *symbols)
{
	json_t *array = json_array();
	char buf[TEXT_SIZE];

	if (!symbols)
		return array;
	for (unsigned int i = view_storm__first_frame(sender, symbols); i < sender->nr_frames; i++)
		json_array_append_new(array,
			json_string(view_storm__frame(buf, symbols, sender->frames[i])));
	return array;
}

static json_t *senders_array(const struct storm *storm, const struct storm_details *details,
			     __u64 *total)
{
	static const char * const contexts[] = {
		[SENDERS_TASK] = "task", [SENDERS_SOFTIRQ] = "softirq",
		[SENDERS_INTERRUPT] = "interrupt", [SENDERS_UNKNOWN] = "unknown",
	};
	struct storm_sender senders[MAX_SENDERS];
	unsigned int nr = storm__rank(storm, details->sample, senders, MAX_SENDERS, total);
	json_t *array = json_array();

	for (unsigned int i = 0; i < nr && i < MAX_SENDERS; i++) {
		const struct sender *sender = senders[i].sender;

		json_array_append_new(array, json_pack(
			"{s:s, s:i, s:i, s:i, s:i, s:o, s:s, s:I, s:o}",
			"command", sender->value.command,
			"pid", sender->key.tgid,
			"thread", sender->key.pid,
			"processes", senders[i].nr_processes,
			"threads", senders[i].nr_threads,
			"cpus", cpus_array(&senders[i].cpus),
			"context", contexts[sender->key.context],
			"sends", (json_int_t)senders[i].sends,
			"stack", stack_array(sender, details->symbols)));
	}
	return array;
}

/* add_details - who sends; or why that is not known */
static void add_details(json_t *object, const struct storm *storm,
			const struct storm_details *details)
{
	const struct senders_sample *sample = details->sample;
	json_t *senders;
	__u64 total;

	if (!sample) {
		json_object_set_new(object, "no_sample", json_string(details->no_sample));
		return;
	}
	senders = senders_array(storm, details, &total);
	json_object_set_new(object, "sample", json_pack("{s:f, s:I, s:I, s:I, s:o}",
		"interval", sample->time / 1e9,
		"sends", (json_int_t)total,
		"no_room", (json_int_t)sample->no_room,
		"missed", (json_int_t)sample->missed,
		"senders", senders));
	if (details->no_symbols)
		json_object_set_new(object, "no_symbols", json_string(details->no_symbols));
}

int view_storm__json(struct view *view, const struct storms *storms, const struct storm *storm,
		     const char *event, const struct snapshot *difference,
		     const struct snapshot *later, const struct storm_details *details)
{
	json_t *object = json_pack("{s:i, s:s, s:f, s:s, s:I}",
				   "version", VIEW_JSON_VERSION,
				   "type", storm ? "storm" : event,
				   "time", later->wall_time / 1e9,
				   "event", event,
				   "rate", (json_int_t)storms->rate);
	json_t *vipis = json_array();
	struct waits waits = {};

	for (unsigned int vipi = 0; storm && vipi < view->machine->nr_vipis; vipi++)
		if (storm->vipis >> vipi & 1)
			json_array_append_new(vipis, json_string(view->machine->vipi_name[vipi]));
	if (!storm) {
		json_decref(vipis);
		json_object_del(object, "event");
		return view_json__print(view, object);
	}
	json_object_set_new(object, "vipis", vipis);
	json_object_set_new(object, "targets", cpus_array(&storm->targets));
	json_object_set_new(object, "start", json_real(storm->start_wall / 1e9));
	json_object_set_new(object, "end", json_real(storm->end_wall / 1e9));
	json_object_set_new(object, "interval", json_real((storm->end - storm->start) / 1e9));
	json_object_set_new(object, "sends", json_integer(storm->sends));
	json_object_set_new(object, "coalesced", json_integer(storm->coalesced));
	if (later->counters.doubts)
		json_object_set_new(object, "uncertain", json_integer(storm->uncertain));
	json_object_set_new(object, "highest", json_real(storm->highest_ns ?
			    storm->highest * 1e9 / storm->highest_ns : 0));
	if (details) {
		json_object_set_new(object, "above", excess_array(view, storms, storm, difference));
		if (difference->counters.waits) {
			storm__add_waits(storm, &waits, &difference->counters);
			json_object_set_new(object, "waits", view_json__waits(&waits));
		}
		add_details(object, storm, details);
	}
	return view_json__print(view, object);
}
